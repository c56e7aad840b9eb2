/* e_resonance: whether the stacks' difference comes and goes during a run. */
#include <math.h>

#include "harness/judge/verdict_part.h"
#include "harness/score/resonance.h"

/* Of the test of a trend. */
#define ALPHA .05

int
verdict_resonance(const struct verdict_in *in, struct result *r,
    struct err *err)
{
	struct resonance x;
	int rc;

	if (!r->arm[ARM_BASELINE].present || r->verdict == VERDICT_CANNOT_RUN)
		return RC_OK;
	rc = resonance_of(in->score->cells, ALPHA, &x, err);
	if (rc != RC_OK || isnan(x.max))
		return rc;
	r->resonance.known = 1;
	r->resonance.median = x.median;
	r->resonance.max = x.max;
	r->resonance.trend_p = x.trend_p;
	r->resonance.flat = x.flat;
	/* what no gate minds is not worth a sentence */
	if (x.flat || x.max <= in->suite->limits.question_drift)
		return RC_OK;
	if (x.max > 2 * x.median)
		verdict_note(r, result_fmt(r, "the difference between the "
		    "stacks comes and goes: over the %d cases from case %zu, "
		    "the mean distance is %.3f; %.3f is usual (e_resonance)",
		    RESONANCE_WINDOW, x.max_at + 1, x.max, x.median));
	else
		verdict_note(r, result_fmt(r, "the difference between the "
		    "stacks drifts during the run (e_resonance, Mann-Kendall "
		    "p = %.3f)", x.trend_p));
	return RC_OK;
}
