/* `expect_ok`: the share of a case's assertions that are true. */
#include "harness/score/measure_part.h"

double
calc_expect_ok(const struct metric_in *in, enum metric_missing *why)
{
	const struct gold *g = in->gold;
	size_t i, held = 0;

	if (g->n_expect == 0)
		return metric_none(why, METRIC_NOT_APPLICABLE);
	for (i = 0; i < g->n_expect; i++)
		held += expect_holds(&g->expect[i], in->answer->body,
		    in->exchange) != 0;
	return (double)held / (double)g->n_expect;
}
