/*
 * Within-pair swap permutation test of the ratio of two quantiles.
 *
 * Only the top of the pooled values matters. With r values from the quantile
 * up in each arm, both arms' quantiles are near pooled rank 2r. Above a start
 * rank some deviations short of it, an arm's count is the pairs that lie there
 * whole plus a popcount of the random bits of those that lie there by half;
 * from there the values are walked one by one.
 */
#include "harness/stat/stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "harness/stat/stat_dist.h"

#define CHUNKS 8
#define NO_BIT UINT32_MAX
#define SAFE 3		/* deviations between the start and rank 2r: one in
			   400 relabelings walks from the very top */

struct swap {
	struct stat_item *top;	/* all values, largest first; `of` is the
				   pair's place among random bits */
	size_t m, r;		/* pairs; values from the quantile up */
	size_t start, whole, half;	/* where to walk from; pairs above it */
	uint64_t *orient;	/* bit set: the upper half belongs to b */
	uint64_t *bits;		/* CHUNKS rows of random words */
	size_t words;
	uint64_t key;		/* of the random words */
	uint32_t b;
	double ratio;		/* observed */
	uint64_t above, below, beyond;
};

/*
 * Gives bits to pairs: first those half above the start, so that a popcount
 * reaches them, then the others in the order in which a walk meets them,
 * last those whole above it, which only a walk from the very top asks for.
 */
static void
number_pairs(struct swap *s, uint32_t *seen, uint32_t *bit)
{
	uint32_t next = 0;
	size_t i, pass;

	for (i = 0; i < s->m; i++)
		bit[i] = NO_BIT;
	for (i = 0; i < s->start; i++)
		seen[s->top[i].of]++;
	for (i = 0; i < s->start; i++) {
		if (seen[s->top[i].of] != 1)
			continue;
		if (s->top[i].arm == 1)
			s->orient[next / 64] |= 1ULL << next % 64;
		bit[s->top[i].of] = next++;
	}
	s->half = next;
	s->whole = (s->start - s->half) / 2;
	for (pass = 0; pass < 2; pass++)
		for (i = pass == 0 ? s->start : 0; i < 2 * s->m; i++)
			if (bit[s->top[i].of] == NO_BIT)
				bit[s->top[i].of] = next++;
	for (i = 0; i < 2 * s->m; i++)
		s->top[i].of = bit[s->top[i].of];
}

struct walk {
	uint64_t *bits;
	size_t filled;		/* words drawn so far */
	uint64_t base;		/* counter of word 0 */
};

static uint64_t
word(const struct swap *s, struct walk *w, size_t i)
{
	for (; w->filled <= i; w->filled++)
		w->bits[w->filled] = rng_at(s->key, w->base + w->filled);
	return w->bits[i];
}

/* Ratio b / a of the quantiles, from rank `at` with `above` values of each
 * arm already passed. */
static double
walk_on(const struct swap *s, struct walk *w, size_t at, size_t above[2])
{
	double q[2] = { 0, 0 };
	const struct stat_item *e;
	uint64_t arm;

	for (; above[0] < s->r || above[1] < s->r; at++) {
		e = &s->top[at];
		arm = e->arm ^ (word(s, w, e->of / 64) >> e->of % 64 & 1);
		if (++above[arm] == s->r)
			q[arm] = e->v;
	}
	return q[1] / q[0];
}

static double
relabel(const struct swap *s, struct walk *w)
{
	size_t above[2] = { s->whole, s->whole }, i, left;
	uint64_t x;

	for (i = 0; i * 64 < s->half; i++) {
		left = s->half - i * 64;
		x = word(s, w, i) ^ s->orient[i];
		if (left < 64)
			x &= (1ULL << left) - 1;
		above[1] += (size_t)__builtin_popcountll(x);
	}
	above[0] += s->half - (above[1] - s->whole);
	if (above[0] < s->r && above[1] < s->r)
		return walk_on(s, w, s->start, above);
	above[0] = above[1] = 0;
	return walk_on(s, w, 0, above);
}

