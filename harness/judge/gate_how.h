/*
 * What a gate measures: a file harness/judge/gate_NAME.c each, or one for
 * several of a kin.  A gate's words, margin and class are its row in
 * harness/terms/gate_rows.h.
 *
 * effect  the harm that one case shows, candidate against baseline: positive
 *         is worse, whatever the metric's own direction
 * level   the value on one arm: 0 baseline, 1 candidate
 * Both are NaN where undefined, pure, and safe from any thread.
 */
#ifndef LOCKSTEP_GATE_HOW_H
#define LOCKSTEP_GATE_HOW_H

#include <stddef.h>
#include <stdint.h>

#include "harness/terms/cell.h"

typedef double gate_effect_fn(const struct cell *c);
typedef double gate_level_fn(const struct cell *c, int arm);
/*
 * The requests of one case that a rate is of.
 * *pairs  in error on the baseline alone, on the candidate alone, on both
 * bad     first attempts in error, an arm each
 */
typedef void gate_bad_fn(const struct cell *c, const uint16_t **pairs,
    uint16_t bad[2]);

enum gate_kind {
	KIND_MEAN,	/* sign-flip permutation of the mean over cases */
	KIND_TAIL,	/* the same of the 95th percentile */
	KIND_CASES,	/* McNemar on cases */
	KIND_BODY,	/* signed-rank on ln latency */
	KIND_P95,	/* swap permutation on pairs */
	KIND_RATE,	/* McNemar on observations */
	KIND_RATIO,	/* ratio of means, sign-flip */
	KIND_ABSOLUTE,	/* one-sided t over cases against a limit */
	KIND_PASS_RATE,	/* Wilson, single-armed runs */
	KIND_INFO	/* a median of the effects: no test */
};

/* Which cases can have its number, for who plans. */
enum gate_of { GATE_OF_ALL, GATE_OF_GOLD, GATE_OF_UNANSWERABLE };

struct gate_how {
	enum gate_kind kind;
	gate_effect_fn *effect;	/* or NULL */
	gate_level_fn *level;	/* or NULL */
	gate_bad_fn *bad;	/* of KIND_RATE */
	int echo_level;		/* the level is missing by design on an arm
				   that is never asked twice */
	int less_is_worse;	/* of a level */
	enum gate_of of;
	size_t min_n;		/* below it no verdict but INCONCLUSIVE */
	double worst;		/* most harm one case can show, for `strict`:
				   1 for distances and shares; 0: the bound
				   is the test's own */
	/*
	 * Spread between equal stacks where no run has measured it yet, as
	 * struct stat_design's sd has it; 0: none is known.  Measured in A/A
	 * runs of the demo stack on the handbook's 40 questions x 6 variants,
	 * one ranking in fifty disturbed: the root of the mean square over
	 * runs, rounded up.  Coverage, cost and question drift did not move
	 * there at all and stand at a small value instead.
	 */
	double typical;
	int drift;		/* its class follows the suite's drift rule */
	int review;		/* REVIEW at most, where there is gold */
	const char *pair;	/* a hard stop's p is that of this gate */
};

/* One of each row: gate_question_drift, ... */
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) extern const struct gate_how gate_##name;
#include "harness/terms/gate_rows.h"

/* The candidate's mean of a metric less the baseline's. */
static inline double
gate_rise(const struct cell *c, enum metric_id id)
{
	return (double)c->arm[1].m[id] - (double)c->arm[0].m[id];
}

#endif
