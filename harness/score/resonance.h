/*
 * e_resonance: does the difference of two stacks come and go during a run?
 *
 * The rolling mean of |candidate - baseline| ΔS (question to retrieved), case
 * after case in the order of the plan.  Flat: no window above twice the
 * median window, and no trend over the windows that do not overlap.
 * Information, not gated.
 */
#ifndef LOCKSTEP_RESONANCE_H
#define LOCKSTEP_RESONANCE_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/score/cells.h"

enum { RESONANCE_WINDOW = 50 };

struct resonance {
	size_t n;		/* cases with a value on both arms */
	double median, max;	/* of the windows' means; NaN: below one */
	size_t max_at;		/* case with which the largest window began */
	double trend_p;		/* Mann-Kendall, two-sided; NaN: below 4
				   windows that do not overlap */
	int flat;
};

/*
 * alpha   level of the trend's test, .05 is usual
 * returns RC_OK or RC_NOMEM
 */
int resonance_of(const struct cells *cells, double alpha,
    struct resonance *out, struct err *err);

/* The same of n finite values in order; NaN values are passed over. */
int resonance_values(const double *v, size_t n, double alpha,
    struct resonance *out, struct err *err);

#endif
