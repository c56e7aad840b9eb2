/* Whether a case stays convergent across its variants. See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_lambda(const struct cell *c)
{
	return (double)c->arm[0].convergence - (double)c->arm[1].convergence;
}

static double
effect_flip(const struct cell *c)
{
	return (double)c->arm[1].flip_rate - (double)c->arm[0].flip_rate;
}

static double
level_lambda(const struct cell *c, int arm)
{
	return (double)c->arm[arm].convergence;
}

static double
level_flip(const struct cell *c, int arm)
{
	return (double)c->arm[arm].flip_rate;
}

const struct gate_how gate_lambda = {
	.kind = KIND_MEAN, .effect = effect_lambda, .level = level_lambda,
	.worst = 1, .typical = .09,
};

const struct gate_how gate_lambda_flip = {
	.kind = KIND_MEAN, .effect = effect_flip, .level = level_flip,
	.worst = 1, .typical = .09,
};

const struct gate_how gate_lambda_convergent = {
	.kind = KIND_ABSOLUTE, .level = level_lambda, .less_is_worse = 1,
	.worst = 1, .typical = .06,
};

const struct gate_how gate_flip_rate = {
	.kind = KIND_ABSOLUTE, .level = level_flip, .worst = 1,
	.typical = .06, .pair = "lambda_flip",
};
