/*
 * The replicate test; see stat_replicate.h.
 *
 * Relabelings are drawn for all statistics together, as units come.  Beside
 * that each statistic keeps what its units add while all their relabelings
 * are few: then those are counted, and p is exact.
 */
#include "harness/stat/stat_replicate.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"
#include "harness/stat/stat_replicate_part.h"

/* Sums whose difference is smaller than this share of all that relabeling
 * can move are equal, on the safe side. */
#define TIE 1e-9

/* One statistic. */
struct sums {
	double sum;		/* as observed */
	double spread;		/* of what relabeling can move, for ties */
	double var, ln_least;	/* of the relabelings; ln P(the most) */
	size_t n;		/* units that can change it */
	double *kept;		/* what these units add, one after another;
				   NULL: too many */
	uint32_t *choices;	/* how many values each */
	size_t n_kept, kept_max, choices_max;
	size_t relabelings;	/* of the units kept */
	double *null;		/* the statistic under relabelings, sorted */
	size_t n_null;
	int exact;
	double looks[STAT_LOOKS];
};

struct stat_replicate {
	size_t n_stats;
	struct stat_draw draw;
	struct rep_blocks *blocks;
	struct sums *v;
};

int
stat_replicate_new(size_t n_stats, uint32_t per_case,
    const struct stat_draw *draw, struct stat_replicate **out)
{
	struct stat_replicate *r = calloc(1, sizeof(*r));
	size_t i;

	assert(per_case > 0);
	*out = NULL;
	if (r == NULL)
		return RC_NOMEM;
	r->n_stats = n_stats;
	r->draw = *draw;
	r->draw.b = draw->b == 0 ? STAT_DRAWS : draw->b < STAT_LOOKS ?
	    STAT_LOOKS : draw->b;
	r->blocks = rep_blocks_new(n_stats, per_case, &r->draw);
	r->v = calloc(n_stats + 1, sizeof(*r->v));
	if (r->blocks == NULL || r->v == NULL) {
		stat_replicate_free(r);
		return RC_NOMEM;
	}
	for (i = 0; i < n_stats; i++)
		r->v[i].relabelings = 1;
	*out = r;
	return RC_OK;
}

static void
forget_kept(struct sums *s)
{
	free(s->kept);
	free(s->choices);
	s->kept = NULL;
	s->choices = NULL;
	s->n_kept = s->kept_max = s->choices_max = 0;
	s->relabelings = 0;
}

void
stat_replicate_free(struct stat_replicate *r)
{
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; r->v != NULL && i < r->n_stats; i++) {
		forget_kept(&r->v[i]);
		free(r->v[i].null);
	}
	rep_blocks_free(r->blocks);
	free(r->v);
	free(r);
}

/* ---- units --------------------------------------------------------------- */

static int
make_room(struct sums *s, size_t n)
{
	size_t units = 2 * (s->n + 8), values = 2 * (s->n_kept + n + 8);
	uint32_t *choices;
	double *kept;

	if (s->n == s->choices_max) {
		choices = realloc(s->choices, units * sizeof(*choices));
		if (choices == NULL)
			return RC_NOMEM;
		s->choices = choices;
		s->choices_max = units;
	}
	if (s->n_kept + n > s->kept_max) {
		kept = realloc(s->kept, values * sizeof(*kept));
		if (kept == NULL)
			return RC_NOMEM;
		s->kept = kept;
		s->kept_max = values;
	}
	return RC_OK;
}

static int
keep(struct sums *s, const double *by, size_t n)
{
	if (s->relabelings == 0)
		return RC_OK;
	if (s->relabelings * n > STAT_EXACT_MAX) {
		forget_kept(s);
		return RC_OK;
	}
	if (make_room(s, n) != RC_OK)
		return RC_NOMEM;
	memcpy(s->kept + s->n_kept, by, n * sizeof(*by));
	s->choices[s->n] = (uint32_t)n;
	s->n_kept += n;
	s->relabelings *= n;
	return RC_OK;
}

/* Counts one unit. *moves: a relabeling can change it. */
static int
count(struct sums *s, const double *by, size_t n, int *moves)
{
	double mean = 0, square = 0, least = by[0], most = by[0];
	size_t i, at_most = 0;
	int rc;

	for (i = 0; i < n; i++) {
		mean += by[i] / (double)n;
		least = fmin(least, by[i]);
		most = fmax(most, by[i]);
	}
	s->sum += by[0];
	*moves = most > least;
	if (!*moves)
		return RC_OK;
	for (i = 0; i < n; i++) {
		square += (by[i] - mean) * (by[i] - mean);
		at_most += by[i] >= most - TIE * (most - least);
	}
	s->spread += most - least;
	s->var += square / (double)n;
	s->ln_least += log((double)at_most / (double)n);
	rc = keep(s, by, n);
	s->n++;
	return rc;
}

