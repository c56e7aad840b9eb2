/* What the suite's own gates say of the stacks: `lockstep run`. */
#ifndef LOCKSTEP_DRILL_GATES_H
#define LOCKSTEP_DRILL_GATES_H

#include "harness/drill/drill_part.h"

/*
 * Runs the suite and adds a check of its verdict. What is for review or
 * undecided is no pass.
 */
int gates_check(struct drill *d, const char *name, struct err *err);

#endif
