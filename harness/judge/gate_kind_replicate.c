/*
 * The replicate test: labels of the arms are turned within variants, and the
 * sum of what variants add is compared with what it would have been (METRICS
 * 4).  Of numbers of an answer, of distances between answers, and of numbers
 * of a case.  See gate_kind.h.
 */
#include <math.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_sight.h"
#include "harness/judge/see.h"
#include "harness/score/cells.h"

/* Whether the arm that was asked twice answered alike. */
static int
same_again(const struct replica_variant *v)
{
	return v->ds[v->twice == STAT_BASE ? STAT_CAND : STAT_BASE] <= 0;
}

/*
 * Of distances between answers: cases that moved in all of their variants
 * while nothing else did, and others that moved at all. Where there are only
 * the former, the run saw no noise that could explain them, though two or
 * three variants prove nothing.
 */
static void
count_moved(const struct replica_case *c, struct gate_sum *sum)
{
	size_t i, up = 0, noise = 0;

	for (i = 0; i < c->n; i++) {
		if (isnan(c->v[i].drift))
			continue;
		up += c->v[i].drift > 0;
		noise += c->v[i].drift < 0 || !same_again(&c->v[i]);
	}
	if (up == c->n && noise == 0 && c->still_drift == 0)
		sum->of[0] += up > 0;
	else
		sum->of[1] += up + noise > 0;
}

static int
add(const struct gate_job *job, uint64_t i, const struct replica_case *c,
    struct gate_sum *sum)
{
	const struct gate_how *how = job->row->how;
	double sign = how->harm;
	struct replica_effect e;
	int rc;

	(void)i;
	rc = replica_effect(c, how->what, sign,
	    gate_trial_stats(job->trial), job->stat, &e);
	if (rc != RC_OK || isnan(e.value))
		return rc;
	sum->n++;
	if (how->what == REPLICA_DRIFT && !c->whole)
		count_moved(c, sum);
	sum->value += sign * e.value;
	sum->square += e.value * e.value;
	if (isfinite(e.base) && isfinite(e.cand)) {
		sum->base += e.base;
		sum->cand += e.cand;
		sum->n_level++;
	}
	return RC_OK;
}

/* For numbers that are not of one answer, the levels come from cells. */
static void
fill_levels(const struct gate_job *job, const struct gate_sum *sum,
    struct result_gate *g, struct gate_seen *seen)
{
	const struct gate_how *how = job->row->how;
	const struct cells *cells = job->in->score->cells;
	uint64_t n = cells_n(cells), i;
	double sum_of[2] = { 0, 0 }, x;
	int a;

	for (i = gate_next_case(job->in, 0, n); i < n && how->level != NULL;
	    i = gate_next_case(job->in, i + 1, n)) {
		const struct cell *c = cells_get(cells, i);

		gate_count_arms(job->row, c, seen);
		for (a = 0; a < 2; a++) {
			x = how->level(c, a);
			sum_of[a] += isfinite(x) ? x : 0;
		}
	}
	if (sum->n_level > 0) {
		g->base = sum->base / (double)sum->n_level;
		g->cand = sum->cand / (double)sum->n_level;
	} else if (how->level != NULL) {
		g->base = sum_of[0] / (double)seen->has[0];
		g->cand = sum_of[1] / (double)seen->has[1];
	}
}

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	struct stat_replicate_out out;
	struct gate_sum sum;

	(void)err;
	gate_trial_get(job->trial, job->stat, &sum, &out);
	fill_levels(job, &sum, g, seen);
	if (sum.n == 0)
		return RC_OK;
	g->n = sum.n;
	g->value = sum.value / (double)sum.n;
	g->test = "replicate permutation";
	g->p = out.p;
	g->noise = 1.959964 * out.se / (double)sum.n;
	seen->moved_whole = sum.of[0] > 0 && sum.of[1] == 0;
	gate_fill_cases(job->row, &sum, g, seen);
	gate_sight(job, &sum, g);
	return RC_OK;
}

static int
look(const struct gate_job *job, int b, const struct gate_seen *seen,
    struct result_gate *g)
{
	double sign = job->row->how->harm, mid;
	struct stat_replicate_out out;
	struct gate_sum sum;

	(void)seen;
	gate_trial_get(job->trial, job->stat, &sum, &out);
	if (sum.n == 0)
		return 0;
	g->value = out.looks[b] / (double)sum.n;
	g->p = gate_trial_p(job->trial, job->stat, out.looks[b]);
	mid = (g->base + g->cand) / 2;
	g->base = mid - sign * g->value / 2;
	g->cand = mid + sign * g->value / 2;
	return 1;
}

static double
strict_n(const struct gate_row *row, double margin)
{
	static const double z = 1.644854;	/* one-sided 95 % */

	/* n zeros and one worst case */
	return ceil(row->how->worst * (1 + z) / margin);
}

const struct gate_kind gate_kind_replicate = {
	.name = "replicate", .counts = "cases", .paired = 1,
	.measure = measure, .add = add, .look = look, .strict_n = strict_n,
	.spread = see_spread_mean, .visible = see_visible_replicate,
	.hidden = see_hidden_replicate, .power = see_power_replicate,
};
