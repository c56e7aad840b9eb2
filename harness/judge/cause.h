/*
 * Likely causes: GUARDRAILS' root-cause classes, named from evidence that
 * the result already holds (pins, gates, cases, outcomes).  A cause is a
 * pointer for people, never part of the verdict.
 */
#ifndef LOCKSTEP_CAUSE_H
#define LOCKSTEP_CAUSE_H

#include "harness/base/err.h"
#include "harness/result/result.h"

/*
 * Fills r->causes, likeliest first; nothing when the verdict is PASS.
 * Needs verdict, gates, cases, arms and pins to be filled; where the texts of
 * the worst cases are there, too, they are evidence.
 */
int causes_name(struct result *r, struct err *err);

#endif
