/*
 * Sign-flip tests of a tail: of a quantile, and of the number of values
 * beyond a limit.  How many of m values point one way is Bin(m, 1/2), so
 * both are exact without drawing.
 */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"

/*
 * Share of sign patterns whose r-th largest value is at least t: those of
 * larger size than t must be positive to count, those of a size up to -t
 * count either way.
 */
static double
reach_p(const double *d, size_t n, double t, size_t r)
{
	size_t i, free_n = 0, always = 0;

	for (i = 0; i < n; i++) {
		if (t > 0)
			free_n += fabs(d[i]) >= t;
		else if (fabs(d[i]) <= -t)
			always++;
		else
			free_n++;
	}
	return r <= always ? 1 : dist_binom_upper(free_n, r - always, 0.5);
}

/* d is sorted; flipped says that its values were negated to ask for the
 * other side. */
static void
quantile_test(double *d, size_t n, double q, int flipped,
    struct stat_test *out)
{
	size_t k = stat_quantile_rank(n, q), lo, hi;

	out->estimate = d[k - 1];
	out->stat = out->estimate;
	stat_quantile_ci(n, q, 0.95, &lo, &hi);
	out->lo = lo >= 1 ? d[lo - 1] : NAN;
	out->hi = hi <= n ? d[hi - 1] : NAN;
	stat_quantile_ci(n, q, 0.90, &lo, &hi);
	out->lower = lo >= 1 ? d[lo - 1] : NAN;
	out->upper = hi <= n ? d[hi - 1] : NAN;
	if (isfinite(out->lower) && isfinite(out->upper))
		out->se = (out->upper - out->lower) /
		    (2 * dist_normal_quantile(0.95));
	if (!flipped) {
		out->p = reach_p(d, n, out->estimate, n - k + 1);
		return;
	}
	/* The k-th smallest of d is minus the k-th largest of -d. */
	out->p = reach_p(d, n, -out->estimate, k);
}

int
stat_signflip_quantile(const double *d, size_t n, double q,
    enum stat_side side, struct stat_test *out)
{
	size_t m;
	double *x = stat_finite(d, n, &m);

	assert(side != STAT_TWO_SIDED);
	if (x == NULL)
		return RC_NOMEM;
	stat_test_clear(out, m);
	if (m > 0) {
		stat_sort(x, m);
		quantile_test(x, m, q, side == STAT_LESS, out);
	}
	free(x);
	return RC_OK;
}

int
stat_signflip_tail(const double *d, size_t n, double limit,
    enum stat_side side, struct stat_test *out)
{
	double sign = side == STAT_LESS ? -1 : 1, share;
	size_t i, m = 0;
	uint64_t beyond = 0, mirror = 0;

	assert(side != STAT_TWO_SIDED && limit > 0);
	for (i = 0; i < n; i++) {
		m += isfinite(d[i]) != 0;
		beyond += isfinite(d[i]) && sign * d[i] > limit;
		mirror += isfinite(d[i]) && sign * d[i] < -limit;
	}
	stat_test_clear(out, m);
	if (m == 0)
		return RC_OK;
	share = (double)beyond / (double)m;
	out->estimate = share;
	out->stat = share;
	out->se = sqrt(share * (1 - share) / (double)m);
	stat_wilson(beyond, m, 0.95, &out->lo, &out->hi);
	stat_wilson(beyond, m, 0.90, &out->lower, &out->upper);
	out->p = dist_binom_upper(beyond + mirror, beyond, 0.5);
	return RC_OK;
}

const struct stat_method stat_method_signflip_tail = {
	.name = "signflip_tail",
	.title = "Sign-flip test of a tail",
	.when = "few cases changed a lot: the 95th percentile of drift, or "
	    "how many cases drifted beyond a limit",
	.assumptions = "as for signflip; exact, but the quantile's p cannot "
	    "fall below 2^-r with r values from the quantile up",
	.source = "Fisher, The Design of Experiments, 1935; Dixon & Mood, "
	    "J. Amer. Statist. Assoc. 41, 1946 (sign test)",
};
