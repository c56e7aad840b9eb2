/* Runs the function of each metric over one observation; see measure.h. */
#include <math.h>

#include "harness/score/measure_part.h"

static metric_fn *const calc[METRIC_N] = {
#define METRIC(id, name, unit, dir, help, source) [id] = calc_##name,
#include "harness/terms/metric_rows.h"
};

/* Times hold for every response; the rest needs one that can be read. */
static int
applies(const struct metric_in *in, int id)
{
	enum outcome o = in->answer->outcome;

	if (outcome_is_answer(o) || (o == OUTCOME_SERVICE_ERROR &&
	    (in->answer->text != NULL || in->answer->n_retrieved > 0)))
		return 1;
	if (id == M_EXPECT_OK)
		return o == OUTCOME_EXTRACT_FAILED || o == OUTCOME_BAD_JSON ||
		    o == OUTCOME_SERVICE_ERROR ||
		    (o == OUTCOME_HTTP_4XX && in->gold->expects_4xx);
	return id == M_TTFB_NS || id == M_TTFT_NS || id == M_TOTAL_NS;
}

void
metrics_observe(const struct metric_in *in, double *values,
    unsigned char *why)
{
	struct metric_in full = *in;
	double raw[METRIC_SNIPPETS_MAX];
	enum metric_missing reason;
	int i;

	full.raw = raw;
	calc_raw_distances(in, raw);
	for (i = 0; i < METRIC_N; i++) {
		reason = METRIC_HERE;
		if (applies(in, i))
			values[i] = calc[i](&full, &reason);
		else
			values[i] = metric_none(&reason, METRIC_FAILED);
		if (reason == METRIC_HERE && isnan(values[i]))
			reason = METRIC_NOT_APPLICABLE;
		why[i] = (unsigned char)reason;
	}
}
