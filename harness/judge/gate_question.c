/* How far the retrieved passages are from the question. See gate_how.h. */
#include "harness/judge/gate_kind.h"

static double
level_question(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_DS_QUESTION_RETRIEVED];
}

static double
level_context(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_DS_QUESTION_CONTEXT];
}

const struct gate_how gate_question_drift = {
	.kind = &gate_kind_replicate, .what = REPLICA_QUESTION, .harm = 1,
	.level = level_question, .worst = 1, .typical = .005,
};

const struct gate_how gate_context_drift = {
	.kind = &gate_kind_replicate, .what = REPLICA_CONTEXT, .harm = 1,
	.level = level_context, .worst = 1, .typical = .005,
};

const struct gate_how gate_ds_max = {
	.kind = &gate_kind_absolute, .level = level_question, .worst = 1,
	.pair = "question_drift",
	.typical = .04,
};
