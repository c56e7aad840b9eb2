/* Starting and ending a scorer's process; see scorer_part.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/score/scorer_part.h"

#define LOOK_NS (2 * MONO_MS)	/* between looks at whether it has ended */

extern char **environ;

/*
 * The environment of a scorer: ours, the suite's folder, and a Python that
 * does not keep its answers in a buffer.  A block of pointers, then text.
 */
static char **
make_env(const char *dir)
{
	static const char name[] = "LOCKSTEP_SUITE_DIR=";
	static char unbuffered[] = "PYTHONUNBUFFERED=1";
	size_t n = 0, k = 0, i, bytes = sizeof(name) + strlen(dir);
	char **env, *text;

	while (environ[n] != NULL)
		n++;
	env = malloc((n + 3) * sizeof(*env) + bytes);
	if (env == NULL)
		return NULL;
	text = (char *)(env + n + 3);
	(void)snprintf(text, bytes, "%s%s", name, dir);
	env[k++] = text;
	env[k++] = unbuffered;
	for (i = 0; i < n; i++) {
		if (strncmp(environ[i], name, sizeof(name) - 1) != 0 &&
		    strncmp(environ[i], "PYTHONUNBUFFERED=", 17) != 0)
			env[k++] = environ[i];
	}
	env[k] = NULL;
	return env;
}

void
scorer_close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static int
make_pipes(int pipes[3][2])
{
	int i;

	for (i = 0; i < 3; i++)
		pipes[i][0] = pipes[i][1] = -1;
	for (i = 0; i < 3; i++) {
		if (pipe2(pipes[i], O_CLOEXEC) != 0)
			return -1;
	}
	return 0;
}

static void
no_wait(int fd)
{
	(void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

int
scorer_spawn(const char *command, const char *dir, struct scorer_child *c,
    struct err *err)
{
	int pipes[3][2], theirs[3], i, rc = RC_OK;
	char **env = make_env(dir);

	*c = (struct scorer_child){ 0, -1, -1, -1 };
	if (env == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (make_pipes(pipes) != 0)
		rc = err_errno(err, RC_IO, "pipe");
	theirs[0] = pipes[0][0];
	theirs[1] = pipes[1][1];
	theirs[2] = pipes[2][1];
	if (rc == RC_OK)
		rc = child_start(command, env, theirs, &c->pid, err);
	free((void *)env);
	for (i = 0; i < 3; i++)
		scorer_close_fd(&theirs[i]);
	c->in = pipes[0][1];
	c->out = pipes[1][0];
	c->err = pipes[2][0];
	if (rc != RC_OK) {
		scorer_close_fd(&c->in);
		scorer_close_fd(&c->out);
		scorer_close_fd(&c->err);
		return rc;
	}
	no_wait(c->in);
	no_wait(c->out);
	no_wait(c->err);
	return RC_OK;
}

/* Its own end, unreaped: the group keeps its number until we have killed
 * what the command may have left running. */
static int
has_ended(pid_t pid)
{
	siginfo_t info;

	info.si_pid = 0;
	return waitid(P_PID, (id_t)pid, &info,
	    WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid != 0;
}

int
scorer_end(struct scorer_child *c, int64_t grace_ns)
{
	const struct timespec look = { 0, LOOK_NS };
	int64_t until = mono_now_ns() + grace_ns;
	int status = 0;

	scorer_close_fd(&c->in);
	if (c->pid > 0) {
		while (!has_ended(c->pid) && mono_now_ns() < until)
			(void)nanosleep(&look, NULL);
		(void)kill(-c->pid, SIGKILL);
		while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	c->pid = 0;
	scorer_close_fd(&c->out);
	scorer_close_fd(&c->err);
	return status;
}

/* ---- is it there? --------------------------------------------------- */

static int
in_path(const char *word)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe): nobody sets it */
	const char *p = getenv("PATH");
	char path[4096];
	size_t n;

	while (p != NULL && *p != '\0') {
		n = strcspn(p, ":");
		(void)snprintf(path, sizeof(path), "%.*s/%s", (int)n, p, word);
		if (access(path, X_OK) == 0)
			return 1;
		p += n + (p[n] == ':');
	}
	return 0;
}

int
scorer_lacks_program(const char *exec, char *word, size_t cap)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+./";
	static const char *const shell[] = { "exec", "cd", ".", "export",
		"set", "umask", "ulimit", "eval", "while", "if", "for" };
	size_t n = strspn(exec, letters), i;

	(void)snprintf(word, cap, "%.*s", (int)n, exec);
	if (n == 0 || n >= cap || (exec[n] != ' ' && exec[n] != '\0'))
		return 0;
	for (i = 0; i < sizeof(shell) / sizeof(shell[0]); i++) {
		if (strcmp(word, shell[i]) == 0)
			return 0;
	}
	return strchr(word, '/') != NULL ? access(word, X_OK) != 0 :
	    !in_path(word);
}
