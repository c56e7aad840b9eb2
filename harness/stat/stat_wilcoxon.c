/*
 * Wilcoxon signed-rank test and the Hodges-Lehmann estimate of a shift.
 */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"
#include "harness/stat/stat_walk.h"

#define EXACT_MAX 64
/* Doubled ranks of EXACT_MAX values sum to n (n + 1). */
#define EXACT_SUMS (EXACT_MAX * (EXACT_MAX + 1) + 1)

/* x, sorted ascending and without zeros, into by_size by |x|. */
static void
sort_by_size(const double *x, size_t n, double *by_size)
{
	size_t down = 0, up, k;

	while (down < n && x[down] < 0)
		down++;
	up = down;
	for (k = 0; k < n; k++) {
		if (up == n || (down > 0 && -x[down - 1] <= x[up]))
			by_size[k] = x[--down];
		else
			by_size[k] = x[up++];
	}
}

/* Share of the 2^n sign patterns whose positive doubled ranks sum to s. */
static void
rank_sums(const uint32_t *rank2, size_t n, double *share)
{
	size_t i, s, top = 0;

	share[0] = 1;
	for (s = 1; s < EXACT_SUMS; s++)
		share[s] = 0;
	for (i = 0; i < n; i++) {
		top += rank2[i];
		for (s = top + 1; s-- > 0;)
			share[s] = 0.5 * share[s] + (s >= rank2[i] ?
			    0.5 * share[s - rank2[i]] : 0);
	}
}

struct signed_ranks {
	uint32_t rank2[EXACT_MAX];	/* doubled midranks; small n only */
	size_t n;
	double plus;		/* W+ */
	double var;
};

/* x: nonzero values ordered by size. */
static void
rank_them(const double *x, size_t n, struct signed_ranks *r)
{
	size_t i, j, k;
	double mid;

	*r = (struct signed_ranks){ .n = n };
	for (i = 0; i < n; i = j) {
		for (j = i; j < n && fabs(x[j]) == fabs(x[i]); j++)
			;
		mid = ((double)i + (double)j + 1) / 2;
		for (k = i; k < j; k++) {
			r->plus += x[k] > 0 ? mid : 0;
			r->var += mid * mid / 4;
			if (n <= EXACT_MAX)
				r->rank2[k] = (uint32_t)(2 * mid);
		}
	}
}

static double
exact_p(const struct signed_ranks *r, enum stat_side side)
{
	double share[EXACT_SUMS], upper = 0, lower = 0;
	size_t s, at = (size_t)(2 * r->plus);

	rank_sums(r->rank2, r->n, share);
	for (s = 0; s < EXACT_SUMS; s++) {
		upper += s >= at ? share[s] : 0;
		lower += s <= at ? share[s] : 0;
	}
	return dist_side(upper, lower, side);
}

static double
rank_p(const struct signed_ranks *r, enum stat_side side)
{
	double n = (double)r->n, off, sd;

	if (r->n == 0)
		return 1;
	if (r->n <= EXACT_MAX)
		return exact_p(r, side);
	off = r->plus - n * (n + 1) / 4;
	sd = sqrt(r->var);
	return dist_side(dist_normal_cdf(-(off - 0.5) / sd),
	    dist_normal_cdf((off + 0.5) / sd), side);
}

/*
 * The largest c with P(W+ <= c - 1) <= tail for n untied values: the c-th
 * smallest and largest Walsh averages are the ends. 0: no such c.
 */
static uint64_t
walsh_rank(size_t n, double tail)
{
	uint32_t rank2[EXACT_MAX] = { 0 };
	double share[EXACT_SUMS], sum = 0, nd = (double)n, c;
	size_t i;

	if (n > EXACT_MAX) {
		c = floor(nd * (nd + 1) / 4 + 0.5 + dist_normal_quantile(tail) *
		    sqrt(nd * (nd + 1) * (2 * nd + 1) / 24));
		return c < 1 ? 0 : (uint64_t)c;
	}
	for (i = 0; i < n; i++)
		rank2[i] = 2 * (uint32_t)(i + 1);
	rank_sums(rank2, n, share);
	for (i = 0; i < n * (n + 1) / 2; i++) {
		sum += share[2 * i];
		if (sum > tail * (1 + 1e-12))
			return i;
	}
	return i;
}

static void
hodges_lehmann(const struct walk_sums *w, double conf, struct stat_test *out)
{
	size_t n = w->nx;
	uint64_t all = (uint64_t)n * (n + 1) / 2, c;
	struct walk_middle mid = walk_middle(all);

	out->estimate = walk_sums(w, mid.low) / 2;
	if (mid.high != mid.low)
		out->estimate = out->estimate / 2 +
		    walk_sums(w, mid.high) / 4;
	c = walsh_rank(n, (1 - conf) / 2);
	if (c > 0) {
		out->lo = walk_sums(w, c) / 2;
		out->hi = walk_sums(w, all + 1 - c) / 2;
	}
	c = walsh_rank(n, 1 - conf);
	if (c == 0)
		return;
	out->lower = walk_sums(w, c) / 2;
	out->upper = walk_sums(w, all + 1 - c) / 2;
	out->se = (out->upper - out->lower) /
	    (2 * dist_normal_quantile(fmax(conf, 0.51)));
}

int
stat_signed_rank(const double *d, size_t n, double conf, enum stat_side side,
    struct stat_test *out)
{
	struct signed_ranks r;
	size_t m = 0, i, nonzero = 0;
	double *x = stat_finite(d, n, &m);
	struct walk_sums w = { x, x, m, m, 1, NULL };

	assert(conf > 0 && conf < 1);
	/* room for the walk and, after it, for the values by size */
	w.scratch = malloc((WALK_ROOM(2 * n) + n) * sizeof *w.scratch);
	if (x == NULL || w.scratch == NULL) {
		free(x);
		free(w.scratch);
		return RC_NOMEM;
	}
	stat_test_clear(out, m);
	if (m > 0) {
		stat_sort(x, m);
		hodges_lehmann(&w, conf, out);
		for (i = 0; i < m; i++)
			if (x[i] != 0)
				x[nonzero++] = x[i];
		sort_by_size(x, nonzero, w.scratch);
		rank_them(w.scratch, nonzero, &r);
		out->stat = r.plus;
		out->p = rank_p(&r, side);
	}
	free(x);
	free(w.scratch);
	return RC_OK;
}

const struct stat_method stat_method_signed_rank = {
	.name = "signed_rank",
	.title = "Wilcoxon signed-rank test with Hodges-Lehmann estimate",
	.when = "the body of paired latencies, on ln(candidate / baseline): "
	    "is everything slower?",
	.assumptions = "independent pairs; with no change a difference is "
	    "symmetric around 0; blind to a tail, unmoved by outliers",
	.source = "Wilcoxon, Biometrics Bull. 1, 1945 (zeros dropped); Hodges "
	    "& Lehmann, Ann. Math. Statist. 34, 1963; ties: Streitberg & "
	    "Rohmel, Stat. Software Newsl. 12, 1986",
};
