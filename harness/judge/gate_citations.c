/* Whether the right sections are cited. See gate_how.h. */
#include "harness/judge/gate_how.h"

static double
effect_precision(const struct cell *c)
{
	return -gate_rise(c, M_CITATION_PRECISION);
}

static double
effect_recall(const struct cell *c)
{
	return -gate_rise(c, M_CITATION_RECALL);
}

static double
level_precision(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_CITATION_PRECISION];
}

static double
level_recall(const struct cell *c, int arm)
{
	return (double)c->arm[arm].m[M_CITATION_RECALL];
}

const struct gate_how gate_citation_precision = {
	.kind = KIND_MEAN, .effect = effect_precision,
	.level = level_precision, .worst = 1, .typical = .05,
};

const struct gate_how gate_citation_recall = {
	.kind = KIND_MEAN, .effect = effect_recall, .level = level_recall,
	.worst = 1, .typical = .05,
};
