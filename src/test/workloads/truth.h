/* What the native workloads have in common: a chain that the compiler keeps as it is written. */
#ifndef TRUTH_H
#define TRUTH_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A call frame of its own, under its own name. */
#define FRAME __attribute__((noinline, noclone, used))

/* After a call, so that it is not the last thing its caller does: no tail call, the caller stays on the stack. */
#define KEEP_CALLER() __asm__ volatile("" ::: "memory")

FRAME static unsigned burn(unsigned n)
{
	unsigned total = 1;
	for (unsigned i = 0; i < n; i++) {
		total = total * 31 + i;
		__asm__ volatile("" : "+r"(total));
	}
	return total;
}

/* Prints "ready"; ends the process after the seconds given as the first argument, if any. */
static inline void ready(int argc, char **argv)
{
	if (argc > 1)
		alarm((unsigned) atoi(argv[1]));
	puts("ready");
	fflush(stdout);
}

#endif
