/* Whether a case stays convergent across its variants. See gate_how.h. */
#include "harness/judge/gate_kind.h"

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
	.kind = &gate_kind_replicate, .what = REPLICA_CONVERGENCE, .harm = -1,
	.level = level_lambda,
	.worst = 1, .typical = .09,
};

const struct gate_how gate_lambda_flip = {
	.kind = &gate_kind_replicate, .what = REPLICA_FLIP, .harm = 1,
	.level = level_flip,
	.worst = 1, .typical = .09,
};

const struct gate_how gate_lambda_convergent = {
	.kind = &gate_kind_absolute, .level = level_lambda, .less_is_worse = 1,
	.pair = "lambda",
	.worst = 1, .typical = .06,
};

const struct gate_how gate_flip_rate = {
	.kind = &gate_kind_absolute, .level = level_flip, .worst = 1,
	.typical = .06, .pair = "lambda_flip",
};
