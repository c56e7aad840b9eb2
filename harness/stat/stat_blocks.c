/* Latency by blocks of time; see stat_blocks.h. */
#include "harness/stat/stat_blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "harness/stat/stat_dist.h"

enum { MEDIANS = 4, GROWTHS_MAX = 60, SCAN_STEP = 64 };
#define GROWTH 1.5
#define ROUNDING 1e-18		/* of a mean ln ratio, squared */
#define LOOKED_AT .02		/* p from which a look's ratio is wanted */

/* ---- cutting ------------------------------------------------------------- */

/* A pair's place in time. */
struct place {
	int64_t at;
	uint32_t of;
};

static int
by_time(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return (x->of > y->of) - (x->of < y->of);
}

static int
usable(const struct stat_timed *t, size_t i)
{
	return t->base[i] > 0 && t->cand[i] > 0 && isfinite(t->base[i]) &&
	    isfinite(t->cand[i]);
}

static double
clipped(double base, double cand)
{
	return fmax(-STAT_BLOCK_CLIP, fmin(STAT_BLOCK_CLIP,
	    log(cand / base)));
}

static int
blocks_new(size_t n, struct stat_blocks **out)
{
	struct stat_blocks *b = calloc(1, sizeof(*b));

	*out = b;
	if (b == NULL)
		return RC_NOMEM;
	b->base = malloc((n + 1) * sizeof(*b->base));
	b->cand = malloc((n + 1) * sizeof(*b->cand));
	b->block = malloc((n + 1) * sizeof(*b->block));
	b->sum = malloc((n + 1) * sizeof(*b->sum));
	b->size = malloc((n + 1) * sizeof(*b->size));
	if (b->base != NULL && b->cand != NULL && b->block != NULL &&
	    b->sum != NULL && b->size != NULL)
		return RC_OK;
	stat_blocks_free(b);
	*out = NULL;
	return RC_NOMEM;
}

void
stat_blocks_free(struct stat_blocks *b)
{
	if (b == NULL)
		return;
	free(b->base);
	free(b->cand);
	free(b->block);
	free(b->sum);
	free(b->size);
	free(b);
}

/* Sums and sizes of the blocks of this width. */
static void
cut(struct stat_blocks *b, const struct place *p, double width)
{
	uint64_t at, before = 0;
	size_t i, k;

	b->width_ns = width;
	b->n_blocks = 0;
	for (i = 0; i < b->n; i++) {
		at = (uint64_t)((double)(p[i].at - p[0].at) / width);
		if (i == 0 || at != before) {
			b->sum[b->n_blocks] = 0;
			b->size[b->n_blocks++] = 0;
		}
		before = at;
		k = b->n_blocks - 1;
		b->block[i] = (uint32_t)k;
		b->sum[k] += clipped(b->base[i], b->cand[i]);
		b->size[k]++;
	}
}

static double
mean_ln(const struct stat_blocks *b)
{
	double sum = 0;
	size_t k;

	for (k = 0; k < b->n_blocks; k++)
		sum += b->sum[k];
	return sum / (double)b->n;
}

/* A block's mean ln ratio as far as its sign matters. */
static double
held(const struct stat_blocks *b, size_t k)
{
	return fmax(-STAT_BLOCK_HELD, fmin(STAT_BLOCK_HELD,
	    b->sum[k] / b->size[k]));
}

/* Of neighbouring sums, less what all pairs have in common: a slow candidate
 * is not a correlation, nor is one that is slower by much now and by more
 * later. Signs turn, so what must not last is the sign. */
static double
neighbours(const struct stat_blocks *b)
{
	double mean = 0, x, before = 0, cross = 0, square = 0, least = 0;
	size_t k;

	for (k = 0; k < b->n_blocks; k++)
		mean += held(b, k) * b->size[k] / (double)b->n;
	for (k = 0; k < b->n_blocks; k++) {
		x = (held(b, k) - mean) * b->size[k];
		cross += x * before;
		square += x * x;
		before = x;
		/* all held alike: what is left is rounding */
		least += ROUNDING * b->size[k] * b->size[k];
	}
	return b->n_blocks < 3 || !(square > least) ? NAN : cross / square;
}

static void
grow(struct stat_blocks *b, const struct place *p, double width)
{
	int i;

	for (i = 0; i < GROWTHS_MAX; i++) {
		cut(b, p, width);
		b->correlation = neighbours(b);
		if (!(b->correlation >= 1 / sqrt((double)b->n_blocks)))
			return;
		width *= GROWTH;
	}
}

