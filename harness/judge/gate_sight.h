/* What a gate of a judged run can see: from its own relabelings. */
#ifndef LOCKSTEP_GATE_SIGHT_H
#define LOCKSTEP_GATE_SIGHT_H

#include "harness/judge/gate_kind.h"

/*
 * Fills g->visible, the smallest loss that FAILs 49 times in 50, and
 * g->hides, the largest that PASSes with a chance of 5 % or more; the unit is
 * the gate's.  Shares are taken to be all or nothing: so many cases that lose
 * everything in every variant; else all cases change alike.
 */
void gate_sight(const struct gate_job *job, const struct gate_sum *sum,
    struct result_gate *g);

#define GATE_SURE .98
#define GATE_HIDDEN .05

#endif
