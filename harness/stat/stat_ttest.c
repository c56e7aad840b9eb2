/* Student's t test of a mean against a limit. */
#include "harness/stat/stat.h"

#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"

/* Rounding leaves equal values a spread of some 1e-16 of their size. */
static int
has_no_spread(double mean, double sd)
{
	return sd <= 1e-13 * fabs(mean);
}

static void
t_fill(struct stat_test *out, double sd, double limit, enum stat_side side)
{
	double df = (double)out->n - 1, above = out->estimate - limit;

	if (has_no_spread(out->estimate, sd)) {
		if (fabs(above) <= 1e-13 * fabs(limit))
			above = 0;
		out->se = 0;
		out->stat = above == 0 ? 0 : above > 0 ? INFINITY : -INFINITY;
	} else {
		out->se = sd / sqrt((double)out->n);
		out->stat = above / out->se;
	}
	stat_test_interval(out, dist_t_quantile(0.975, df),
	    dist_t_quantile(0.95, df));
	out->p = dist_side(dist_t_cdf(-out->stat, df),
	    dist_t_cdf(out->stat, df), side);
}

int
stat_t_above(const double *x, size_t n, double limit, enum stat_side side,
    struct stat_test *out)
{
	size_t m;
	double *v = stat_finite(x, n, &m), sd;

	if (v == NULL)
		return RC_NOMEM;
	stat_test_clear(out, m);
	stat_moments(v, m, &out->estimate, &sd);
	if (m > 1)
		t_fill(out, sd, limit, side);
	free(v);
	return RC_OK;
}

const struct stat_method stat_method_t = {
	.name = "t",
	.title = "One-sample t test",
	.when = "a mean over cases against an absolute limit",
	.assumptions = "independent cases; a mean that is about normal, so "
	    "some 30 cases, more with a long tail (STATS.md has figures)",
	.source = "Student, Biometrika 6, 1908; incomplete beta: DLMF 8.17",
};
