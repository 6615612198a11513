/* A library that a program loads while it runs, and that calls it back. */
unsigned call_back(unsigned (*back)(int), int argument)
{
	unsigned result = back(argument);
	__asm__ volatile("" ::: "memory");
	return result;
}
