/* (vdso) <- clock_gettime <- leaf <- middle <- handler <- main. */
#include "truth.h"
#include <time.h>

FRAME long leaf(int n)
{
	struct timespec now;
	long total = 0;
	for (int i = 0; i < n; i++) {
		clock_gettime(CLOCK_MONOTONIC, &now);
		total += now.tv_nsec;
	}
	KEEP_CALLER();
	return total;
}

FRAME long middle(int n)
{
	long total = leaf(n);
	KEEP_CALLER();
	return total;
}

FRAME long handler(int n)
{
	long total = middle(n);
	KEEP_CALLER();
	return total;
}

int main(int argc, char **argv)
{
	ready(argc, argv);
	for (;;)
		handler(500);
}
