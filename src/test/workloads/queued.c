/* At each SIGUSR1 two threads on one CPU, for 300 naps: one is busy; the other sleeps, is woken, and then has to wait for the CPU, for it is worth less.
 * Then says "done". Before and after that it naps alone.
 */
#define _GNU_SOURCE
#include "truth.h"
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <time.h>

static volatile int over;
static volatile sig_atomic_t wanted;

static void want(int number)
{
	(void)number;
	wanted = 1;
}

static void *burns(void *unused)
{
	while (!over)
		burn(100000);
	return unused;
}

static void nap(long ns)
{
	struct timespec pause = {0, ns};
	nanosleep(&pause, NULL);
}

FRAME static void naps(void)
{
	for (int i = 0; i < 300; i++)
		nap(5000000);
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	cpu_set_t one;
	pthread_t other;
	int cpu = 0;
	if (sched_getaffinity(0, sizeof one, &one))
		return 1;
	while (!CPU_ISSET(cpu, &one))
		cpu++;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	signal(SIGUSR1, want);
	if (sched_setaffinity(0, sizeof one, &one))
		return 1;
	ready(argc, argv);
	for (;;) {
		while (!wanted)
			nap(20000000);
		wanted = over = 0;
		if (pthread_create(&other, NULL, burns, NULL) || setpriority(PRIO_PROCESS, 0, 19))
			return 1;
		naps();
		over = 1;
		pthread_join(other, NULL);
		setpriority(PRIO_PROCESS, 0, 0);
		puts("done");
		fflush(stdout);
	}
}
