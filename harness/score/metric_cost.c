/* `cost`: what an answer cost, as reported or by the target's prices. */
#include <math.h>

#include "harness/score/measure_part.h"

double
calc_cost(const struct metric_in *in, enum metric_missing *why)
{
	const struct answer *a = in->answer;
	double usd = 0;
	int priced = 0;

	if (!isnan(a->cost))
		return a->cost;
	if (!isnan(in->price_in) && !isnan(a->tokens_in)) {
		usd += in->price_in * a->tokens_in;
		priced = 1;
	}
	if (!isnan(in->price_out) && !isnan(a->tokens_out)) {
		usd += in->price_out * a->tokens_out;
		priced = 1;
	}
	return priced ? usd : metric_none(why, METRIC_NOT_APPLICABLE);
}
