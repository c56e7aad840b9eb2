/*
 * The replicate test of all gates together: one pass over the cases' answers
 * gives every gate's statistic under the same relabelings (METRICS 4;
 * harness/stat/stat_replicate.h).
 */
#ifndef LOCKSTEP_GATE_TRIAL_H
#define LOCKSTEP_GATE_TRIAL_H

#include "harness/base/err.h"
#include "harness/judge/gate.h"
#include "harness/score/replica.h"
#include "harness/stat/stat_replicate.h"

/* What a gate's cases add up to, beside the statistic: harm is positive. */
struct gate_sum {
	uint64_t n;		/* cases that count */
	double value, square;	/* sums of their effects */
	double base, cand;	/* of their levels */
	uint64_t n_level;
	uint64_t of[2];		/* as the kind needs */
};

struct gate_trial;

/*
 * Runs the test over the cases that `in` looks at.
 * rows    n of them; those without a statistic are passed over
 * returns RC_OK, caller frees with gate_trial_free(); RC_NOMEM, RC_IO
 */
int gate_trial_new(const struct gate_in *in,
    const struct gate_row *const *rows, size_t n, struct gate_trial **out,
    struct err *err);
void gate_trial_free(struct gate_trial *t);

/* Of rows[i]; *sum and *out are all 0 where it has no statistic. */
void gate_trial_get(const struct gate_trial *t, size_t i,
    struct gate_sum *sum, struct stat_replicate_out *out);

/* The p that a value of the statistic of rows[i] would have. */
double gate_trial_p(const struct gate_trial *t, size_t i, double value);

/* For a kind's add(). */
struct stat_replicate *gate_trial_stats(const struct gate_trial *t);

/* The draws that all gates share; variants of a case, 1 where whole
 * deployments are turned. */
struct stat_draw gate_trial_draw(const struct gate_in *in);
uint32_t gate_trial_per_case(const struct gate_in *in);

/* Coin i of relabeling b, of a gate with events that no variant carries. */
int gate_trial_coin(const struct gate_in *in, const struct gate_row *row,
    int b, uint64_t i);

#endif
