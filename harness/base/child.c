/* Child processes; see child.h. */
#include "harness/base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/mono.h"

#define LOOK_NS (2 * MONO_MS)	/* between looks at whether it has ended */

extern char **environ;

/* Each of fd becomes 0, 1 and 2; first out of each other's way. */
static void
place_fds(const int fd[3])
{
	int up[3], i;

	for (i = 0; i < 3; i++)
		up[i] = fd[i] > 2 ? fd[i] : fcntl(fd[i], F_DUPFD_CLOEXEC, 3);
	for (i = 0; i < 3; i++)
		(void)dup2(up[i], i);
}

/* Runs in the child: only what is safe after fork with threads about. */
static void
become(const char *command, char *const *env, const int fd[3], pid_t parent)
{
	struct sigaction sa;
	sigset_t none;

	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)	/* it ended before it was asked for */
		_exit(127);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	(void)sigaction(SIGPIPE, &sa, NULL);
	(void)sigemptyset(&none);
	/* the child has one. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	place_fds(fd);
	(void)execle("/bin/sh", "sh", "-c", command, (char *)NULL, env);
	_exit(127);
}

int
child_start(const char *command, char *const *env, const int fd[3],
    pid_t *pid, struct err *err)
{
	pid_t us = getpid();

	*pid = fork();
	if (*pid == 0)
		become(command, env != NULL ? env : environ, fd, us);
	if (*pid < 0) {
		*pid = 0;
		return err_errno(err, RC_IO, "fork");
	}
	(void)setpgid(*pid, *pid);	/* whichever comes first */
	return RC_OK;
}

/* Reads all of fd; returns 0, or -1 when the time is up or it is too much. */
static int
read_all(int fd, int64_t until, struct buf *out)
{
	int64_t left;
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char piece[4096];
	ssize_t n;

	for (;;) {
		left = (until - mono_now_ns()) / MONO_MS;
		if (left <= 0 || poll(&pfd, 1, (int)left) == 0)
			return -1;
		n = read(fd, piece, sizeof(piece));
		if (n == 0)
			return out->bad == RC_OK ? 0 : -1;
		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0)
			buf_add(out, piece, (size_t)n);
		if (out->bad != RC_OK)
			return -1;
	}
}

/* Its end, or that of its group once the time is up; 0 when it was in time. */
static int
reap(pid_t pid, int64_t until, int *status)
{
	pid_t got;

	for (;;) {
		got = waitpid(pid, status, WNOHANG);
		if (got == pid || (got < 0 && errno != EINTR))
			return 0;
		if (mono_now_ns() >= until)
			break;
		mono_sleep_until_ns(mono_now_ns() + LOOK_NS);
	}
	(void)kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		continue;
	return -1;
}

int
child_output(const char *command, int64_t limit_ns, struct buf *out,
    int *status, struct err *err)
{
	int64_t until = mono_now_ns() + limit_ns;
	int ends[2], fd[3] = { STDIN_FILENO, -1, STDERR_FILENO }, rc, bad;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(err, RC_IO, "pipe");
	fd[1] = ends[1];
	rc = child_start(command, NULL, fd, &pid, err);
	(void)close(ends[1]);
	if (rc != RC_OK) {
		(void)close(ends[0]);
		return rc;
	}
	bad = read_all(ends[0], until, out);
	(void)close(ends[0]);
	if (reap(pid, bad ? 0 : until, status) != 0)
		bad = 1;
	return !bad ? RC_OK : err_set(err, RC_USAGE, "took longer than %.3g s "
	    "or printed more than %zu bytes", (double)limit_ns / 1e9,
	    out->max - 1);
}

void
child_say_status(int status, char *out, size_t cap)
{
	if (WIFSIGNALED(status))
		(void)snprintf(out, cap, "was killed by signal %d",
		    WTERMSIG(status));
	else
		(void)snprintf(out, cap, "ended with status %d",
		    WEXITSTATUS(status));
}
