/*
 * Log-linear histogram.  A value's bucket is its top bit and the 7 bits
 * after it; below 256 every value has a bucket of its own.
 */
#include "harness/base/hist.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BITS 7
#define STEPS ((uint64_t)1 << BITS)
/* Powers 2^8 to 2^62 have STEPS buckets each, what is below has 2 STEPS. */
#define BUCKETS ((62 - BITS + 2) << BITS)

struct hist {
	uint64_t n;
	int64_t min, max;
	unsigned __int128 sum;
	uint64_t count[BUCKETS];
};

static size_t
bucket_of(int64_t value)
{
	uint64_t v = (uint64_t)value;
	unsigned shift;

	if (v < 2 * STEPS)
		return v;
	shift = 63 - (unsigned)__builtin_clzll(v) - BITS;
	return shift * STEPS + (v >> shift);
}

static int64_t
lowest_of(size_t bucket)
{

	if (bucket < 2 * STEPS)
		return (int64_t)bucket;
	assert(bucket < BUCKETS);
	return (int64_t)((bucket % STEPS + STEPS) << (bucket / STEPS - 1));
}

static int64_t
highest_of(size_t bucket)
{
	return bucket + 1 < BUCKETS ? lowest_of(bucket + 1) - 1 : INT64_MAX;
}

struct hist *
hist_new(void)
{
	struct hist *h = malloc(sizeof *h);

	if (h != NULL)
		hist_reset(h);
	return h;
}

void
hist_free(struct hist *h)
{
	free(h);
}

void
hist_reset(struct hist *h)
{
	memset(h, 0, sizeof *h);
	h->min = INT64_MAX;
	h->max = -1;
}

void
hist_add(struct hist *h, int64_t value)
{
	hist_add_n(h, value, 1);
}

void
hist_add_n(struct hist *h, int64_t value, uint64_t n)
{
	if (n == 0)
		return;
	if (value < 0)
		value = 0;
	h->n += n;
	h->min = value < h->min ? value : h->min;
	h->max = value > h->max ? value : h->max;
	h->sum += (unsigned __int128)n * (uint64_t)value;
	h->count[bucket_of(value)] += n;
}

void
hist_merge(struct hist *dst, const struct hist *src)
{
	size_t i;

	dst->n += src->n;
	dst->min = src->min < dst->min ? src->min : dst->min;
	dst->max = src->max > dst->max ? src->max : dst->max;
	dst->sum += src->sum;
	for (i = 0; i < BUCKETS; i++)
		dst->count[i] += src->count[i];
}

uint64_t
hist_n(const struct hist *h)
{
	return h->n;
}

int64_t
hist_min(const struct hist *h)
{
	return h->n > 0 ? h->min : -1;
}

int64_t
hist_max(const struct hist *h)
{
	return h->max;
}

double
hist_mean(const struct hist *h)
{
	return h->n > 0 ? (double)h->sum / (double)h->n : NAN;
}

int64_t
hist_quantile(const struct hist *h, double q)
{
	double rank = ceil(q * (double)h->n * (1 - 1e-12));
	uint64_t want = rank < 1 ? 1 : (uint64_t)rank, seen = 0;
	int64_t low, middle;
	size_t i;

	assert(q >= 0 && q <= 1);
	if (h->n == 0)
		return -1;
	if (want >= h->n)
		return h->max;
	for (i = 0; seen < want; i++)
		seen += h->count[i];
	low = lowest_of(i - 1);
	middle = low + (highest_of(i - 1) - low) / 2;
	if (want == 1 || middle < h->min)
		return h->min;
	return middle > h->max ? h->max : middle;
}

uint64_t
hist_count_upto(const struct hist *h, int64_t value)
{
	uint64_t seen = 0;
	size_t i, last;

	if (value < 0)
		return 0;
	last = bucket_of(value);
	for (i = 0; i <= last; i++)
		seen += h->count[i];
	return seen;
}

void
hist_each(const struct hist *h, hist_bucket_fn *fn, void *ctx)
{
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		if (h->count[i] > 0)
			fn(ctx, lowest_of(i), highest_of(i), h->count[i]);
}
