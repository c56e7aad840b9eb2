/* What the subcommands of `lockstep trace` share; see cmd_trace.h. */
#include <stdio.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_trace.h"

/* ---- choosing --------------------------------------------------------- */

int
trace_choice_given(const struct trace_choice *c)
{
	return c->from_ns >= 0 || c->to_ns >= 0 || c->ids.n > 0 ||
	    c->cases.n > 0 || c->arms.n > 0 || c->outcomes.n > 0 ||
	    c->where.n > 0;
}

static int
holds(void *ctx, const struct exchange *ex, const char *line, size_t n)
{
	const struct trace_choice *c = ctx;

	return where_holds(c->conditions, ex, line, n) != c->invert;
}

static int
add_conditions(struct trace_choice *c, struct trace_pick *p, struct err *err)
{
	size_t i;
	int rc = RC_OK;

	if (c->where.n == 0)
		return RC_OK;
	c->conditions = where_new();
	if (c->conditions == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < c->where.n && rc == RC_OK; i++)
		rc = where_add(c->conditions, c->where.v[i], err);
	if (rc != RC_OK)
		err_prefix(err, "--where");
	p->test = holds;
	p->test_ctx = c;
	return rc;
}

void
trace_choice_fini(struct trace_choice *c)
{
	where_free(c->conditions);
	c->conditions = NULL;
}

int
trace_choice_pick(struct trace_choice *c, struct trace_pick *p,
    struct err *err)
{
	size_t i;

	trace_pick_init(p);
	p->from_ns = c->from_ns;
	p->to_ns = c->to_ns;
	p->ids = c->ids.v;
	p->n_ids = c->ids.n;
	p->cases = c->cases.v;
	p->n_cases = c->cases.n;
	for (i = 0; i < c->arms.n; i++) {
		enum arm a = arm_of(c->arms.v[i]);

		if (a == ARM_N)
			return err_set(err, RC_USAGE, "--arm: no arm is named "
			    "\"%s\"; choose from baseline, candidate, "
			    "baseline2, candidate2",
			    c->arms.v[i]);
		p->arms |= 1u << a;
	}
	for (i = 0; i < c->outcomes.n; i++) {
		enum outcome o = outcome_of(c->outcomes.v[i]);

		if (o == OUTCOME_N)
			return err_set(err, RC_USAGE, "--outcome: no outcome "
			    "is named \"%s\"; `lockstep trace info` counts "
			    "those in the trace", c->outcomes.v[i]);
		p->outcomes |= 1u << o;
	}
	return add_conditions(c, p, err);
}

/* ---- progress --------------------------------------------------------- */

static int shown;

void
trace_progress(const char *what, uint64_t exchanges)
{
	static int64_t last_ns;
	int64_t now = mono_now_ns();

	if (now - last_ns < MONO_S / 4 || !isatty(STDERR_FILENO))
		return;
	last_ns = now;
	shown = 1;
	(void)fprintf(stderr, "\r%s: %llu exchanges ", what,
	    (unsigned long long)exchanges);
}

void
trace_progress_done(void)
{
	if (shown)
		(void)fprintf(stderr, "\r\033[K");
	shown = 0;
}
