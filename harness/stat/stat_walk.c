/*
 * Selection in an implicit sorted matrix, by narrowing the order of the
 * doubles themselves: rounding keeps sums of sorted values sorted, so the
 * smallest double that k sums do not exceed is the k-th sum exactly.  Where
 * it lies is guessed from the counts at both bounds, a little to either side
 * in turn; every third step halves the order instead, so that no shape of the
 * values takes long.  Once few sums are left between the bounds they are
 * written down and sorted.
 */
#include "harness/stat/stat_walk.h"

#include <assert.h>
#include <string.h>

#include "harness/stat/stat_dist.h"

#define ASIDE .02	/* of the sums between the bounds */

/* Doubles and these integers have the same order; both zeros are one. */
static uint64_t
to_key(double v)
{
	uint64_t u;

	memcpy(&u, &v, sizeof u);
	return u >> 63 ? 0 - u : u | 1ULL << 63;
}

static double
from_key(uint64_t key)
{
	uint64_t u = key >> 63 ? key & ~(1ULL << 63) : 0 - key;
	double v;

	memcpy(&v, &u, sizeof v);
	return v;
}

/* How many sums are at most s; of ordered pairs the lower triangle mirrors
 * the upper. */
static uint64_t
count_upto(const struct walk_sums *w, double s)
{
	uint64_t count = 0, diagonal = 0;
	size_t i, j = w->ny;

	for (i = 0; i < w->nx; i++) {
		while (j > 0 && w->x[i] + w->y[j - 1] > s)
			j--;
		count += j;
	}
	if (!w->upper)
		return count;
	for (i = 0; i < w->nx; i++)
		diagonal += w->x[i] + w->x[i] <= s;
	return (count + diagonal) / 2;
}

/* The k-th of the sums within [lo, hi], which fit into scratch. */
static double
pick(const struct walk_sums *w, double lo, double hi, uint64_t k)
{
	size_t i, j, from = w->ny, n = 0;
	double sum;

	for (i = 0; i < w->nx; i++) {
		while (from > 0 && w->x[i] + w->y[from - 1] >= lo)
			from--;
		for (j = w->upper && from < i ? i : from; j < w->ny; j++) {
			sum = w->x[i] + w->y[j];
			if (sum > hi)
				break;
			w->scratch[n++] = sum;
		}
	}
	assert(k <= n && n <= WALK_ROOM(w->nx + w->ny));
	stat_sort(w->scratch, n);
	return w->scratch[k - 1];
}

/* Where to look next within [lo, hi): share is where the sum wanted lies
 * among those between. */
static uint64_t
next_key(uint64_t lo, uint64_t hi, double share, unsigned step)
{
	double from = from_key(lo), to = from_key(hi), at;
	uint64_t key;

	at = share + (step % 3 == 0 ? -ASIDE : ASIDE);
	if (step % 3 == 2 || !(at > 0 && at < 1))
		return lo + (hi - lo) / 2;
	key = to_key(from + (to - from) * at);
	return key < lo ? lo : key >= hi ? hi - 1 : key;
}

double
walk_sums(const struct walk_sums *w, uint64_t k)
{
	uint64_t lo = to_key(w->x[0] + w->y[0]), mid, count, below = 0;
	uint64_t hi = to_key(w->x[w->nx - 1] + w->y[w->ny - 1]);
	uint64_t upto = w->upper ? (uint64_t)w->nx * (w->nx + 1) / 2 :
	    (uint64_t)w->nx * w->ny;
	unsigned step = 0;

	assert(k >= 1 && k <= upto);
	while (lo < hi) {
		if (upto - below <= WALK_ROOM(w->nx + w->ny))
			return pick(w, from_key(lo), from_key(hi), k - below);
		mid = next_key(lo, hi, (double)(k - below) /
		    (double)(upto - below), step++);
		count = count_upto(w, from_key(mid));
		if (count >= k) {
			hi = mid;
			upto = count;
		} else {
			lo = mid + 1;
			below = count;
		}
	}
	return from_key(lo);
}

struct walk_middle
walk_middle(uint64_t m)
{
	return (struct walk_middle){ (m + 1) / 2, m / 2 + 1 };
}

uint64_t
walk_inversions(double *y, double *scratch, size_t n)
{
	uint64_t count = 0;
	size_t width, from, mid, end, i, j, k;

	for (width = 1; width < n; width *= 2) {
		for (from = 0; from + width < n; from = end) {
			mid = from + width;
			end = n - mid < width ? n : mid + width;
			i = k = from;
			j = mid;
			while (i < mid && j < end) {
				count += y[j] < y[i] ? mid - i : 0;
				scratch[k++] = y[j] < y[i] ? y[j++] : y[i++];
			}
			while (i < mid)
				scratch[k++] = y[i++];
			memcpy(y + from, scratch + from,
			    (k - from) * sizeof *y);
		}
	}
	return count;
}
