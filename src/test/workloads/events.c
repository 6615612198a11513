/* Events, a known number of each in functions of known names; begins at a SIGUSR1, prints "done" and waits.
 *
 *   events pages MANY FEW   touches so many pages for the first time, in touch_many and in touch_few
 *   events files MANY FEW   opens so many files, in open_many and in open_few
 */
#define _GNU_SOURCE
#include "truth.h"
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

FRAME static void touch(volatile char *memory, int pages)
{
	for (int page = 0; page < pages; page++)
		memory[page * PAGE] = 1;
	KEEP_CALLER();
}

FRAME static void touch_many(char *memory, int pages)
{
	touch(memory, pages);
	KEEP_CALLER();
}

FRAME static void touch_few(char *memory, int pages)
{
	touch(memory, pages);
	KEEP_CALLER();
}

FRAME static void open_many(int times)
{
	for (int i = 0; i < times; i++)
		close(open("/dev/null", O_RDONLY));
	KEEP_CALLER();
}

FRAME static void open_few(int times)
{
	for (int i = 0; i < times; i++)
		close(open("/dev/null", O_RDONLY));
	KEEP_CALLER();
}

int main(int argc, char **argv)
{
	int many = argc > 3 ? atoi(argv[2]) : 0, few = argc > 3 ? atoi(argv[3]) : 0, signal;
	size_t bytes = (size_t) (many + few) * PAGE;
	char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	sigset_t begin;

	madvise(memory, bytes, MADV_NOHUGEPAGE);
	sigemptyset(&begin);
	sigaddset(&begin, SIGUSR1);
	sigprocmask(SIG_BLOCK, &begin, NULL);
	ready(0, NULL);
	sigwait(&begin, &signal);
	if (!strcmp(argv[1], "pages")) {
		touch_many(memory, many);
		touch_few(memory + (size_t) many * PAGE, few);
	} else {
		open_many(many);
		open_few(few);
	}
	puts("done");
	fflush(stdout);
	pause();
}