/* The i-th share of the relabelings, with scratch bits of its own. */
static void
relabel_chunk(struct swap *s, unsigned i)
{
	double eps = 1e-12, seen = s->ratio, got;
	uint64_t b = (uint64_t)s->b * i / CHUNKS;
	uint64_t to = (uint64_t)s->b * (i + 1) / CHUNKS;

	for (; b < to; b++) {
		struct walk w = { s->bits + i * s->words, 0, b * s->words };

		got = relabel(s, &w);
		s->above += got >= seen * (1 - eps);
		s->below += got <= seen * (1 + eps);
		s->beyond += fmax(got, 1 / got) >=
		    fmax(seen, 1 / seen) * (1 - eps);
	}
}

static double
relabel_all(struct swap *s, enum stat_side side)
{
	uint64_t above = 0, below = 0, beyond = 0, hits;
	int i;

#pragma omp parallel for default(none) shared(s) \
    reduction(+ : above, below, beyond) if (s->r > 200)
	for (i = 0; i < CHUNKS; i++) {
		struct swap part = *s;

		relabel_chunk(&part, (unsigned)i);
		above += part.above;
		below += part.below;
		beyond += part.beyond;
	}
	hits = side == STAT_GREATER ? above : side == STAT_LESS ? below :
	    beyond;
	return ((double)hits + 1) / ((double)s->b + 1);
}

/* Both arms' values, largest first, ties in the order of the pairs. */
static int
fill_top(struct stat_item *top, const struct stat_pairs *p)
{
	size_t i;

	for (i = 0; i < p->n; i++) {
		top[2 * i] = (struct stat_item){ -p->a[i], (uint32_t)i, 0 };
		top[2 * i + 1] = (struct stat_item){ -p->b[i], (uint32_t)i,
			1 };
	}
	if (stat_order(top, 2 * p->n) != RC_OK)
		return RC_NOMEM;
	for (i = 0; i < 2 * p->n; i++)
		top[i].v = -top[i].v;
	return RC_OK;
}

/* Fills s from the kept pairs. returns RC_OK or RC_NOMEM */
static int
swap_init(struct swap *s, const struct stat_pairs *p, double q)
{
	uint32_t *room;
	size_t m = p->n;
	double slack;
	int rc = RC_NOMEM;

	s->m = m;
	s->r = m - stat_quantile_rank(m, q) + 1;
	slack = SAFE * sqrt(2.0 * (double)s->r);
	s->start = 2.0 * (double)s->r > slack + 1 ?
	    2 * s->r - 1 - (size_t)slack : 0;
	s->words = (m + 63) / 64;
	s->top = malloc(2 * m * sizeof *s->top);
	s->orient = calloc(s->words, sizeof *s->orient);
	s->bits = malloc(CHUNKS * s->words * sizeof *s->bits);
	room = calloc(2 * m, sizeof *room);
	if (s->top != NULL && s->orient != NULL && s->bits != NULL &&
	    room != NULL)
		rc = fill_top(s->top, p);
	if (rc == RC_OK)
		number_pairs(s, room, room + m);
	free(room);
	return rc;
}

static void
swap_fini(struct swap *s)
{
	free(s->top);
	free(s->orient);
	free(s->bits);
}

/* One arm's quantile and how far its limits are from it, as logarithms. */
struct arm_quantile {
	double at, down[2], up[2];	/* [0] two-sided, [1] one-sided */
};

static void
arm_quantile(const double *sorted, size_t m, double q, struct arm_quantile *a)
{
	const double conf[2] = { 0.95, 0.90 };
	size_t lo, hi;
	int i;

	a->at = stat_quantile(sorted, m, q);
	for (i = 0; i < 2; i++) {
		stat_quantile_ci(m, q, conf[i], &lo, &hi);
		a->down[i] = lo < 1 ? NAN : log(a->at / sorted[lo - 1]);
		a->up[i] = hi > m ? NAN : log(sorted[hi - 1] / a->at);
	}
}

