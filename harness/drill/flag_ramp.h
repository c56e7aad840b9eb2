/* A flag's ramp: from weight to weight by a lever, and killed at the top. */
#ifndef LOCKSTEP_DRILL_FLAG_RAMP_H
#define LOCKSTEP_DRILL_FLAG_RAMP_H

#include "harness/drill/flag_sides.h"

/*
 * Pulls levers.ramp with each weight of the flag's traffic.steps (else its
 * canary_weight), asks for users at each, stops where its gates do not hold,
 * and adds the checks. The ramp is taken back.
 * returns RC_OK, or an error of a lever or of our own
 */
int flag_ramp(struct flagging *f, struct err *err);

#endif
