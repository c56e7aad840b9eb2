/* Kendall's rank correlation by Knight's merge count. */
#include "harness/stat/stat.h"

#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_walk.h"

struct point {
	double x, y;
};

static int
compare(const void *a, const void *b)
{
	const struct point *p = a, *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return (p->y > q->y) - (p->y < q->y);
}

/* Sums over groups of t equal values: t(t-1), t(t-1)(t-2), t(t-1)(2t+5). */
struct ties {
	double pairs, triples, var;
};

static void
ties_add(struct ties *s, size_t count)
{
	double t = (double)count;

	s->pairs += t * (t - 1);
	s->triples += t * (t - 1) * (t - 2);
	s->var += t * (t - 1) * (2 * t + 5);
}

/* Ties of x, and of both together, of points in order. */
static void
tie_x(const struct point *v, size_t n, struct ties *x, struct ties *both)
{
	size_t i, run_x = 1, run_both = 1;

	for (i = 1; i <= n; i++) {
		if (i < n && v[i].x == v[i - 1].x && v[i].y == v[i - 1].y) {
			run_both++;
		} else {
			ties_add(both, run_both);
			run_both = 1;
		}
		if (i < n && v[i].x == v[i - 1].x) {
			run_x++;
		} else {
			ties_add(x, run_x);
			run_x = 1;
		}
	}
}

static void
tie_y(const double *y, size_t n, struct ties *s)
{
	size_t i, run = 1;

	for (i = 1; i <= n; i++) {
		if (i < n && y[i] == y[i - 1]) {
			run++;
		} else {
			ties_add(s, run);
			run = 1;
		}
	}
}

static void
kendall_fill(struct point *v, size_t n, double *y, struct stat_kendall *out)
{
	struct ties x = { 0 }, both = { 0 }, ty = { 0 };
	double nd = (double)n, all = nd * (nd - 1) / 2, s;
	uint64_t swaps;
	size_t i;

	qsort(v, n, sizeof *v, compare);
	tie_x(v, n, &x, &both);
	for (i = 0; i < n; i++)
		y[i] = v[i].y;
	swaps = walk_inversions(y, y + n, n);
	tie_y(y, n, &ty);
	s = all - x.pairs / 2 - ty.pairs / 2 + both.pairs / 2 -
	    2 * (double)swaps;
	out->s = (int64_t)s;
	out->tau = s / all;
	if (x.pairs < 2 * all && ty.pairs < 2 * all)
		out->tau_b = s / sqrt((all - x.pairs / 2) *
		    (all - ty.pairs / 2));
	out->var = (nd * (nd - 1) * (2 * nd + 5) - x.var - ty.var) / 18 +
	    x.pairs * ty.pairs / (2 * nd * (nd - 1));
	if (n > 2)
		out->var += x.triples * ty.triples /
		    (9 * nd * (nd - 1) * (nd - 2));
}

int
stat_kendall(const double *x, const double *y, size_t n,
    struct stat_kendall *out)
{
	struct point *v = malloc((n + 1) * sizeof *v);
	double *scratch = malloc((2 * n + 1) * sizeof *scratch);
	int rc = v == NULL || scratch == NULL ? RC_NOMEM : RC_OK;
	size_t i;

	*out = (struct stat_kendall){ 0, NAN, NAN, 0 };
	if (rc == RC_OK && n > 1) {
		for (i = 0; i < n; i++)
			v[i] = (struct point){ x[i], y[i] };
		kendall_fill(v, n, scratch, out);
	}
	free(v);
	free(scratch);
	return rc;
}

const struct stat_method stat_method_kendall = {
	.name = "kendall",
	.title = "Kendall's rank correlation",
	.when = "do two orders agree: tau without ties, tau_b with them",
	.assumptions = "none beyond paired values that can be ordered",
	.source = "Kendall, Biometrika 30, 1938, and Biometrika 33, 1945 "
	    "(ties); Knight, J. Amer. Statist. Assoc. 61, 1966",
};
