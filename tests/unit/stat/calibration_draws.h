/* Draws of several shapes, alone and in pairs. */
#ifndef LOCKSTEP_CALIBRATION_DRAWS_H
#define LOCKSTEP_CALIBRATION_DRAWS_H

#include "harness/stat/stat.h"
#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "harness/stat/stat_dist.h"
#include "tests/lib/check.h"

#define MAX_N 1000

enum shape { NORMAL, SKEWED, HEAVY, DISCRETE, SHAPES };
static const char *const shape_names[] = { "normal", "skewed", "heavy-tailed",
	"discrete" };

/* One value above 0 of a pair; the pairs of a replicate are exchangeable. */
static inline double
draw_value(enum shape shape, uint64_t rep, uint64_t stream, size_t i)
{
	double u;

	switch (shape) {
	case NORMAL:
		return 100 + 10 * rng_normal(rep, stream, i);
	case SKEWED:
		return 20 * exp(rng_normal(rep, stream + 10, i));
	case HEAVY:	/* Pareto: no variance, hardly a mean */
		return 20 * pow(1 - rng_unit(rep, stream + 20, i), -1 / 1.1);
	default:
		u = rng_unit(rep, stream + 30, i);
		return 1 + floor(u * u * 6);
	}
}

static double pair_a[MAX_N], pair_b[MAX_N], pair_d[MAX_N];

/* n pairs that share half of their case's difficulty. */
static inline void
fill_pairs(enum shape shape, uint64_t rep, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		double common = draw_value(shape, rep, 1, i);

		pair_a[i] = common + draw_value(shape, rep, 2, i);
		pair_b[i] = common + draw_value(shape, rep, 3, i);
		pair_d[i] = pair_b[i] - pair_a[i];
	}
}

/* ---- rejection without a change ----------------------------------------- */

typedef double p_fn(enum shape shape, uint64_t rep, size_t n);

#endif
