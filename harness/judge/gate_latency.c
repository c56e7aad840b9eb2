/* How long answers take. See gate_how.h. */
#include "harness/judge/gate_kind.h"

const struct gate_how gate_latency_body = {
	.kind = &gate_kind_body,
	.floor = offsetof(struct limits, latency_body_floor_ns), .typical = .14,
};

const struct gate_how gate_latency_p95 = {
	.kind = &gate_kind_p95, .min_n = 72,
	.floor = offsetof(struct limits, latency_p95_floor_ns), .typical = .80,
};