/* How much the mean ratio moves from one block to the next. */
static int
find_jump(struct stat_blocks *b)
{
	double *d = malloc((b->n_blocks + 1) * sizeof(*d));
	size_t k, n = 0;

	if (d == NULL)
		return RC_NOMEM;
	for (k = 1; k < b->n_blocks; k++)
		d[n++] = fabs(b->sum[k] / b->size[k] - b->sum[k - 1] /
		    b->size[k - 1]);
	stat_sort(d, n);
	b->jump = n == 0 ? NAN : exp(stat_quantile(d, n, .5));
	free(d);
	return RC_OK;
}

/* The median latency of both arms together; scratch takes 2 n values. */
static double
median(const struct stat_blocks *b, double *scratch)
{
	memcpy(scratch, b->base, b->n * sizeof(*scratch));
	memcpy(scratch + b->n, b->cand, b->n * sizeof(*scratch));
	stat_sort(scratch, 2 * b->n);
	return stat_quantile(scratch, 2 * b->n, .5);
}

static int
fill(struct stat_blocks *b, const struct stat_timed *t, struct place *p)
{
	double *scratch, width;
	size_t i;

	for (i = 0; i < t->n; i++) {
		if (usable(t, i))
			p[b->n++] = (struct place){ t->at_ns[i],
				(uint32_t)i };
	}
	b->correlation = b->jump = NAN;
	b->width_ns = b->start_ns = STAT_BLOCK_NS;
	if (b->n == 0)
		return RC_OK;
	qsort(p, b->n, sizeof(*p), by_time);
	for (i = 0; i < b->n; i++) {
		b->base[i] = (double)t->base[p[i].of];
		b->cand[i] = (double)t->cand[p[i].of];
	}
	scratch = malloc(2 * b->n * sizeof(*scratch));
	if (scratch == NULL)
		return RC_NOMEM;
	width = fmax(STAT_BLOCK_NS, MEDIANS * median(b, scratch));
	free(scratch);
	b->start_ns = width;
	grow(b, p, width);
	return find_jump(b);
}

int
stat_blocks_cut(const struct stat_timed *t, struct stat_blocks **out)
{
	struct place *p = malloc((t->n + 1) * sizeof(*p));
	int rc = blocks_new(t->n, out);

	if (rc == RC_OK)
		rc = p == NULL ? RC_NOMEM : fill(*out, t, p);
	free(p);
	if (rc != RC_OK) {
		stat_blocks_free(*out);
		*out = NULL;
	}
	return rc;
}

/* ---- the body ------------------------------------------------------------ */

static uint64_t
word(const struct stat_draw *draw, uint64_t words, uint64_t b, uint64_t i)
{
	return rng_at(rng_key(draw->seed, draw->stream), b * words + i);
}

/* Whether relabeling b swaps block k. */
static unsigned
swapped(const uint64_t *bits, size_t k)
{
	return (unsigned)(bits[k / 64] >> k % 64 & 1);
}

static uint32_t
draws_of(const struct stat_draw *draw)
{
	return draw->b == 0 ? STAT_DRAWS : draw->b < STAT_LOOKS ? STAT_LOOKS :
	    draw->b;
}

/* Hodges-Lehmann of the ln ratios, turned by bits (NULL: as observed). */
static int
hodges_lehmann(const struct stat_blocks *b, const uint64_t *bits,
    double *out)
{
	double *d = malloc((b->n + 1) * sizeof(*d));
	struct stat_test t;
	size_t i;
	int rc = RC_NOMEM;

	for (i = 0; i < b->n && d != NULL; i++) {
		d[i] = log(b->cand[i] / b->base[i]);
		if (bits != NULL && swapped(bits, b->block[i]))
			d[i] = -d[i];
	}
	if (d != NULL)
		rc = stat_signed_rank(d, b->n, .95, STAT_GREATER, &t);
	*out = rc == RC_OK ? t.estimate : NAN;
	free(d);
	return rc;
}

/* p of each value among all: (1 + how many are as large) / (B + 1). */
static double
p_among(const double *sorted, size_t n, double value, double tie)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (sorted[mid] >= value - tie)
			hi = mid;
		else
			lo = mid + 1;
	}
	return ((double)(n - lo) + 1) / ((double)n + 1);
}

/* What drawing relabelings needs. */
struct draws {
	uint32_t n;		/* relabelings */
	uint64_t words;		/* of bits each */
	uint64_t *bits;		/* of one */
	double *value, *sorted;	/* the statistic under each */
	const struct stat_draw *draw;
};

static int
draws_open(const struct stat_blocks *b, const struct stat_draw *draw,
    struct draws *d)
{
	d->draw = draw;
	d->n = draws_of(draw);
	d->words = (b->n_blocks + 63) / 64;
	d->bits = calloc(d->words + 1, sizeof(*d->bits));
	d->value = malloc(d->n * sizeof(*d->value));
	d->sorted = malloc(d->n * sizeof(*d->sorted));
	return d->bits == NULL || d->value == NULL || d->sorted == NULL ?
	    RC_NOMEM : RC_OK;
}

