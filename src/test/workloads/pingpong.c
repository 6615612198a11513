/* Two threads on one CPU that hand a byte to and fro by pipes: each reads, and waits for the other. */
#define _GNU_SOURCE
#include "truth.h"
#include <pthread.h>
#include <sched.h>

static int to[2], back[2];

FRAME static void *echoes(void *unused)
{
	char byte;
	while (read(to[0], &byte, 1) == 1 && write(back[1], &byte, 1) == 1)
		;
	return unused;
}

FRAME static void asks(void)
{
	char byte = 0;
	while (write(to[1], &byte, 1) == 1 && read(back[0], &byte, 1) == 1)
		;
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	cpu_set_t one;
	pthread_t other;
	int cpu = 0;
	if (sched_getaffinity(0, sizeof one, &one))
		return 1;
	while (!CPU_ISSET(cpu, &one)) /* the first that it may run on */
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof one, &one) || pipe(to) || pipe(back) || pthread_create(&other, NULL, echoes, NULL))
		return 1;
	ready(argc, argv);
	asks();
	return 0;
}
