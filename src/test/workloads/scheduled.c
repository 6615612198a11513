/* What the scheduler does with threads, known beforehand; begins at a SIGUSR1, and then prints what the kernel has counted of it in between
 * (getrusage(2)) and what its threads know themselves:
 *
 *   voluntary=… involuntary=… minor=… alive=… cpu=…      nanoseconds, sums over the threads
 *
 *   scheduled sleeps THREADS TIMES MICROS   each thread sleeps so often and so long
 *   scheduled yields THREADS TIMES          on one processor, each yields so often
 *   scheduled spins THREADS MILLIS          on one processor, each runs until so much time has passed
 *   scheduled touches PAGES                 in memory of its own
 *   scheduled forks TIMES                   children, one after the other, that end at once
 *   scheduled opens FILES                   which the kernel closes when it ends, behind its memory and before its last switch
 */
#define _GNU_SOURCE
#include "truth.h"
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

enum { MOST_THREADS = 16 };

static const char *mode;
static long times, amount;

struct times {
	long alive;
	long cpu;
};

static long nanos(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

static void *sleep_often(void *times_of)
{
	(void) times_of;
	struct timespec pause = { 0, amount * 1000 };
	for (long i = 0; i < times; i++)
		nanosleep(&pause, NULL);
	return NULL;
}

static void *yield_often(void *times_of)
{
	(void) times_of;
	for (long i = 0; i < times; i++)
		sched_yield();
	return NULL;
}

static void *spin(void *times_of)
{
	struct times *own = times_of;
	long began = nanos(CLOCK_MONOTONIC), now = began;
	while (now < began + times * 1000000) {
		burn(20000);
		now = nanos(CLOCK_MONOTONIC);
	}
	own->alive = now - began;
	own->cpu = nanos(CLOCK_THREAD_CPUTIME_ID);
	return NULL;
}

static void on_one_processor(void)
{
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof one, &one);
}

static void run_threads(int threads, void *(*work)(void *), struct times *sum)
{
	pthread_t started[MOST_THREADS];
	struct times own[MOST_THREADS] = { 0 };
	for (int i = 0; i < threads; i++)
		pthread_create(&started[i], NULL, work, &own[i]);
	for (int i = 0; i < threads; i++) {
		pthread_join(started[i], NULL);
		sum->alive += own[i].alive;
		sum->cpu += own[i].cpu;
	}
}

static void touch(long pages)
{
	char *memory = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(memory, pages * 4096, MADV_NOHUGEPAGE);
	for (long page = 0; page < pages; page++)
		memory[page * 4096] = 1;
}

/* Or as many as it may. */
static void open_many(int files)
{
	struct rlimit limit;
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (files-- > 0 && open("/dev/null", O_RDONLY) >= 0)
		;
}

static void work(char **argv, struct times *sum)
{
	int number = atoi(argv[2]);
	times = argv[3] ? atol(argv[3]) : 0;
	amount = argv[3] && argv[4] ? atol(argv[4]) : 0;
	if (!strcmp(mode, "sleeps"))
		run_threads(number, sleep_often, sum);
	if (!strcmp(mode, "yields"))
		run_threads(number, yield_often, sum);
	if (!strcmp(mode, "spins"))
		run_threads(number, spin, sum);
	if (!strcmp(mode, "touches"))
		touch(number);
	if (!strcmp(mode, "opens"))
		open_many(number);
	for (int i = 0; i < number && !strcmp(mode, "forks"); i++) {
		if (fork() == 0)
			_exit(0);
		wait(NULL);
	}
}

int main(int argc, char **argv)
{
	struct rusage before, after;
	struct times sum = { 0 };
	sigset_t begin;
	int signal;

	mode = argc > 2 ? argv[1] : "";
	if (!strcmp(mode, "yields") || !strcmp(mode, "spins"))
		on_one_processor();
	sigemptyset(&begin);
	sigaddset(&begin, SIGUSR1);
	sigprocmask(SIG_BLOCK, &begin, NULL);
	ready(0, NULL);
	sigwait(&begin, &signal);
	getrusage(RUSAGE_SELF, &before);
	work(argv, &sum);
	getrusage(RUSAGE_SELF, &after);
	printf("voluntary=%ld involuntary=%ld minor=%ld alive=%ld cpu=%ld\n", after.ru_nvcsw - before.ru_nvcsw,
	       after.ru_nivcsw - before.ru_nivcsw, after.ru_minflt - before.ru_minflt, sum.alive, sum.cpu);
	fflush(stdout);
	pause();
}
