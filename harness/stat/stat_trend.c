/* Trends of a series: Mann-Kendall with Theil-Sen, and least squares. */
#include "harness/stat/stat.h"

#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"
#include "harness/stat/stat_walk.h"

#define EXACT_MAX 40
#define EXACT_SUMS (EXACT_MAX * (EXACT_MAX - 1) / 2 + 1)

/* Share of the n! orders with at least / at most s concordant less
 * discordant pairs; no ties. */
static double
exact_p(size_t n, int64_t s, enum stat_side side)
{
	double w[EXACT_SUMS] = { 1 }, next[EXACT_SUMS], upper = 0, lower = 0;
	int64_t top = (int64_t)(n * (n - 1) / 2), k, j, i;

	for (j = 2; j <= (int64_t)n; j++) {
		for (k = 0; k <= j * (j - 1) / 2; k++) {
			next[k] = 0;
			for (i = k < j ? 0 : k - j + 1; i <= k; i++)
				next[k] += w[i] / (double)j;
		}
		for (k = 0; k <= j * (j - 1) / 2; k++)
			w[k] = next[k];
	}
	/* k discordant pairs make s = top - 2k. */
	for (k = 0; k <= top; k++) {
		upper += top - 2 * k >= s ? w[k] : 0;
		lower += top - 2 * k <= s ? w[k] : 0;
	}
	return dist_side(upper, lower, side);
}

static int
has_ties(const double *sorted, size_t n)
{
	size_t i;

	for (i = 1; i < n; i++)
		if (sorted[i] == sorted[i - 1])
			return 1;
	return 0;
}

static double
kendall_p(const struct stat_kendall *k, size_t n, int ties,
    enum stat_side side)
{
	double s = (double)k->s, sd = sqrt(k->var);

	if (n <= EXACT_MAX && !ties)
		return exact_p(n, k->s, side);
	if (!(sd > 0))
		return 1;
	return dist_side(dist_normal_cdf(-(s - 1) / sd),
	    dist_normal_cdf((s + 1) / sd), side);
}

/* The series with the time of each value, and room for 2n. */
struct series {
	double *t, *y, *z;
	size_t n;
};

/* Pairs whose slope is at most s: all but those that y - s t has rising,
 * which are out of order when it is read backwards. */
static double
count_slopes(const struct series *v, double s)
{
	size_t i, last = v->n - 1;

	for (i = 0; i < v->n; i++)
		v->z[last - i] = v->y[i] - s * v->t[i];
	return (double)v->n * (double)last / 2 -
	    (double)walk_inversions(v->z, v->z + v->n, v->n);
}

/* The k-th smallest slope, by bisection between slopes that no pair is
 * beyond; good to about 1e-12 of their range. */
static double
slope_at(const struct series *v, double k)
{
	double lo = 0, hi = 0, mid;
	size_t i;
	int step;

	for (i = 1; i < v->n; i++) {
		mid = (v->y[i] - v->y[i - 1]) / (v->t[i] - v->t[i - 1]);
		lo = i == 1 ? mid : fmin(lo, mid);
		hi = i == 1 ? mid : fmax(hi, mid);
	}
	for (step = 0; step < 45 && hi > lo; step++) {
		mid = lo + (hi - lo) / 2;
		if (count_slopes(v, mid) >= k)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

static void
theil_sen(const struct series *v, double var, struct stat_test *out)
{
	double all = (double)v->n * (double)(v->n - 1) / 2, c;
	struct walk_middle mid = walk_middle((uint64_t)all);

	out->estimate = slope_at(v, (double)mid.low);
	if (mid.high != mid.low)
		out->estimate = (out->estimate +
		    slope_at(v, (double)mid.high)) / 2;
	c = floor((all - dist_normal_quantile(0.975) * sqrt(var)) / 2);
	if (c >= 1) {
		out->lo = slope_at(v, c);
		out->hi = slope_at(v, all + 1 - c);
	}
	c = floor((all - dist_normal_quantile(0.95) * sqrt(var)) / 2);
	if (c >= 1) {
		out->lower = slope_at(v, c);
		out->upper = slope_at(v, all + 1 - c);
	}
	out->se = (out->upper - out->lower) /
	    (2 * dist_normal_quantile(0.95));
}

static int
trend_fill(struct series *v, enum stat_side side, struct stat_test *out)
{
	struct stat_kendall k;
	size_t i;
	int rc = stat_kendall(v->t, v->y, v->n, &k), ties;

	if (rc != RC_OK)
		return rc;
	for (i = 0; i < v->n; i++)
		v->z[i] = v->y[i];
	stat_sort(v->z, v->n);
	ties = has_ties(v->z, v->n);
	out->stat = k.tau_b;
	out->p = kendall_p(&k, v->n, ties, side);
	theil_sen(v, k.var, out);
	return RC_OK;
}

int
stat_trend(const double *y, size_t n, enum stat_side side,
    struct stat_test *out)
{
	double *room = malloc((4 * n + 1) * sizeof *room);
	struct series v = { room, room + n, room + 2 * n, 0 };
	size_t i;
	int rc = RC_OK;

	if (room == NULL)
		return RC_NOMEM;
	for (i = 0; i < n; i++) {
		if (isfinite(y[i])) {
			v.t[v.n] = (double)i;
			v.y[v.n++] = y[i];
		}
	}
	stat_test_clear(out, v.n);
	if (v.n > 1)
		rc = trend_fill(&v, side, out);
	free(room);
	return rc;
}

int
stat_slope(const double *y, size_t n, enum stat_side side,
    struct stat_test *out)
{
	double mt = 0, my = 0, tt = 0, ty = 0, rest = 0, m, e, df;
	size_t i, used = 0;

	for (i = 0; i < n; i++) {
		if (isfinite(y[i])) {
			mt += (double)i;
			my += y[i];
			used++;
		}
	}
	stat_test_clear(out, used);
	if (used < 2)
		return RC_OK;
	m = (double)used;
	mt /= m;
	my /= m;
	for (i = 0; i < n; i++) {
		if (isfinite(y[i])) {
			tt += ((double)i - mt) * ((double)i - mt);
			ty += ((double)i - mt) * (y[i] - my);
		}
	}
	out->estimate = ty / tt;
	if (used < 3)
		return RC_OK;
	for (i = 0; i < n; i++) {
		e = y[i] - my - out->estimate * ((double)i - mt);
		rest += isfinite(e) ? e * e : 0;
	}
	df = m - 2;
	out->se = sqrt(rest / df / tt);
	if (out->se <= 1e-13 * fabs(out->estimate))
		out->se = 0;
	out->stat = out->se > 0 ? out->estimate / out->se :
	    out->estimate == 0 ? 0 : copysign(INFINITY, out->estimate);
	out->p = dist_side(dist_t_cdf(-out->stat, df),
	    dist_t_cdf(out->stat, df), side);
	stat_test_interval(out, dist_t_quantile(0.975, df),
	    dist_t_quantile(0.95, df));
	return RC_OK;
}

const struct stat_method stat_method_trend = {
	.name = "trend",
	.title = "Mann-Kendall trend test with Theil-Sen slope",
	.when = "a metric over runs, or over the course of one run: is it "
	    "drifting? The least-squares slope is given beside it",
	.assumptions = "independent values, any shape; neighbours of a "
	    "rolling mean are not independent, so thin them first",
	.source = "Mann, Econometrica 13, 1945; Sen, J. Amer. Statist. "
	    "Assoc. 63, 1968",
};
