/* In which order the passages come. See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_order(const struct cell *c)
{
	return (double)c->order;
}

const struct gate_how gate_order = {
	.kind = KIND_MEAN, .effect = effect_order, .review = 1, .worst = 1,
	.typical = .005,
};
