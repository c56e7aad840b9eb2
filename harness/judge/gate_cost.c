/* What answers cost. See gate_how.h. */
#include "harness/judge/gate_kind.h"

static double
level_cost(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_COST];
}

const struct gate_how gate_cost = {
	.kind = &gate_kind_ratio, .of = GATE_OF_PRICED, .level = level_cost,
	.typical = .05,
};
