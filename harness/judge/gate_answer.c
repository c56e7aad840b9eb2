/* The distance between the arms' answers, and between an answer and its echo.
 * See gate_how.h. */
#include "harness/judge/gate_kind.h"

static double
effect_answer(const struct cell *c)
{
	return (double)c->drift;
}

static double
level_floor(const struct cell *c, int arm)
{
	return (double)(arm == 0 ? c->floor_b : c->floor_c);
}

const struct gate_how gate_answer_drift = {
	.kind = &gate_kind_replicate, .what = REPLICA_DRIFT, .harm = 1,
	.level = level_floor,
	.echo_level = 1, .drift = 1, .worst = 1, .typical = .02,
};

const struct gate_how gate_answer_drift_tail = {
	.kind = &gate_kind_tail, .effect = effect_answer, .drift = 1,
};

const struct gate_how gate_answer_drift_median = {
	.kind = &gate_kind_info, .effect = effect_answer,
};

const struct gate_how gate_instability = {
	.kind = &gate_kind_replicate, .what = REPLICA_INSTABILITY, .harm = 1,
	.level = level_floor, .echo_level = 1, .worst = 1, .typical = .03,
};
