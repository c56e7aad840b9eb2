/*
 * Relabelings of blocks of units; see stat_replicate_part.h.
 *
 * What the turns of a block's six units add up to is a table of 729 sums, so
 * a relabeling costs one look-up a block and statistic, not one a unit.
 * Blocks are gathered, then worked off statistic by statistic, each in the
 * order of the blocks: sums are the same for any number of threads.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/stat/stat_replicate_part.h"

enum {
	BATCH = 64,
	WORTH = 4000000		/* look-ups that are worth a second thread */
};

/* A number of one case, whose digits lie at slots of the block. */
struct table {
	struct table *next;
	const float *value;
	uint64_t case_index;
	uint32_t n;		/* 0 digits: drawn */
	unsigned n_digits;
	uint8_t slot[STAT_TABLE_DIGITS], choices[STAT_TABLE_DIGITS];
};

/* What one block adds to one statistic. */
struct adds {
	int turns, swaps;
	double turn[REP_UNITS][STAT_TURNS];
	double swap[REP_UNITS][2];
	struct table *tables;
};

struct rep_blocks {
	size_t n_stats;
	uint32_t per_case;
	struct stat_draw draw;
	double *sums;		/* draw.b a statistic */
	struct adds *adds;	/* n_stats a block */
	uint64_t id[BATCH];
	size_t n;		/* blocks gathered */
	uint16_t *turns;	/* draw.b a block: which of the 729 */
	uint8_t *swaps;		/* which of the 64 */
	struct arena arena;	/* of the tables gathered */
};

struct rep_blocks *
rep_blocks_new(size_t n_stats, uint32_t per_case,
    const struct stat_draw *draw)
{
	struct rep_blocks *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->n_stats = n_stats;
	s->per_case = per_case;
	s->draw = *draw;
	arena_init(&s->arena, (size_t)1 << 30);
	s->sums = calloc(n_stats * draw->b + 1, sizeof(*s->sums));
	s->adds = calloc(n_stats * BATCH + 1, sizeof(*s->adds));
	s->turns = malloc((size_t)BATCH * draw->b * sizeof(*s->turns));
	s->swaps = malloc((size_t)BATCH * draw->b * sizeof(*s->swaps));
	if (s->sums == NULL || s->adds == NULL || s->turns == NULL ||
	    s->swaps == NULL) {
		rep_blocks_free(s);
		return NULL;
	}
	return s;
}

void
rep_blocks_free(struct rep_blocks *s)
{
	if (s == NULL)
		return;
	arena_fini(&s->arena);
	free(s->sums);
	free(s->adds);
	free(s->turns);
	free(s->swaps);
	free(s);
}

double *
rep_blocks_sums(const struct rep_blocks *s, size_t stat)
{
	return s->sums + stat * s->draw.b;
}

/* ---- tables of a block --------------------------------------------------- */

/* all[i] = sum over units of what the digits of i say; base choices a unit. */
static void
outer_sum(double *all, const double *by, unsigned base)
{
	size_t size = 1, i, k;
	unsigned u;

	all[0] = 0;
	for (u = 0; u < REP_UNITS; u++) {
		for (k = base; k-- > 0;)
			for (i = 0; i < size; i++)
				all[k * size + i] = all[i] +
				    by[(size_t)u * base + k];
		size *= base;
	}
}

/* The digits of a table, as parts of its index by the block's own turns and
 * swaps. */
static void
index_parts(const struct table *t, uint16_t turns[REP_TURNS_ALL],
    uint16_t swaps[REP_SWAPS_ALL])
{
	static const unsigned pow3[REP_UNITS] = { 1, 3, 9, 27, 81, 243 };
	unsigned i, k, stride = 1;

	memset(turns, 0, REP_TURNS_ALL * sizeof(*turns));
	memset(swaps, 0, REP_SWAPS_ALL * sizeof(*swaps));
	for (k = 0; k < t->n_digits; k++) {
		for (i = 0; t->choices[k] == 3 && i < REP_TURNS_ALL; i++)
			turns[i] = (uint16_t)(turns[i] +
			    i / pow3[t->slot[k]] % 3 * stride);
		for (i = 0; t->choices[k] == 2 && i < REP_SWAPS_ALL; i++)
			swaps[i] = (uint16_t)(swaps[i] +
			    (i >> t->slot[k] & 1) * stride);
		stride *= t->choices[k];
	}
}

static void
add_drawn(const struct rep_blocks *s, const struct table *t, double *sums)
{
	uint64_t key = rng_key(s->draw.seed, ~s->draw.stream) ^
	    rng_mix(t->case_index);
	uint32_t b;

	for (b = 0; b < s->draw.b; b++)
		sums[b] += (double)t->value[(rng_at(key, b) >> 32) * t->n >>
		    32];
}

static void
add_table(const struct rep_blocks *s, size_t block, const struct table *t,
    double *sums)
{
	const uint16_t *at = s->turns + block * s->draw.b;
	const uint8_t *bits = s->swaps + block * s->draw.b;
	uint16_t turns[REP_TURNS_ALL], swaps[REP_SWAPS_ALL];
	uint32_t b;

	if (t->n_digits == 0) {
		add_drawn(s, t, sums);
		return;
	}
	index_parts(t, turns, swaps);
	for (b = 0; b < s->draw.b; b++)
		sums[b] += (double)t->value[turns[at[b]] + swaps[bits[b]]];
}

