/* Cases that pass and fail. See gate_how.h. */
#include "harness/judge/gate_how.h"

const struct gate_how gate_cases = {
	.kind = KIND_CASES, .typical = .03,
};

const struct gate_how gate_pass_rate = {
	.kind = KIND_PASS_RATE, .less_is_worse = 1,
};
