/*
 * Sign-flip permutation test of a mean.
 *
 * Eight values make a table of their 256 signed sums, 64 values take one
 * random word: a relabeling costs n/64 words and n/8 additions.  Each
 * relabeling sums in the same order whatever the thread, so counts agree.
 */
#include "harness/stat/stat.h"

#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "harness/stat/stat_dist.h"

#define EXACT_MAX 13	/* 2^13 patterns are fewer than STAT_DRAWS */
#define MANY 50000	/* values beyond which drawing stops once p is known */
#define HITS 200	/* to so many relabelings as extreme: 7 % of p */
#define ROUND 1250	/* relabelings between two looks */
#define SPANS 16	/* of the values, summed apart */
#define CHUNK 2500	/* relabelings that share one set of tables */
#define GROUPS 8
#define TIE 1e-7

struct flips {
	const double *d;	/* none 0 */
	size_t n;
	double sum, tie;	/* the observed sum; what counts as equal */
	const struct stat_draw *draw;
	uint32_t b;
	uint64_t above, below, beyond;	/* relabelings as extreme, by side */
};

static void
count_one(struct flips *f, double sum)
{
	f->above += sum >= f->sum - f->tie;
	f->below += sum <= f->sum + f->tie;
	f->beyond += fabs(sum) >= fabs(f->sum) - f->tie;
}

/* All patterns: bit i of the mask turns value i. */
static void
flip_all(struct flips *f)
{
	double sums[1 << EXACT_MAX];
	size_t i, m;

	sums[0] = f->sum;
	for (i = 0; i < f->n; i++)
		for (m = 0; m < (size_t)1 << i; m++)
			sums[((size_t)1 << i) + m] = sums[m] - 2 * f->d[i];
	for (m = 0; m < (size_t)1 << f->n; m++)
		count_one(f, sums[m]);
}

static void
fill_tables(const double *d, size_t n, double table[GROUPS][256])
{
	size_t g, i, m;
	double v;

	for (g = 0; g < GROUPS; g++) {
		table[g][0] = 0;
		for (i = 8 * g; i < 8 * g + 8; i++)
			table[g][0] += i < n ? d[i] : 0;
		for (i = 0; i < 8; i++) {
			v = 8 * g + i < n ? 2 * d[8 * g + i] : 0;
			for (m = 0; m < (size_t)1 << i; m++)
				table[g][((size_t)1 << i) + m] =
				    table[g][m] - v;
		}
	}
}

static double
look_up(uint64_t bits, const double table[GROUPS][256])
{
	/* Unseen through, or compilers gather for two relabelings at once,
	 * which takes twice the time where there are no gathers. */
	__asm__("" : "+r"(bits));
	return ((table[0][bits & 255] + table[1][bits >> 8 & 255]) +
	    (table[2][bits >> 16 & 255] + table[3][bits >> 24 & 255])) +
	    ((table[4][bits >> 32 & 255] + table[5][bits >> 40 & 255]) +
	    (table[6][bits >> 48 & 255] + table[7][bits >> 56]));
}

/* Relabelings [from, to), at most CHUNK. */
static void
flip_chunk(struct flips *f, uint32_t from, uint32_t to)
{
	double table[GROUPS][256], sums[CHUNK] = { 0 };
	uint64_t key = rng_key(f->draw->seed, f->draw->stream);
	uint64_t words = (f->n + 63) / 64, w;
	uint32_t b;

	for (w = 0; w < words; w++) {
		fill_tables(f->d + 64 * w, f->n - 64 * w, table);
		for (b = from; b < to; b++)
			sums[b - from] += look_up(rng_at(key, b * words + w),
			    (const double (*)[256])table);
	}
	for (b = from; b < to; b++)
		count_one(f, sums[b - from]);
}

static void
flip_drawn(struct flips *f)
{
	int64_t chunks = ((int64_t)f->b + CHUNK - 1) / CHUNK, i;
	uint64_t above = 0, below = 0, beyond = 0;

#pragma omp parallel for default(none) shared(f, chunks) \
    reduction(+ : above, below, beyond) if (f->n > 2000)
	for (i = 0; i < chunks; i++) {
		struct flips part = *f;
		uint32_t from = (uint32_t)i * CHUNK;

		flip_chunk(&part, from,
		    f->b - from < CHUNK ? f->b : from + CHUNK);
		above += part.above;
		below += part.below;
		beyond += part.beyond;
	}
	f->above = above;
	f->below = below;
	f->beyond = beyond;
}

/* Sums of relabelings [from, from + ROUND) over one span of the values. */
static void
span_sums(const struct flips *f, uint32_t from, uint64_t span,
    double sums[ROUND])
{
	uint64_t key = rng_key(f->draw->seed, f->draw->stream);
	uint64_t words = (f->n + 63) / 64, w, b;
	double table[GROUPS][256];

	for (b = 0; b < ROUND; b++)
		sums[b] = 0;
	for (w = words * span / SPANS; w < words * (span + 1) / SPANS; w++) {
		fill_tables(f->d + 64 * w, f->n - 64 * w, table);
		for (b = 0; b < ROUND; b++)
			sums[b] += look_up(rng_at(key, (from + b) * words + w),
			    (const double (*)[256])table);
	}
}

static uint64_t
hits_of(const struct flips *f, enum stat_side side)
{
	return side == STAT_GREATER ? f->above : side == STAT_LESS ?
	    f->below : f->beyond;
}

