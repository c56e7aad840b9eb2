/*
 * Distributions that the statistical methods use. Pure functions, safe from
 * any thread; accurate to about 1e-12 unless said otherwise.
 */
#ifndef LOCKSTEP_STAT_DIST_H
#define LOCKSTEP_STAT_DIST_H

#include <stddef.h>
#include <stdint.h>

#include "harness/stat/stat.h"

/* ln Gamma(x), x > 0, without the C library's global sign. */
double dist_lgamma(double x);

double dist_normal_cdf(double z);
/* p in (0,1). */
double dist_normal_quantile(double p);

/* Regularised incomplete beta I_x(a,b); a, b > 0, x in [0,1]. source
 * continued fraction, DLMF 8.17.22, by Lentz's method. */
double dist_beta_inc(double a, double b, double x);

/* Student's t with df > 0: P(T <= t), and its inverse. */
double dist_t_cdf(double t, double df);
double dist_t_quantile(double p, double df);

/* P(X >= k) of X ~ Bin(n, p), p in [0,1]; relative error about 1e-9 up to
 * n = 1e6. */
double dist_binom_upper(uint64_t n, uint64_t k, double p);
/* ln P(X = k); p in (0,1), k <= n. */
double dist_binom_log(uint64_t n, uint64_t k, double p);

/* p of a side from both one-sided tails (each includes the observation). */
double dist_side(double upper, double lower, enum stat_side side);

/* Fills a test with NaN. */
void stat_test_clear(struct stat_test *t, size_t n);
/* Interval and bounds of estimate, se and a critical-value function's two
 * numbers: two-sided and one-sided. */
void stat_test_interval(struct stat_test *t, double two, double one);

/* Copies the finite values of d; *out_n of them. returns malloc'ed memory
 * with room for one value more, NULL when out of it. */
double *stat_finite(const double *d, size_t n, size_t *out_n);
/* Sorts ascending (stat_sort.c); no NaN. */
void stat_sort(double *x, size_t n);

/* A value that remembers where it came from. */
struct stat_item {
	double v;
	uint32_t of;
	uint32_t arm;		/* for the caller */
};
/* Sorts items ascending by v, equal ones in their order. RC_OK, RC_NOMEM */
int stat_order(struct stat_item *v, size_t n);
/* Mean and standard deviation (n - 1; NaN below two), two passes. */
void stat_moments(const double *x, size_t n, double *mean, double *sd);

#endif
