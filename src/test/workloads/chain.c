/* leaf <- middle <- handler <- main, without frame pointers. */
#include "truth.h"

FRAME unsigned leaf(unsigned n)
{
	unsigned total = 1;
	for (unsigned i = 0; i < n; i++) {
		total = total * 31 + i;
		__asm__ volatile("" : "+r"(total));
	}
	return total;
}

FRAME unsigned middle(unsigned n)
{
	unsigned total = 0;
	for (int i = 0; i < 4; i++)
		total ^= leaf(n);
	KEEP_CALLER();
	return total;
}

FRAME unsigned handler(unsigned n)
{
	/* A frame whose size the compiler does not know has its CFA on rbp. */
	char *scratch = __builtin_alloca(n % 64 + 16);
	__asm__ volatile("" ::"r"(scratch) : "memory");
	unsigned total = 0;
	for (int i = 0; i < 4; i++)
		total ^= middle(n);
	KEEP_CALLER();
	return total;
}

int main(int argc, char **argv)
{
	ready(argc, argv);
	for (;;)
		handler(1000);
}
