/*
 * What a gate measures. Each gate is a file harness/judge/gate_NAME.c; related
 * gates share one. A gate's words, margin and class are its row in
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

#include "harness/score/replica.h"
#include "harness/terms/cell.h"
#include "harness/terms/limits.h"

typedef double gate_effect_fn(const struct cell *c);
typedef double gate_level_fn(const struct cell *c, int arm);
/*
 * The requests of one case that a rate counts.
 * *pairs  in error on the baseline alone, on the candidate alone, on both
 * bad     first attempts in error, an arm each
 */
typedef void gate_bad_fn(const struct cell *c, const uint16_t **pairs,
    uint16_t bad[2]);

struct gate_kind;		/* gate_kind.h */

/* Which cases can have its number, for planning. */
enum gate_of {
	GATE_OF_ALL, GATE_OF_GOLD, GATE_OF_UNANSWERABLE, GATE_OF_PRICED
};

struct gate_how {
	const struct gate_kind *kind;
	/* for the replicate test: a number of harness/score/replica.h, and 1
	 * where its rise is harm, -1 where its drop is */
	int what, harm;
	gate_effect_fn *effect;	/* or NULL */
	gate_level_fn *level;	/* or NULL */
	gate_bad_fn *bad;	/* of a rate */
	int cause;		/* enum outcome that it is of; 0: any error */
	int echo_level;		/* by design, an arm without echoes has no
				   level */
	int less_is_worse;	/* of a level */
	enum gate_of of;
	size_t min_n;		/* with fewer the verdict is INCONCLUSIVE */
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
	int review;		/* REVIEW at most, if there is gold */
	const char *pair;	/* of a level: the gate on its change; a hard
				   stop's p is that gate's */
	int half;		/* has half of alpha to itself */
	size_t floor;		/* offset in struct limits of the nanoseconds
				   below which a rise is nothing; 0: none */
};

/* One of each row: gate_question_drift, ... */
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) extern const struct gate_how gate_##name;
#include "harness/terms/gate_rows.h"

#endif
