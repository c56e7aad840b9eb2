/*
 * Selection in an implicit sorted matrix, by bisecting the order of the
 * doubles themselves: rounding keeps sums of sorted values sorted, so the
 * smallest double that k sums do not exceed is the k-th sum exactly.
 */
#include "harness/stat_walk.h"

#include <assert.h>
#include <string.h>

/* Doubles and these integers have the same order. */
static uint64_t
to_key(double v)
{
	uint64_t u;

	v += 0.0;	/* -0 to 0 */
	memcpy(&u, &v, sizeof u);
	return u >> 63 ? ~u : u | 1ULL << 63;
}

static double
from_key(uint64_t key)
{
	uint64_t u = key >> 63 ? key & ~(1ULL << 63) : ~key;
	double v;

	memcpy(&v, &u, sizeof v);
	return v;
}

static uint64_t
count_sums(const double *x, size_t nx, const double *y, size_t ny, double s)
{
	uint64_t count = 0;
	size_t i, j = ny;

	for (i = 0; i < nx; i++) {
		while (j > 0 && x[i] + y[j - 1] > s)
			j--;
		count += j;
	}
	return count;
}

/* All ordered pairs, less the lower triangle, which mirrors the upper. */
static uint64_t
count_pairs(const double *x, size_t n, double s)
{
	uint64_t all = count_sums(x, n, x, n, s), diagonal = 0;
	size_t i;

	for (i = 0; i < n; i++)
		diagonal += x[i] + x[i] <= s;
	return (all + diagonal) / 2;
}

double
walk_sums(const double *x, size_t nx, const double *y, size_t ny, uint64_t k)
{
	uint64_t lo = to_key(x[0] + y[0]), mid;
	uint64_t hi = to_key(x[nx - 1] + y[ny - 1]);

	assert(k >= 1 && k <= (uint64_t)nx * ny);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (count_sums(x, nx, y, ny, from_key(mid)) >= k)
			hi = mid;
		else
			lo = mid + 1;
	}
	return from_key(lo);
}

double
walk_pairs(const double *x, size_t n, uint64_t k)
{
	uint64_t lo = to_key(x[0] + x[0]), hi = to_key(x[n - 1] + x[n - 1]);
	uint64_t mid;

	assert(k >= 1 && k <= (uint64_t)n * (n + 1) / 2);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (count_pairs(x, n, from_key(mid)) >= k)
			hi = mid;
		else
			lo = mid + 1;
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
