/* How far the retrieved passages are from the question. See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_question(const struct cell *c)
{
	return gate_rise(c, M_DS_QUESTION_RETRIEVED);
}

static double
effect_context(const struct cell *c)
{
	return gate_rise(c, M_DS_QUESTION_CONTEXT);
}

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
	.kind = KIND_MEAN, .effect = effect_question,
	.level = level_question, .worst = 1, .typical = .005,
};

const struct gate_how gate_context_drift = {
	.kind = KIND_MEAN, .effect = effect_context, .level = level_context,
	.worst = 1, .typical = .005,
};

const struct gate_how gate_ds_max = {
	.kind = KIND_ABSOLUTE, .level = level_question, .worst = 1,
	.typical = .04,
};
