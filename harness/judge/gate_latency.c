/* How long answers take. See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_ln_latency(const struct cell *c)
{
	return (double)c->ln_latency;
}

const struct gate_how gate_latency_body = {
	.kind = KIND_BODY, .effect = effect_ln_latency, .typical = .14,
};

const struct gate_how gate_latency_p95 = {
	.kind = KIND_P95, .min_n = 72, .typical = .80,
};
