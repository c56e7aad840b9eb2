/* Quantiles as order statistics, and their intervals. */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>

#include "harness/stat/stat_dist.h"

size_t
stat_quantile_rank(size_t n, double q)
{
	/* 0.55 * 100 is a hair above 55. */
	double k = ceil(q * (double)n * (1 - 1e-12));

	return k < 1 ? 1 : k > (double)n ? n : (size_t)k;
}

double
stat_quantile(const double *sorted, size_t n, double q)
{
	return n == 0 ? NAN : sorted[stat_quantile_rank(n, q) - 1];
}

/* The largest k in [0,n] with P(Bin(n,q) >= k) above tail. */
static size_t
binom_reach(size_t n, double q, double tail)
{
	size_t lo = 0, hi = n + 1, mid;

	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (dist_binom_upper(n, mid, q) > tail)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

/*
 * With X the number of values below the quantile, X_(lo) misses above when
 * X <= lo - 1 and X_(hi) misses below when X >= hi.
 */
void
stat_quantile_ci(size_t n, double q, double conf, size_t *lo, size_t *hi)
{
	double tail = (1 - conf) / 2;

	assert(q > 0 && q < 1 && conf > 0 && conf < 1);
	*hi = binom_reach(n, q, tail) + 1;
	/* X <= lo - 1 is n - X >= n - lo + 1, of Bin(n, 1 - q). */
	*lo = n - binom_reach(n, 1 - q, tail);
}

const struct stat_method stat_method_quantile = {
	.name = "quantile_ci",
	.title = "Order-statistic interval of a quantile",
	.when = "the level of one quantile: p50, p95, p99 of one arm",
	.assumptions = "independent values of one distribution, of any "
	    "shape; a quantile of n values needs about 3 / (1 - q) of them "
	    "to be bounded above",
	.source = "David & Nagaraja, Order Statistics, 3rd ed. 2003, 7.1",
};
