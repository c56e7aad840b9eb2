/* The live verdict of a shadow; see cmd_shadow_live.h. */
#include "harness/cmd/cmd_shadow_live.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/log.h"
#include "harness/cmd/cmd_embedder.h"
#include "harness/result/result.h"
#include "reports/live.h"

struct shadow_live {
	struct live *live;
	struct cmd_embedder *handle;
	struct embedder *embedder;
	struct sections *sections;
	struct caseset *cases;
	const char *state;
	enum live_verdict said;
	atomic_int failed;	/* a pair could not be judged: said once */
	pthread_mutex_t whole;	/* held while pairs are kept all or none */
};

static int
open_gold(struct shadow_live *l, const struct suite *s, struct err *err)
{
	const struct caseset_filter all = { 0 };
	char *path;
	int rc = RC_OK;

	if (s->sections_file != NULL) {
		path = suite_resolve(s, s->sections_file);
		rc = path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
		    sections_open(path, &l->sections, err);
		free(path);
	}
	/* recorded questions say nothing of what is right */
	if (rc == RC_OK && s->cases_trace == NULL)
		rc = caseset_open(s, &all, &l->cases, err);
	return rc;
}

int
shadow_live_open(const struct shadow_live_opts *o, struct shadow_live **out,
    struct err *err)
{
	struct shadow_live *l = calloc(1, sizeof(*l));
	struct live_opts lo = { .suite = o->suite,
	    .echo_share = o->echo_share, .window_pairs = o->window_pairs,
	    .window_ns = o->window_ns };
	int found, rc;

	*out = l;
	if (l == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	(void)pthread_mutex_init(&l->whole, NULL);
	rc = cmd_embedder_open(o->suite->embedder, &l->handle, &l->embedder,
	    err);
	if (rc == RC_OK)
		rc = cmd_embedder_curve(l->embedder, o->suite->embedder_t,
		    err);
	if (rc == RC_OK && o->gold)
		rc = open_gold(l, o->suite, err);
	lo.embedder = l->embedder;
	lo.sections = l->sections;
	lo.cases = l->cases;
	if (rc == RC_OK)
		rc = live_open(&l->live, &lo, err);
	if (rc == RC_OK)
		rc = live_load(l->live, o->state, &found, err);
	/* a kill within the first second finds one, too */
	if (rc == RC_OK)
		rc = live_save(l->live, o->state, err);
	if (rc == RC_OK)
		l->state = o->state;
	return rc;
}

void
shadow_live_close(struct shadow_live **lp)
{
	struct shadow_live *l = *lp;
	struct err err = ERR_INIT;

	*lp = NULL;
	if (l == NULL)
		return;
	if (l->state != NULL && live_save(l->live, l->state, &err) != RC_OK)
		log_msg(LOG_WARN, "live", "%s", err.msg);
	live_close(&l->live);
	caseset_close(&l->cases);
	sections_close(&l->sections);
	cmd_embedder_close(&l->handle);
	(void)pthread_mutex_destroy(&l->whole);
	free(l);
}

static void
say_failed(struct shadow_live *l, const struct err *err)
{
	if (atomic_exchange(&l->failed, 1) == 0)
		log_msg(LOG_WARN, "live", "a pair is not in the live verdict: "
		    "%s", err->msg);
}

void
shadow_live_pair(void *ctx, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo)
{
	struct shadow_live *l = ctx;
	struct err err = ERR_INIT;

	if (live_add(l->live, primary, candidate, echo, &err) != RC_OK)
		say_failed(l, &err);
}

int
shadow_live_wants(void *ctx, const struct exchange *primary,
    const struct exchange *candidate)
{
	struct shadow_live *l = ctx;
	struct err err = ERR_INIT;

	return live_wants_echo(l->live, primary, candidate, &err) == 1;
}

void
shadow_live_begin(struct shadow_live *l)
{
	(void)pthread_mutex_lock(&l->whole);
}

void
shadow_live_end(struct shadow_live *l, const char *note)
{
	struct err err = ERR_INIT;

	if (live_set_note(l->live, note, &err) != RC_OK)
		say_failed(l, &err);
	(void)pthread_mutex_unlock(&l->whole);
}

const char *
shadow_live_note(const struct shadow_live *l)
{
	return live_note(l->live);
}

int
shadow_live_save(struct shadow_live *l)
{
	struct err err = ERR_INIT;
	int rc;

	(void)pthread_mutex_lock(&l->whole);
	rc = live_save(l->live, l->state, &err);
	(void)pthread_mutex_unlock(&l->whole);
	if (rc != RC_OK)
		say_failed(l, &err);
	return rc;
}

void
shadow_live_tick(struct shadow_live *l, struct shadow_alert *a)
{
	enum live_verdict now = live_verdict(l->live);
	struct live_status st;

	(void)shadow_live_save(l);
	if (now == l->said)
		return;
	l->said = now;
	live_status(l->live, &st);
	shadow_alert_tell(a, &st);
	(void)fprintf(stderr, "lockstep shadow: %s: %s\n",
	    live_verdict_name(now), st.reason);
}

void
shadow_live_page(struct shadow_live *l, int redraw)
{
	const char *line, *end;
	struct live_status st;
	struct buf b;

	live_status(l->live, &st);
	buf_init(&b, 1 << 20);
	live_text(&st, redraw, &b);
	if (redraw)
		(void)fprintf(stderr, "\033[H");
	for (line = buf_str(&b); *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		(void)fprintf(stderr, "%.*s%s\n", (int)(end - line), line,
		    redraw ? "\033[K" : "");
	}
	if (redraw)
		(void)fprintf(stderr, "\033[J");
	buf_fini(&b);
}

void
shadow_live_status(struct shadow_live *l, struct live_status *out)
{
	live_status(l->live, out);
}

int
shadow_live_exit(struct shadow_live *l, int status)
{
	switch (live_verdict(l->live)) {
	case LIVE_HARD_STOP:
		return VERDICT_FAIL;
	case LIVE_SOFT_STOP:
		return status == VERDICT_PASS ? (int)VERDICT_REVIEW : status;
	default:
		return status;
	}
}
