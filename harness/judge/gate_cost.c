/* What answers cost. See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_cost(const struct cell *c)
{
	return gate_rise(c, M_COST);
}

static double
level_cost(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_COST];
}

const struct gate_how gate_cost = {
	.kind = KIND_RATIO, .effect = effect_cost, .level = level_cost,
	.typical = .05,
};
