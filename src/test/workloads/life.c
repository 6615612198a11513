/* What processes do in the course of their lives, told by the names of the functions that spin meanwhile:
 *
 *   life children           spins in a child, and in the program that the child executes; ends after them
 *   life moments            spins in one child after another for a millisecond, and says what time on the CPU they have had
 *   life loads LIBRARY      spins in a library that it loads while it runs, and is called back from there
 *   life recycles           spins in one child after another that has the same PID, each of another program
 *   life spins NAME MILLIS  spins in spin_NAME: program, first, second, long
 *   life makes_code         spins in memory of its own making
 */
#define _GNU_SOURCE
#include "truth.h"
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

/* Of the processor, so that a busy machine takes as many samples. */
static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec + time.tv_nsec / 1e9;
}

#define SPINS(name)                                                                                                    \
	FRAME unsigned spin_##name(int millis)                                                                         \
	{                                                                                                              \
		unsigned total = 0;                                                                                    \
		for (double end = now() + millis / 1e3; now() < end;)                                                  \
			total ^= burn(100000);                                                                         \
		KEEP_CALLER();                                                                                         \
		return total;                                                                                          \
	}

SPINS(child)
SPINS(program)
SPINS(first)
SPINS(second)
SPINS(long)
SPINS(called_back)

static void self(char *name, const char *millis)
{
	char *argv[] = { "life", "spins", name, (char *) millis, NULL };
	execv("/proc/self/exe", argv);
	_exit(1);
}

static int children(void)
{
	usleep(1500000);
	if (!fork()) {
		spin_child(1000);
		self("program", "1000");
	}
	wait(NULL);
	return 0;
}

static int moments(void)
{
	usleep(1500000);
	for (int i = 0; i < 1500; i++) {
		int child = fork();
		if (!child) {
			spin_child(1);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	struct rusage used;
	getrusage(RUSAGE_CHILDREN, &used);
	struct timeval user = used.ru_utime, system = used.ru_stime;
	printf("milliseconds %ld\n", (user.tv_sec + system.tv_sec) * 1000 + (user.tv_usec + system.tv_usec) / 1000);
	fflush(stdout);
	return 0;
}

static int loads(const char *library)
{
	usleep(1500000);
	void *handle = dlopen(library, RTLD_NOW);
	unsigned (*call)(unsigned (*)(int), int) = handle ? (unsigned (*)(unsigned (*)(int), int)) dlsym(handle, "call_back") : 0;
	if (!call) {
		puts(dlerror());
		return 1;
	}
	call(spin_called_back, 1000);
	return 0;
}

/* Asks the kernel for the PID after this one; others take it now and then. */
static int fork_as(int pid)
{
	for (int tries = 0; tries < 1000; tries++) {
		int last = open("/proc/sys/kernel/ns_last_pid", O_WRONLY);
		if (last < 0 || dprintf(last, "%d", pid - 1) < 0)
			exit(2);
		close(last);
		int child = fork();
		if (child <= 0 || child == pid)
			return child;
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	exit(3);
}

static int recycles(void)
{
	usleep(1500000);
	int first = fork();
	if (!first)
		self("first", "700");
	waitpid(first, NULL, 0);
	if (!fork_as(first)) {
		if (getpid() != first)
			for (;;)
				pause(); /* the parent kills this one */
		self("second", "700");
	}
	wait(NULL);
	printf("recycled %d\n", first);
	fflush(stdout);
	return 0;
}

static int spins(const char *name, int millis)
{
	if (!strcmp(name, "first"))
		return spin_first(millis) == 1;
	if (!strcmp(name, "second"))
		return spin_second(millis) == 1;
	if (!strcmp(name, "long"))
		return spin_long(millis) == 1;
	return spin_program(millis) == 1;
}

/* dec %edi; jnz -4; ret */
static int makes_code(void)
{
	static const unsigned char code[] = { 0xff, 0xcf, 0x75, 0xfc, 0xc3 };
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(memory, code, sizeof code);
	mprotect(memory, 4096, PROT_READ | PROT_EXEC);
	for (int round = 0; round < 1000; round++)
		((void (*)(unsigned)) memory)(1 << 30);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	if (!strcmp(what, "spins") && argc == 4) {
		if (!strcmp(argv[2], "long"))
			ready(0, argv);
		return spins(argv[2], atoi(argv[3]));
	}
	ready(0, argv);
	if (!strcmp(what, "children"))
		return children();
	if (!strcmp(what, "moments"))
		return moments();
	if (!strcmp(what, "loads") && argc == 3)
		return loads(argv[2]);
	if (!strcmp(what, "recycles"))
		return recycles();
	return makes_code();
}
