/* Throws from leaf through middle and a frame with a destructor, catches in handler, all the time. */
#include "truth.h"
#include <stdexcept>
#include <string>

struct Guard {
	unsigned value;
	FRAME ~Guard() { __asm__ volatile("" ::"r"(value)); }
};

extern "C" FRAME unsigned leaf(unsigned n)
{
	if (burn(n) != 0)
		throw std::runtime_error("thrown by leaf");
	return 0;
}

extern "C" FRAME unsigned middle(unsigned n)
{
	Guard guard{n};
	unsigned total = leaf(n);
	KEEP_CALLER();
	return total;
}

extern "C" FRAME unsigned handler(unsigned n)
{
	try {
		return middle(n);
	} catch (const std::exception &thrown) {
		return static_cast<unsigned>(std::string(thrown.what()).size());
	}
}

int main(int argc, char **argv)
{
	ready(argc, argv);
	for (;;)
		handler(1000);
}
