/*
 * Critical cases, judged one by one (METRICS 4, "Special cases").
 *
 * One regression is FAIL, but for one kind: where all that a case lost is
 * convergence, a single answer of another rank is enough to make it one, and
 * equal stacks give such answers.  So it takes half of the answered variants,
 * and two, to have lost it; fewer are for review.
 */
#include <math.h>

#include "harness/verdict_part.h"

enum verdict
verdict_critical(struct result *r, const struct result_case *c,
    unsigned answered, const char **more)
{
	unsigned fresh = c->reasons[1] & ~c->reasons[0];
	double same = c->lambda[1][LAMBDA_CONVERGENT], n = answered, lost;

	*more = "";
	if (c->verdict != CASE_V_REGRESSION ||
	    (fresh & ~(unsigned)(CASE_CONVERGENCE | CASE_CHAOS)) != 0)
		return VERDICT_FAIL;
	/* an error took no convergence: the error gate judges it */
	lost = fmin(c->lambda[0][LAMBDA_CONVERGENT] - same, n - same);
	if (lost >= 2 && lost * 2 >= n)
		return VERDICT_FAIL;
	*more = result_fmt(r, "; for review, because %.0f of %.0f answered "
	    "variants lost convergence and nothing else got worse: it takes "
	    "half of them, and two, to FAIL", fmax(lost, 0), n);
	return VERDICT_REVIEW;
}
