/*
 * Selection among sums that are never written down: the k-th smallest of
 * x[i] + y[j] from sorted arrays, in O(n) memory; and counting the pairs of a
 * series that are out of order without looking at each.
 */
#ifndef LOCKSTEP_STAT_WALK_H
#define LOCKSTEP_STAT_WALK_H

#include <stddef.h>
#include <stdint.h>

/* Values of scratch memory that the functions below ask for. */
#define WALK_ROOM(n) ((n) / 8 + 64)

/*
 * The k-th smallest (1-based) of the nx * ny sums x[i] + y[j]; both sorted
 * ascending, finite, and so small that no sum overflows; 1 <= k <= nx * ny.
 * Some dozen passes over both arrays, 200 at most, when the sums are mostly
 * tied.
 * scratch takes WALK_ROOM(nx + ny) values
 */
struct walk_sums {
	const double *x, *y;
	size_t nx, ny;
	int upper;	/* y is x: only sums with i <= j, n (n + 1) / 2 */
	double *scratch;
};
double walk_sums(const struct walk_sums *w, uint64_t k);

/* Sorts y and counts the pairs that were out of order; equal values are in
 * order. scratch takes n values. */
uint64_t walk_inversions(double *y, double *scratch, size_t n);

/* The median of m values as the mean of the two middle ones. */
struct walk_middle {
	uint64_t low, high;	/* 1-based, equal for odd m */
};
struct walk_middle walk_middle(uint64_t m);

#endif