static void
add_block(const struct rep_blocks *s, size_t block, size_t stat)
{
	const struct adds *a = &s->adds[block * s->n_stats + stat];
	const uint16_t *at = s->turns + block * s->draw.b;
	const uint8_t *bits = s->swaps + block * s->draw.b;
	double *sums = rep_blocks_sums(s, stat), all[REP_TURNS_ALL];
	const struct table *t;
	uint32_t b;

	if (a->turns) {
		outer_sum(all, &a->turn[0][0], STAT_TURNS);
		for (b = 0; b < s->draw.b; b++)
			sums[b] += all[at[b]];
	}
	if (a->swaps) {
		outer_sum(all, &a->swap[0][0], 2);
		for (b = 0; b < s->draw.b; b++)
			sums[b] += all[bits[b]];
	}
	for (t = a->tables; t != NULL; t = t->next)
		add_table(s, block, t, sums);
}

/* ---- the blocks gathered ------------------------------------------------- */

static void
draw_block(const struct rep_blocks *s, size_t block)
{
	uint16_t *at = s->turns + block * s->draw.b;
	uint8_t *bits = s->swaps + block * s->draw.b;
	uint64_t word;
	uint32_t b;

	for (b = 0; b < s->draw.b; b++) {
		word = rep_word(&s->draw, s->id[block], b);
		at[b] = (uint16_t)rep_turns(word);
		bits[b] = (uint8_t)rep_swaps(word);
	}
}

static void
add_stat(const struct rep_blocks *s, size_t stat)
{
	size_t k;

	for (k = 0; k < s->n; k++)
		add_block(s, k, stat);
}

static int
work_off(struct rep_blocks *s)
{
	int64_t n = (int64_t)s->n, stats = (int64_t)s->n_stats, i;
	int bad = s->arena.bad, much = n * stats * s->draw.b > WORTH;

#pragma omp parallel default(none) shared(s, n, stats) private(i) if (much)
	{
#pragma omp for schedule(dynamic)
		for (i = 0; i < n; i++)
			draw_block(s, (size_t)i);
#pragma omp for schedule(dynamic)
		for (i = 0; i < stats; i++)
			add_stat(s, (size_t)i);
	}
	memset(s->adds, 0, s->n * s->n_stats * sizeof(*s->adds));
	arena_reset(&s->arena);
	s->n = 0;
	return bad ? RC_NOMEM : RC_OK;
}

/* Makes block `id` the last one gathered. */
static int
open_block(struct rep_blocks *s, uint64_t id)
{
	int rc = RC_OK;

	if (s->n > 0 && s->id[s->n - 1] == id)
		return RC_OK;
	if (s->n == BATCH)
		rc = work_off(s);
	s->id[s->n++] = id;
	return rc;
}

static struct adds *
last(const struct rep_blocks *s, size_t stat)
{
	return &s->adds[(s->n - 1) * s->n_stats + stat];
}

int
rep_blocks_turn(struct rep_blocks *s, size_t stat, const struct stat_unit *u,
    const double by[STAT_TURNS])
{
	struct rep_place at = rep_place(s->per_case, u->case_index, u->v);
	int rc = open_block(s, at.block);
	struct adds *a = last(s, stat);

	a->turns = 1;
	memcpy(a->turn[at.slot], by, sizeof(a->turn[0]));
	return rc;
}

int
rep_blocks_swap(struct rep_blocks *s, size_t stat, const struct stat_unit *u,
    const double by[2])
{
	struct rep_place at = rep_place(s->per_case, u->case_index, u->v);
	int rc = open_block(s, at.block);
	struct adds *a = last(s, stat);

	a->swaps = 1;
	memcpy(a->swap[at.slot], by, sizeof(a->swap[0]));
	return rc;
}

int
rep_blocks_table(struct rep_blocks *s, size_t stat, uint64_t case_index,
    const struct stat_table *t)
{
	int rc = open_block(s, rep_place(s->per_case, case_index, 0).block);
	struct table *copy = arena_alloc(&s->arena, sizeof(*copy));
	float *value = arena_alloc(&s->arena, t->n * sizeof(*value));
	struct adds *a = last(s, stat);
	unsigned k;

	if (rc != RC_OK || copy == NULL || value == NULL)
		return RC_NOMEM;
	memcpy(value, t->value, t->n * sizeof(*value));
	*copy = (struct table){ .next = a->tables, .value = value,
		.case_index = case_index, .n = (uint32_t)t->n };
	/* the digits of a case of many variants lie in several blocks: any
	 * of its values is as likely as another */
	copy->n_digits = s->per_case > REP_UNITS ? 0 : t->n_digits;
	for (k = 0; k < copy->n_digits; k++) {
		copy->slot[k] = (uint8_t)rep_place(s->per_case, case_index,
		    t->v[k]).slot;
		copy->choices[k] = t->choices[k];
	}
	a->tables = copy;
	return RC_OK;
}

int
rep_blocks_finish(struct rep_blocks *s)
{
	return s->n > 0 ? work_off(s) : RC_OK;
}
