/*
 * (libc) <- (PLT stub) <- leaf <- middle <- handler <- main: built with -fno-builtin -Wl,-z,lazy, so that every call goes
 * through the PLT. With LD_BIND_NOT=1 every call goes through the dynamic linker's resolver as well.
 */
#include "truth.h"
#include <ctype.h>
#include <string.h>

static char from[8192], to[8192];

FRAME long leaf(int n)
{
	long total = 0;
	for (int i = 0; i < n; i++) {
		total += abs(i) + toupper('a' + i % 26) + tolower('A' + i % 26) + labs(-i);
		total += (long) strlen("known") + isalpha('x') + ffs(i) + atoi("1");
		if (i % 16 == 0)
			memcpy(to, from, sizeof(to));
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
