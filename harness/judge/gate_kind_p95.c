/* Ratio of the 95th percentiles of latency.  See gate_kind.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_sight.h"
#include "harness/judge/see.h"
#include "harness/stat/stat.h"

/* Both arms' latencies of the cases looked at. */
static int
load_pairs(const struct gate_in *in, double **a, double **b, size_t *n,
    struct err *err)
{
	const struct score_pairs *p = &in->score->pairs;
	size_t i;

	*n = 0;
	*a = malloc((p->n + 1) * sizeof(**a));
	*b = malloc((p->n + 1) * sizeof(**b));
	if (*a == NULL || *b == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < p->n; i++) {
		if (!gate_looks_at(in, p->case_index[i]))
			continue;
		(*a)[*n] = (double)p->base[i];
		(*b)[(*n)++] = (double)p->cand[i];
	}
	return RC_OK;
}

/* The q-quantile of unsorted values, which are moved about (Hoare 1961). */
static double
select_quantile(double *v, size_t n, double q)
{
	size_t k = stat_quantile_rank(n, q) - 1, lo = 0, hi = n - 1, i, j;
	double pivot, x;

	while (lo < hi) {
		pivot = v[lo + (hi - lo) / 2];
		i = lo;
		j = hi;
		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			x = v[i];
			v[i++] = v[j];
			v[j--] = x;
		}
		/* i == j stands on the pivot or past it: both halves shrink */
		if (k <= j)
			hi = j;
		else
			lo = j + 1;
	}
	return v[k];
}

static int
p95_levels(const struct stat_pairs *pairs, struct result_gate *g,
    struct err *err)
{
	double *v = malloc(pairs->n * sizeof(*v));

	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	memcpy(v, pairs->a, pairs->n * sizeof(*v));
	g->base = select_quantile(v, pairs->n, .95);
	memcpy(v, pairs->b, pairs->n * sizeof(*v));
	g->cand = select_quantile(v, pairs->n, .95);
	g->value = g->cand / g->base;
	free(v);
	return RC_OK;
}

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	const struct gate_in *in = job->in;
	const struct stat_draw draw = gate_trial_draw(in);
	struct stat_design design;
	struct stat_pairs pairs;
	struct stat_test t;
	double *a, *b;
	int rc = load_pairs(in, &a, &b, &pairs.n, err);

	pairs.a = a;
	pairs.b = b;
	if (rc == RC_OK && pairs.n > 0) {
		g->n = pairs.n;
		g->test = "within-pair swap permutation";
		rc = p95_levels(&pairs, g, err);
		gate_raise_limit(in, job->row, g);
		if (rc == RC_OK)
			rc = stat_swap_quantile(&pairs, .95, &draw,
			    STAT_GREATER, &t);
		g->p = t.p;
		g->ci[0] = t.lo;
		g->ci[1] = t.hi;
		g->noise = 1 + (t.hi - t.lo) / 2;
		seen->bound = t.upper;
		seen->sd = stat_sd_of(&t);
		seen->units = t.n;
		design = (struct stat_design){ gate_alpha(in, job->row),
		    log(g->limit), seen->sd };
		g->visible = exp(stat_visible(&design, t.n, GATE_SURE));
	}
	free(a);
	free(b);
	return rc;
}

static double
strict_n(const struct gate_row *row, double margin)
{
	(void)margin;
	return (double)row->how->min_n;
}

const struct gate_kind gate_kind_p95 = {
	.name = "p95", .counts = "pairs of requests", .paired = 1, .live = 1,
	.of_items = 1, .quantile = 1, .measure = measure, .scale = log,
	.unscale = exp, .strict_n = strict_n, .spread = see_spread_ratio,
	.visible = see_visible_scaled, .power = see_power_p95,
};
