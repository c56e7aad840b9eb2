/*
 * The replicate test (METRICS 4): within a variant the three answers of two
 * equal stacks - baseline's, candidate's and the echo of one of them - are
 * exchangeable, so the labels of the arms are permuted within variants and
 * each gate's statistic is compared with its permuted values. Exact for any
 * kind of noise of a request: it asks what the same stack does when it is
 * asked again, not what other questions would show.
 *
 * A statistic is a sum over units.  A unit is a variant, or a whole case
 * where its three answers are those of three deployments.  Many statistics
 * are tested together: relabeling b turns each unit alike for all of them.
 * Random numbers are counted by case and variant, so that a part of the cases
 * (a slice) is relabeled as it is within the whole.
 *
 * A relabeling turns a unit by 0, 1 or 2 (which answer is the odd one out)
 * and, independently, swaps it or not: what can only be swapped (two answers,
 * a difference whose sign may turn) looks at the second.  0 is as observed.
 *
 * Thread rule: one thread calls; the work inside is shared out, with the same
 * result for any number of threads.
 */
#ifndef LOCKSTEP_STAT_REPLICATE_H
#define LOCKSTEP_STAT_REPLICATE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/stat/stat.h"

enum {
	STAT_TURNS = 3,
	STAT_LOOKS = 200,	/* relabelings whose statistics are kept */
	STAT_EXACT_MAX = 20000,	/* all relabelings are counted up to here */
	STAT_TABLE_DIGITS = 6, STAT_TABLE_MAX = 729	/* 3^6 */
};

struct stat_replicate;

/*
 * n_stats   statistics to test together
 * per_case  variants of a case (1 where whole cases are turned)
 * draw      seed, stream, and b: the relabelings, 0: STAT_DRAWS; at least
 *           STAT_LOOKS are drawn
 * returns RC_OK, caller frees with stat_replicate_free(); RC_NOMEM
 */
int stat_replicate_new(size_t n_stats, uint32_t per_case,
    const struct stat_draw *draw, struct stat_replicate **out);
void stat_replicate_free(struct stat_replicate *r);

/* Which unit: v is below per_case. Cases come in ascending order. */
struct stat_unit {
	uint64_t case_index;
	uint32_t v;
};

/*
 * What one unit adds to a statistic, by its turn, or by whether it is
 * swapped.  Each unit adds to a statistic once, in one of the two ways.
 * A unit whose numbers are all the same costs nothing.
 * returns RC_OK or RC_NOMEM
 */
int stat_replicate_turn(struct stat_replicate *r, size_t stat,
    const struct stat_unit *u, const double by[STAT_TURNS]);
int stat_replicate_swap(struct stat_replicate *r, size_t stat,
    const struct stat_unit *u, const double by[2]);

/*
 * A number of a whole case under the relabelings of its variants: value[i],
 * i = sum of digit k times the product of the choices of the digits before
 * it; digit k is the turn (3 choices) or the swap (2) of variant v[k].
 * With n_digits 0 and n > 1 the n values are drawn relabelings, the first the
 * observed one: each is as likely as the other.
 */
struct stat_table {
	const float *value;
	size_t n;		/* 1..STAT_TABLE_MAX */
	unsigned n_digits;	/* at most STAT_TABLE_DIGITS */
	uint32_t v[STAT_TABLE_DIGITS];
	uint8_t choices[STAT_TABLE_DIGITS];	/* 3 or 2 */
};
int stat_replicate_table(struct stat_replicate *r, size_t stat,
    uint64_t case_index, const struct stat_table *t);

/* Once all is added. returns RC_OK or RC_NOMEM */
int stat_replicate_finish(struct stat_replicate *r);

struct stat_replicate_out {
	double sum;		/* the statistic as observed */
	double p;		/* P(as large or larger | equal stacks) */
	double p_least;		/* the least p that any order of these very
				   answers could have had */
	double se;		/* standard deviation over relabelings */
	size_t n;		/* units that a relabeling can change */
	int exact;		/* all relabelings were counted */
	const double *looks;	/* STAT_LOOKS: the statistic under the first
				   relabelings, the same for every statistic;
				   lives as long as r */
};
/* After stat_replicate_finish(). */
void stat_replicate_get(const struct stat_replicate *r, size_t stat,
    struct stat_replicate_out *out);

/* The p that a value of this statistic would have: of looks[b] for the false
 * alarm rate. */
double stat_replicate_p(const struct stat_replicate *r, size_t stat,
    double value);

/* ---- what three answers add (stat_replicate_case.c) ---------------------- */

enum { STAT_BASE, STAT_CAND, STAT_ECHO };	/* the three answers */

/* Whose answer is in a slot after a variant is turned k times. */
static inline int
stat_turned(int slot, int k)
{
	return (slot + k) % STAT_TURNS;
}

/*
 * Mean of the candidate's answers less mean of the baseline's in one variant.
 * x       a number of each answer; NaN: it has none
 * twice   STAT_BASE or STAT_CAND: whose answer the echo is
 * by[k]   after k turns; with two choices by[1] is the swapped one
 * returns 3, or 2 where one answer of each arm has the number, else 0
 */
int stat_replicate_differ(const double x[3], int twice,
    double by[STAT_TURNS]);

/* Good and bad answers of one case, counted for its own evidence. */
struct stat_replicate_good {
	uint32_t good[2], asked[2];	/* baseline, candidate; with echoes */
	uint32_t n;		/* variants that both arms answered */
	double drop;		/* mean over them of baseline's share of good
				   answers less candidate's */
	double p;		/* exact, of a drop as large; 1 without any */
};
/*
 * The evidence of one case alone.
 * x       three a variant: 1 good, 0 bad, NaN not answered
 * twice   one a variant
 * whole   whole stacks are turned, not each variant by itself
 * returns RC_OK or RC_NOMEM
 */
int stat_replicate_case(const double (*x)[3], const int *twice, size_t n,
    int whole, struct stat_replicate_good *out);

/* ---- a tail over cases (stat_replicate_tail.c) --------------------------- */

/*
 * The q-quantile over cases of the case's mean of d, against "the sign of
 * each d may turn".  Exact: whether a case's mean reaches a value has a
 * probability of its own, and how many cases do is their sum.
 */
struct stat_tail_case {
	uint64_t case_index;
	size_t first, n;	/* in d: those other than 0 suffice */
	uint32_t of;		/* what the sum is divided by */
};
struct stat_tail {
	const struct stat_tail_case *c;
	size_t n;		/* cases given */
	size_t n_all;		/* cases, with those whose mean is 0 */
	const float *d;
	const uint32_t *v;	/* the variant of each d */
	uint32_t per_case;
	double q;		/* (0,1) */
	double limit;		/* >= 0 */
	struct stat_draw draw;	/* as of the other statistics */
};
struct stat_tail_out {
	double value;		/* the quantile; NaN without cases */
	double p;		/* 1 where the quantile is not above 0 */
	float look_p[STAT_LOOKS];	/* p under the first relabelings; 1
				   where the quantile is within the limit */
};
/* returns RC_OK or RC_NOMEM */
int stat_replicate_tail(const struct stat_tail *t,
    struct stat_tail_out *out);

extern const struct stat_method stat_method_replicate;

#endif
