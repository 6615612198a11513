/* Counts signals exactly: a queued signal carries its number, so that one that is lost, comes twice or out of turn is noticed. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { SIGNALS = 65 };

static volatile uint32_t arrived[SIGNALS];
static volatile uint32_t expected_at_fault[SIGNALS];
static volatile uint32_t found_at_fault[SIGNALS];
static volatile int faulty;
static int acknowledge_to = -1;

static void in_turn(int signal, siginfo_t *info, void *context) {
    (void)context;
    uint32_t number = (uint32_t)info->si_value.sival_int;
    if (number != arrived[signal] && !faulty) {
        expected_at_fault[signal] = arrived[signal];
        found_at_fault[signal] = number;
        faulty = signal;
    }
    arrived[signal]++;
}

static void counted(int signal) { arrived[signal]++; }

static void acknowledged(int signal) {
    int saved = errno;
    arrived[signal]++;
    if (write(acknowledge_to, "!", 1) != 1) {
        faulty = signal;
    }
    errno = saved;
}

static void handle(int signal, struct sigaction *action) {
    sigfillset(&action->sa_mask);
    action->sa_flags |= SA_RESTART;
    sigaction(signal, action, NULL);
}

/* The signal is sent by signals_send, and from then on to one thread only. */
void signals_expect_in_turn(int signal) {
    struct sigaction action = {.sa_sigaction = in_turn, .sa_flags = SA_SIGINFO};
    handle(signal, &action);
}

/* Each arrival writes a byte, for which the sender waits before it sends another. */
void signals_acknowledge(int signal, int descriptor) {
    struct sigaction action = {.sa_handler = acknowledged};
    acknowledge_to = descriptor;
    handle(signal, &action);
}

void signals_count(int signal) {
    struct sigaction action = {.sa_handler = counted};
    handle(signal, &action);
}

uint32_t signals_arrived(int signal) { return arrived[signal]; }

/* NULL, or what came out of turn. */
const char *signals_fault(void) {
    static char text[128];
    if (!faulty) {
        return NULL;
    }
    snprintf(text, sizeof text, "signal %d: number %u was due, number %u came", faulty, expected_at_fault[faulty],
             found_at_fault[faulty]);
    return text;
}

/* Queues signal number `number` for one thread; 0, or the errno: EAGAIN while the queue is full. */
int signals_send(int pid, int tid, int signal, uint32_t number) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    info.si_signo = signal;
    info.si_code = SI_QUEUE;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = (int)number;
    return syscall(SYS_rt_tgsigqueueinfo, pid, tid, signal, &info) == 0 ? 0 : errno;
}
