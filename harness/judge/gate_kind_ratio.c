/* Ratio of the arms' mean levels, tested by flipping the signs of the cases'
 * differences. See gate_kind.h. */
#include <math.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/see.h"
#include "harness/score/cells.h"
#include "harness/stat/stat.h"

static int
add(const struct gate_job *job, uint64_t i, const struct replica_case *c,
    struct gate_sum *sum)
{
	const struct cell *cell = cells_get(job->in->score->cells, i);
	const struct stat_unit u = { i, 0 };
	double x = job->row->how->level(cell, 0);
	double y = job->row->how->level(cell, 1);
	const double by[2] = { y - x, x - y };

	(void)c;
	sum->of[0] += isfinite(x) != 0;
	sum->of[1] += isfinite(y) != 0;
	if (!isfinite(x) || !isfinite(y))
		return RC_OK;
	sum->n++;
	sum->value += by[0];
	sum->square += by[0] * by[0];
	sum->base += x;
	sum->cand += y;
	sum->n_level++;
	return stat_replicate_swap(gate_trial_stats(job->trial), job->stat,
	    &u, by);
}

/* The difference of the sums, as a ratio of means: what is not known of the
 * baseline's is small beside it (delta method, to first order). */
static double
ratio_of(const struct gate_sum *sum, double difference)
{
	return 1 + difference / sum->base;
}

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	struct stat_replicate_out out;
	struct gate_sum sum;
	double n;
	int k;

	(void)err;
	gate_trial_get(job->trial, job->stat, &sum, &out);
	n = (double)sum.n;
	memcpy(seen->has, sum.of, sizeof(seen->has));
	if (sum.n == 0 || !(sum.base > 0))
		return RC_OK;
	g->n = sum.n;
	g->base = sum.base / n;
	g->cand = sum.cand / n;
	g->value = g->cand / g->base;
	g->test = "sign-flip permutation over cases";
	g->p = out.p;
	g->noise = 1 + 1.959964 * out.se / sum.base;
	gate_fill_cases(job->row, &sum, g, seen);
	for (k = 0; k < 2; k++)
		g->ci[k] = ratio_of(&sum, g->ci[k] * n);
	seen->bound = ratio_of(&sum, seen->bound * n);
	seen->sd = seen->sd / g->base;
	return RC_OK;
}

static int
look(const struct gate_job *job, int b, const struct gate_seen *seen,
    struct result_gate *g)
{
	struct stat_replicate_out out;
	struct gate_sum sum;
	double all;

	(void)seen;
	gate_trial_get(job->trial, job->stat, &sum, &out);
	all = sum.base + sum.cand;
	if (sum.n == 0 || !(sum.base > 0))
		return 0;
	g->value = (all + out.looks[b]) / (all - out.looks[b]);
	g->p = gate_trial_p(job->trial, job->stat, out.looks[b]);
	return 1;
}

static double
scale(double value)
{
	return value - 1;
}

static double
unscale(double x)
{
	return 1 + x;
}

static double
strict_n(const struct gate_row *row, double margin)
{
	(void)row;
	(void)margin;
	return 2;
}

const struct gate_kind gate_kind_ratio = {
	.name = "ratio", .counts = "cases", .paired = 1, .measure = measure,
	.add = add, .look = look, .scale = scale, .unscale = unscale,
	.strict_n = strict_n, .spread = see_spread_ratio,
	.visible = see_visible_scaled, .hidden = see_hidden_scaled,
	.power = see_power_scaled,
};
