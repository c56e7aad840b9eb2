/* A bearer token that a command prints; see auth.h. */
#include "replay/auth.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/mono.h"

enum { TOKEN_MAX = 16 << 10 };
#define COMMAND_NS (30 * MONO_S)

extern char **environ;

struct auth {
	char *command;
	pthread_mutex_t lock;
	struct buf token;	/* empty: to be fetched */
	uint64_t gen;
};

int
auth_new(const char *command, struct auth **out, struct err *err)
{
	struct auth *a = calloc(1, sizeof(*a));

	*out = NULL;
	if (a == NULL || (a->command = strdup(command)) == NULL) {
		free(a);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	(void)pthread_mutex_init(&a->lock, NULL);
	buf_init(&a->token, TOKEN_MAX);
	*out = a;
	return RC_OK;
}

void
auth_free(struct auth *a)
{
	if (a == NULL)
		return;
	if (a->token.p != NULL)
		explicit_bzero(a->token.p, a->token.cap);
	buf_fini(&a->token);
	(void)pthread_mutex_destroy(&a->lock);
	free(a->command);
	free(a);
}

static int
spawn(char *command, int out_fd, pid_t *pid)
{
	char sh[] = "sh", c[] = "-c";
	char *argv[] = { sh, c, command, NULL };
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	int rc;

	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawn_file_actions_adddup2(&fa, out_fd, STDOUT_FILENO);
	(void)posix_spawnattr_init(&attr);
	(void)posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	rc = posix_spawn(pid, "/bin/sh", &fa, &attr, argv, environ);
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)posix_spawnattr_destroy(&attr);
	return rc;
}

/* Reads all of fd; returns 0, or -1 when the time is up or it is too much. */
static int
read_all(int fd, struct buf *out)
{
	int64_t until = mono_now_ns() + COMMAND_NS, left;
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

static int
fetch(struct auth *a, struct err *err)
{
	int fd[2], status = 0, rc;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) != 0)
		return err_errno(err, RC_IO, "pipe");
	rc = spawn(a->command, fd[1], &pid);
	(void)close(fd[1]);
	if (rc != 0) {
		(void)close(fd[0]);
		return err_set(err, RC_USAGE, "auth: cannot run %s",
		    a->command);
	}
	buf_reset(&a->token);
	rc = read_all(fd[0], &a->token);
	(void)close(fd[0]);
	if (rc != 0)
		(void)kill(-pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	while (a->token.len > 0 && strchr(" \r\n\t",
	    a->token.p[a->token.len - 1]) != NULL)
		a->token.p[--a->token.len] = '\0';
	if (rc == 0 && status == 0 && a->token.len > 0 &&
	    strpbrk(a->token.p, "\r\n") == NULL)
		return RC_OK;
	buf_reset(&a->token);
	return err_set(err, RC_USAGE, "auth: `%s` %s", a->command, rc != 0 ?
	    "took longer than 30 s or printed too much" : status != 0 ?
	    "failed" : "must print one token on one line");
}

int
auth_header(struct auth *a, struct buf *out, uint64_t *gen, struct err *err)
{
	int rc = RC_OK;

	(void)pthread_mutex_lock(&a->lock);
	if (a->token.len == 0)
		rc = fetch(a, err);
	if (rc == RC_OK) {
		buf_puts(out, "Bearer ");
		buf_puts(out, a->token.p);
		*gen = a->gen;
	}
	(void)pthread_mutex_unlock(&a->lock);
	return rc;
}

void
auth_renew(struct auth *a, uint64_t gen)
{
	(void)pthread_mutex_lock(&a->lock);
	if (a->gen == gen) {
		a->gen++;
		buf_reset(&a->token);
	}
	(void)pthread_mutex_unlock(&a->lock);
}
