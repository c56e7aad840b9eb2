/*
 * Statistical methods of the comparison (METRICS 4): one file a method, each
 * with a descriptor; STATS.md says when to use which and how well each keeps
 * its promise.
 *
 * Conventions.  All functions are pure and safe from any thread; those that
 * need scratch memory return RC_OK or RC_NOMEM, nothing else.  Results do not
 * depend on the number of OpenMP threads.  Values that are not finite are
 * left out (a pair with one such value as a whole), and out->n says how many
 * stayed.  An undefined number is NaN: an interval that so few values cannot
 * give is NaN, never a guess.
 */
#ifndef LOCKSTEP_STAT_H
#define LOCKSTEP_STAT_H

#include <stddef.h>
#include <stdint.h>

/* What the method is, for `lockstep metrics` and the README. */
struct stat_method {
	const char *name;		/* "signflip" */
	const char *title;
	const char *when;		/* when to use it */
	const char *assumptions;	/* what must hold, and what need not */
	const char *source;
};
extern const struct stat_method *const stat_methods[];
extern const size_t stat_methods_n;

/* A method by name; NULL when there is none. */
const struct stat_method *stat_method_find(const char *name);

/* The alternative: what a small p speaks for. */
enum stat_side {
	STAT_GREATER,	/* the effect is above zero (or above the limit) */
	STAT_LESS,
	STAT_TWO_SIDED
};

struct stat_test {
	double estimate;	/* the effect */
	double lo, hi;		/* two-sided interval, 95 % or as asked */
	double lower, upper;	/* one-sided bounds of the same level */
	double se;		/* standard error of the estimate */
	double p;		/* of "no change", for the side asked */
	double stat;		/* the test's own statistic */
	size_t n;		/* units used */
};

#define STAT_DRAWS 9999

/* Where a permutation test takes its random bits from. */
struct stat_draw {
	uint64_t seed;		/* of the suite's hash */
	uint64_t stream;	/* one per test, so that none share bits */
	uint32_t b;		/* relabelings; 0: STAT_DRAWS */
};

/* Paired samples: a[i] belongs to b[i]. */
struct stat_pairs {
	const double *a, *b;
	size_t n;
};

/* ---- sign-flip permutation (stat_signflip.c, stat_signflip_tail.c) ------ */

/*
 * Mean of d, against "d is symmetric around 0".
 * d       one value a case
 * draw    p = (1 + #) / (B + 1); with 13 values other than 0 or fewer, all
 *         sign patterns are counted instead and p is exact; with more than
 *         50,000, drawing ends once 200 were as extreme, and p is their share
 * *out    estimate and stat: the mean; interval: Student's t
 * Sums closer than 1e-7 of the sum of |d| count as equal, on the safe side:
 * columns of cells are single precision.
 * source  Fisher 1935; Phipson & Smyth, SAGMB 9(1) 2010 (the +1)
 */
int stat_signflip_mean(const double *d, size_t n,
    const struct stat_draw *draw, enum stat_side side, struct stat_test *out);

/*
 * mean(b) / mean(a), against "the arms of a pair are exchangeable".  With a
 * pair's sum fixed the ratio grows with the sum of b - a, so the test is that
 * of the differences; the interval linearises the ratio (delta method).
 * p->a    means above 0, else every number but p is NaN
 */
int stat_signflip_ratio(const struct stat_pairs *pairs,
    const struct stat_draw *draw, enum stat_side side, struct stat_test *out);

/*
 * The q-quantile of d, against "d is symmetric around 0".  The share of sign
 * patterns that reach the observed quantile is a binomial tail, so p is the
 * exact value that drawing patterns would only approach.
 * It cannot fall below 2^-r, r = n - ceil(qn) + 1: p <= .005 at q = .95 needs
 * n >= 140.  stat_signflip_tail() has no such floor.
 * q       (0,1)
 * side    STAT_GREATER or STAT_LESS
 * *out    interval: order statistics (stat_quantile_ci)
 */
int stat_signflip_quantile(const double *d, size_t n, double q,
    enum stat_side side, struct stat_test *out);

/*
 * How many d are beyond a fixed limit, compared with those beyond its mirror
 * image; under sign flips that count is binomial, so p is exact. The test of
 * choice for a tail whose estimate is judged by a quantile.
 * limit   > 0
 * side    STAT_GREATER: beyond +limit; STAT_LESS: beyond -limit
 * *out    estimate and stat: share of d beyond; interval: Wilson
 */
int stat_signflip_tail(const double *d, size_t n, double limit,
    enum stat_side side, struct stat_test *out);

