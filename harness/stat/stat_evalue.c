/* Beta mixture e-value of a fair coin, for stopping early. */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>

#include "harness/stat/stat_anytime.h"
#include "harness/stat/stat_dist.h"

double
stat_evalue_log(uint64_t k, uint64_t n)
{
	double kd = (double)k, nd = (double)n;

	assert(k <= n);
	return nd * M_LN2 + dist_lgamma(kd + 0.5) +
	    dist_lgamma(nd - kd + 0.5) - log(M_PI) - dist_lgamma(nd + 1);
}

double
stat_evalue_upper_log(uint64_t k, uint64_t n)
{
	double above = dist_beta_inc((double)(n - k) + 0.5, (double)k + 0.5,
	    0.5);

	assert(k <= n);
	/* far below 1 the tail underflows: it is no evidence */
	if (!(above > 1e-290))
		return -INFINITY;
	return stat_evalue_log(k, n) + M_LN2 + log(above);
}

double
stat_evalue_above_log(uint64_t k, uint64_t n, double p0)
{
	const double a = (double)k + 0.5, b = (double)(n - k) + 0.5;
	const double p = fmin(fmax(p0, 1e-9), 1 - 1e-9);
	double above = dist_beta_inc(b, a, 1 - p);

	assert(k <= n);
	if (!(above > 1e-290))
		return -INFINITY;
	return dist_lgamma(a) + dist_lgamma(b) - dist_lgamma(a + b) -
	    log(M_PI) + log(above) - log(dist_beta_inc(0.5, 0.5, 1 - p)) -
	    (double)k * log(p) - (double)(n - k) * log1p(-p);
}

const struct stat_method stat_method_evalue = {
	.name = "evalue",
	.title = "Beta(1/2,1/2) e-value",
	.when = "stopping while a run is live: the discordant pairs can be "
	    "tested any number of times",
	.assumptions = "without a change each discordant pair is a fair coin, "
	    "given the past; the chance of ever reaching 1/alpha is then at "
	    "most alpha, for any stopping rule",
	.source = "E = 2^n G(k+1/2) G(n-k+1/2) / (pi n!); Waudby-Smith & "
	    "Ramdas, J. R. Stat. Soc. B 86(1) 2024; Johari et al., Oper. "
	    "Res. 70(3) 2022",
};
