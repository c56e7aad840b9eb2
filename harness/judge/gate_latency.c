/* How long answers take. See gate_how.h. */
#include "harness/judge/gate_kind.h"

static double
effect_ln_latency(const struct cell *c)
{
	return (double)c->ln_latency;
}

const struct gate_how gate_latency_body = {
	.kind = &gate_kind_body, .effect = effect_ln_latency,
	.floor = offsetof(struct limits, latency_body_floor_ns), .typical = .14,
};

const struct gate_how gate_latency_p95 = {
	.kind = &gate_kind_p95, .min_n = 72,
	.floor = offsetof(struct limits, latency_p95_floor_ns), .typical = .80,
};
