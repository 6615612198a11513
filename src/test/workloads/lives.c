/* Threads that begin and end, once it gets SIGUSR1: each sleeps, and runs. Then says how long they have lived in all, by a clock that each looks at
 * first and last, and by one that is looked at before each is made and when it has ended; and how long they were on a CPU:
 *
 *   lives 1412345678 1498765432 480123456
 *
 * Before and after that it naps.
 */
#define _GNU_SOURCE
#include "truth.h"
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

enum { ROUNDS = 40, TOGETHER = 4, RUN_NS = 3000000, SLEEP_NS = 8000000 };

static int64_t clock_ns(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int64_t lived, ran; /* of all, added up atomically */

FRAME static void sleeps(void)
{
	struct timespec time = {0, SLEEP_NS};
	nanosleep(&time, NULL);
	KEEP_CALLER();
}

FRAME static void runs(void)
{
	while (clock_ns(CLOCK_THREAD_CPUTIME_ID) < RUN_NS)
		burn(1000);
	KEEP_CALLER();
}

static void *life(void *unused)
{
	int64_t born = clock_ns(CLOCK_MONOTONIC);
	sleeps();
	runs();
	__atomic_fetch_add(&ran, clock_ns(CLOCK_THREAD_CPUTIME_ID), __ATOMIC_RELAXED);
	__atomic_fetch_add(&lived, clock_ns(CLOCK_MONOTONIC) - born, __ATOMIC_RELAXED);
	return unused;
}

static volatile sig_atomic_t wanted;

static void want(int number)
{
	(void)number;
	wanted = 1;
}

int main(int argc, char **argv)
{
	int64_t outside = 0;
	signal(SIGUSR1, want);
	ready(argc, argv);
	while (!wanted)
		sleeps();
	for (int round = 0; round < ROUNDS; round++) {
		pthread_t threads[TOGETHER];
		int64_t made[TOGETHER];
		for (int i = 0; i < TOGETHER; i++) {
			made[i] = clock_ns(CLOCK_MONOTONIC);
			if (pthread_create(&threads[i], NULL, life, NULL))
				exit(1);
		}
		for (int i = 0; i < TOGETHER; i++) {
			pthread_join(threads[i], NULL);
			outside += clock_ns(CLOCK_MONOTONIC) - made[i];
		}
	}
	printf("lives %lld %lld %lld\ndone\n", (long long)lived, (long long)outside, (long long)ran);
	fflush(stdout);
	for (;;)
		sleeps();
}
