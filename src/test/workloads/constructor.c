/* A library that is busy before the program has begun: burn <- handler <- the dynamic loader, which calls its constructor. */
#include "truth.h"

FRAME unsigned handler(unsigned n)
{
	unsigned total = burn(n);
	KEEP_CALLER();
	return total;
}

__attribute__((constructor)) static void begin(void)
{
	ready(0, 0);
	for (;;)
		handler(1000);
}
