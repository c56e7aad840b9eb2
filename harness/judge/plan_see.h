/*
 * What a suite can detect, before it is run: for each gate the smallest change
 * that would FAIL, at the suite's size and at the noise that its earlier runs
 * have measured, else at the typical noise of gate_how.h.
 */
#ifndef LOCKSTEP_PLAN_SEE_H
#define LOCKSTEP_PLAN_SEE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/judge/gate.h"
#include "harness/result/store.h"
#include "harness/suite/plan.h"
#include "harness/suite/suite.h"

/* How often a change called visible would fail. */
enum { SEE_USUAL, SEE_SURE, SEE_POWERS };
extern const double see_power[SEE_POWERS];	/* .8, .98 */

struct see_gate {
	const struct gate_row *row;
	const char *unit;	/* of visible: the row's, or "share" of cases */
	uint64_t n;		/* cases, pairs or requests */
	double margin;		/* as the result tells a limit */
	double sd;		/* of struct stat_design; NaN: not known before
				   a first run */
	size_t runs;		/* that sd was measured in; 0: typical */
	size_t blocks;		/* of time, of latency; 0: of nothing else */
	double visible[SEE_POWERS];	/* INFINITY: nothing at this size */
	double hides;		/* the largest change that still PASSes with a
				   chance of 5 %; NaN: not known */
	double slow[SEE_POWERS];	/* of a quantile: the share of the
				   requests that must take longer than the
				   margin allows it; NaN: no quantile */
	double strict_n;	/* n that `strict` needs for an even chance to
				   pass, with no change; NaN: not strict */
};

struct see_in {
	const struct suite *suite;
	const struct plan *plan;
	uint64_t n_gold;	/* cases that expect sections */
	uint64_t n_unanswerable;
	int priced;		/* answers will have a cost */
	int paired, latency;	/* as in struct gate_in */
	const struct gate_row *scored;	/* of the suite's own metrics */
	size_t n_scored;
	int measure_on;		/* latency, where the plan is over early */
	double seconds;		/* that the run takes; 0 or NaN: not known */
	int family;		/* as in struct gate_in */
};

/*
 * Fills one entry for each gate that this suite will have numbers for.
 * store   history, or NULL
 * out     as many entries as gate_row_at() has rows
 * returns RC_OK or RC_DB
 */
int plan_see(const struct see_in *in, struct store *store,
    struct see_gate *out, size_t *n, struct err *err);

/* A change, as one gate will see it. */
struct see_harm {
	double effect;	/* as the gate's value: a ratio where it has one */
	double share;	/* of the cases that carry it, in (0,1]: 1 is harm to
			   all alike; this alone counts where s->unit is a
			   share of the cases beyond a limit, and, below 1,
			   of a quantile: the share of the requests that take
			   longer than the margin allows it */
	uint64_t of;	/* cases that it can touch, of which chance picks that
			   share; 0: all */
};

/* How often such a change would FAIL by this gate. */
double plan_see_power(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x);

/* The gate's spread, from one earlier run; NaN when it tells nothing. */
double plan_see_sd(const struct gate_row *row, const struct store_gate *g);

#endif