static void
draws_close(struct draws *d)
{
	free(d->bits);
	free(d->value);
	free(d->sorted);
}

static void
draw_bits(const struct draws *d, uint32_t b)
{
	uint64_t i;

	for (i = 0; i < d->words; i++)
		d->bits[i] = word(d->draw, d->words, b, i);
}

static void
draws_sort(struct draws *d)
{
	memcpy(d->sorted, d->value, d->n * sizeof(*d->value));
	stat_sort(d->sorted, d->n);
}

/*
 * Sums of ln ratios less the floor, turned.
 * look    what the first relabelings of the arms themselves would show
 */
static void
draw_sums(const struct stat_blocks *b, struct draws *d,
    double look[STAT_LOOKS])
{
	double sum, arms, x;
	uint32_t i;
	size_t k;

	for (i = 0; i < d->n; i++) {
		draw_bits(d, i);
		for (sum = arms = 0, k = 0; k < b->n_blocks; k++) {
			x = b->sum[k] - b->floor * b->size[k];
			sum += swapped(d->bits, k) ? -x : x;
			arms += swapped(d->bits, k) ? -b->sum[k] : b->sum[k];
		}
		d->value[i] = sum;
		if (i < STAT_LOOKS)
			look[i] = arms - b->floor * (double)b->n;
	}
	draws_sort(d);
}

/* Standard error of the mean ln ratio: blocks are independent. */
static double
block_se(const struct stat_blocks *b)
{
	double mean = mean_ln(b), square = 0, x;
	size_t k;

	for (k = 0; k < b->n_blocks; k++) {
		x = b->sum[k] - mean * b->size[k];
		square += x * x;
	}
	return b->n_blocks < 2 ? NAN : sqrt(square * (double)b->n_blocks /
	    (double)(b->n_blocks - 1)) / (double)b->n;
}

static void
test_clear(const struct stat_blocks *b, struct stat_block_test *out)
{
	int i;

	stat_test_clear(&out->t, b->n);
	for (i = 0; i < STAT_LOOKS; i++) {
		out->look_p[i] = 1;
		out->look[i] = NAN;
	}
}

/* From ln to a ratio, with the interval of so many blocks. */
static void
set_ratio(const struct stat_blocks *b, double ln, double se,
    struct stat_test *t)
{
	double df = (double)b->n_blocks - 1;

	t->estimate = exp(ln);
	t->stat = ln;
	t->se = se;
	if (!(df >= 1) || !isfinite(se))
		return;
	t->lo = exp(ln - dist_t_quantile(.975, df) * se);
	t->hi = exp(ln + dist_t_quantile(.975, df) * se);
	t->lower = exp(ln - dist_t_quantile(.95, df) * se);
	t->upper = exp(ln + dist_t_quantile(.95, df) * se);
}

int
stat_blocks_body(const struct stat_blocks *b, const struct stat_draw *draw,
    struct stat_block_test *out)
{
	struct draws d;
	double ln, tie = 1e-9 * STAT_BLOCK_CLIP * (double)b->n;
	double look[STAT_LOOKS];
	int i, rc = draws_open(b, draw, &d);

	test_clear(b, out);
	if (rc == RC_OK && b->n > 0)
		rc = hodges_lehmann(b, NULL, &ln);
	if (rc == RC_OK && b->n > 0) {
		set_ratio(b, ln, block_se(b), &out->t);
		draw_sums(b, &d, look);
		out->t.p = p_among(d.sorted, d.n, (mean_ln(b) - b->floor) *
		    (double)b->n, tie);
		for (i = 0; i < STAT_LOOKS && rc == RC_OK; i++) {
			out->look_p[i] = p_among(d.sorted, d.n, look[i], tie);
			if (out->look_p[i] > LOOKED_AT)
				continue;
			draw_bits(&d, (uint32_t)i);
			rc = hodges_lehmann(b, d.bits, &out->look[i]);
			out->look[i] = exp(out->look[i]);
		}
	}
	draws_close(&d);
	return rc;
}

/* ---- quantiles ----------------------------------------------------------- */

/* All values, largest first; `of` is twice the pair's block, and one more
 * for the candidate's, which are divided by exp(floor). */
static struct stat_item *
largest_first(const struct stat_blocks *b, double floor)
{
	struct stat_item *v = malloc((2 * b->n + 1) * sizeof(*v));
	size_t i;

	if (v == NULL)
		return NULL;
	for (i = 0; i < b->n; i++) {
		v[2 * i] = (struct stat_item){ -b->base[i], 2 * b->block[i],
			0 };
		v[2 * i + 1] = (struct stat_item){ -b->cand[i] * exp(-floor),
			2 * b->block[i] + 1, 1 };
	}
	if (stat_order(v, 2 * b->n) != RC_OK) {
		free(v);
		return NULL;
	}
	for (i = 0; i < 2 * b->n; i++)
		v[i].v = -v[i].v;
	return v;
}

