/*
 * in_signal <- on_signal <- (signal frame) <- raise <- middle <- handler <- main, and the same from a timer that interrupts
 * leaf anywhere.
 */
#include "truth.h"
#include <signal.h>
#include <sys/time.h>

FRAME unsigned in_signal(unsigned n)
{
	unsigned total = burn(n);
	KEEP_CALLER();
	return total;
}

FRAME void on_signal(int number)
{
	(void) number;
	in_signal(40000);
	KEEP_CALLER();
}

FRAME unsigned leaf(unsigned n)
{
	unsigned total = burn(n);
	KEEP_CALLER();
	return total;
}

FRAME unsigned middle(unsigned n)
{
	raise(SIGUSR2);
	unsigned total = leaf(n);
	KEEP_CALLER();
	return total;
}

FRAME unsigned handler(unsigned n)
{
	unsigned total = middle(n);
	KEEP_CALLER();
	return total;
}

int main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	sigaction(SIGUSR2, &action, NULL);
	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &often, NULL);
	ready(argc, argv);
	for (;;)
		handler(10000);
}
