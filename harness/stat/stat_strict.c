/* A bound of a mean that rare harm cannot escape. */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"

int
stat_strict_bound(const double *d, size_t n, double worst, double conf,
    double *bound)
{
	size_t m;
	double *x = stat_finite(d, n, &m), mean, sd;

	assert(conf >= 0.5 && conf < 1 && isfinite(worst) && worst != 0);
	if (x == NULL)
		return RC_NOMEM;
	*bound = NAN;
	if (m > 0) {
		x[m] = worst;	/* stat_finite() leaves room for one more */
		stat_moments(x, m + 1, &mean, &sd);
		*bound = mean + copysign(dist_t_quantile(conf, (double)m) *
		    sd / sqrt((double)m + 1), worst);
	}
	free(x);
	return RC_OK;
}

const struct stat_method stat_method_strict = {
	.name = "strict_bound",
	.title = "Bound of a mean with one worst case added",
	.when = "proof of no harm (strict): how bad can the mean be, if harm "
	    "that was not seen can be rare and large?",
	.assumptions = "independent cases; no case can be worse than the "
	    "worst value given",
	.source = "Student's t on the sample with that value added, in the "
	    "spirit of the rule of three (Hanley & Lippman-Hand, JAMA 249, "
	    "1983); STATS.md has its coverage by simulation",
};
