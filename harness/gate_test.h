/*
 * How a gate measures: columns out of cells, through the row's test.
 * Internal to the gates; see gate.h for the terms.
 */
#ifndef LOCKSTEP_GATE_TEST_H
#define LOCKSTEP_GATE_TEST_H

#include "harness/gate.h"

/*
 * Fills value, base, cand, ci, p, n, noise and visible of *g and the test's
 * own numbers in *t; leaves them NaN and n 0 where the data are not there,
 * with g->why set when the reason is known.  In a relabelling p is only
 * computed for effects beyond their margin.
 * returns RC_OK or RC_NOMEM
 */
int gate_measure(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err);

/* How many gates Holm adjusts together. */
int gate_family(void);

/* Writes g->why for the reader (gate_say.c). */
void gate_say(const struct gate_in *in, const struct gate_row *row,
    struct result *r, struct result_gate *g);

#endif