/* How far two arms exceed their quantiles together. */
static double
exceed_rho(const struct stat_pairs *p, double qa, double qb)
{
	double m = (double)p->n, na = 0, nb = 0, both = 0, var;
	size_t i;

	for (i = 0; i < p->n; i++) {
		na += p->a[i] > qa;
		nb += p->b[i] > qb;
		both += p->a[i] > qa && p->b[i] > qb;
	}
	var = na * (m - na) * nb * (m - nb);
	return var > 0 ? (both * m - na * nb) / sqrt(var) : 0;
}

static double
combine(double x, double y, double rho)
{
	double square = x * x + y * y - 2 * rho * x * y;

	/* Not fmax(), which would lose a NaN. */
	return square < 0 ? 0 : sqrt(square);
}

/* scratch takes m values. */
static void
swap_interval(const struct stat_pairs *p, double q, double *scratch,
    struct stat_test *out)
{
	struct arm_quantile a, b;
	double rho;

	memcpy(scratch, p->a, p->n * sizeof *scratch);
	stat_sort(scratch, p->n);
	arm_quantile(scratch, p->n, q, &a);
	memcpy(scratch, p->b, p->n * sizeof *scratch);
	stat_sort(scratch, p->n);
	arm_quantile(scratch, p->n, q, &b);
	rho = exceed_rho(p, a.at, b.at);
	out->estimate = b.at / a.at;
	out->stat = log(out->estimate);
	out->lo = exp(out->stat - combine(b.down[0], a.up[0], rho));
	out->hi = exp(out->stat + combine(b.up[0], a.down[0], rho));
	out->lower = exp(out->stat - combine(b.down[1], a.up[1], rho));
	out->upper = exp(out->stat + combine(b.up[1], a.down[1], rho));
	out->se = log(out->upper / out->lower) /
	    (2 * dist_normal_quantile(0.95));
}

static int
swap_fill(const struct stat_pairs *p, double q, const struct stat_draw *draw,
    enum stat_side side, struct stat_test *out)
{
	struct swap s = { .key = rng_key(draw->seed, draw->stream),
		.b = draw->b > 0 ? draw->b : STAT_DRAWS };
	double *scratch = malloc(p->n * sizeof *scratch);
	int rc = scratch == NULL ? RC_NOMEM : swap_init(&s, p, q);

	if (rc == RC_OK) {
		swap_interval(p, q, scratch, out);
		s.ratio = out->estimate;
		out->p = relabel_all(&s, side);
	}
	free(scratch);
	swap_fini(&s);
	return rc;
}

int
stat_swap_quantile(const struct stat_pairs *pairs, double q,
    const struct stat_draw *draw, enum stat_side side, struct stat_test *out)
{
	double *a = malloc((2 * pairs->n + 1) * sizeof *a);
	double *b = a + pairs->n;
	struct stat_pairs kept = { a, b, 0 };
	size_t i;
	int rc = RC_OK;

	if (a == NULL)
		return RC_NOMEM;
	for (i = 0; i < pairs->n; i++) {
		if (isfinite(pairs->a[i]) && isfinite(pairs->b[i]) &&
		    pairs->a[i] > 0 && pairs->b[i] > 0) {
			a[kept.n] = pairs->a[i];
			b[kept.n++] = pairs->b[i];
		}
	}
	stat_test_clear(out, kept.n);
	if (kept.n > 0)
		rc = swap_fill(&kept, q, draw, side, out);
	free(a);
	return rc;
}

const struct stat_method stat_method_swap = {
	.name = "swap_quantile",
	.title = "Within-pair swap permutation test of a ratio of quantiles",
	.when = "the tail of paired latencies: p95, p99",
	.assumptions = "independent pairs whose values are exchangeable when "
	    "nothing changed; any shape; n >= 72 for p95",
	.source = "Pesarin & Salmaso, Permutation Tests for Complex Data, "
	    "2010; interval: Price & Bonett, J. Stat. Comput. Simul. 72(2) "
	    "2002, joined by Zou & Donner, Stat. Med. 27, 2008",
};
