/* Holds a lock of CPython's for a while, as nobody could from Python, and stays busy: no thread to borrow. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

typedef void change(void *mutex);

static long milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void hold(void *mutex, long length)
{
	change *lock = (change *)dlsym(RTLD_DEFAULT, "PyMutex_Lock");
	change *unlock = (change *)dlsym(RTLD_DEFAULT, "PyMutex_Unlock");
	long end = milliseconds() + length;

	lock(mutex);
	while (milliseconds() < end)
		;
	unlock(mutex);
}
