/* The order of the passages. See gate_how.h. */
#include "harness/judge/gate_kind.h"

const struct gate_how gate_order = {
	.kind = &gate_kind_replicate, .what = REPLICA_ORDER, .harm = 1,
	.review = 1, .worst = 1,
	.typical = .005,
};
