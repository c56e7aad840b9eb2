/* Exact McNemar test, and the interval of a paired difference of shares. */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>

#include "harness/stat/stat_dist.h"

double
stat_mcnemar(uint64_t b, uint64_t c, enum stat_side side)
{
	return dist_side(dist_binom_upper(b + c, b, 0.5),
	    dist_binom_upper(b + c, c, 0.5), side);
}

void
stat_paired_share(uint64_t b, uint64_t c, uint64_t n, double conf,
    enum stat_side side, struct stat_test *out)
{
	double nd = (double)n, up, down, centre, half;

	assert(b + c <= n && conf > 0 && conf < 1);
	stat_test_clear(out, (size_t)n);
	if (n == 0)
		return;
	out->estimate = ((double)b - (double)c) / nd;
	out->stat = (double)b + (double)c;
	out->p = stat_mcnemar(b, c, side);
	/* One pair more each way keeps the width above 0. */
	up = ((double)b + 1) / (nd + 2);
	down = ((double)c + 1) / (nd + 2);
	centre = up - down;
	out->se = sqrt((up + down - centre * centre) / (nd + 2));
	half = dist_normal_quantile(0.5 + conf / 2) * out->se;
	out->lo = fmax(-1, centre - half);
	out->hi = fmin(1, centre + half);
	half = dist_normal_quantile(conf) * out->se;
	out->lower = fmax(-1, centre - half);
	out->upper = fmin(1, centre + half);
}

const struct stat_method stat_method_mcnemar = {
	.name = "mcnemar",
	.title = "Exact McNemar test",
	.when = "one yes or no a pair, on both arms: cases that pass, "
	    "requests that err",
	.assumptions = "pairs are independent; only pairs that differ count; "
	    "exact at any count, and conservative because counts are discrete",
	.source = "McNemar, Psychometrika 12, 1947; interval: Bonett & "
	    "Price, J. Educ. Behav. Stat. 37(4) 2012",
};
