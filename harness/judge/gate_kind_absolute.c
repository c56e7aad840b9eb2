/* The candidate's mean level over cases against a limit: Student's t,
 * one-sided.  See gate_kind.h. */
#include <math.h>
#include <stdlib.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/see.h"
#include "harness/score/cells.h"
#include "harness/stat/stat.h"
#include "harness/stat/stat_dist.h"

/* The bound of a level, as harm beyond its limit; overwrites v. */
static int
bound_of(const struct gate_row *row, const struct result_gate *g, double *v,
    size_t n, double *bound)
{
	double sign = g->higher_is_worse ? 1 : -1;
	double worst = g->higher_is_worse ? row->how->worst - g->limit :
	    g->limit;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		v[i] = sign * (v[i] - g->limit);
	rc = stat_strict_bound(v, n, worst, 1 - GATE_STRICT_ALPHA, bound);
	*bound = g->limit + sign * *bound;
	return rc;
}

/* The candidate's levels; the caller frees *v. */
static int
load_levels(const struct gate_job *job, double **v, size_t *n,
    struct result_gate *g, struct gate_seen *seen)
{
	const struct gate_in *in = job->in;
	const struct cells *cells = in->score->cells;
	uint64_t all = cells_n(cells), i, nb = 0;
	double x, base = 0;

	*n = 0;
	*v = malloc(((size_t)all + 1) * sizeof(**v));
	if (*v == NULL)
		return RC_NOMEM;
	for (i = gate_next_case(in, 0, all); i < all;
	    i = gate_next_case(in, i + 1, all)) {
		const struct cell *c = cells_get(cells, i);

		gate_count_arms(job->row, c, seen);
		x = job->row->how->level(c, 1);
		if (isfinite(x))
			(*v)[(*n)++] = x;
		x = job->row->how->level(c, 0);
		if (in->paired && isfinite(x)) {
			base += x;
			nb++;
		}
	}
	if (nb > 0)
		g->base = base / (double)nb;
	return RC_OK;
}

/* A baseline that is no better makes it a defect of the baseline. */
static int
baseline_beyond(const struct result_gate *g)
{
	return g->higher_is_worse ? g->base > g->limit :
	    g->base < g->limit;
}

/*
 * The few cases of a small suite may have one level, and no spread from which a
 * t could be; n cases on one side have a p of 2^-n at the least. Without a
 * baseline a level is what counts.
 */
static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	struct stat_test t;
	double *v, sum = 0;
	size_t n, i;
	int rc = load_levels(job, &v, &n, g, seen);

	if (rc == RC_OK && n > 0) {
		for (i = 0; i < n; i++)
			sum += v[i];
		g->n = n;
		g->value = g->cand = sum / (double)n;
		g->test = "t, one-sided";
		rc = stat_t_above(v, n, g->limit, g->higher_is_worse ?
		    STAT_GREATER : STAT_LESS, &t);
		g->p = job->in->paired ? fmax(t.p, pow(.5, (double)n)) : t.p;
		g->ci[0] = t.lo;
		g->ci[1] = t.hi;
		g->noise = (t.hi - t.lo) / 2;
		seen->sd = stat_sd_of(&t);
		seen->units = n;
		if (rc == RC_OK && gate_strict(job->in, job->row) &&
		    job->row->how->worst > 0)
			rc = bound_of(job->row, g, v, n, &seen->bound);
		if (job->row->class == GATE_GATE && gate_beyond(g) &&
		    baseline_beyond(g))
			g->why = "the baseline is beyond it too: listed as a "
			    "defect of the baseline";
	}
	free(v);
	return rc == RC_OK ? rc : err_set(err, RC_NOMEM, "out of memory");
}

/* *g has the levels of the relabeled arms: see gate_alarm.c. */
static int
look(const struct gate_job *job, int b, const struct gate_seen *seen,
    struct result_gate *g)
{
	double sign = g->higher_is_worse ? 1 : -1, se;

	(void)job;
	(void)b;
	if (seen->units < 2 || !isfinite(g->cand))
		return 0;
	se = seen->sd / sqrt((double)seen->units);
	g->value = g->cand;
	if (g->class == GATE_GATE)
		g->p = se > 0 ? dist_normal_cdf(-sign *
		    (g->value - g->limit) / se) : gate_beyond(g) ? 0 : 1;
	return g->class == GATE_HARD || !baseline_beyond(g);
}

static double
strict_n(const struct gate_row *row, double margin)
{
	(void)row;
	(void)margin;
	return 2;
}

const struct gate_kind gate_kind_absolute = {
	.name = "absolute", .counts = "cases", .alone = 1, .paired = 1,
	.level = 1, .measure = measure, .look = look, .strict_n = strict_n,
	.spread = see_spread_mean, .visible = see_visible_level,
	.power = see_power_level,
};
