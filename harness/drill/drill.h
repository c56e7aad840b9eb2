/*
 * Drills: scenarios of a suite, tried on real stacks (GUARDRAILS.md).
 *
 * A drill sends, pulls levers, and judges what came back. It leaves a stack
 * as it found it: what a lever changed is taken back at the end, when the
 * drill is stopped, and, by a journal on disk, before the next drill when
 * this one was killed.  One thread; one drill at a time in a home.
 */
#ifndef LOCKSTEP_DRILL_H
#define LOCKSTEP_DRILL_H

#include <signal.h>
#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/suite/suite.h"

/* What the suite's own gates say of its stacks: a run. */
struct drill_gates {
	char verdict[20];	/* "PASS", ... */
	char headline[300];
	char cause[64];		/* a root-cause class, or "" */
	char run[48];		/* its id */
	struct json *gates;	/* [{name, title, metric, unit, class, verdict,
				   value, limit, baseline, candidate, ci, n,
				   why}]; the caller frees */
};

struct drill_opts {
	const struct suite *suite;
	const char *path;		/* of its manifest */
	const char *home;		/* of the journal */
	const char *const *only;	/* scenarios or drills by name */
	size_t n_only;
	/* the command line's settings and its suite, for the journal */
	const char *const *set;
	size_t n_set;
	const char *with;		/* or NULL */
	const char *now;		/* for calendars; NULL: the clock */
	/* whether a guardrail was last proven in this home; or NULL */
	int (*proven)(void *ctx, int guardrail);
	/* runs the suite on the stacks (URLs, NULL: none); or NULL */
	int (*gates)(void *ctx, const char *baseline, const char *candidate,
	    struct drill_gates *out, struct err *err);
	/* scenarios that an interrupted drill finished, in their order; or
	 * NULL */
	const struct json *had;
	/* steps that it finished of the next one, in their order; or NULL */
	const struct json *had_steps;
	/* the home is this drill's alone now, nothing was sent yet; or NULL */
	int (*begin)(void *ctx, struct err *err);
	/* a scenario is over, and was not stopped; or NULL */
	int (*done)(void *ctx, const struct json *scenario, struct err *err);
	/* a step of one is over, and was not stopped; or NULL */
	int (*step)(void *ctx, const struct json *step, struct err *err);
	void *ctx;
	volatile sig_atomic_t *stop;
};

/*
 * Tries the scenarios of a suite, in its order.
 * *out    {verdict, exit_status, scenarios: [{name, drill, guardrail, title,
 *         verdict, required, headline, cause?, prevented_by?, checks: [{name,
 *         verdict, says}], levers, requests, seconds, build?, pins?,
 *         gates?, run?}]}; caller frees
 * returns RC_OK whatever the stacks did; RC_USAGE (no scenario, another drill
 *         is running), RC_NET (a stack is not there), RC_IO, RC_NOMEM
 */
int drill_run(const struct drill_opts *o, struct json **out,
    struct err *err);

/*
 * Takes back what a killed drill left: to be called before drill_run().
 * *n      levers that were undone
 * returns RC_OK; RC_USAGE: one could not be undone, and what to do
 */
int drill_recover(const char *home, size_t *n, struct err *err);

/* The drills by row: its name and line, or NULL behind the last. */
const char *drill_name_at(size_t i, int *guardrail, const char **help);

#endif
