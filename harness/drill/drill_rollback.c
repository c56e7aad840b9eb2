/*
 * Guardrail 11: the way out of a release works, in time. A release is
 * deployed, taken back under load, and the time is measured until errors,
 * passages, coverage and the p95 are what they were; no effect comes twice.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/steps.h"
#include "harness/drill/writes.h"

static const char weak[] = "load controls weak";
static const char twice[] = "idempotency missing";

enum { KEYS = 20 };

struct exit_drill {
	struct drill *d;
	struct questions q;
	struct writes w;
	int writes;			/* the suite has a write */
	struct phase before, load;
	int64_t counted, undone_ns;
	int64_t way_back_ns;		/* it begins, by mono_now_ns() */
};

/* ---- effects ------------------------------------------------------------ */

static int
send_keys(struct exit_drill *x, struct err *err)
{
	size_t i;

	for (i = 0; i < x->w.n; i++) {
		if (writes_add(&x->w, i, 0, err) == NULL)
			return err->code;
	}
	return writes_send(&x->w, err);
}

static int
begin_writes(struct exit_drill *x, struct err *err)
{
	char why[200];
	int rc;

	x->counted = -1;
	if (!x->writes)
		return RC_OK;
	rc = audit_count(x->d, &x->counted, why, err);
	if (rc == RC_OK)
		rc = writes_keys(&x->w, KEYS, err);
	if (rc == RC_OK)
		rc = send_keys(x, err);
	return rc == RC_OK ? writes_settle(&x->w, err) : rc;
}

static int
end_writes(struct exit_drill *x, struct err *err)
{
	const struct write_key *k = NULL;
	int64_t now = -1, more = 0;
	char why[200];
	size_t n;
	int rc;

	if (!x->writes) {
		drill_skip(x->d, "no effect comes twice", "needs a request "
		    "that has one: write: {path: /PATH}");
		return RC_OK;
	}
	rc = send_keys(x, err);
	if (rc == RC_OK)
		rc = writes_settle(&x->w, err);
	if (rc == RC_OK)
		rc = audit_count(x->d, &now, why, err);
	if (rc != RC_OK)
		return rc;
	n = writes_twice(&x->w, &k);
	if (x->counted >= 0 && now >= 0)
		more = now - x->counted - (int64_t)x->w.n;
	(void)drill_check(x->d, "no effect comes twice", n == 0 && more <= 0,
	    twice, "%zu of %d keys sent before and after have a second "
	    "effect%s", n > 0 || more <= 0 ? n : (size_t)more, KEYS,
	    x->counted >= 0 ? ", by the service's count too" : "");
	return RC_OK;
}

/* ---- under load --------------------------------------------------------- */

static int
as_before(const struct exit_drill *x, const struct seen *v)
{
	const struct seen *b = &x->before.v[v->question];

	return v->usable && (!b->usable ||
	    strcmp(b->ranking, v->ranking) == 0);
}

/* Whether a phase is as before: errors, passages and the p95. */
static int
holds(const struct exit_drill *x, const struct phase *p, char why[160])
{
	int64_t p95_max = (int64_t)((double)x->before.p95_ns *
	    (1 + x->d->suite->limits.latency_p95)) +
	    drill_time(x->d, "latency_floor");
	size_t i;

	for (i = 0; i < p->n; i++) {
		if (as_before(x, &p->v[i]))
			continue;
		(void)snprintf(why, 160, "question %zu: %.120s",
		    p->v[i].question + 1, p->v[i].usable ? "other passages" :
		    p->v[i].why);
		return 0;
	}
	if (p->p95_ns > p95_max)
		(void)snprintf(why, 160, "p95 %.1f ms, before %.1f ms",
		    (double)p->p95_ns / 1e6, (double)x->before.p95_ns / 1e6);
	return p->p95_ns <= p95_max;
}

