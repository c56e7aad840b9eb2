/* What a gate can see: power, smallest visible effect, size needed. */
#include "harness/stat/stat.h"

#include <assert.h>
#include <math.h>

#include "harness/stat/stat_dist.h"

#define N_MAX 1e12
#define NORMAL_FROM 2000	/* discordant pairs */

typedef double power_fn(const struct stat_design *g, size_t n, double effect);

double
stat_sd_of(const struct stat_test *t)
{
	return t->se * sqrt((double)t->n);
}

double
stat_sd_signed_rank(double sd)
{
	return sd * sqrt(M_PI / 3);
}

double
stat_sd_quantile(double q, double sigma, double rho)
{
	double z = dist_normal_quantile(q);
	double density = exp(-z * z / 2) / sqrt(2 * M_PI) / sigma;

	return sqrt(2 * q * (1 - q) * (1 - rho)) / density;
}

/* The noncentral t by the normal with Kramer's correction; both conditions
 * look at one estimate, so the stricter one rules. */
double
stat_power(const struct stat_design *g, size_t n, double effect)
{
	double se = g->sd / sqrt((double)n), df = (double)n - 1, crit, test;
	double past;

	if (n < 2 || ldexp(1, -(int)(n < 1000 ? n : 1000)) > g->alpha)
		return 0;
	if (!(g->sd > 0))
		return effect > g->margin && effect > 0;
	crit = dist_t_quantile(1 - g->alpha, df);
	test = dist_normal_cdf((effect / se - crit * (1 - 1 / (4 * df))) /
	    sqrt(1 + crit * crit / (2 * df)));
	past = dist_normal_cdf((effect - g->margin) / se);
	return fmin(test, past);
}

/* The smallest b of m discordant pairs that fails; the normal value is within
 * a step or two of it. */
static uint64_t
mcnemar_crit(const struct stat_design *g, size_t n, uint64_t m)
{
	double md = (double)m, past = (md + g->margin * (double)n) / 2;
	double near = (md + dist_normal_quantile(1 - g->alpha) * sqrt(md)) / 2;
	uint64_t b = (uint64_t)fmin(md, near);
	uint64_t beyond = (uint64_t)(past + 1e-9) + 1;

	while (b > 0 && dist_binom_upper(m, b - 1, 0.5) <= g->alpha)
		b--;
	b = b > beyond ? b : beyond;
	while (b <= m && dist_binom_upper(m, b, 0.5) > g->alpha)
		b++;
	return b;
}

static double
mcnemar_normal(const struct stat_design *g, double n, double effect)
{
	double each = 2 * g->sd + effect;
	double need = fmax(g->margin, dist_normal_quantile(1 - g->alpha) *
	    sqrt(each / n));

	return dist_normal_cdf((effect - need) /
	    sqrt((each - effect * effect) / n));
}

double
stat_power_mcnemar(const struct stat_design *g, size_t n, double effect)
{
	double each = fmin(1, 2 * g->sd + effect), mean = each * (double)n;
	double up = fmin(1, (g->sd + effect) / each), spread, power = 0;
	uint64_t m, to, b;

	assert(g->sd >= 0 && g->alpha > 0 && g->alpha < 1);
	if (!(each > 0) || n == 0)
		return 0;
	if (mean > NORMAL_FROM)
		return mcnemar_normal(g, (double)n, effect);
	spread = 9 * sqrt(mean * (1 - each)) + 9;
	m = mean > spread ? (uint64_t)(mean - spread) : 0;
	to = mean + spread < (double)n ? (uint64_t)(mean + spread) : n;
	for (; m <= to; m++) {
		b = mcnemar_crit(g, n, m);
		if (b > m)
			continue;
		power += dist_binom_upper(m, b, up) * (each < 1 ?
		    exp(dist_binom_log(n, m, each)) : m == n);
	}
	return fmin(1, power);
}

/* Power grows with the effect. */
static double
visible(const struct stat_design *g, size_t n, double power, double top,
    power_fn *fn)
{
	double lo = 0, hi = top, mid;
	int i;

	if (fn(g, n, hi) < power)
		return INFINITY;
	for (i = 0; i < 40; i++) {
		mid = (lo + hi) / 2;
		if (fn(g, n, mid) >= power)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

/* Power grows with n for effects beyond the margin. */
static double
n_needed(const struct stat_design *g, double effect, double power,
    power_fn *fn)
{
	double lo = 1, hi = 2, mid;

	if (!(effect > g->margin))
		return INFINITY;
	while (fn(g, (size_t)hi, effect) < power) {
		lo = hi;
		hi *= 2;
		if (hi > N_MAX)
			return INFINITY;
	}
	while (hi - lo > 1 && hi - lo > 1e-4 * hi) {
		mid = floor((lo + hi) / 2);
		if (fn(g, (size_t)mid, effect) >= power)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

double
stat_visible(const struct stat_design *g, size_t n, double power)
{
	return visible(g, n, power, g->margin + 100 * g->sd + 1e-9,
	    stat_power);
}

double
stat_n_needed(const struct stat_design *g, double effect, double power)
{
	return n_needed(g, effect, power, stat_power);
}

double
stat_visible_mcnemar(const struct stat_design *g, size_t n, double power)
{
	return visible(g, n, power, fmax(0, 1 - 2 * g->sd),
	    stat_power_mcnemar);
}

double
stat_n_needed_mcnemar(const struct stat_design *g, double effect,
    double power)
{
	return n_needed(g, effect, power, stat_power_mcnemar);
}

double
stat_n_strict(const struct stat_design *g, double power)
{
	double z = dist_normal_quantile(1 - g->alpha) +
	    dist_normal_quantile(power);

	return g->margin > 0 ? ceil(pow(z * g->sd / g->margin, 2)) : INFINITY;
}

double
stat_n_to_decide(const struct stat_design *g, size_t n, double effect)
{
	double z = dist_normal_quantile(1 - g->alpha), any = INFINITY, seen;

	if (g->margin > 0)
		any = pow(z * g->sd / g->margin, 2);
	seen = pow((z + dist_normal_quantile(0.8)) * g->sd / effect, 2);
	any = fmin(any, seen);
	return isfinite(any) ? fmax(ceil(any), (double)n + 1) : INFINITY;
}

const struct stat_method stat_method_power = {
	.name = "power",
	.title = "What a gate can see",
	.when = "before a run (plan), and beside an inconclusive gate: the "
	    "smallest effect that fails, and the n that would decide",
	.assumptions = "the noise measured so far stays; means about normal; "
	    "quantiles of about log-normal latencies; McNemar exact up to "
	    "2,000 discordant pairs",
	.source = "Kraemer & Paik, Biometrics 35, 1979 (noncentral t); "
	    "efficiency 3/pi: Hodges & Lehmann, Ann. Math. Statist. 27, 1956",
};
