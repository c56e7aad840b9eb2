/*
 * Histogram of non-negative 64-bit values, such as nanoseconds: log-linear,
 * with 128 steps to every power of two.  Counts are exact, values come back
 * within 1/256 of what was added (exactly below 256), memory is 59 KB
 * whatever is added, and merging is adding.
 *
 * Thread rule: one writer a histogram; merge after the writers are done.
 */
#ifndef LOCKSTEP_HIST_H
#define LOCKSTEP_HIST_H

#include <stdint.h>

struct hist;

/* An empty histogram, NULL when memory is out. Caller frees. */
struct hist *hist_new(void);
void hist_free(struct hist *h);
void hist_reset(struct hist *h);

/* Adds one value; below 0 counts as 0 (a clock that stepped). */
void hist_add(struct hist *h, int64_t value);
/* Adds it n times. */
void hist_add_n(struct hist *h, int64_t value, uint64_t n);

/* Adds all of src to dst; src stays as it is. */
void hist_merge(struct hist *dst, const struct hist *src);

uint64_t hist_n(const struct hist *h);
/* Exact; -1 when empty. */
int64_t hist_min(const struct hist *h);
int64_t hist_max(const struct hist *h);
/* Exact sum over n, rounded once; NaN when empty. */
double hist_mean(const struct hist *h);

/*
 * The value of rank ceil(qn), as the middle of its bucket, never outside
 * [min, max].
 * q       [0,1]; 0 gives the minimum, 1 the maximum
 * returns -1 when empty
 */
int64_t hist_quantile(const struct hist *h, double q);

/* How many values were at most this one, to the precision of a bucket. */
uint64_t hist_count_upto(const struct hist *h, int64_t value);

/* Calls fn for every bucket that is not empty, rising: its lowest and highest
 * value and its count. */
typedef void hist_bucket_fn(void *ctx, int64_t lowest, int64_t highest,
    uint64_t count);
void hist_each(const struct hist *h, hist_bucket_fn *fn, void *ctx);

#endif
