/* Threads that wait for a descriptor of one kind each, which another thread makes ready some hundred times a second; one that waits for a connection all
 * the time, and one whose descriptor has been closed meanwhile.
 */
#define _GNU_SOURCE
#include "truth.h"
#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <termios.h>
#include <fcntl.h>

enum { PIPE, TTY, UNIX, TCP, UDP, EVENT, TIMER, EPOLL, ONE, TWO, CLOSED, KINDS };
static int reading[KINDS], writing[KINDS], listening, both[2];

/* The call has a name of its own on the stack. */
#define WAITER(name, expression)                                                                                                           \
	FRAME static void *name(void *unused)                                                                                              \
	{                                                                                                                                  \
		uint64_t word;                                                                                                             \
		struct epoll_event event;                                                                                                  \
		(void)word, (void)event;                                                                                                   \
		while (expression)                                                                                                         \
			;                                                                                                                  \
		abort();                                                                                                                   \
		return unused;                                                                                                             \
	}

static int polled(int count, int first, int second)
{
	struct pollfd fds[] = {{first, POLLIN, 0}, {second, POLLIN, 0}};
	uint64_t word;
	return poll(fds, count, -1) > 0 && read(first, &word, 1) == 1;
}

WAITER(reads_pipe, read(reading[PIPE], &word, 1) == 1)
WAITER(reads_tty, read(reading[TTY], &word, 1) == 1)
WAITER(reads_unix, recv(reading[UNIX], &word, 1, 0) == 1)
WAITER(reads_tcp, recv(reading[TCP], &word, 1, 0) == 1)
WAITER(reads_udp, recv(reading[UDP], &word, 1, 0) == 1)
WAITER(reads_event, read(reading[EVENT], &word, 8) == 8)
WAITER(reads_timer, read(reading[TIMER], &word, 8) == 8)
WAITER(waits_epoll, epoll_wait(reading[EPOLL], &event, 1, -1) == 1 && read(both[0], &word, 1) == 1)
WAITER(polls_one, polled(1, reading[ONE], -1))
WAITER(polls_two, polled(2, reading[TWO], listening))
WAITER(accepts, accept(listening, NULL, NULL) >= 0)

/* The number is of nothing while it waits. */
FRAME static void *reads_closed(void *unused)
{
	uint64_t word;
	for (;;) {
		int ends[2];
		if (pipe(ends))
			abort();
		reading[CLOSED] = ends[0];
		__atomic_store_n(&writing[CLOSED], ends[1], __ATOMIC_SEQ_CST);
		if (read(ends[0], &word, 1) != 1)
			abort();
	}
	return unused;
}

static void close_and_write(void)
{
	int writes = __atomic_exchange_n(&writing[CLOSED], 0, __ATOMIC_SEQ_CST);
	if (writes) {
		usleep(3000);
		close(reading[CLOSED]);
		usleep(3000);
		if (write(writes, "", 1) != 1)
			abort();
		close(writes);
	}
}

static void pair(int kind, int ends[2])
{
	reading[kind] = ends[0];
	writing[kind] = ends[1];
}

static void internet(int kind, int type)
{
	struct sockaddr_in address = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {0}};
	socklen_t size = sizeof address;
	int server = socket(AF_INET, type, 0), client = socket(AF_INET, type, 0);
	if (bind(server, (struct sockaddr *)&address, size) || getsockname(server, (struct sockaddr *)&address, &size) ||
	    (type == SOCK_STREAM && listen(server, 1)) || connect(client, (struct sockaddr *)&address, size))
		abort();
	reading[kind] = type == SOCK_STREAM ? accept(server, NULL, NULL) : server;
	writing[kind] = client;
	listening = type == SOCK_STREAM ? server : listening;
}

static void terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct termios raw;
	if (master < 0 || grantpt(master) || unlockpt(master))
		abort();
	reading[TTY] = open(ptsname(master), O_RDWR | O_NOCTTY);
	writing[TTY] = master;
	if (tcgetattr(reading[TTY], &raw))
		abort();
	cfmakeraw(&raw);
	if (tcsetattr(reading[TTY], TCSANOW, &raw))
		abort();
}

static void set_up(void)
{
	int ends[2];
	struct epoll_event event = {.events = EPOLLIN};
	struct itimerspec often = {{0, 4000000}, {0, 4000000}};
	if (pipe(ends))
		abort();
	pair(PIPE, ends);
	if (pipe(ends))
		abort();
	pair(ONE, ends);
	if (pipe(ends))
		abort();
	pair(TWO, ends);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		abort();
	pair(UNIX, ends);
	internet(TCP, SOCK_STREAM);
	internet(UDP, SOCK_DGRAM);
	terminal();
	reading[EVENT] = writing[EVENT] = eventfd(0, 0);
	reading[TIMER] = timerfd_create(CLOCK_MONOTONIC, 0);
	reading[EPOLL] = epoll_create1(0);
	if (timerfd_settime(reading[TIMER], 0, &often, NULL) || pipe(both) ||
	    epoll_ctl(reading[EPOLL], EPOLL_CTL_ADD, both[0], &event))
		abort();
	writing[EPOLL] = both[1];
}

FRAME static void makes_ready(void)
{
	uint64_t one = 1;
	for (;;) {
		usleep(2000);
		for (int kind = 0; kind < KINDS; kind++)
			if (kind != TIMER && kind != CLOSED && write(writing[kind], &one, kind == EVENT ? 8 : 1) < 1)
				abort();
		close_and_write();
	}
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	void *(*waiters[])(void *) = {reads_pipe, reads_tty,   reads_unix,  reads_tcp, reads_udp, reads_event,
				      reads_timer, waits_epoll, polls_one, polls_two, accepts,   reads_closed};
	pthread_t thread;
	set_up();
	for (unsigned at = 0; at < sizeof waiters / sizeof *waiters; at++)
		if (pthread_create(&thread, NULL, waiters[at], NULL))
			abort();
	ready(argc, argv);
	makes_ready();
	return 0;
}
