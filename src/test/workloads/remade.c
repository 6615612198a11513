// Runs code that it has made, with no frame pointer and nothing to describe it, and that is made anew with another frame at the same address time
// and again:  leaf ← made code ← middle ← handler ← main, and the made code by itself.
#define _GNU_SOURCE
#include "truth.h"
#include <string.h>
#include <sys/mman.h>

enum { ROUNDS = 64, SIZES = 3, NOPS = 48 };

typedef unsigned (*made)(unsigned (*)(unsigned));

static unsigned char *code;

// push %rbx; sub $N,%rsp; mov %rdi,%rbx; mov $300,%edi; call *%rbx; mov $3000,%ecx; 1: dec %ecx; jnz 1b; 48 times nop; add $N,%rsp; pop %rbx; ret
static const unsigned char before[] = {0x53, 0x48, 0x81, 0xec}, after[] = {0x5b, 0xc3};
static const unsigned char body[] = {0x48, 0x89, 0xfb, 0xbf, 0x2c, 0x01, 0, 0, 0xff, 0xd3, 0xb9, 0xb8, 0x0b, 0, 0,
				     0xff, 0xc9, 0x75, 0xfc}, end[] = {0x48, 0x81, 0xc4};

static void make(int frame)
{
	unsigned char *to = code;
	to = mempcpy(to, before, sizeof before);
	to = mempcpy(to, &frame, sizeof frame);
	to = mempcpy(to, body, sizeof body);
	to = memset(to, 0x90, NOPS) + NOPS;
	to = mempcpy(to, end, sizeof end);
	to = mempcpy(to, &frame, sizeof frame);
	memcpy(to, after, sizeof after);
}

FRAME static unsigned leaf(unsigned n)
{
	unsigned total = burn(n);
	KEEP_CALLER();
	return total;
}

FRAME static unsigned middle(void)
{
	unsigned total = ((made)code)(leaf);
	KEEP_CALLER();
	return total;
}

FRAME static unsigned handler(void)
{
	unsigned total = 0;
	for (int i = 0; i < ROUNDS; i++)
		total += middle();
	KEEP_CALLER();
	return total;
}

int main(int argc, char **argv)
{
	static const int frames[SIZES] = {0x20, 0x1008, 0x110};
	code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (code == MAP_FAILED)
		return 1;
	ready(argc, argv);
	for (unsigned i = 0;; i++) {
		make(frames[i / 4096 % SIZES]);
		handler();
	}
}
