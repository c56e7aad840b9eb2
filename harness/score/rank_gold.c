/* A ranked list against gold; see rank.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/score/rank.h"

static int
by_gain_desc(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

static double
gain_of(const char *id, const struct rank_gold *gold, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(id, gold[i].id) == 0)
			return gold[i].gain > 0 ? gold[i].gain : 0;
	}
	return 0;
}

void
rank_judge(const char *const *ids, size_t n, const struct rank_gold *gold,
    size_t n_gold, struct rank_hits *out)
{
	size_t i;

	out->n = n < RANK_MAX ? n : RANK_MAX;
	n_gold = n_gold < RANK_MAX ? n_gold : RANK_MAX;
	for (i = 0; i < out->n; i++)
		out->gain[i] = gain_of(ids[i], gold, n_gold);
	out->n_relevant = 0;
	for (i = 0; i < n_gold; i++) {
		if (gold[i].gain > 0)
			out->ideal[out->n_relevant++] = gold[i].gain;
	}
	qsort(out->ideal, out->n_relevant, sizeof(out->ideal[0]),
	    by_gain_desc);
}

static size_t
hits_within(const struct rank_hits *h, size_t k)
{
	size_t i, hits = 0;

	for (i = 0; i < h->n && (k == 0 || i < k); i++)
		hits += h->gain[i] > 0;
	return hits;
}

double
rank_recall(const struct rank_hits *h, size_t k)
{
	if (h->n_relevant == 0)
		return NAN;
	return (double)hits_within(h, k) / (double)h->n_relevant;
}

double
rank_precision(const struct rank_hits *h, size_t k)
{
	if (h->n_relevant == 0 || (k == 0 && h->n == 0))
		return NAN;
	return (double)hits_within(h, k) / (double)(k == 0 ? h->n : k);
}

double
rank_mrr(const struct rank_hits *h)
{
	size_t i;

	if (h->n_relevant == 0)
		return NAN;
	for (i = 0; i < h->n; i++) {
		if (h->gain[i] > 0)
			return 1.0 / (double)(i + 1);
	}
	return 0;
}

double
rank_map(const struct rank_hits *h)
{
	size_t i, hits = 0;
	double sum = 0;

	if (h->n_relevant == 0)
		return NAN;
	for (i = 0; i < h->n; i++) {
		if (h->gain[i] > 0)
			sum += (double)++hits / (double)(i + 1);
	}
	return sum / (double)h->n_relevant;
}

static double
discounted(const double *gain, size_t n, size_t k)
{
	size_t i;
	double sum = 0;

	for (i = 0; i < n && (k == 0 || i < k); i++)
		sum += gain[i] / log2((double)i + 2);
	return sum;
}

double
rank_ndcg(const struct rank_hits *h, size_t k)
{
	if (h->n_relevant == 0)
		return NAN;
	return discounted(h->gain, h->n, k) /
	    discounted(h->ideal, h->n_relevant, k);
}

/* Insertion sort: a run of ties is short. */
static void
sort_desc(const char **ids, size_t n)
{
	const char *id;
	size_t i, j;

	for (i = 1; i < n; i++) {
		id = ids[i];
		for (j = i; j > 0 && strcmp(ids[j - 1], id) < 0; j--)
			ids[j] = ids[j - 1];
		ids[j] = id;
	}
}

void
rank_break_ties(const char **ids, const double *scores, size_t n)
{
	size_t i, end;

	for (i = 0; i < n; i = end) {
		end = i + 1;
		while (end < n && scores[end] == scores[i])
			end++;
		sort_desc(ids + i, end - i);
	}
}
