/* Waits of known kinds, each in a function of its own, once it gets SIGUSR1. Then says of each how long it was off the CPU, by its own clocks,
 * how often it waited, and how long it was on one:
 *
 *   short_sleeps 812345678 4000 52345678
 *
 * Before and after that it naps in a function that is none of them. One thread waits all the time. With the name of a file, those are reads of it from
 * the disk only.
 */
#define _GNU_SOURCE
#include "truth.h"
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <time.h>

static int64_t clock_ns(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

/* Of this thread: what has passed and was not spent on a CPU. For each wait it is too little by the time from the wake-up to the switch, where that
 * sends another thread away: the run queue's clock is not asked again (kernel/sched/core.c, rq_clock_skip_update). That is some microseconds on a
 * CPU that runs, and some tens on one that has to come to itself; so none is idle meanwhile.
 */
static int64_t off_cpu(void) { return clock_ns(CLOCK_MONOTONIC) - clock_ns(CLOCK_THREAD_CPUTIME_ID); }

static void nap(long ns)
{
	struct timespec time = {0, ns};
	nanosleep(&time, NULL);
	KEEP_CALLER();
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both, all;
static int to[2], back[2];
static volatile int over;

FRAME static void long_sleeps(void)
{
	for (int i = 0; i < 40; i++)
		nap(20000000);
}

FRAME static void short_sleeps(void)
{
	for (int i = 0; i < 3000; i++)
		nap(200000);
}

FRAME static void polls(void)
{
	for (int i = 0; i < 100; i++)
		poll(NULL, 0, 5);
	KEEP_CALLER();
}

FRAME static void wants_lock(void)
{
	for (int i = 0; i < 40; i++) {
		pthread_barrier_wait(&both); /* the other one has it now */
		pthread_mutex_lock(&lock);
		pthread_mutex_unlock(&lock);
		pthread_barrier_wait(&both); /* before the other one takes it again */
	}
	KEEP_CALLER();
}

FRAME static void reads_pipe(void)
{
	char byte = 0;
	for (int i = 0; i < 3000; i++) {
		if (write(to[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
			exit(1);
	}
	KEEP_CALLER();
}

FRAME static void competes(void)
{
	int64_t end = clock_ns(CLOCK_MONOTONIC) + 1000000000LL;
	while (clock_ns(CLOCK_MONOTONIC) < end)
		burn(100000);
	KEEP_CALLER();
}

enum { PASSES = 4 };
static int file;
static int blocks;

/* Reads that waited, and how long the others were off the CPU: never switched away, but on a machine whose host took its CPUs. */
static int waited;
static int64_t passed;

static long switches(void)
{
	struct rusage of;
	getrusage(RUSAGE_THREAD, &of);
	return of.ru_nvcsw + of.ru_nivcsw;
}

/* Past the page cache. */
FRAME static void reads_disk(void)
{
	static char block[4096] __attribute__((aligned(4096)));
	for (int i = 0; i < PASSES * blocks; i++) {
		long before = switches();
		int64_t off = off_cpu();
		if (pread(file, block, sizeof block, (off_t)(i % blocks) * sizeof block) != sizeof block)
			exit(1);
		off = off_cpu() - off;
		if (switches() == before)
			passed += off;
		else
			waited++;
	}
	KEEP_CALLER();
}

FRAME static void never_ends(void)
{
	for (;;)
		pause();
}

static void *holds_lock(void *unused)
{
	for (int i = 0; i < 40; i++) {
		pthread_mutex_lock(&lock);
		pthread_barrier_wait(&both);
		nap(15000000);
		pthread_mutex_unlock(&lock);
		pthread_barrier_wait(&both);
	}
	return unused;
}

static void *echoes(void *unused)
{
	char byte;
	while (read(to[0], &byte, 1) == 1) {
		nap(150000);
		if (write(back[1], &byte, 1) != 1)
			break;
	}
	return unused;
}

static void *burns(void *unused)
{
	pthread_barrier_wait(&all);
	while (!over)
		burn(100000);
	return unused;
}

/* Whom any other thread may send away at once. */
static void *keeps_awake(void *cpu)
{
	struct sched_param none = {0};
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET((intptr_t)cpu, &one);
	if (sched_setscheduler(0, SCHED_IDLE, &none) || sched_setaffinity(0, sizeof one, &one))
		exit(1);
	while (!over)
		burn(1000);
	return NULL;
}

static void *waits(void *unused)
{
	never_ends();
	KEEP_CALLER();
	return unused;
}

FRAME static void say(const char *name, void (*function)(void), int count)
{
	int64_t before = off_cpu(), ran = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	function();
	long long off = off_cpu() - before - passed;
	printf("%s %lld %d %lld\n", name, off, count + waited, (long long)(clock_ns(CLOCK_THREAD_CPUTIME_ID) - ran));
	KEEP_CALLER();
}

/* All but those of a disk, which is slow or is fast. */
static void run_all(void)
{
	pthread_t other;
	say("long_sleeps", long_sleeps, 40);
	say("short_sleeps", short_sleeps, 3000);
	say("polls", polls, 100);
	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&other, NULL, holds_lock, NULL);
	say("wants_lock", wants_lock, 0);
	pthread_join(other, NULL);
	if (pipe(to) || pipe(back))
		exit(1);
	pthread_create(&other, NULL, echoes, NULL);
	say("reads_pipe", reads_pipe, 3000);
	cpu_set_t one;
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	sched_setaffinity(0, sizeof one, &one);
	pthread_barrier_init(&all, NULL, 2);
	pthread_create(&other, NULL, burns, NULL);
	pthread_barrier_wait(&all);
	say("competes", competes, 0);
	over = 1;
	pthread_join(other, NULL);
}

FRAME static void run(void)
{
	pthread_t awake[CPU_SETSIZE];
	cpu_set_t cpus;
	over = 0;
	sched_getaffinity(0, sizeof cpus, &cpus);
	for (intptr_t cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &cpus))
			pthread_create(&awake[cpu], NULL, keeps_awake, (void *)cpu);
	}
	if (blocks)
		say("reads_disk", reads_disk, 0);
	else
		run_all();
	over = 1;
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (CPU_ISSET(cpu, &cpus))
			pthread_join(awake[cpu], NULL);
	}
	puts("done");
	fflush(stdout);
	KEEP_CALLER();
}

static volatile sig_atomic_t wanted;

static void want(int number)
{
	(void)number;
	wanted = 1;
}

FRAME static void naps(void)
{
	while (!wanted)
		nap(20000000);
	wanted = 0;
}

int main(int argc, char **argv)
{
	pthread_t other;
	signal(SIGUSR1, want);
	pthread_create(&other, NULL, waits, NULL);
	if (argc > 1) {
		file = open(argv[1], O_RDONLY | O_DIRECT);
		blocks = lseek(file, 0, SEEK_END) / 4096;
		if (blocks <= 0)
			return 1;
	}
	ready(0, argv);
	for (;;) {
		naps();
		run();
	}
}