/* Which arm each value of a block is of once blocks are swapped. */
static void
label(const struct draws *d, size_t n_blocks, uint8_t *arm_of)
{
	size_t k;

	for (k = 0; k < n_blocks; k++) {
		arm_of[2 * k] = (uint8_t)swapped(d->bits, k);
		arm_of[2 * k + 1] = !arm_of[2 * k];
	}
}

/* How many of n values are the candidate's. No branch: which arm a value is
 * of is as good as random. */
static size_t
of_cand(const struct stat_item *v, size_t n, const uint8_t *arm_of)
{
	size_t sum = 0, i;

	for (i = 0; i < n; i++)
		sum += arm_of[v[i].of];
	return sum;
}

/* Whether so many more get a count to r. */
static int
reaches(size_t count, size_t more, size_t r)
{
	return count < r && count + more >= r;
}

/* ln of the arms' ratio with such labels; rank r from the top of n values in
 * all. */
static double
ratio_of(const struct stat_item *v, size_t n, size_t r,
    const uint8_t *arm_of)
{
	double q[2] = { 0, 0 };
	size_t above[2] = { 0, 0 }, i, stop, cand;
	unsigned arm;

	for (i = 0; above[0] < r || above[1] < r;) {
		stop = n - i < SCAN_STEP ? n : i + SCAN_STEP;
		cand = of_cand(v + i, stop - i, arm_of);
		if (!reaches(above[0], stop - i - cand, r) &&
		    !reaches(above[1], cand, r)) {
			above[0] += stop - i - cand;
			above[1] += cand;
			i = stop;
			continue;
		}
		for (; i < stop; i++) {
			arm = arm_of[v[i].of];
			if (++above[arm] == r)
				q[arm] = v[i].v;
		}
	}
	return log(q[1] / q[0]);
}

static double
spread(const double *v, size_t n)
{
	double mean, sd;

	stat_moments(v, n, &mean, &sd);
	return sd;
}

int
stat_blocks_quantile(const struct stat_blocks *b, double q,
    const struct stat_draw *draw, struct stat_block_test *out)
{
	struct stat_item *v = largest_first(b, b->floor);
	struct stat_item *arms = largest_first(b, 0);
	struct draws d;
	double ln, look[STAT_LOOKS];
	uint8_t *arm_of = calloc(2 * b->n_blocks + 1, 1);
	size_t n = 2 * b->n, r;
	uint32_t i;
	int rc = draws_open(b, draw, &d);

	test_clear(b, out);
	rc = v == NULL || arms == NULL || arm_of == NULL ? RC_NOMEM : rc;
	if (rc == RC_OK && b->n > 0) {
		r = b->n - stat_quantile_rank(b->n, q) + 1;
		label(&d, b->n_blocks, arm_of);	/* none is swapped yet */
		ln = ratio_of(v, n, r, arm_of);
		for (i = 0; i < d.n; i++) {
			draw_bits(&d, i);
			label(&d, b->n_blocks, arm_of);
			d.value[i] = ratio_of(v, n, r, arm_of);
			if (i < STAT_LOOKS)
				look[i] = ratio_of(arms, n, r, arm_of);
		}
		draws_sort(&d);
		set_ratio(b, ln + b->floor, spread(d.value, d.n), &out->t);
		out->t.p = p_among(d.sorted, d.n, ln, 1e-12);
		for (i = 0; i < STAT_LOOKS; i++) {
			out->look_p[i] = p_among(d.sorted, d.n, look[i] -
			    b->floor, 1e-12);
			if (out->look_p[i] <= LOOKED_AT)
				out->look[i] = exp(look[i]);
		}
	}
	draws_close(&d);
	free(v);
	free(arms);
	free(arm_of);
	return rc;
}

size_t
stat_blocks_least(const struct stat_blocks *b)
{
	return b->width_ns > b->start_ns && (double)b->n_blocks *
	    b->width_ns >= STAT_BLOCKS_MIN * b->start_ns ?
	    STAT_BLOCKS_GROWN_MIN : STAT_BLOCKS_MIN;
}

const struct stat_method stat_method_blocks = {
	.name = "blocks",
	.title = "Latency by blocks of time",
	.when = "latencies, first tokens and queues of pairs that were sent "
	    "close together: body and tail",
	.assumptions = "a delay in one block of time does not reach the next "
	    "but one; with no change the arms of a block are exchangeable; at "
	    "least 16 blocks, 12 where they grew",
	.source = "Pesarin & Salmaso, Permutation Tests for Complex Data, "
	    "2010; Hodges & Lehmann, Ann. Math. Statist. 34, 1963; blocks: "
	    "Kunsch, Ann. Statist. 17(3) 1989",
};
