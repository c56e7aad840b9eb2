/*
 * Whether the scores of passages can be those of the metric that the answers
 * name. Pure.
 */
#ifndef LOCKSTEP_DRILL_SCORES_H
#define LOCKSTEP_DRILL_SCORES_H

#include "harness/traffic/extract.h"

/* Of one answer's passages. */
struct scores {
	size_t n;		/* with a score */
	int up, down;		/* a later one has more, has less */
	double least, most;	/* 0 without any */
};

void scores_of(const struct answer *w, struct scores *out);

/* Of many answers together. */
void scores_add(struct scores *all, const struct scores *one);

/*
 * NULL: they can be the metric's. Else what cannot be, in why.
 * metric    pin; NULL or unknown: only the order is judged, which must be one
 * norm      pin, or NULL
 * reranked  the order is a reranker's, which the scores need not follow
 */
const char *scores_wrong(const struct scores *all, const char *metric,
    const char *norm, int reranked, char why[160]);

#endif
