/* Ratio of the 95th percentiles of latency, tested by swapping pairs per block
 * of time. See gate_kind.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_blocks.h"
#include "harness/judge/gate_part.h"
#include "harness/judge/see.h"
#include "harness/stat/stat.h"
#include "harness/stat/stat_dist.h"

static int
quantile(const double *x, size_t n, double *out)
{
	double *v = malloc(n * sizeof(*v));

	if (v == NULL)
		return RC_NOMEM;
	memcpy(v, x, n * sizeof(*v));
	stat_sort(v, n);
	*out = stat_quantile(v, n, .95);
	free(v);
	return RC_OK;
}

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	const struct stat_draw draw = gate_trial_draw(job->in);
	struct stat_block_test t;
	struct stat_blocks *b;
	int rc = gate_blocks_cut(job->in, &b, err);

	if (rc == RC_OK && b != NULL) {
		g->test = "swaps by block of time";
		rc = quantile(b->base, b->n, &g->base);
		if (rc == RC_OK)
			rc = quantile(b->cand, b->n, &g->cand);
		gate_raise_limit(job->in, job->row, g);
		b->floor = gate_test_floor(job->row, g->limit);
		if (rc == RC_OK)
			rc = stat_blocks_quantile(b, .95, &draw, &t);
		if (rc == RC_OK)
			rc = gate_blocks_fill(job, b, &t, g, seen, err);
	}
	stat_blocks_free(b);
	return rc == RC_OK ? rc : err_set(err, RC_NOMEM, "out of memory");
}

static double
strict_n(const struct gate_row *row, double margin)
{
	(void)margin;
	return (double)row->how->min_n;
}

const struct gate_kind gate_kind_p95 = {
	.name = "p95", .counts = "pairs of requests", .paired = 1, .live = 1,
	.of_items = 1, .quantile = 1, .half = 1,
	.measure = measure,
	.look = gate_blocks_look, .scale = log, .unscale = exp,
	.strict_n = strict_n, .spread = see_spread_ratio,
	.visible = see_visible_blocks, .hidden = see_hidden_blocks,
	.power = see_power_p95,
};
