/* Distributions and small helpers of the statistical methods. */
#include "harness/stat/stat_dist.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

double
dist_lgamma(double x)
{
	int sign;

	return lgamma_r(x, &sign);
}

double
dist_normal_cdf(double z)
{
	return 0.5 * erfc(-z * M_SQRT1_2);
}

/* A rational start (Abramowitz & Stegun 26.2.23), then Newton steps on the
 * smaller tail, where differences keep their digits. */
double
dist_normal_quantile(double p)
{
	double tail = p < 0.5 ? p : 1 - p, t, z;
	int i;

	assert(p > 0 && p < 1);
	t = sqrt(-2 * log(tail));
	z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
	    (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
	for (i = 0; i < 4; i++)
		z += (dist_normal_cdf(-z) - tail) * sqrt(2 * M_PI) *
		    exp(z * z / 2);
	return p < 0.5 ? -z : z;
}

static double
beta_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1, d = 1 - (a + b) * x / (a + 1), h, delta, num;
	int m;

	d = 1 / (fabs(d) < tiny ? tiny : d);
	h = d;
	for (m = 1; m < 10000; m++) {
		num = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
		d = 1 + num * d;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = 1 + num / c;
		c = fabs(c) < tiny ? tiny : c;
		h *= d * c;
		num = -(a + m) * (a + b + m) * x /
		    ((a + 2 * m) * (a + 2 * m + 1));
		d = 1 + num * d;
		d = 1 / (fabs(d) < tiny ? tiny : d);
		c = 1 + num / c;
		c = fabs(c) < tiny ? tiny : c;
		delta = d * c;
		h *= delta;
		if (fabs(delta - 1) < 1e-15)
			break;
	}
	return h;
}

double
dist_beta_inc(double a, double b, double x)
{
	double front;

	if (!(x > 0))
		return 0;
	if (x >= 1)
		return 1;
	front = exp(dist_lgamma(a + b) - dist_lgamma(a) - dist_lgamma(b) +
	    a * log(x) + b * log1p(-x));
	if (x < (a + 1) / (a + b + 2))
		return front * beta_fraction(a, b, x) / a;
	return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double
dist_t_cdf(double t, double df)
{
	double tail;

	if (isinf(t))
		return t > 0;
	tail = 0.5 * dist_beta_inc(df / 2, 0.5, df / (df + t * t));
	return t > 0 ? 1 - tail : tail;
}

/* ln of the density's factor that does not depend on t. */
static double
t_factor(double df)
{
	return dist_lgamma((df + 1) / 2) - dist_lgamma(df / 2) -
	    0.5 * log(df * M_PI);
}

/* The tail is convex and wider than the normal's: Newton from the normal
 * quantile climbs to the root and never past it. */
double
dist_t_quantile(double p, double df)
{
	double tail = p < 0.5 ? p : 1 - p, factor = t_factor(df), t, step;
	int i;

	assert(p > 0 && p < 1);
	if (p == 0.5)
		return 0;
	t = fabs(dist_normal_quantile(tail));
	for (i = 0; i < 200; i++) {
		step = (dist_t_cdf(-t, df) - tail) /
		    exp(factor - (df + 1) / 2 * log1p(t * t / df));
		t += step;
		if (fabs(step) <= 1e-13 * t)
			break;
	}
	return p < 0.5 ? -t : t;
}

double
dist_binom_log(uint64_t n, uint64_t k, double p)
{
	double nd = (double)n, kd = (double)k;

	return dist_lgamma(nd + 1) - dist_lgamma(kd + 1) -
	    dist_lgamma(nd - kd + 1) + kd * log(p) + (nd - kd) * log1p(-p);
}

/* Sums the tail that does not hold the mode, whose terms shrink from its
 * first on: about the square root of n of them matter. */
double
dist_binom_upper(uint64_t n, uint64_t k, double p)
{
	double odds, term, sum = 0;
	uint64_t i;

	if (k == 0)
		return 1;
	if (k > n || p <= 0)
		return 0;
	if (p >= 1)
		return 1;
	odds = p / (1 - p);
	if ((double)k > (double)n * p) {
		term = exp(dist_binom_log(n, k, p));
		for (i = k; term > sum * 1e-17; i++) {
			sum += term;
			term *= odds * (double)(n - i) / (double)(i + 1);
		}
		return sum < 1 ? sum : 1;
	}
	term = exp(dist_binom_log(n, k - 1, p));
	for (i = k - 1; term > sum * 1e-17; i--) {
		sum += term;
		term *= (double)i / ((double)(n - i + 1) * odds);
	}
	return sum < 1 ? 1 - sum : 0;
}

double
dist_side(double upper, double lower, enum stat_side side)
{
	if (side == STAT_GREATER)
		return fmin(1, upper);
	if (side == STAT_LESS)
		return fmin(1, lower);
	return fmin(1, 2 * fmin(upper, lower));
}

void
stat_test_clear(struct stat_test *t, size_t n)
{
	*t = (struct stat_test){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, n };
}

void
stat_test_interval(struct stat_test *t, double two, double one)
{
	t->lo = t->estimate - two * t->se;
	t->hi = t->estimate + two * t->se;
	t->lower = t->estimate - one * t->se;
	t->upper = t->estimate + one * t->se;
}

double *
stat_finite(const double *d, size_t n, size_t *out_n)
{
	double *x = malloc((n + 1) * sizeof *x);
	size_t i, m = 0;

	if (x == NULL)
		return NULL;
	for (i = 0; i < n; i++)
		if (isfinite(d[i]))
			x[m++] = d[i];
	*out_n = m;
	return x;
}

void
stat_moments(const double *x, size_t n, double *mean, double *sd)
{
	double sum = 0, square = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += x[i];
	*mean = n > 0 ? sum / (double)n : NAN;
	for (i = 0; i < n; i++)
		square += (x[i] - *mean) * (x[i] - *mean);
	*sd = n > 1 ? sqrt(square / (double)(n - 1)) : NAN;
}
