/*
 * What the replicate test can see: how often a loss of a size would FAIL, and
 * how often it would still PASS, by the gate's own rule (METRICS 4, "What a
 * PASS can hide").
 *
 * A loss adds to the statistic; the variants that carry it widen what
 * relabelings make of it, since the one answer that is left out of three is
 * the bad one in one of three.  Noise comes from what equal stacks showed.
 */
#ifndef LOCKSTEP_SIGHT_H
#define LOCKSTEP_SIGHT_H

#include <stddef.h>
#include <stdint.h>

/* P(noise of the statistic >= x | equal stacks). */
typedef double sight_tail_fn(const void *ctx, double x);

struct sight {
	sight_tail_fn *tail;
	const void *ctx;
	const double *world;	/* sums that equal stacks gave, ascending */
	size_t n_world;		/* at least 1 */
	double n;		/* cases: a sum over n is the gate's value */
	double per_case;	/* variants of a case */
	double margin;		/* of the value */
	double alpha;		/* FAIL: beyond the margin with p up to this */
	double inconclusive_p;	/* beyond it, and no PASS */
};

/* A loss: `each` in every variant of so many cases. */
struct sight_loss {
	double cases, each;
};

/* Chances of FAIL and of PASS. */
double sight_fail(const struct sight *s, const struct sight_loss *x);
double sight_pass(const struct sight *s, const struct sight_loss *x);

/*
 * The smallest number of cases that, having lost `each`, FAIL with this
 * power; INFINITY where all of them do not. And the largest that still PASS
 * with this chance; 0 where a single one does not.
 */
double sight_sure_cases(const struct sight *s, double each, double power);
double sight_hidden_cases(const struct sight *s, double each, double chance);

/* The same of a change that all cases carry alike, up to `most`. */
double sight_sure_even(const struct sight *s, double most, double power);
double sight_hidden_even(const struct sight *s, double most, double chance);

#endif
