/* How far the answers of the arms are apart, and an answer from its echo.
 * See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_answer(const struct cell *c)
{
	return (double)c->drift;
}

static double
effect_instability(const struct cell *c)
{
	return (double)c->floor_c - (double)c->floor_b;
}

static double
level_floor(const struct cell *c, int arm)
{
	return (double)(arm == 0 ? c->floor_b : c->floor_c);
}

const struct gate_how gate_answer_drift = {
	.kind = KIND_MEAN, .effect = effect_answer, .level = level_floor,
	.echo_level = 1, .drift = 1, .worst = 1, .typical = .02,
};

const struct gate_how gate_answer_drift_tail = {
	.kind = KIND_TAIL, .effect = effect_answer, .drift = 1,
};

const struct gate_how gate_answer_drift_median = {
	.kind = KIND_INFO, .effect = effect_answer,
};

const struct gate_how gate_instability = {
	.kind = KIND_MEAN, .effect = effect_instability,
	.level = level_floor, .echo_level = 1, .worst = 1, .typical = .03,
};
