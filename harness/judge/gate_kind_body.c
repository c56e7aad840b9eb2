/* Hodges-Lehmann ratio of latencies.  See gate_kind.h. */
#include <math.h>
#include <stdlib.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_sight.h"
#include "harness/judge/see.h"
#include "harness/stat/stat.h"

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	const struct gate_in *in = job->in;
	struct stat_design design;
	struct stat_test t;
	double *d;
	size_t n;
	int rc = gate_effects(in, job->row, &d, &n, seen, err);

	if (rc == RC_OK && n > 0) {
		g->n = n;
		g->test = "Wilcoxon signed-rank";
		g->base = in->score->arm[ARM_BASELINE].p50_ns;
		g->cand = in->score->arm[ARM_CANDIDATE].p50_ns;
		gate_raise_limit(in, job->row, g);
		rc = stat_signed_rank(d, n, .95, STAT_GREATER, &t);
		g->value = exp(t.estimate);
		g->ci[0] = exp(t.lo);
		g->ci[1] = exp(t.hi);
		g->p = t.p;
		g->noise = 1 + (g->ci[1] - g->ci[0]) / 2;
		seen->bound = exp(t.upper);
		seen->sd = stat_sd_of(&t);
		seen->units = t.n;
		design = (struct stat_design){ gate_alpha(in, job->row),
		    log(g->limit), seen->sd };
		g->visible = exp(stat_visible(&design, t.n, GATE_SURE));
	}
	free(d);
	return rc;
}

static double
strict_n(const struct gate_row *row, double margin)
{
	(void)row;
	(void)margin;
	return 2;
}

const struct gate_kind gate_kind_body = {
	.name = "body", .counts = "cases", .paired = 1, .live = 1,
	.measure = measure, .scale = log, .unscale = exp,
	.strict_n = strict_n, .spread = see_spread_ratio,
	.visible = see_visible_scaled, .power = see_power_scaled,
};
