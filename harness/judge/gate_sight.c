/* What a gate of a judged run can see; see gate_sight.h. */
#include "harness/judge/gate_sight.h"

#include <math.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/sight.h"
#include "harness/stat/stat.h"
#include "harness/stat/stat_dist.h"

static double
tail(const void *ctx, double x)
{
	const struct gate_job *job = ctx;

	return gate_trial_p(job->trial, job->stat, x);
}

void
gate_sight(const struct gate_job *job, const struct gate_sum *sum,
    struct result_gate *g)
{
	/* of distances no case can lose more */
	static const double most = 2;
	double world[STAT_LOOKS], n = (double)sum->n;
	struct stat_replicate_out out;
	struct gate_sum same;
	struct sight s = { .tail = tail, .ctx = job, .world = world,
		.n_world = STAT_LOOKS, .n = n, .margin = g->limit,
		.alpha = gate_alpha(job->in, job->row),
		.inconclusive_p = job->in->limits->inconclusive_p,
		.per_case = gate_trial_per_case(job->in) };

	gate_trial_get(job->trial, job->stat, &same, &out);
	memcpy(world, out.looks, sizeof(world));
	stat_sort(world, STAT_LOOKS);
	if (strcmp(job->row->unit, "share") == 0) {
		g->visible = sight_sure_cases(&s, 1, GATE_SURE) / n;
		g->hides = sight_hidden_cases(&s, 1, GATE_HIDDEN) / n;
	} else {
		g->visible = sight_sure_even(&s, most, GATE_SURE);
		g->hides = sight_hidden_even(&s, most, GATE_HIDDEN);
	}
	/* no size is: not a number that can be told */
	if (!isfinite(g->visible))
		g->visible = NAN;
}
