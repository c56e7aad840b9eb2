/*
 * λ of a case under relabelings of its answers (METRICS 4): convergence and
 * flip rate, the candidate's less the baseline's, for each way to turn the
 * three answers of its variants.  Pure; safe from any thread.
 */
#ifndef LOCKSTEP_LAMBDA_TABLE_H
#define LOCKSTEP_LAMBDA_TABLE_H

#include "harness/base/arena.h"
#include "harness/score/lambda.h"
#include "harness/stat/stat_replicate.h"

/* The answers to one variant: [STAT_BASE], [STAT_CAND], [STAT_ECHO]. */
struct lambda_three {
	struct lambda_variant of[3];
	uint8_t twice;		/* STAT_BASE or STAT_CAND was asked twice */
	uint8_t answered;	/* a bit each; the others stay where they are */
};

struct lambda_relabel {
	const struct lambda_three *v;
	size_t n;		/* LAMBDA_MAX are used */
	const struct lambda_case *c;
	int whole;		/* all variants are relabeled together */
	uint64_t seed;		/* where not all relabelings are made */
	struct arena *arena;	/* takes the values */
};

/*
 * Variants whose answers are alike cost nothing; where all are, the tables
 * have one value, and no digits.
 * *convergence, *flip  value NULL where no relabeling gives both arms one;
 *                      a relabeling that does not counts as no difference
 */
void lambda_relabel(const struct lambda_relabel *in,
    struct stat_table *convergence, struct stat_table *flip);

#endif
