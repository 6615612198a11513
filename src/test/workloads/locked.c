/* Threads that wait for ever: two for each other's mutex, one behind a frame of 300 KiB, and main for them to end. */
#include "truth.h"
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t both_have_theirs;

FRAME void takes(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	KEEP_CALLER();
}

FRAME void *first(void *unused)
{
	pthread_mutex_lock(&one);
	pthread_barrier_wait(&both_have_theirs);
	takes(&other);
	KEEP_CALLER();
	return unused;
}

FRAME void *second(void *unused)
{
	pthread_mutex_lock(&other);
	pthread_barrier_wait(&both_have_theirs);
	takes(&one);
	KEEP_CALLER();
	return unused;
}

FRAME void pauses(void)
{
	pause();
	KEEP_CALLER();
}

FRAME void *large(void *unused)
{
	volatile char frame[300 << 10];
	frame[0] = 1;
	pauses();
	KEEP_CALLER();
	return unused + frame[0];
}

FRAME void joins(pthread_t thread)
{
	pthread_join(thread, 0);
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	pthread_t threads[3];
	pthread_barrier_init(&both_have_theirs, 0, 3);
	pthread_create(&threads[0], 0, first, 0);
	pthread_create(&threads[1], 0, second, 0);
	pthread_create(&threads[2], 0, large, 0);
	pthread_barrier_wait(&both_have_theirs);
	usleep(300000); /* what comes behind the barrier takes microseconds */
	ready(argc, argv);
	joins(threads[0]);
	return 0;
}
