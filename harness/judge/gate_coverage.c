/* How much of the expected sections is retrieved. See gate_how.h. */
#include "harness/judge/gate_kind.h"

static double
level_coverage(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_COVERAGE];
}

const struct gate_how gate_coverage = {
	.kind = &gate_kind_replicate, .what = REPLICA_COVERAGE, .harm = -1,
	.level = level_coverage, .of = GATE_OF_GOLD, .worst = 1,
	.typical = .05,
};

const struct gate_how gate_coverage_min = {
	.kind = &gate_kind_absolute, .level = level_coverage,
	.of = GATE_OF_GOLD, .less_is_worse = 1, .worst = 1,
	.typical = .05, .pair = "coverage",
};

const struct gate_how gate_coverage_floor = {
	.kind = &gate_kind_absolute, .level = level_coverage,
	.of = GATE_OF_GOLD, .less_is_worse = 1, .worst = 1,
	.typical = .05, .pair = "coverage",
};
