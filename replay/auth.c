/* A bearer token that a command prints; see auth.h. */
#include "replay/auth.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/child.h"
#include "harness/base/mono.h"

enum { TOKEN_MAX = 16 << 10 };
#define COMMAND_NS (30 * MONO_S)

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
fetch(struct auth *a, struct err *err)
{
	int status = 0, rc;

	buf_reset(&a->token);
	rc = child_output(a->command, COMMAND_NS, &a->token, &status, err);
	while (a->token.len > 0 && strchr(" \r\n\t",
	    a->token.p[a->token.len - 1]) != NULL)
		a->token.p[--a->token.len] = '\0';
	if (rc == RC_OK && status == 0 && a->token.len > 0 &&
	    strpbrk(a->token.p, "\r\n") == NULL)
		return RC_OK;
	buf_reset(&a->token);
	if (rc == RC_OK)
		return err_set(err, RC_USAGE, "auth: `%s` %s", a->command,
		    status != 0 ? "failed" :
		    "must print one token on one line");
	err_prefix(err, "auth: `%s`", a->command);
	return rc;
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
