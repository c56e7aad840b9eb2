/*
 * What gates measure of one case. effect_*: the harm, candidate against
 * baseline, positive is worse.  level_*: the value on one arm (0 baseline,
 * 1 candidate).  NaN where undefined.  Pure; safe from any thread.
 */
#ifndef LOCKSTEP_GATE_EFFECT_H
#define LOCKSTEP_GATE_EFFECT_H

#include "harness/terms/cell.h"

typedef double gate_effect_fn(const struct cell *c);
typedef double gate_level_fn(const struct cell *c, int arm);

gate_effect_fn effect_question, effect_context, effect_answer,
    effect_instability, effect_order, effect_coverage,
    effect_citation_precision, effect_citation_recall, effect_lambda,
    effect_flip, effect_cost, effect_ln_latency;

gate_level_fn level_question, level_context, level_floor, level_coverage,
    level_citation_precision, level_citation_recall, level_lambda,
    level_flip, level_cost;

#endif
