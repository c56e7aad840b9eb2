/* E-process of values that should be symmetric around 0; and the confidence
 * sequence of their centre. See stat_anytime.h. */
#include "harness/stat/stat_anytime.h"

#include <math.h>

/* The first of the scales; each is twice the one before. */
#define SCALE_FIRST 0.25

/* ln(1 + tanh x) = ln 2 - ln(1 + exp(-2x)), for any x without overflow. */
static double
log_factor(double x)
{
	if (x >= 0)
		return M_LN2 - log1p(exp(-2 * x));
	return M_LN2 + 2 * x - log1p(exp(2 * x));
}

void
stat_symmetry_add(struct stat_symmetry *s, double d)
{
	double scale = SCALE_FIRST;
	int i;

	if (!isfinite(d) || d == 0)
		return;
	for (i = 0; i < STAT_SYMMETRY_SCALES; i++) {
		s->log_w[i] += log_factor(scale * d);
		scale *= 2;
	}
}

double
stat_symmetry_log(const struct stat_symmetry *s)
{
	double most = s->log_w[0], sum = 0;
	int i;

	for (i = 1; i < STAT_SYMMETRY_SCALES; i++)
		most = fmax(most, s->log_w[i]);
	for (i = 0; i < STAT_SYMMETRY_SCALES; i++)
		sum += exp(s->log_w[i] - most);
	return most + log(sum / STAT_SYMMETRY_SCALES);
}

/* ---- confidence sequence ----------------------------------------------- */

static double
log_e_of_centre(const struct stat_moments_sum *d, double rate, double m)
{
	double n = (double)d->n, s = d->sum - n * m;
	double v = d->square - 2 * m * d->sum + n * m * m;
	double r2 = rate * rate;

	return r2 * s * s / (2 * (1 + r2 * v)) - .5 * log1p(r2 * v);
}

/* The bound on one side (sign -1: below) of the mean, by bisection: far away
 * E tends to exp(n/2) / sqrt(r^2 V), which may never reach 1/alpha. */
static double
bound(const struct stat_moments_sum *d, double rate, double most, int sign)
{
	double mean = d->sum / (double)d->n, lo = 0, hi = 1e-6, mid;
	int i;

	while (log_e_of_centre(d, rate, mean + sign * hi) < most) {
		hi *= 2;
		if (hi > 1e6)
			return sign < 0 ? -INFINITY : INFINITY;
	}
	for (i = 0; i < 80; i++) {
		mid = (lo + hi) / 2;
		if (log_e_of_centre(d, rate, mean + sign * mid) < most)
			lo = mid;
		else
			hi = mid;
	}
	return mean + sign * hi;
}

void
stat_symmetric_cs(const struct stat_moments_sum *d, double rate,
    double alpha, double *lo, double *hi)
{
	*lo = -INFINITY;
	*hi = INFINITY;
	if (d->n == 0)
		return;
	*lo = bound(d, rate, -log(alpha), -1);
	*hi = bound(d, rate, -log(alpha), 1);
}

const struct stat_method stat_method_symmetry = {
	.name = "symmetry",
	.title = "tanh e-process of symmetry",
	.when = "while a run is live: distances beyond the noise floor, and "
	    "log ratios of latency by block of time, tested at any number of "
	    "looks",
	.assumptions = "without a change each value is symmetric around 0, "
	    "given the past; nothing is asked of its shape or spread, and it "
	    "may be unbounded",
	.source = "E = mean over L of prod (1 + tanh(L d)); Ramdas et al., "
	    "arXiv 2009.03167; de la Pena, Ann. Probab. 27(1) 1999",
};
