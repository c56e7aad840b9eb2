/* The functions behind the metrics, and what they share. */
#ifndef LOCKSTEP_MEASURE_PART_H
#define LOCKSTEP_MEASURE_PART_H

#include <math.h>

#include "harness/score/measure.h"

typedef double metric_fn(const struct metric_in *in,
    enum metric_missing *why);

/* A missing value: sets the reason, returns NaN. */
static inline double
metric_none(enum metric_missing *why, enum metric_missing reason)
{
	*why = reason;
	return NAN;
}

#define METRIC(id, name, unit, dir, help, source) metric_fn calc_##name;
#include "harness/terms/metric_rows.h"

/* Fills raw[] with the distance from the question to each snippet. */
void calc_raw_distances(const struct metric_in *in, double *raw);

#endif