/* Asks the questions again and again until all is as before. */
static int
recover(struct exit_drill *x, int64_t since_ns, struct err *err)
{
	int64_t within = drill_time(x->d, "within"), took;
	char why[160] = "";
	struct phase p;
	int ok = 0, rc = RC_OK;

	do {
		took = mono_now_ns() - since_ns;
		rc = phase_run(&x->q, drill_arm(x->d), x->q.n,
		    drill_num(x->d, "rate"), &p, err);
		ok = rc == RC_OK && holds(x, &p, why);
		phase_fini(&p);
	} while (rc == RC_OK && !ok && mono_now_ns() - since_ns < within);
	if (rc != RC_OK)
		return rc;
	if (ok)
		(void)drill_check(x->d, "everything is as before",
		    took <= within, weak, "errors, passages and p95 of %zu "
		    "questions %.2f s after the rollback began; limit %.3g "
		    "s", x->q.n, (double)took / 1e9, (double)within / 1e9);
	else
		(void)drill_check(x->d, "everything is as before", 0, weak,
		    "not within %.3g s of the rollback: %s",
		    (double)within / 1e9, why);
	return RC_OK;
}

static void
tell_release(struct exit_drill *x)
{
	size_t i, bad = 0, n = 0;

	for (i = 0; i < x->load.n; i++) {
		if (x->load.v[i].sent_ns >= x->undone_ns)
			continue;
		n++;
		bad += !as_before(x, &x->load.v[i]);
	}
	(void)drill_check(x->d, "while it was deployed", 1, NULL, "%zu of "
	    "%zu answers failed or had other passages", bad, n);
}

static int
deploy_and_back(void *ctx, const struct load *l, struct err *err)
{
	struct exit_drill *x = ctx;
	int rc = lever_pull(x->d, "deploy", err);

	if (rc != RC_OK)
		return rc;
	mono_sleep_until_ns(mono_now_ns() +
	    drill_time(x->d, "duration") / 2);
	x->undone_ns = load_now_ns(l);
	x->way_back_ns = mono_now_ns();
	return lever_undo(x->d, "deploy", err);
}

static int
under_load(struct exit_drill *x, struct err *err)
{
	int rc = load_while(&x->q, deploy_and_back, x, &x->load, err);

	if (rc != RC_OK)
		return rc;
	tell_release(x);
	return recover(x, x->way_back_ns, err);
}

/* ---- its steps ---------------------------------------------------------- */

static int
before(void *ctx, struct json *data, struct err *err)
{
	struct exit_drill *x = ctx;
	int rc = phase_run(&x->q, drill_arm(x->d), x->q.n, 0, &x->before,
	    err);

	if (rc == RC_OK)
		rc = phase_must_answer(&x->before, err);
	if (rc == RC_OK)
		step_put_phase(data, "before", &x->before);
	return rc;
}

static int
before_had(void *ctx, const struct json *data, struct err *err)
{
	struct exit_drill *x = ctx;

	return step_get_phase(data, "before", &x->before, err);
}

static int
way_out(void *ctx, struct json *data, struct err *err)
{
	struct exit_drill *x = ctx;
	int rc = begin_writes(x, err);

	(void)data;
	if (rc == RC_OK)
		rc = under_load(x, err);
	return rc == RC_OK ? end_writes(x, err) : rc;
}

static const struct step steps[] = {
	{ "before the release", before, before_had },
	{ "the release and the way back", way_out, NULL },
};

int
drill_rollback(struct drill *d, struct err *err)
{
	struct exit_drill x;
	int rc = RC_OK;

	memset(&x, 0, sizeof(x));
	x.d = d;
	if (!lever_has_undo(d, "deploy"))
		return err_set(err, RC_USAGE, "needs levers.deploy, whose "
		    "undo is the rollback: levers: {deploy: {exec: COMMAND, "
		    "undo: {exec: COMMAND}}}");
	x.writes = drill_word(d, "write.path") != NULL;
	if (x.writes)
		rc = writes_init(&x.w, d, 1, err);
	if (rc == RC_OK)
		rc = steps_ask(d, &x.q, steps,
		    sizeof(steps) / sizeof(steps[0]), &x, err);
	if (x.writes)
		writes_fini(&x.w);
	phase_fini(&x.before);
	phase_fini(&x.load);
	return rc;
}
