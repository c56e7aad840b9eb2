/* Scores by their metric; see scores.h. */
#include "harness/drill/scores.h"

#include <math.h>
#include <stdio.h>
#include <strings.h>

/* Floating point of other machines. */
static const double slack = 1e-3;

/* What a metric's scores are like. */
static const struct {
	const char *name;
	int distance;		/* the nearest has the least */
	int either;		/* both ways are reported */
	double least, most;	/* of any score; equal: no bounds */
	int unit;		/* the bounds hold for unit vectors */
} metrics[] = {
	{ "bm25", 0, 0, 0, 0, 0 },
	{ "cosine", 0, 1, -1, 2, 0 },
	{ "cosine_similarity", 0, 0, -1, 1, 0 },
	{ "cosine_distance", 1, 0, 0, 2, 0 },
	{ "dot", 0, 0, -1, 1, 1 },
	{ "dot_product", 0, 0, -1, 1, 1 },
	{ "ip", 0, 1, -1, 2, 1 },
	{ "inner_product", 0, 0, -1, 1, 1 },
	{ "l2", 1, 0, 0, 4, 1 },
	{ "euclid", 1, 0, 0, 4, 1 },
	{ "euclidean", 1, 0, 0, 4, 1 },
	{ "manhattan", 1, 0, 0, 0, 0 },
	{ "hamming", 1, 0, 0, 0, 0 },
};

enum { METRICS = sizeof(metrics) / sizeof(metrics[0]) };

void
scores_of(const struct answer *w, struct scores *out)
{
	double s, last = NAN;
	size_t i;

	*out = (struct scores){ .n = 0 };
	for (i = 0; i < w->n_retrieved; i++) {
		s = w->retrieved[i].score;
		if (!isfinite(s))
			continue;
		out->least = out->n == 0 ? s : fmin(out->least, s);
		out->most = out->n == 0 ? s : fmax(out->most, s);
		out->up |= out->n > 0 && s > last;
		out->down |= out->n > 0 && s < last;
		last = s;
		out->n++;
	}
}

void
scores_add(struct scores *all, const struct scores *one)
{
	if (one->n == 0)
		return;
	all->least = all->n == 0 ? one->least : fmin(all->least, one->least);
	all->most = all->n == 0 ? one->most : fmax(all->most, one->most);
	all->up |= one->up;
	all->down |= one->down;
	all->n += one->n;
}

static int
is_unit(const char *norm)
{
	return norm != NULL && (strcasecmp(norm, "l2") == 0 ||
	    strcasecmp(norm, "unit") == 0 || strcasecmp(norm, "true") == 0 ||
	    strcasecmp(norm, "normalized") == 0);
}

static int
out_of_order(const struct scores *all, size_t k)
{
	if (k == METRICS || metrics[k].either)
		return all->up && all->down;
	return metrics[k].distance ? all->down : all->up;
}

const char *
scores_wrong(const struct scores *all, const char *metric, const char *norm,
    int reranked, char why[160])
{
	size_t k = 0;

	while (k < METRICS && (metric == NULL ||
	    strcasecmp(metric, metrics[k].name) != 0))
		k++;
	if (!reranked && out_of_order(all, k)) {
		(void)snprintf(why, 160, "a later passage has a %s score than "
		    "an earlier one", k < METRICS && metrics[k].distance ?
		    "smaller" : k < METRICS && !metrics[k].either ? "greater" :
		    "greater and another a smaller");
		return why;
	}
	if (k == METRICS || metrics[k].least >= metrics[k].most ||
	    (metrics[k].unit && !is_unit(norm)))
		return NULL;
	if (all->least >= metrics[k].least - slack &&
	    all->most <= metrics[k].most + slack)
		return NULL;
	(void)snprintf(why, 160, "they are from %.4g to %.4g; %s%s has %.3g "
	    "to %.3g", all->least, all->most, metrics[k].name,
	    metrics[k].unit ? " of unit vectors" : "", metrics[k].least,
	    metrics[k].most);
	return why;
}
