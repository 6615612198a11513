/* Waits in system calls that time out, called as C programs call them: none may return early, or with an error that no signal caused. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct timespec span(long micros) {
    return (struct timespec){micros / 1000000, micros % 1000000 * 1000};
}

static struct timespec later(clockid_t clock, long micros) {
    struct timespec t;
    clock_gettime(clock, &t);
    t.tv_sec += micros / 1000000;
    t.tv_nsec += micros % 1000000 * 1000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    return t;
}

/* Each answers 0 where the call ended by its timeout, and otherwise with the errno or −1. */
static int expect(long result, long at_timeout) { return result == at_timeout ? 0 : result < 0 ? errno : -1; }

static int expect_error(long result, int at_timeout) { return result >= 0 ? -1 : errno == at_timeout ? 0 : errno; }

static int wait_nanosleep(long micros) {
    struct timespec t = span(micros);
    return expect(syscall(SYS_nanosleep, &t, NULL), 0);
}

static int wait_clock_nanosleep(long micros) {
    struct timespec t = later(CLOCK_MONOTONIC, micros);
    return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

static int wait_poll(long micros) { return expect(poll(NULL, 0, (int)(micros / 1000)), 0); }

static int wait_ppoll(long micros) {
    struct timespec t = span(micros);
    return expect(ppoll(NULL, 0, &t, NULL), 0);
}

static int wait_select(long micros) {
    struct timeval t = {micros / 1000000, micros % 1000000};
    return expect(select(0, NULL, NULL, NULL, &t), 0);
}

/* Without a limit of its own: the event is a timer's. One with a limit may end with EINTR, as signal(7) says. */
static int wait_epoll(long micros) {
    struct itimerspec t = {{0, 0}, span(micros)};
    struct epoll_event event = {.events = EPOLLIN};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    timerfd_settime(timer, 0, &t, NULL);
    epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event);
    int outcome = expect(epoll_wait(epoll, &event, 1, -1), 1);
    close(timer);
    close(epoll);
    return outcome;
}

static int wait_futex(long micros) {
    struct timespec t = span(micros);
    uint32_t word = 0;
    return expect_error(syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &t, NULL, 0), ETIMEDOUT);
}

static int wait_semaphore(long micros) {
    struct timespec t = later(CLOCK_REALTIME, micros);
    sem_t semaphore;
    sem_init(&semaphore, 0, 0);
    return expect_error(sem_timedwait(&semaphore, &t), ETIMEDOUT);
}

static int wait_condition(long micros) {
    struct timespec t = later(CLOCK_REALTIME, micros);
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    pthread_mutex_lock(&mutex);
    int result = pthread_cond_timedwait(&condition, &mutex, &t);
    pthread_mutex_unlock(&mutex);
    return result == ETIMEDOUT ? 0 : result == 0 ? -1 : result;
}

static int wait_signal(long micros) {
    struct timespec t = span(micros);
    sigset_t none;
    sigemptyset(&none);
    return expect_error(sigtimedwait(&none, NULL, &t), EAGAIN);
}

/* The kernel counts a socket's limit in ticks, which may lag behind the clock by one or two: at 100 Hz by 20 ms. */
static int wait_receive(long micros) {
    int ends[2];
    char byte;
    long limit = micros + 20000;
    struct timeval t = {limit / 1000000, limit % 1000000};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        return errno;
    }
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
    int outcome = expect_error(recv(ends[0], &byte, 1, 0), EAGAIN);
    close(ends[0]);
    close(ends[1]);
    return outcome;
}

static int wait_timer(long micros) {
    struct itimerspec t = {{0, 0}, span(micros)};
    uint64_t expirations;
    int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
    timerfd_settime(timer, 0, &t, NULL);
    int outcome = expect(read(timer, &expirations, sizeof expirations), sizeof expirations);
    close(timer);
    return outcome;
}

static const struct {
    const char *name;
    int (*wait)(long micros);
} waits[] = {
    {"nanosleep", wait_nanosleep},
    {"clock_nanosleep", wait_clock_nanosleep},
    {"poll", wait_poll},
    {"ppoll", wait_ppoll},
    {"select", wait_select},
    {"epoll_wait", wait_epoll},
    {"futex", wait_futex},
    {"sem_timedwait", wait_semaphore},
    {"pthread_cond_timedwait", wait_condition},
    {"sigtimedwait", wait_signal},
    {"recv", wait_receive},
    {"timerfd", wait_timer},
};

/* How many kinds of wait there are. */
int waits_count(void) { return sizeof waits / sizeof waits[0]; }

/* Waits once; NULL, or what was wrong, in memory of the calling thread. */
const char *waits_check(int kind, long millis) {
    static __thread char text[128];
    int64_t start = now();
    int error = waits[kind].wait(millis * 1000);
    int64_t took = (now() - start) / 1000;
    if (error == 0 && took >= millis * 1000) {
        return NULL;
    }
    const char *cause = error == 0 ? "early" : error < 0 ? "with an unexpected result" : strerror(error);
    snprintf(text, sizeof text, "%s of %ld ms returned after %lld us: %s", waits[kind].name, millis, (long long)took, cause);
    return text;
}
