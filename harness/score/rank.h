/*
 * Measures of one ranked list against judged items, with the rules of
 * trec_eval, and measures of two ranked lists or sets.
 *
 * Lists hold no id twice; only their first RANK_MAX entries are used. Pure
 * functions, safe from any thread.
 */
#ifndef LOCKSTEP_RANK_H
#define LOCKSTEP_RANK_H

#include <stddef.h>

enum { RANK_MAX = 1000 };

/* One judged item; gain <= 0: judged and not relevant. */
struct rank_gold {
	const char *id;
	double gain;
};

/* What the measures need of a list: the gain found at each rank. */
struct rank_hits {
	double gain[RANK_MAX];	/* 0: not relevant or not judged */
	size_t n;		/* ranks */
	double ideal[RANK_MAX];	/* positive gains, descending */
	size_t n_relevant;	/* all judged relevant items */
};

/* Judges a list. ids and gold hold no id twice. */
void rank_judge(const char *const *ids, size_t n, const struct rank_gold *gold,
    size_t n_gold, struct rank_hits *out);

/*
 * The measures; k is a cutoff, 0 the whole list. All in [0,1]; NaN when
 * nothing is relevant. Precision divides by k, also when the list is shorter.
 * source  trec_eval (recall, P, recip_rank, map); Jarvelin & Kekalainen,
 *         ACM TOIS 20(4) 2002, with linear gain and log2 discount (ndcg)
 */
double rank_recall(const struct rank_hits *h, size_t k);
double rank_precision(const struct rank_hits *h, size_t k);
double rank_mrr(const struct rank_hits *h);
double rank_map(const struct rank_hits *h);
double rank_ndcg(const struct rank_hits *h, size_t k);

/*
 * Puts runs of equal scores in descending order of their ids, as trec_eval
 * breaks ties; NaN equals nothing.  The order of different scores is the
 * service's own: distances ascend, similarities descend.
 */
void rank_break_ties(const char **ids, const double *scores, size_t n);

/* ---- two lists ----------------------------------------------------------- */

/* RBO_EXT of two ranked lists without duplicates (TOIS 2010, eq. 32).
 * ids are compared as strings; p in (0,1). Both empty: NaN. */
double rbo_ext(const char *const *a, size_t na, const char *const *b,
    size_t nb, double p);
/* Lower bound RBO_MIN (eq. 11) to the depth of the shorter list. */
double rbo_min(const char *const *a, size_t na, const char *const *b,
    size_t nb, double p);
double average_overlap(const char *const *a, size_t na, const char *const *b,
    size_t nb, size_t k);
double overlap_at(const char *const *a, size_t na, const char *const *b,
    size_t nb, size_t k);
double jaccard(const char *const *a, size_t na, const char *const *b,
    size_t nb);
/* Discordant pairs of common ids / all such pairs; NaN below 2 common. */
double rank_swap_rate(const char *const *a, size_t na, const char *const *b,
    size_t nb);

#endif