/* ---- counts (stat_mcnemar.c, stat_wilson.c, stat_evalue.c) -------------- */

/*
 * Exact McNemar test: is b of b + c discordant pairs more than a fair coin
 * gives?  In logarithms, so any counts will do.
 * returns p in (0,1]; 1 without discordant pairs
 */
double stat_mcnemar(uint64_t b, uint64_t c, enum stat_side side);

/*
 * Difference of two paired shares, (b - c) / n, tested by McNemar.
 * b, c    pairs that changed one way and the other, b + c <= n
 * conf    (0,1)
 * *out    interval: Bonett & Price 2012, sound with b = c = 0 too
 */
void stat_paired_share(uint64_t b, uint64_t c, uint64_t n, double conf,
    enum stat_side side, struct stat_test *out);

/*
 * Wilson's score interval of a rate, without continuity correction.
 * k <= n  n = 0 gives NaN
 * conf    two-sided level in (0,1); .90 has one-sided 95 % ends
 */
void stat_wilson(uint64_t k, uint64_t n, double conf, double *lo, double *hi);

/*
 * ln of the Beta(1/2,1/2) mixture e-value of k of n discordant pairs against
 * a fair coin; n = 0 gives 0.  Stop when it reaches ln(1/alpha), at any time;
 * fail only when k > n/2.
 */
double stat_evalue_log(uint64_t k, uint64_t n);

/* ---- ranks (stat_wilcoxon.c, stat_shift.c, stat_kendall.c) -------------- */

/*
 * Wilcoxon signed-rank test of d, with the Hodges-Lehmann estimate (median of
 * the Walsh averages, i <= j) and its interval.
 * Zeros leave the test but stay in the estimate; ties take midranks.  Up to
 * 64 nonzero values p is exact, with ties too; beyond, normal with tie and
 * continuity correction.
 * conf    (0,1)
 * *out    stat: W+; interval NaN where n is too small for conf (below 6 at
 *         .95).  O(n log n) time, O(n) memory.
 */
int stat_signed_rank(const double *d, size_t n, double conf,
    enum stat_side side, struct stat_test *out);

/*
 * Two independent samples: Hodges-Lehmann shift, the median of x - y over all
 * pairs, with the Mann-Whitney interval and two-sided p.
 * *out    stat: U of x; n: nx + ny
 */
int stat_shift(const double *x, size_t nx, const double *y, size_t ny,
    double conf, struct stat_test *out);

struct stat_kendall {
	int64_t s;		/* concordant - discordant pairs */
	double tau, tau_b;	/* NaN: fewer than two, or all tied */
	double var;		/* of s under independence, ties counted */
};
/* Kendall's rank correlation in O(n log n); x and y must be finite. */
int stat_kendall(const double *x, const double *y, size_t n,
    struct stat_kendall *out);

/* ---- quantiles (stat_quantile.c, stat_swap.c) --------------------------- */

/* The 1-based rank ceil(qn), within 1..n, that stands for the q-quantile. */
size_t stat_quantile_rank(size_t n, double q);

/* The value of that rank; sorted ascending; NaN when n is 0. */
double stat_quantile(const double *sorted, size_t n, double q);

/*
 * Ranks of the order statistics that enclose the q-quantile.
 * *lo, *hi  1-based; each tail errs by at most (1 - conf) / 2; *lo = 0 or
 *           *hi = n + 1 where no order statistic is far enough out
 */
void stat_quantile_ci(size_t n, double q, double conf, size_t *lo,
    size_t *hi);

/*
 * Ratio of two paired samples' q-quantiles, b to a, against "the two values
 * of a pair are exchangeable": values are swapped within pairs.
 * pairs   values above 0; other pairs are left out
 * q       [.5,1) makes sense: cost grows with the square root of (1 - q) n
 *         a relabeling, besides one random bit for each pair above
 * *out    stat: ln(estimate), also what se is of; interval: order statistics
 *         with the pairs' correlation (Price & Bonett)
 */
int stat_swap_quantile(const struct stat_pairs *pairs, double q,
    const struct stat_draw *draw, enum stat_side side,
    struct stat_test *out);

/* ---- means, families, trends -------------------------------------------- */

/*
 * Student's t of a mean against a limit.
 * side    STAT_GREATER: p speaks for "the mean is above limit"
 * *out    estimate: the mean; stat: t.  With no spread p is 0, 1 or, at the
 *         limit, 1/2 (two-sided 1).  NaN below two values.
 */
int stat_t_above(const double *x, size_t n, double limit,
    enum stat_side side, struct stat_test *out);