/* A unit that never moves is a constant, which the drawn sums lack. */
int
stat_replicate_turn(struct stat_replicate *r, size_t stat,
    const struct stat_unit *u, const double by[STAT_TURNS])
{
	int moves, rc = count(&r->v[stat], by, STAT_TURNS, &moves);
	double turned[STAT_TURNS];
	int k;

	for (k = 0; k < STAT_TURNS; k++)
		turned[k] = by[k] - by[0];
	return rc == RC_OK && moves ?
	    rep_blocks_turn(r->blocks, stat, u, turned) : rc;
}

int
stat_replicate_swap(struct stat_replicate *r, size_t stat,
    const struct stat_unit *u, const double by[2])
{
	int moves, rc = count(&r->v[stat], by, 2, &moves);
	const double swapped[2] = { 0, by[1] - by[0] };

	return rc == RC_OK && moves ?
	    rep_blocks_swap(r->blocks, stat, u, swapped) : rc;
}

int
stat_replicate_table(struct stat_replicate *r, size_t stat,
    uint64_t case_index, const struct stat_table *t)
{
	double by[STAT_TABLE_MAX];
	float change[STAT_TABLE_MAX];
	struct stat_table moved = *t;
	size_t i;
	int moves, rc;

	assert(t->n >= 1 && t->n <= STAT_TABLE_MAX);
	for (i = 0; i < t->n; i++) {
		by[i] = (double)t->value[i];
		change[i] = t->value[i] - t->value[0];
	}
	moved.value = change;
	rc = count(&r->v[stat], by, t->n, &moves);
	return rc == RC_OK && moves ?
	    rep_blocks_table(r->blocks, stat, case_index, &moved) : rc;
}

/* ---- the statistic under relabelings ------------------------------------- */

/* All relabelings of the units kept. */
static int
enumerate(struct sums *s)
{
	const double *by = s->kept;
	size_t i, k, u, size = 1;

	s->null = malloc(s->relabelings * sizeof(*s->null));
	if (s->null == NULL)
		return RC_NOMEM;
	s->null[0] = s->sum;
	for (u = 0; u < s->n; u++) {
		for (k = s->choices[u]; k-- > 0;)
			for (i = 0; i < size; i++)
				s->null[k * size + i] = s->null[i] +
				    (by[k] - by[0]);
		size *= s->choices[u];
		by += s->choices[u];
	}
	s->n_null = size;
	s->exact = 1;
	return RC_OK;
}

static int
take_drawn(struct sums *s, const double *sums, size_t b)
{
	size_t i;

	s->null = malloc(b * sizeof(*s->null));
	if (s->null == NULL)
		return RC_NOMEM;
	for (i = 0; i < b; i++)
		s->null[i] = s->sum + sums[i];
	s->n_null = b;
	return RC_OK;
}

int
stat_replicate_finish(struct stat_replicate *r)
{
	int rc = rep_blocks_finish(r->blocks);
	const double *sums;
	struct sums *s;
	size_t i, b;

	for (i = 0; i < r->n_stats && rc == RC_OK; i++) {
		s = &r->v[i];
		sums = rep_blocks_sums(r->blocks, i);
		for (b = 0; b < STAT_LOOKS; b++)
			s->looks[b] = s->sum + sums[b];
		rc = s->relabelings > 0 ? enumerate(s) :
		    take_drawn(s, sums, r->draw.b);
		if (rc == RC_OK)
			stat_sort(s->null, s->n_null);
	}
	return rc;
}

double
stat_replicate_p(const struct stat_replicate *r, size_t stat, double value)
{
	const struct sums *s = &r->v[stat];
	double from = value - TIE * s->spread;
	size_t lo = 0, hi = s->n_null, mid, hits;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (s->null[mid] >= from)
			hi = mid;
		else
			lo = mid + 1;
	}
	hits = s->n_null - lo;
	return s->exact ? (double)hits / (double)s->n_null :
	    ((double)hits + 1) / ((double)s->n_null + 1);
}

void
stat_replicate_get(const struct stat_replicate *r, size_t stat,
    struct stat_replicate_out *out)
{
	const struct sums *s = &r->v[stat];

	*out = (struct stat_replicate_out){ .sum = s->sum,
		.p = stat_replicate_p(r, stat, s->sum),
		.p_least = exp(s->ln_least), .se = sqrt(s->var), .n = s->n,
		.exact = s->exact, .looks = s->looks };
	if (!s->exact)
		out->p_least = fmax(out->p_least,
		    1 / ((double)s->n_null + 1));
}

const struct stat_method stat_method_replicate = {
	.name = "replicate",
	.title = "Replicate permutation test",
	.when = "whether a release made the answers to exactly these questions "
	    "worse: any number of an answer, of cases as sums or as tables",
	.assumptions = "the three answers to one variant (baseline, candidate "
	    "and the echo of one of them) are exchangeable if nothing changed, "
	    "and variants are answered independently; any noise of an answer, "
	    "any questions; says nothing about other questions",
	.source = "Fisher, The Design of Experiments, 1935; p = (1+#)/(B+1): "
	    "Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 9(1) 2010",
};
