/* How much of the expected sections is retrieved. See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_coverage(const struct cell *c)
{
	return -gate_rise(c, M_COVERAGE);
}

static double
level_coverage(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_COVERAGE];
}

const struct gate_how gate_coverage = {
	.kind = KIND_MEAN, .effect = effect_coverage,
	.level = level_coverage, .of = GATE_OF_GOLD, .worst = 1, .typical = .05,
};

const struct gate_how gate_coverage_min = {
	.kind = KIND_ABSOLUTE, .level = level_coverage, .of = GATE_OF_GOLD,
	.less_is_worse = 1, .worst = 1, .typical = .05,
};

const struct gate_how gate_coverage_floor = {
	.kind = KIND_ABSOLUTE, .level = level_coverage, .of = GATE_OF_GOLD,
	.less_is_worse = 1, .worst = 1, .typical = .05, .pair = "coverage",
};