/*
 * One-sided bound of a mean for `strict`: Student's t after one more case with
 * the worst value that a case could have.  Without it, 20 cases none of which
 * was hit prove nothing about harm to 3 % of cases, yet t's interval is a
 * point; with it the bound holds in about .93 of samples or more for harm of
 * any share.
 * worst   above 0 for an upper bound, below 0 for a lower one; 1 for a drop
 *         of coverage, whose worst is from all to nothing
 * conf    [.5,1), of the one side
 * *bound  NaN without values
 */
int stat_strict_bound(const double *d, size_t n, double worst, double conf,
    double *bound);

/* Holm's step-down; adjusted[i] >= p[i], at most 1. NaN stays NaN and does
 * not count to the family. RC_NOMEM as ever; adjusted may be p. */
int stat_holm(const double *p, size_t m, double *adjusted);

/*
 * Is y, in order, rising or falling?  Mann-Kendall; Theil-Sen slope a step.
 * *out    estimate: slope; interval at 95 %: Sen 1968; stat: tau_b; exact p
 *         up to 40 values without ties, normal beyond
 * Assumes independent values: rolling means must be thinned first.
 */
int stat_trend(const double *y, size_t n, enum stat_side side,
    struct stat_test *out);

/* Least-squares slope of y a step, with its t test and interval. */
int stat_slope(const double *y, size_t n, enum stat_side side,
    struct stat_test *out);

/* ---- what a gate can see (stat_power.c) --------------------------------- */

/*
 * A gate that fails when the estimate is beyond its margin and the one-sided
 * test rejects at alpha.
 */
struct stat_design {
	double alpha;	/* of one test: the family's over its size, as Holm's
			   first step has it */
	double margin;	/* >= 0, on the scale of the effect */
	double sd;	/* standard error x sqrt(n); for McNemar the share of
			   pairs that flip each way without any change */
};

/* sd of a gate of this kind from what was measured (se x sqrt(n)). */
double stat_sd_of(const struct stat_test *t);
/* sd for the signed-rank test from the values' own (normal shape). */
double stat_sd_signed_rank(double sd);
/* sd of ln(ratio of q-quantiles) of paired log-normal values: sigma of the
 * logarithms, rho the correlation of exceeding the quantile. */
double stat_sd_quantile(double q, double sigma, double rho);

/* Probability of FAIL at a true effect, for tests on means, signed ranks and
 * ratios of quantiles (effects and margins as ln ratio). */
double stat_power(const struct stat_design *g, size_t n, double effect);
/* The smallest effect that fails with this power. */
double stat_visible(const struct stat_design *g, size_t n, double power);
/* The n at which an effect fails with this power; INFINITY when no n does
 * (the effect is within the margin). */
double stat_n_needed(const struct stat_design *g, double effect,
    double power);

/* The same for McNemar on n pairs; the effect is a net share. */
double stat_power_mcnemar(const struct stat_design *g, size_t n,
    double effect);
double stat_visible_mcnemar(const struct stat_design *g, size_t n,
    double power);
double stat_n_needed_mcnemar(const struct stat_design *g, double effect,
    double power);

/*
 * The n at which an unchanged stack passes a strict gate: its one-sided bound
 * of level 1 - alpha is within the margin with this power. INFINITY when the
 * margin is 0. Where harm may be rare, see stat_strict_bound() too.
 */
double stat_n_strict(const struct stat_design *g, double power);

/*
 * The n that would settle an inconclusive gate: the smaller of where the
 * effect seen at n, if real, rejects with power .8, and where any estimate
 * beyond the margin rejects.  At least n + 1; INFINITY where nothing is
 * known.
 * effect  and the margin on the scale of sd: logarithms for ratios
 */
double stat_n_to_decide(const struct stat_design *g, size_t n, double effect);

/* ---- descriptors, one in each method's file ----------------------------- */

extern const struct stat_method stat_method_signflip;
extern const struct stat_method stat_method_signflip_tail;
extern const struct stat_method stat_method_mcnemar;
extern const struct stat_method stat_method_wilson;
extern const struct stat_method stat_method_evalue;
extern const struct stat_method stat_method_signed_rank;
extern const struct stat_method stat_method_shift;
extern const struct stat_method stat_method_kendall;
extern const struct stat_method stat_method_quantile;
extern const struct stat_method stat_method_swap;
extern const struct stat_method stat_method_t;
extern const struct stat_method stat_method_strict;
extern const struct stat_method stat_method_holm;
extern const struct stat_method stat_method_trend;
extern const struct stat_method stat_method_power;

#endif
