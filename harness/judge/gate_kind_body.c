/* Hodges-Lehmann ratio of latencies, against signs that turn by block of
 * time.  See gate_kind.h. */
#include <math.h>

#include "harness/judge/gate_blocks.h"
#include "harness/judge/gate_part.h"
#include "harness/judge/see.h"

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	const struct stat_draw draw = gate_trial_draw(job->in);
	const struct score_out *score = job->in->score;
	struct stat_block_test t;
	struct stat_blocks *b;
	int rc = gate_blocks_cut(job->in, &b, err);

	if (rc == RC_OK && b != NULL) {
		g->test = "signs by block of time";
		g->base = score->arm[ARM_BASELINE].p50_ns;
		g->cand = score->arm[ARM_CANDIDATE].p50_ns;
		gate_raise_limit(job->in, job->row, g);
		b->floor = gate_test_floor(job->row, g->limit);
		rc = stat_blocks_body(b, &draw, &t);
		if (rc == RC_OK)
			rc = gate_blocks_fill(job, b, &t, g, seen, err);
	}
	stat_blocks_free(b);
	return rc == RC_OK ? rc : err_set(err, RC_NOMEM, "out of memory");
}

static double
strict_n(const struct gate_row *row, double margin)
{
	(void)row;
	(void)margin;
	return 2;
}

const struct gate_kind gate_kind_body = {
	.name = "body", .counts = "pairs of requests", .paired = 1,
	.live = 1, .of_items = 1, .half = 1, .measure = measure,
	.look = gate_blocks_look, .scale = log, .unscale = exp,
	.strict_n = strict_n, .spread = see_spread_ratio,
	.visible = see_visible_blocks, .hidden = see_hidden_blocks,
	.power = see_power_blocks,
};
