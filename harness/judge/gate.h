/*
 * Gates: each compares one effect of the candidate against the baseline with
 * its margin and a test of no change (METRICS 4, "Gates").
 *
 * A gate is a row of the table in gate.c; what it measures of one case is a
 * function of the cell.  Effects are counted as harm: positive is worse,
 * whatever the metric's own direction.  Rows are judged independently and in
 * the table's order, so that the result does not depend on threads.
 */
#ifndef LOCKSTEP_GATE_H
#define LOCKSTEP_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/judge/gate_effect.h"
#include "harness/result/result.h"
#include "harness/score/score.h"
#include "harness/stat/stat.h"
#include "harness/terms/cell.h"
#include "harness/terms/limits.h"

/* What the gates are judged from. */
struct gate_in {
	const struct limits *limits;
	const struct score_out *score;
	uint64_t seed;		/* of the permutations: the suite's */
	int paired;		/* there is a baseline */
	int latency;		/* both arms are live: latency may be gated */
	enum drift_class drift;	/* resolved: never DRIFT_AUTO */
	const char *drift_why;	/* why drift is not hard, or NULL */
	int has_gold;		/* some case expects sections */
	const uint32_t *swap;	/* relabelled cases (bit set), or NULL */
	const struct gate_row *own;	/* of the suite's own metrics */
	size_t n_own;
	const uint32_t *only;	/* cases to look at (bit set), of a slice or
				   less those in quarantine; NULL: all */
};

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

struct gate_row {
	const char *name, *title, *metric, *unit;
	enum gate_kind kind;
	enum gate_class class;
	gate_effect_fn *effect;
	gate_level_fn *level;	/* on one arm, or NULL */
	size_t limit;		/* offset of its margin in struct limits */
	size_t min_n;		/* below it no verdict but INCONCLUSIVE */
	double worst;		/* most harm one case can show, for `strict`:
				   1 for distances and shares; 0: the bound
				   is the test's own */
	double typical;		/* spread between equal stacks where no run
				   has measured it yet, as struct stat_design's
				   sd has it; 0: none is known */
	int drift;		/* its class follows the suite's drift rule */
	int review;		/* REVIEW at most, where there is gold */
	const char *pair;	/* a hard stop's p is that of this gate */
	size_t own;		/* 1 + index of a suite's own metric; 0: none */
	int more_is_worse;	/* of an own metric's level */
	const char *help;	/* what it asks, in words */
};

extern const struct gate_row gate_rows[];	/* ends with a NULL name */

/* returns the index of a gate, or -1 */
int gate_find(const char *name);

/* Row i of all that are judged, the suite's own last; NULL: no more. */
const struct gate_row *gate_row_at(const struct gate_in *in, size_t i);

/*
 * Whether the echoes came from a cache: more than one in twenty equalled its
 * pair and was over 3x faster.  Fewer are what a long tail of latencies makes
 * of equal answers.
 */
int gate_floor_cached(const struct score_out *s);

/*
 * Judges every gate.
 * out     as many entries as gate_row_at() has rows; strings belong to r
 * returns the number written, or RC_NOMEM
 */
int gates_judge(const struct gate_in *in, struct result *r,
    struct result_gate *out, struct err *err);

/*
 * Judges slices of the cases, as `slices` of the suite asks: cases lost,
 * answer drift and coverage of each, Holm over all of them together.
 * values  n_cases words, NULL where a case is in no slice; equal words are
 *         one slice
 * key     what they are values of, e.g. "tags.tenant"
 * *out    gates "slice:KEY=VALUE/GATE" of the slices that do not pass, and of
 *         the worst one; at most SLICE_GATES
 * returns how many, or RC_NOMEM
 */
enum { SLICE_GATES = 16 };
int gates_slice(const struct gate_in *in, const char *key,
    const char *const *values, struct result *r,
    struct result_gate out[SLICE_GATES], struct err *err);

/*
 * The share of 200 relabellings of the cases' arms in which some gate would
 * FAIL: the gates' own false-alarm rate on these data.
 */
double gates_false_alarm(const struct gate_in *in, struct err *err);

#endif
