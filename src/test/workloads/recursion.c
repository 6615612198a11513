/* leaf <- descend, as often as the second argument says <- main, with frame pointers. */
#include "truth.h"

FRAME unsigned descend(unsigned level)
{
	unsigned total = level > 1 ? descend(level - 1) : burn(100000);
	KEEP_CALLER();
	return total ^ level;
}

int main(int argc, char **argv)
{
	unsigned levels = argc > 2 ? (unsigned) atoi(argv[2]) : 100;
	ready(argc, argv);
	for (;;)
		descend(levels);
}
