/* The share of cases that pass, for a run with one arm; the share itself
 * decides. See gate_kind.h. */
#include <math.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/see.h"
#include "harness/score/cells.h"
#include "harness/stat/stat.h"

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	const struct cells *cells = job->in->score->cells;
	uint64_t n = cells_n(cells), i, pass = 0, judged = 0;
	double lo, hi;

	(void)err;
	for (i = gate_next_case(job->in, 0, n); i < n;
	    i = gate_next_case(job->in, i + 1, n)) {
		enum case_state s =
		    (enum case_state)cells_get(cells, i)->arm[1].state;

		judged += s != CASE_UNJUDGED;
		pass += s == CASE_PASS;
	}
	if (judged == 0)
		return RC_OK;
	stat_wilson(pass, judged, .95, &lo, &hi);
	g->n = judged;
	g->value = g->cand = (double)pass / (double)judged;
	g->ci[0] = lo;
	g->ci[1] = hi;
	g->noise = (hi - lo) / 2;
	g->test = "share";
	g->p = g->value < g->limit ? 0 : 1;
	stat_wilson(pass, judged, 1 - 2 * GATE_STRICT_ALPHA, &seen->bound,
	    &hi);
	return RC_OK;
}

/* Wilson's end at n of n: n / (n + z^2). */
static double
strict_n(const struct gate_row *row, double margin)
{
	static const double z = 1.644854;	/* one-sided 95 % */

	(void)row;
	return margin < 1 ? ceil(z * z * margin / (1 - margin)) : INFINITY;
}

const struct gate_kind gate_kind_pass_rate = {
	.name = "pass_rate", .counts = "cases", .alone = 1, .level = 1,
	.measure = measure, .strict_n = strict_n,
	.visible = see_visible_share,
};
