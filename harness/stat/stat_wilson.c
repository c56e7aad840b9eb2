/* Wilson's score interval of a rate. */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>

#include "harness/stat/stat_dist.h"

void
stat_wilson(uint64_t k, uint64_t n, double conf, double *lo, double *hi)
{
	double z, nd = (double)n, share, centre, half, scale;

	assert(k <= n && conf > 0 && conf < 1);
	*lo = *hi = NAN;
	if (n == 0)
		return;
	z = dist_normal_quantile(0.5 + conf / 2);
	share = (double)k / nd;
	scale = 1 / (1 + z * z / nd);
	centre = scale * (share + z * z / (2 * nd));
	half = scale * z *
	    sqrt(share * (1 - share) / nd + z * z / (4 * nd * nd));
	*lo = k == 0 ? 0 : fmax(0, centre - half);
	*hi = k == n ? 1 : fmin(1, centre + half);
}

const struct stat_method stat_method_wilson = {
	.name = "wilson",
	.title = "Wilson score interval",
	.when = "the level of one rate: errors, refusals",
	.assumptions = "independent trials of one rate; good down to n of "
	    "about 10 and to rates of 0 and 1",
	.source = "Wilson, J. Amer. Statist. Assoc. 22, 1927; Brown, Cai & "
	    "DasGupta, Statist. Sci. 16, 2001",
};
