/*
 * A quantile over cases under turned signs of what their variants add; see
 * stat_replicate.h.
 *
 * The quantile reaches a value when so many cases' means do.  Each does with
 * a probability of its own, counted over the patterns of its signs; how many
 * do follows from convolving them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/stat/stat_dist.h"
#include "harness/stat/stat_replicate_part.h"

enum {
	COUNT_MAX = 12,		/* signs of a case: all patterns up to here */
	DRAWN = 4096,		/* else so many */
	WORK_MAX = 200000000	/* steps of a convolution */
};
#define TIE 1e-6		/* of a case's sum: values are floats */

static double
size_of(const float *d, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += fabs((double)d[i]);
	return sum;
}

static double
signed_sum(const float *d, size_t n, uint64_t bits)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += bits >> i & 1 ? -(double)d[i] : (double)d[i];
	return sum;
}

/* The sum of a case under relabeling b, which swaps units as it does for
 * every other statistic; b UINT64_MAX: as observed. */
static double
case_sum(const struct stat_tail *t, const struct stat_tail_case *c,
    uint64_t b)
{
	const float *d = t->d + c->first;
	struct rep_place at;
	double sum = 0;
	size_t i;

	if (b == UINT64_MAX)
		return signed_sum(d, c->n, 0);
	for (i = 0; i < c->n; i++) {
		at = rep_place(t->per_case, c->case_index,
		    t->v[c->first + i]);
		sum += rep_swaps(rep_word(&t->draw, at.block, b)) >>
		    at.slot & 1 ? -(double)d[i] : (double)d[i];
	}
	return sum;
}

/* P(a case's sum reaches a value), value above 0. */
static double
reaches(const struct stat_tail *t, const struct stat_tail_case *c,
    double value)
{
	const float *d = t->d + c->first;
	double size = size_of(d, c->n), sum;
	uint64_t key, m, hits = 0, all;
	size_t i;

	value -= TIE * size;
	if (size < value || c->n == 0)
		return 0;
	if (c->n <= COUNT_MAX) {
		all = 1ULL << c->n;
		for (m = 0; m < all; m++)
			hits += signed_sum(d, c->n, m) >= value;
		return (double)hits / (double)all;
	}
	key = rng_key(t->draw.seed, ~t->draw.stream) ^
	    rng_mix(c->case_index);
	for (m = 0; m < DRAWN; m++) {
		sum = 0;
		for (i = 0; i < c->n; i += 64)
			sum += signed_sum(d + i, c->n - i < 64 ? c->n - i :
			    64, rng_at(key, m * (c->n / 64 + 1) + i / 64));
		hits += sum >= value;
	}
	return ((double)hits + 1) / (DRAWN + 1);
}

/* P(at least r of n happen). */
static double
at_least(const double *p, size_t n, size_t r, double *scratch)
{
	double mean = 0, var = 0, all = 0;
	size_t i, k;

	for (i = 0; i < n; i++) {
		mean += p[i];
		var += p[i] * (1 - p[i]);
	}
	if (r > n)
		return 0;
	if ((double)n * (double)r > WORK_MAX)
		return var > 0 ? 1 - dist_normal_cdf(((double)r - .5 - mean) /
		    sqrt(var)) : mean >= (double)r;
	/* scratch[k]: P(k so far), k < r; what goes beyond is gathered */
	memset(scratch, 0, (r + 1) * sizeof(*scratch));
	scratch[0] = 1;
	for (i = 0; i < n; i++) {
		all += scratch[r - 1] * p[i];
		for (k = r - 1; k > 0; k--)
			scratch[k] += (scratch[k - 1] - scratch[k]) * p[i];
		scratch[0] -= scratch[0] * p[i];
	}
	return all;
}

/* What finding quantiles needs. */
struct room {
	double *mean, *p, *scratch;
	size_t r;		/* cases that must reach the quantile */
};

/* The quantile under relabeling b (UINT64_MAX: as observed), from above 0
 * only: else 0. */
static double
quantile(const struct stat_tail *t, struct room *w, uint64_t b)
{
	size_t i, above = 0;
	double mean;

	for (i = 0; i < t->n; i++) {
		mean = case_sum(t, &t->c[i], b) / t->c[i].of;
		if (mean > 0)
			w->mean[above++] = mean;
	}
	if (above < w->r)
		return 0;
	stat_sort(w->mean, above);
	return w->mean[above - w->r];
}

static double
p_of(const struct stat_tail *t, struct room *w, double value)
{
	size_t i;

	if (!(value > 0))
		return 1;
	for (i = 0; i < t->n; i++)
		w->p[i] = reaches(t, &t->c[i], value * t->c[i].of);
	return fmin(1, at_least(w->p, t->n, w->r, w->scratch));
}

/* The quantile if it can be 0 or below. */
static double
observed(const struct stat_tail *t, struct room *w)
{
	size_t i, rank = stat_quantile_rank(t->n_all, t->q), below = 0;
	size_t zeros = t->n_all - t->n;

	for (i = 0; i < t->n; i++)
		w->mean[i] = case_sum(t, &t->c[i], UINT64_MAX) / t->c[i].of;
	stat_sort(w->mean, t->n);
	while (below < t->n && w->mean[below] < 0)
		below++;
	if (rank <= below)
		return w->mean[rank - 1];
	return rank <= below + zeros ? 0 : w->mean[rank - 1 - zeros];
}

int
stat_replicate_tail(const struct stat_tail *t, struct stat_tail_out *out)
{
	double *mem = malloc((3 * t->n + 3) * sizeof(*mem)), value;
	struct room w = { mem, mem + t->n + 1, mem + 2 * t->n + 2, 0 };
	int b;

	if (mem == NULL)
		return RC_NOMEM;
	out->value = NAN;
	out->p = 1;
	for (b = 0; b < STAT_LOOKS; b++)
		out->look_p[b] = 1;
	if (t->n_all > 0) {
		w.r = t->n_all - stat_quantile_rank(t->n_all, t->q) + 1;
		out->value = observed(t, &w);
		out->p = p_of(t, &w, out->value);
	}
	for (b = 0; b < STAT_LOOKS && t->n >= w.r && w.r > 0; b++) {
		value = quantile(t, &w, (uint64_t)b);
		if (value > t->limit)
			out->look_p[b] = (float)p_of(t, &w, value);
	}
	free(mem);
	return RC_OK;
}
