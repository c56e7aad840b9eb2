/*
 * Gates: each compares one effect of the candidate against the baseline with
 * its margin and a test of no change (METRICS 4, "Gates").
 *
 * A gate is a row of harness/terms/gate_rows.h and a function of the cell that
 * measures one case (gate_how.h). Rows are judged independently and in the
 * table's order, so the result does not depend on threads.
 */
#ifndef LOCKSTEP_GATE_H
#define LOCKSTEP_GATE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/judge/gate_how.h"
#include "harness/result/result.h"
#include "harness/score/score.h"
#include "harness/stat/stat.h"
#include "harness/terms/cell.h"
#include "harness/terms/limits.h"

enum {
	GATE_SCORER_MAX = 2 * SCORER_METRICS_MAX,
	GATE_ROWS_MAX = GATE_IDS + GATE_SCORER_MAX
};

/* The input of the gates. */
struct gate_in {
	const struct limits *limits;
	const struct score_out *score;
	uint64_t seed;		/* of the permutations: the suite's */
	int paired;		/* there is a baseline */
	int latency;		/* both arms are live: latency may be gated */
	enum drift_class drift;	/* resolved: never DRIFT_AUTO */
	const char *drift_why;	/* why drift is not hard, or NULL */
	int has_gold;		/* some case expects sections */
	const struct gate_row *scored;	/* of the suite's own metrics */
	size_t n_scored;
	int family;		/* gates that Holm adjusts together:
				   gate_family() */
	const uint32_t *only;	/* cases that count (bit set): a slice, or all
				   without those in quarantine; NULL: all */
};

struct gate_row {
	const char *name, *title, *metric, *unit;
	enum gate_class class;
	int id;			/* enum gate_id; -1: of a scorer */
	size_t limit;		/* offset of its margin in struct limits */
	const struct gate_how *how;
	size_t scored;		/* 1 + index of a suite's own metric; 0: none */
	const char *help;	/* what it asks, in words */
};

/* By enum gate_id; ends with a NULL name. */
extern const struct gate_row gate_rows[];

/* returns the index of a gate, or -1 */
int gate_find(const char *name);

/* Row i of all judged rows, the suite's own last; NULL: no more. */
const struct gate_row *gate_row_at(const struct gate_in *in, size_t i);

/*
 * Whether the echoes came from a cache: more than one in twenty equalled its
 * pair and was over 3x faster (those that were over 3x slower taken off), at
 * least seven, or all of five or six. A long tail of latencies explains fewer
 * among equal answers.
 */
int gate_floor_cached(const struct score_out *s);

/* How many gates Holm adjusts together, those of the suite's own metrics
 * among them. */
int gate_family(const struct gate_row *scored, size_t n_scored);

/* Whether more of what a gate judges is harm. */
int gate_higher_is_worse(const struct gate_row *row);

/*
 * Judges every gate.
 * out     as many entries as gate_row_at() has rows; strings belong to r
 * *alarm  the share of relabelings of these very answers in which some gate
 *         would FAIL: the gates' own false-alarm rate; NaN without a baseline
 * returns the number written, or RC_NOMEM, RC_IO
 */
int gates_judge(const struct gate_in *in, struct result *r,
    struct result_gate *out, double *alarm, struct err *err);

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

#endif
