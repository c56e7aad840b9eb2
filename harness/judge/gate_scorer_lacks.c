/* Whether a scorer judged enough; see gate_scorer.h. */
#include "harness/judge/gate_scorer.h"

int
gate_scorer_lacks(const struct gate_in *in, const struct gate_row *row)
{
	const struct score_scored *o;
	int a;

	if (row->scored == 0 || row->class == GATE_INFO)
		return 0;
	o = &in->score->scored[row->scored - 1];
	for (a = 0; a < 2; a++) {
		if (o->arm_failed[a] > o->arm_judged[a] / GATE_SCORER_FAILED)
			return 1;
	}
	return o->judged > 0 && o->here == 0;
}

const char *
gate_scorer_say(const struct gate_in *in, const struct gate_row *row,
    struct result *r)
{
	const struct score_scored *o = &in->score->scored[row->scored - 1];
	const char *why = o->n_reasons > 0 ? o->reason[0].why :
	    "the scorer declined to judge";

	return result_fmt(r, "%llu of %llu answers have no %s (%s): missing "
	    "data cannot pass", (unsigned long long)(o->judged - o->here),
	    (unsigned long long)o->judged, row->metric, why);
}
