/* Processes whose numbers are so alike that the kernel side has eight places for all of them (bpf/absences.h): the same but for multiples of
 * 65,536. They sleep; at a SIGUSR1 they nap for a while, and each says what it knows of that:
 *
 *   265536 198765432 41      its number, nanoseconds off the CPU, and how often it left that
 *
 * There is one such crowd on a machine at a time. With the argument "dies" it is killed as soon as it is there, once it has said up to which
 * number there were processes before.
 */
#define _GNU_SOURCE
#include "truth.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define PID_MAX "/proc/sys/kernel/pid_max"

enum { CROWD = 9, APART = 65536, FIRST = 200000, NAPS = 40, NAP_NS = 5000000 };

static int told[2], gathered[2];

struct line {
	int pid;
	long nanos;
	long switches;
};

static int64_t clock_ns(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t off_cpu(void) { return clock_ns(CLOCK_MONOTONIC) - clock_ns(CLOCK_THREAD_CPUTIME_ID); }

static long switches(void)
{
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

static void nap(long ns)
{
	struct timespec time = {0, ns};
	nanosleep(&time, NULL);
	KEEP_CALLER();
}

FRAME static void naps(void)
{
	for (int i = 0; i < NAPS; i++)
		nap(NAP_NS);
}

FRAME static void one(void)
{
	sigset_t begin;
	int signal;
	sigemptyset(&begin);
	sigaddset(&begin, SIGUSR1);
	sigwait(&begin, &signal);
	long before = switches();
	int64_t away = off_cpu();
	naps();
	struct line line = {getpid(), off_cpu() - away, switches() - before};
	if (write(told[1], &line, sizeof line) != sizeof line)
		_exit(1);
	for (;;)
		pause();
}

static long pid_max(void)
{
	long most = 0;
	FILE *file = fopen(PID_MAX, "r");
	if (!file || fscanf(file, "%ld", &most) != 1)
		exit(2);
	fclose(file);
	return most;
}

static void allow_pids(long most)
{
	FILE *file = fopen(PID_MAX, "w");
	if (!file || fprintf(file, "%ld", most) < 0 || fclose(file))
		exit(3);
}

/* Until this process is gone, whatever ends it. */
static void be_the_only_crowd(void)
{
	int file = open(PID_MAX, O_RDONLY);
	if (file < 0 || flock(file, LOCK_EX))
		exit(1);
}

/* A process that puts it back once the crowd is there, or whoever gathers it is dead. */
static pid_t restore_pids(long most)
{
	char none;
	if (pipe(gathered))
		exit(1);
	pid_t child = fork();
	if (child < 0)
		exit(1);
	if (child == 0) {
		setsid();
		close(gathered[1]);
		while (read(gathered[0], &none, 1) < 0)
			;
		allow_pids(most);
		_exit(0);
	}
	return child;
}

/* Those of a crowd that was killed have their numbers until they have been waited for. */
static void fork_as(int pid)
{
	struct clone_args args = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t) &pid, .set_tid_size = 1};
	pid_t parent = getpid();
	long child;
	while ((child = syscall(SYS_clone3, &args, sizeof args)) < 0 && errno == EEXIST)
		usleep(1000);
	if (child < 0) {
		perror("clone3");
		exit(4);
	}
	if (child == 0) {
		close(gathered[1]);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(1);
		one();
	}
}

/* What others are given does not depend on the limit before they have been given all below. */
static void gather(int dies)
{
	be_the_only_crowd();
	long most = pid_max();
	pid_t restores = restore_pids(most);
	allow_pids(1 << 22);
	for (int i = 0; i < CROWD; i++)
		fork_as(FIRST + i * APART);
	if (dies) {
		printf("%ld\n", most);
		fflush(stdout);
		kill(getpid(), SIGKILL);
	}
	close(gathered[1]);
	waitpid(restores, NULL, 0);
}

int main(int argc, char **argv)
{
	sigset_t begin;
	sigemptyset(&begin);
	sigaddset(&begin, SIGUSR1);
	sigprocmask(SIG_BLOCK, &begin, NULL);
	if (pipe(told))
		return 1;
	gather(argc > 1 && !strcmp(argv[1], "dies"));
	ready(argc, argv);
	struct timespec often = {0, 20000000};
	while (sigtimedwait(&begin, NULL, &often) < 0)
		;
	for (int i = 0; i < CROWD; i++)
		kill(FIRST + i * APART, SIGUSR1);
	for (int i = 0; i < CROWD; i++) {
		struct line line;
		if (read(told[0], &line, sizeof line) != sizeof line)
			return 1;
		printf("%d %ld %ld\n", line.pid, line.nanos, line.switches);
	}
	puts("done");
	fflush(stdout);
	for (;;)
		pause();
}
