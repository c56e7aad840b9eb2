/* Whether snippets are in their sections where their offsets point. See
 * gate_how.h. */
#include "harness/judge/gate_kind.h"

static double
level_anchors(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_ANCHORS];
}

const struct gate_how gate_anchors = {
	.kind = &gate_kind_replicate, .what = REPLICA_ANCHORS, .harm = -1,
	.level = level_anchors, .of = GATE_OF_GOLD, .worst = 1,
	.typical = .005,
};
