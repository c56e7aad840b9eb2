/*
 * Selection among sums that are never written down: the k-th smallest of
 * x[i] + y[j] from sorted arrays, in O(n) memory; and counting the pairs of a
 * series that are out of order without looking at each.
 */
#ifndef LOCKSTEP_STAT_WALK_H
#define LOCKSTEP_STAT_WALK_H

#include <stddef.h>
#include <stdint.h>

/*
 * The k-th smallest (1-based) of the nx * ny sums x[i] + y[j]; both sorted
 * ascending, finite, and so small that no sum overflows; 1 <= k <= nx * ny.
 * At most 64 passes over both arrays.
 */
double walk_sums(const double *x, size_t nx, const double *y, size_t ny,
    uint64_t k);

/* The k-th smallest of the n (n + 1) / 2 sums x[i] + x[j], i <= j. */
double walk_pairs(const double *x, size_t n, uint64_t k);

/* Sorts y and counts the pairs that were out of order; equal values are in
 * order. scratch takes n values. */
uint64_t walk_inversions(double *y, double *scratch, size_t n);

/* The median of m values as the mean of the two middle ones. */
struct walk_middle {
	uint64_t low, high;	/* 1-based, equal for odd m */
};
struct walk_middle walk_middle(uint64_t m);

#endif
