/* Median and 95th percentile of what was measured. */
#ifndef LOCKSTEP_DRILL_QUANTILES_H
#define LOCKSTEP_DRILL_QUANTILES_H

#include <stddef.h>
#include <stdint.h>

/*
 * By rank, so each is one of the values.
 * v       is sorted
 * *p50, *p95  0 without values
 */
void quantiles(int64_t *v, size_t n, int64_t *p50, int64_t *p95);

#endif
