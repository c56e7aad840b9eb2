/*
 * Hodges-Lehmann shift of two independent samples, with the interval and the
 * p-value of Mann and Whitney.
 */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"
#include "harness/stat/stat_walk.h"

#define EXACT_CELLS 2500	/* nx * ny up to which U is counted */

/*
 * P(U = u) without ties, u in 0..nx*ny: the coefficients of the Gaussian
 * binomial, by multiplying and dividing its factors (1 - q^k) in turn.
 */
static double *
u_shares(size_t nx, size_t ny)
{
	size_t cells = nx * ny, k, u;
	double *w = calloc(cells + 1, sizeof *w);

	if (w == NULL)
		return NULL;
	w[0] = 1;
	for (k = 1; k <= nx; k++) {
		for (u = cells + 1; u-- > ny + k;)
			w[u] -= w[u - ny - k];
		for (u = k; u <= cells; u++)
			w[u] += w[u - k];
		/* Kept to shares: C(ny + k, k) over its predecessor. */
		for (u = 0; u <= cells; u++)
			w[u] *= (double)k / (double)(ny + k);
	}
	return w;
}

/* As walsh_rank: the c-th smallest and largest difference are the ends. */
static uint64_t
shift_rank(const double *shares, size_t nx, size_t ny, double tail)
{
	double m = (double)nx, n = (double)ny, sum = 0, c;
	uint64_t u;

	if (shares == NULL) {
		c = floor(m * n / 2 + 0.5 + dist_normal_quantile(tail) *
		    sqrt(m * n * (m + n + 1) / 12));
		return c < 1 ? 0 : (uint64_t)c;
	}
	for (u = 0; u < (uint64_t)nx * ny; u++) {
		sum += shares[u];
		if (sum > tail * (1 + 1e-9))
			break;
	}
	return u;
}

/* Pairs with x above y, ties half. */
static double
mann_whitney(const double *x, size_t nx, const double *y, size_t ny)
{
	size_t i, less = 0, upto = 0;
	double u = 0;

	for (i = 0; i < nx; i++) {
		while (less < ny && y[less] < x[i])
			less++;
		while (upto < ny && y[upto] <= x[i])
			upto++;
		u += ((double)less + (double)upto) / 2;
	}
	return u;
}

static double
shift_p(const double *shares, size_t nx, size_t ny, double u)
{
	double m = (double)nx, n = (double)ny, low = fmin(u, m * n - u);
	double sum = 0;
	size_t i;

	if (shares == NULL)
		return fmin(1, 2 * dist_normal_cdf((low - m * n / 2 + 0.5) /
		    sqrt(m * n * (m + n + 1) / 12)));
	/* A half (from ties) is rounded up, the safe way. */
	for (i = 0; (double)i < low + 0.75 && i <= nx * ny; i++)
		sum += shares[i];
	return fmin(1, 2 * sum);
}

/* The sums of x and -y, both sorted, are the differences x - y. */
static void
shift_interval(const struct walk_sums *w, const uint64_t c[2],
    struct stat_test *out)
{
	uint64_t all = (uint64_t)w->nx * w->ny;
	struct walk_middle mid = walk_middle(all);

	out->estimate = (walk_sums(w, mid.low) + walk_sums(w, mid.high)) / 2;
	if (c[0] > 0) {
		out->lo = walk_sums(w, c[0]);
		out->hi = walk_sums(w, all + 1 - c[0]);
	}
	if (c[1] > 0) {
		out->lower = walk_sums(w, c[1]);
		out->upper = walk_sums(w, all + 1 - c[1]);
	}
}

static void
negate_sorted(double *y, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		y[i] = -y[i];
	stat_sort(y, n);
}

static int
shift_fill(double *x, size_t nx, double *y, size_t ny, double conf,
    struct stat_test *out)
{
	struct walk_sums w = { x, y, nx, ny, 0, NULL };
	double *shares = NULL;
	uint64_t c[2];

	w.scratch = malloc(WALK_ROOM(nx + ny) * sizeof *w.scratch);
	if (nx * ny <= EXACT_CELLS)
		shares = u_shares(nx, ny);
	if (w.scratch == NULL || (shares == NULL && nx * ny <= EXACT_CELLS)) {
		free(w.scratch);
		free(shares);
		return RC_NOMEM;
	}
	stat_sort(x, nx);
	stat_sort(y, ny);
	out->stat = mann_whitney(x, nx, y, ny);
	out->p = shift_p(shares, nx, ny, out->stat);
	c[0] = shift_rank(shares, nx, ny, (1 - conf) / 2);
	c[1] = shift_rank(shares, nx, ny, 1 - conf);
	negate_sorted(y, ny);
	shift_interval(&w, c, out);
	out->se = (out->upper - out->lower) /
	    (2 * dist_normal_quantile(fmax(conf, 0.51)));
	free(w.scratch);
	free(shares);
	return RC_OK;
}

int
stat_shift(const double *x, size_t nx, const double *y, size_t ny,
    double conf, struct stat_test *out)
{
	size_t mx = 0, my = 0;
	double *xs = stat_finite(x, nx, &mx), *ys = stat_finite(y, ny, &my);
	int rc = xs == NULL || ys == NULL ? RC_NOMEM : RC_OK;

	assert(conf > 0 && conf < 1);
	stat_test_clear(out, mx + my);
	if (rc == RC_OK && mx > 0 && my > 0)
		rc = shift_fill(xs, mx, ys, my, conf, out);
	free(xs);
	free(ys);
	return rc;
}

const struct stat_method stat_method_shift = {
	.name = "shift",
	.title = "Two-sample Hodges-Lehmann shift",
	.when = "two samples that are not paired: latencies of two old runs",
	.assumptions = "independent samples that differ by a shift alone; "
	    "p and interval leave ties uncorrected, which is conservative",
	.source = "Mann & Whitney, Ann. Math. Statist. 18, 1947; Hodges & "
	    "Lehmann, Ann. Math. Statist. 34, 1963",
};
