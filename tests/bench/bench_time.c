/*
 * Runs a command and appends what it used to a file, for `make bench`:
 * CPU seconds, seconds, and the peak of its resident memory in bytes.
 *
 *	bench_time FILE COMMAND [ARG...]
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int
main(int argc, char **argv)
{
	struct timespec a, b;
	struct rusage ru;
	int status = 0;
	pid_t pid;
	FILE *out;

	if (argc < 3) {
		(void)fprintf(stderr, "usage: %s FILE COMMAND...\n", argv[0]);
		return 2;
	}
	(void)clock_gettime(CLOCK_MONOTONIC, &a);
	pid = fork();
	if (pid == 0) {
		(void)execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &ru) != pid)
		return 1;
	(void)clock_gettime(CLOCK_MONOTONIC, &b);
	out = fopen(argv[1], "a");
	if (out == NULL)
		return 1;
	(void)fprintf(out, "%.6f %.6f %ld\n", seconds(ru.ru_utime) +
	    seconds(ru.ru_stime), (double)(b.tv_sec - a.tv_sec) +
	    (double)(b.tv_nsec - a.tv_nsec) / 1e9, ru.ru_maxrss * 1024);
	(void)fclose(out);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
