/* Threads that wake others, one by a pipe, one by a semaphore, one by a mutex that it gives up; a timer wakes those that wake. */
#include "truth.h"
#include <pthread.h>
#include <semaphore.h>

static int ends[2];
static sem_t semaphore;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

FRAME static void *reads(void *unused)
{
	char byte;
	while (read(ends[0], &byte, 1) == 1)
		;
	return unused;
}

FRAME static void *takes(void *unused)
{
	while (!sem_wait(&semaphore))
		;
	return unused;
}

FRAME static void *writes(void *unused)
{
	char byte = 0;
	while (!usleep(700) && write(ends[1], &byte, 1) == 1)
		;
	return unused;
}

FRAME static void *owns(void *unused)
{
	for (;;) {
		pthread_mutex_lock(&mutex);
		usleep(900);
		pthread_mutex_unlock(&mutex);
		usleep(300);
	}
	return unused;
}

FRAME static void *wants(void *unused)
{
	for (;;) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
		usleep(100);
	}
	return unused;
}

FRAME static void posts(void)
{
	while (!usleep(900) && !sem_post(&semaphore))
		;
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	pthread_t thread;
	if (pipe(ends) || sem_init(&semaphore, 0, 0) || pthread_create(&thread, NULL, reads, NULL) ||
	    pthread_create(&thread, NULL, takes, NULL) || pthread_create(&thread, NULL, writes, NULL) ||
	    pthread_create(&thread, NULL, owns, NULL) || pthread_create(&thread, NULL, wants, NULL))
		return 1;
	ready(argc, argv);
	posts();
	return 0;
}
