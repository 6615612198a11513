/* leaf <- middle <- handler, compiled to an object file that jitted.c loads; NAME makes another three functions of them. */
#include "truth.h"

#define JOINED(name, suffix) name##suffix
#define NAMED(name, suffix) JOINED(name, suffix)
#define leaf NAMED(leaf, NAME)
#define middle NAMED(middle, NAME)
#define handler NAMED(handler, NAME)

unsigned handler(unsigned n);

FRAME static unsigned leaf(unsigned n)
{
	unsigned total = 1;
	for (unsigned i = 0; i < n; i++) {
		total = total * 31 + i;
		__asm__ volatile("" : "+r"(total));
	}
	return total;
}

FRAME static unsigned middle(unsigned n)
{
	volatile char scratch[200] = {0};
	unsigned total = scratch[n % 200];
	for (int i = 0; i < 4; i++)
		total ^= leaf(n);
	KEEP_CALLER();
	return total;
}

/* The only one that can be called from outside. */
__attribute__((noinline)) unsigned handler(unsigned n)
{
	unsigned total = 0;
	for (int i = 0; i < 4; i++)
		total ^= middle(n);
	KEEP_CALLER();
	return total;
}
