/* Whether the right sections are cited. See gate_how.h. */
#include "harness/judge/gate_kind.h"

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
	.kind = &gate_kind_replicate, .what = REPLICA_PRECISION, .harm = -1,
	.level = level_precision, .worst = 1, .typical = .05,
};

const struct gate_how gate_citation_recall = {
	.kind = &gate_kind_replicate, .what = REPLICA_RECALL, .harm = -1,
	.level = level_recall,
	.worst = 1, .typical = .05,
};
