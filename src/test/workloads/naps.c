/* On a processor for a third of the time, in turns of two milliseconds. */
#define _GNU_SOURCE
#include <unistd.h>
#include "truth.h"

int main(int argc, char **argv)
{
	ready(argc, argv);
	for (;;) {
		burn(1500000);
		usleep(4000);
	}
}
