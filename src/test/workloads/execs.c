/* Executes a program so many times a minute, for so many seconds: execs PER_MINUTE SECONDS PROGRAM. Prints how often it did. */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

static double now(void)
{
	struct timespec at;
	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec + at.tv_nsec / 1e9;
}

static void sleep_until(double due)
{
	struct timespec at = { (time_t)due, (long)((due - (time_t)due) * 1e9) };
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, 0);
}

int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	double start = now(), interval = 60.0 / atoi(arguments[1]), seconds = atoi(arguments[2]);
	char *none[] = { arguments[3], 0 }, *environment[] = { 0 };
	long done = 0;
	for (; now() - start < seconds; done++) {
		pid_t child;
		if (posix_spawn(&child, arguments[3], 0, 0, none, environment))
			return 1;
		waitpid(child, 0, 0);
		sleep_until(start + (done + 1) * interval);
	}
	printf("%ld executions in %.1f s\n", done, now() - start);
	return 0;
}
