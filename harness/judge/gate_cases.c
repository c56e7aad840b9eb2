/* Cases that pass and fail. See gate_how.h. */
#include "harness/judge/gate_kind.h"

const struct gate_how gate_cases = {
	.kind = &gate_kind_replicate, .what = REPLICA_GOOD, .harm = -1,
	.half = 1, .worst = 1, .typical = .02,
};

const struct gate_how gate_pass_rate = {
	.kind = &gate_kind_pass_rate, .less_is_worse = 1,
};
