/* leaf <- middle <- handler <- work, each time in a new thread, of which there are some thousands a second. */
#include "truth.h"
#include <pthread.h>

FRAME unsigned leaf(unsigned n)
{
	unsigned total = burn(n);
	KEEP_CALLER();
	return total;
}

FRAME unsigned middle(unsigned n)
{
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

FRAME void *work(void *given)
{
	unsigned total = handler(20000);
	KEEP_CALLER();
	return total ? given : NULL;
}

int main(int argc, char **argv)
{
	ready(argc, argv);
	for (;;) {
		pthread_t thread;
		if (pthread_create(&thread, NULL, work, NULL) || pthread_join(thread, NULL))
			return 1;
	}
}
