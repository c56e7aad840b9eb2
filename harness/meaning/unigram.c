/* Unigram: Viterbi over the bytes of a text. */
#include "harness/meaning/unigram.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base/text.h"
#include "harness/meaning/pieces.h"

#define UNKNOWN_PENALTY 10.0

struct unigram {
	struct pieces *pieces;
	double *score;		/* by id */
	size_t cap;
	double least;
};

/* The best way to reach a byte. */
struct node {
	double score;
	uint32_t from, id;
	int reached;
};

struct unigram_scratch {
	struct node node[UNIGRAM_TEXT_MAX + 1];
	uint32_t ids[UNIGRAM_TEXT_MAX];
};

struct unigram *
unigram_new(size_t n)
{
	struct unigram *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->cap = n + 1;
	u->score = calloc(u->cap, sizeof(*u->score));
	u->pieces = pieces_new(n);
	if (u->score == NULL || u->pieces == NULL) {
		unigram_free(u);
		return NULL;
	}
	return u;
}

void
unigram_free(struct unigram *u)
{
	if (u == NULL)
		return;
	pieces_free(u->pieces);
	free(u->score);
	free(u);
}

int
unigram_add(struct unigram *u, const char *s, size_t n, uint32_t id,
    double score)
{
	assert(id < u->cap && isfinite(score));
	u->score[id] = score;
	if (score < u->least)
		u->least = score;
	return pieces_add(u->pieces, s, n, 0, id);
}

struct unigram_scratch *
unigram_scratch_new(void)
{
	return malloc(sizeof(struct unigram_scratch));
}

static void
reach(struct node *to, uint32_t from, uint32_t id, double score)
{
	if (to->reached && score <= to->score)
		return;
	*to = (struct node){ score, from, id, 1 };
}

/* Extends the best way to byte at by every piece that begins there. */
static void
extend(const struct unigram *u, struct node *node, const char *s, size_t n,
    size_t at)
{
	const char *p = s + at;
	size_t most = pieces_longest(u->pieces), i, one;
	uint32_t h = pieces_hash_start(0);
	int64_t id;
	int single = 0;

	(void)text_next(&p, s + n);
	one = (size_t)(p - s) - at;
	if (most > n - at)
		most = n - at;
	for (i = 1; i <= most; i++) {
		h = pieces_hash_step(h, s[at + i - 1]);
		id = pieces_find(u->pieces, s + at, i, 0, h);
		if (id < 0)
			continue;
		single |= i == one;
		reach(&node[at + i], (uint32_t)at, (uint32_t)id,
		    node[at].score + u->score[id]);
	}
	if (!single)
		reach(&node[at + one], (uint32_t)at, UNIGRAM_UNKNOWN,
		    node[at].score + u->least - UNKNOWN_PENALTY);
}

int
unigram_each(const struct unigram *u, struct unigram_scratch *scratch,
    const char *s, size_t n, unigram_fn *fn, void *ctx)
{
	struct node *node = scratch->node;
	size_t i, k = 0;
	int stop = 0;

	assert(n <= UNIGRAM_TEXT_MAX);
	for (i = 0; i <= n; i++)
		node[i].reached = 0;
	node[0] = (struct node){ .reached = 1 };
	for (i = 0; i < n; i++) {
		if (node[i].reached)
			extend(u, node, s, n, i);
	}
	for (i = n; i > 0; i = node[i].from) {
		assert(node[i].reached);
		if (k > 0 && node[i].id == UNIGRAM_UNKNOWN &&
		    scratch->ids[k - 1] == UNIGRAM_UNKNOWN)
			continue;	/* runs are one token */
		scratch->ids[k++] = node[i].id;
	}
	while (k > 0 && !stop)
		stop = fn(ctx, scratch->ids[--k]);
	return stop;
}
