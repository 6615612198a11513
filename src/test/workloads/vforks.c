/* leaf <- middle <- handler <- main, where leaf is in vfork nearly all the time: its child leaves at once. */
#include "truth.h"
#include <sys/wait.h>

FRAME int leaf(void)
{
	int child = vfork();
	if (!child)
		_exit(0);
	KEEP_CALLER();
	return child;
}

FRAME int middle(void)
{
	int child = leaf();
	KEEP_CALLER();
	return child;
}

FRAME int handler(void)
{
	int child = middle();
	KEEP_CALLER();
	return child;
}

int main(int argc, char **argv)
{
	ready(argc, argv);
	for (;;) {
		int child = handler();
		if (child < 0 || waitpid(child, NULL, 0) != child)
			return 1;
	}
}
