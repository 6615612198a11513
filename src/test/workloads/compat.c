/* A 32-bit program that needs no library: says "ready" and spins. */
static void say(const char *text, int length)
{
	int result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(4), "b"(1), "c"(text), "d"(length) : "memory");
}

void _start(void)
{
	say("ready\n", 6);
	for (volatile unsigned i = 0;; i++) {
	}
}
