/*
 * Effects: the harm that one case shows, as a function of its cell.
 * Positive is worse; NaN where the case has no such number on both arms.
 */
#include "harness/judge/gate_effect.h"

#include <math.h>

static double
rise(const struct cell *c, enum metric_id id)
{
	return (double)c->arm[1].m[id] - (double)c->arm[0].m[id];
}

double
effect_question(const struct cell *c)
{
	return rise(c, M_DS_QUESTION_RETRIEVED);
}

double
effect_context(const struct cell *c)
{
	return rise(c, M_DS_QUESTION_CONTEXT);
}

double
effect_answer(const struct cell *c)
{
	return (double)c->drift;
}

double
effect_instability(const struct cell *c)
{
	return (double)c->floor_c - (double)c->floor_b;
}

double
effect_order(const struct cell *c)
{
	return (double)c->order;
}

double
effect_coverage(const struct cell *c)
{
	return -rise(c, M_COVERAGE);
}

double
effect_citation_precision(const struct cell *c)
{
	return -rise(c, M_CITATION_PRECISION);
}

double
effect_citation_recall(const struct cell *c)
{
	return -rise(c, M_CITATION_RECALL);
}

double
effect_lambda(const struct cell *c)
{
	return (double)c->arm[0].convergence - (double)c->arm[1].convergence;
}

double
effect_flip(const struct cell *c)
{
	return (double)c->arm[1].flip_rate - (double)c->arm[0].flip_rate;
}

double
effect_cost(const struct cell *c)
{
	return rise(c, M_COST);
}

double
effect_ln_latency(const struct cell *c)
{
	return (double)c->ln_latency;
}

double
level_question(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_DS_QUESTION_RETRIEVED];
}

double
level_context(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_DS_QUESTION_CONTEXT];
}

double
level_floor(const struct cell *c, int arm)
{
	return (double)(arm == 0 ? c->floor_b : c->floor_c);
}

double
level_coverage(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_COVERAGE];
}

double
level_citation_precision(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_CITATION_PRECISION];
}

double
level_citation_recall(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_CITATION_RECALL];
}

double
level_lambda(const struct cell *c, int arm)
{
	return (double)c->arm[arm].convergence;
}

double
level_flip(const struct cell *c, int arm)
{
	return (double)c->arm[arm].flip_rate;
}

double
level_cost(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_COST];
}
