/* The stacks of a drill: started, awaited, stopped; see drill_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/drill/drill_part.h"

enum { TOKEN_MAX = 1 << 16 };

static int
open_stack(struct drill *d, enum arm arm, struct err *err)
{
	struct drill_stack *s = &d->stack[arm];
	const struct suite_target *t = &d->suite->target[arm];
	struct http_origin_opts o = { .ca_file = t->ca_file,
		.cert_file = t->cert_file, .key_file = t->key_file,
		.unix_socket = t->unix_socket };
	uint64_t gen;
	int rc;

	buf_init(&s->token, TOKEN_MAX);
	s->t = t;
	if (!t->present)
		return RC_OK;
	if (t->url == NULL)
		return err_set(err, RC_USAGE, "%s: a drill needs a stack that "
		    "answers; give a URL, not %s", arm_name(arm),
		    t->arm == NULL ? "nothing" : t->arm);
	rc = target_start(t, arm_name(arm), NULL, d->o->stop, &s->target,
	    err);
	if (rc == RC_OK) {
		o.url = s->url = target_url(s->target);
		rc = http_origin_new(&o, &s->origin, err);
	}
	if (rc == RC_OK && t->auth_exec != NULL)
		rc = auth_new(t->auth_exec, &s->auth, err);
	if (rc == RC_OK && s->auth != NULL)
		rc = auth_header(s->auth, &s->token, &gen, err);
	return rc;
}

/* For the levers' commands. The program has one thread here. */
static void
export_urls(const struct drill *d)
{
	const char *b = d->stack[ARM_BASELINE].url;
	const char *c = d->stack[ARM_CANDIDATE].url;

	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)setenv("LOCKSTEP_BASELINE", b == NULL ? "" : b, 1);
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)setenv("LOCKSTEP_CANDIDATE", c == NULL ? "" : c, 1);
}

int
stacks_open(struct drill *d, struct err *err)
{
	int rc = http_global_init(err);

	if (rc == RC_OK)
		rc = open_stack(d, ARM_BASELINE, err);
	if (rc == RC_OK)
		rc = open_stack(d, ARM_CANDIDATE, err);
	export_urls(d);
	return rc;
}

void
stacks_close(struct drill *d)
{
	size_t i;

	for (i = 0; i < ARM_N; i++) {
		http_origin_free(d->stack[i].origin);
		target_stop(&d->stack[i].target);
		auth_free(d->stack[i].auth);
		buf_fini(&d->stack[i].token);
	}
}

enum arm
drill_arm(const struct drill *d)
{
	return d->stack[ARM_CANDIDATE].url != NULL ? ARM_CANDIDATE :
	    ARM_BASELINE;
}