/*
 * p of many values, drawing no longer than it takes: after HITS relabelings
 * as extreme their share is p (Besag & Clifford, Biometrika 78, 1991), which
 * rejects at any level no more often than all draws would.
 */
static int
flip_until(struct flips *f, enum stat_side side, double *p)
{
	double (*sums)[ROUND] = malloc(SPANS * sizeof *sums), sum;
	uint32_t b, from, drawn = 0;
	int i;

	if (sums == NULL)
		return RC_NOMEM;
	for (from = 0; from < f->b && hits_of(f, side) < HITS; from += ROUND) {
#pragma omp parallel for default(none) shared(f, sums, from)
		for (i = 0; i < SPANS; i++)
			span_sums(f, from, (uint64_t)i, sums[i]);
		for (b = 0; b < ROUND && drawn < f->b &&
		    hits_of(f, side) < HITS; b++, drawn++) {
			for (sum = 0, i = 0; i < SPANS; i++)
				sum += sums[i][b];
			count_one(f, sum);
		}
	}
	*p = hits_of(f, side) == HITS ? (double)HITS / drawn :
	    ((double)hits_of(f, side) + 1) / ((double)f->b + 1);
	free(sums);
	return RC_OK;
}

/* p of the values' sum; d loses its zeros, which no flip changes. */
static int
flip_p(double *d, size_t n, const struct stat_draw *draw, enum stat_side side,
    double *p)
{
	struct flips f = { .d = d, .draw = draw,
		.b = draw->b > 0 ? draw->b : STAT_DRAWS };
	double of, sum_abs = 0;
	size_t i;
	int exact;

	for (i = 0; i < n; i++) {
		f.sum += d[i];
		sum_abs += fabs(d[i]);
		if (d[i] != 0)
			d[f.n++] = d[i];
	}
	f.tie = TIE * sum_abs;
	if (f.n > MANY)
		return flip_until(&f, side, p);
	exact = f.n <= EXACT_MAX;
	if (exact)
		flip_all(&f);
	else
		flip_drawn(&f);
	of = exact ? ldexp(1, (int)f.n) : (double)f.b + 1;
	*p = ((double)hits_of(&f, side) + !exact) / of;
	return RC_OK;
}

int
stat_signflip_mean(const double *d, size_t n, const struct stat_draw *draw,
    enum stat_side side, struct stat_test *out)
{
	size_t m;
	double *x = stat_finite(d, n, &m), sd;
	int rc = RC_OK;

	if (x == NULL)
		return RC_NOMEM;
	stat_test_clear(out, m);
	if (m > 0) {
		stat_moments(x, m, &out->estimate, &sd);
		out->stat = out->estimate;
		out->se = sd / sqrt((double)m);
		if (m > 1)
			stat_test_interval(out,
			    dist_t_quantile(0.975, (double)m - 1),
			    dist_t_quantile(0.95, (double)m - 1));
		rc = flip_p(x, m, draw, side, &out->p);
	}
	free(x);
	return rc;
}

/* se of mean(b)/mean(a): the mean of b - ratio * a has a known spread. */
static void
ratio_interval(const struct stat_pairs *pairs, double *scratch,
    struct stat_test *out)
{
	double a = 0, b = 0, mean, sd;
	size_t i, m = 0;

	for (i = 0; i < pairs->n; i++)
		if (isfinite(pairs->b[i] - pairs->a[i])) {
			a += pairs->a[i];
			b += pairs->b[i];
		}
	if (!(a > 0))
		return;
	out->estimate = b / a;
	out->stat = out->estimate;
	for (i = 0; i < pairs->n; i++)
		if (isfinite(pairs->b[i] - pairs->a[i]))
			scratch[m++] = pairs->b[i] - b / a * pairs->a[i];
	stat_moments(scratch, m, &mean, &sd);
	out->se = sd * sqrt((double)m) / a;
	if (m > 1)
		stat_test_interval(out, dist_t_quantile(0.975, (double)m - 1),
		    dist_t_quantile(0.95, (double)m - 1));
}

int
stat_signflip_ratio(const struct stat_pairs *pairs,
    const struct stat_draw *draw, enum stat_side side, struct stat_test *out)
{
	double *d = malloc((pairs->n + 1) * sizeof *d), diff;
	size_t i, m = 0;
	int rc = RC_OK;

	if (d == NULL)
		return RC_NOMEM;
	for (i = 0; i < pairs->n; i++) {
		diff = pairs->b[i] - pairs->a[i];
		if (isfinite(diff))
			d[m++] = diff;
	}
	stat_test_clear(out, m);
	if (m > 0) {
		rc = flip_p(d, m, draw, side, &out->p);
		ratio_interval(pairs, d, out);
	}
	free(d);
	return rc;
}

const struct stat_method stat_method_signflip = {
	.name = "signflip",
	.title = "Sign-flip permutation test of a mean",
	.when = "a mean of per-case differences between the arms: drift, "
	    "coverage, citations, lambda, cost",
	.assumptions = "cases are independent; with no change a case's "
	    "difference is symmetric around 0, as it is when the arms of a "
	    "case are exchangeable; no shape, no equal spread",
	.source = "Fisher, The Design of Experiments, 1935; p = (1+#)/(B+1): "
	    "Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 9(1) 2010",
};
