/*
 * Tests that may be looked at as often as one likes: e-values, for what runs
 * live (LIVE.md).  An e-process starts at 1 and, where there is no change,
 * has mean 1 or less at any stopping time; so the chance that it ever reaches
 * 1/alpha is at most alpha (Ville 1939).  The mean of e-processes is one.
 *
 * Everything is kept as a few numbers, however long it runs.
 * Thread rule: pure functions of what they are given.
 */
#ifndef LOCKSTEP_STAT_ANYTIME_H
#define LOCKSTEP_STAT_ANYTIME_H

#include <stddef.h>
#include <stdint.h>

#include "harness/stat/stat.h"

/*
 * ln of the one-sided e-value of k of n discordant pairs, against "each is a
 * fair coin, or one that falls the other way":
 *   E = 2^n B(k+1/2, n-k+1/2) (1 - I_1/2(k+1/2, n-k+1/2)) / (pi / 2),
 * the Beta(1/2,1/2) mixture of stat_evalue_log() over (1/2, 1) alone; up to
 * twice as large where k > n/2, and below 1 where it is not.
 * source  METRICS 4 (early stop); Waudby-Smith & Ramdas, J. R. Stat. Soc.
 *         B 86(1) 2024
 */
double stat_evalue_upper_log(uint64_t k, uint64_t n);

/*
 * ln of the e-value of k of n against "each is one with a chance of p0 at
 * most, given the past": the mixture, over a Beta(1/2,1/2) p above p0, of
 *   (p/p0)^k ((1-p)/(1-p0))^(n-k),
 * whose factors have mean 1 or less where the chance is p0 or less.
 * p0      in (0,1)
 * source  as stat_evalue_upper_log(), which is p0 = 1/2
 */
double stat_evalue_above_log(uint64_t k, uint64_t n, double p0);

/*
 * E-process of values d_1, d_2, ... against "each is symmetric around 0, given
 * the past", one-sided: it grows when they lean above 0.
 *   E = mean over L of prod_i (1 + tanh(L d_i)),  L = 1/4, 1/2, ..., 64.
 * tanh is odd and within (-1,1), so each factor has mean 1 under symmetry,
 * and less where d leans below 0.  It is the likelihood ratio of N(m, s^2)
 * to the even mixture of N(m, s^2) and N(-m, s^2) at L = m / s^2; the mixture
 * over L stands for a scale that is not known.
 * source  Ramdas, Ruf, Larsson & Koolen, "Testing exchangeability / Admissible
 *         anytime-valid sequential inference must rely on nonnegative
 *         martingales", arXiv 2009.03167; de la Pena, Ann. Probab. 27(1) 1999
 */
enum { STAT_SYMMETRY_SCALES = 9 };
struct stat_symmetry {
	double log_w[STAT_SYMMETRY_SCALES];	/* ln of each product; 0: new */
};
/* Values that are not finite, and 0, change nothing. */
void stat_symmetry_add(struct stat_symmetry *s, double d);
double stat_symmetry_log(const struct stat_symmetry *s);

/*
 * Confidence sequence of the centre m of values that are symmetric around it:
 * all m that the two-sided mixture
 *   E(m) = (1 + r^2 V)^(-1/2) exp(r^2 S^2 / (2 (1 + r^2 V))),
 *   S = sum of (d - m), V = sum of (d - m)^2,
 * does not reject at 1/alpha.  It holds at all times together.
 * n, sum, square  of the values themselves
 * rate    r > 0: the prior's spread, about 1 / (the values' own scale)
 * *lo, *hi  infinite where so few values bound nothing
 * source  de la Pena 1999; Howard et al., Probab. Surveys 17 2020
 */
struct stat_moments_sum {
	uint64_t n;
	double sum, square;
};
void stat_symmetric_cs(const struct stat_moments_sum *d, double rate,
    double alpha, double *lo, double *hi);

extern const struct stat_method stat_method_symmetry;

#endif
