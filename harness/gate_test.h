/*
 * How a gate measures: columns out of cells, through the row's test.
 * Internal to the gates; see gate.h for the terms.
 */
#ifndef LOCKSTEP_GATE_TEST_H
#define LOCKSTEP_GATE_TEST_H

#include "harness/gate.h"

/* What a gate's test found, beside what the result tells. */
struct gate_seen {
	struct stat_test t;	/* on the test's own scale */
	double bound;		/* one-sided 95 % bound on the gate's scale, on
				   the side of harm; NaN: none can be given */
};

/*
 * Fills value, base, cand, ci, p, n, noise and visible of *g and *seen;
 * leaves them NaN and n 0 where the data are not there, with g->why set when
 * the reason is known.  In a relabelling p is only computed where the verdict
 * needs it, and the bound never.
 * returns RC_OK or RC_NOMEM
 */
int gate_measure(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err);

/* Whether the effect is on the wrong side of its limit. */
int gate_beyond(const struct result_gate *g);

/* A gate of a row before anything was measured. */
void gate_start(const struct gate_row *row, const struct limits *l,
    struct result_gate *g);

/* METRICS' rules: sets g->verdict from the numbers that are there. */
void gate_decide(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, struct result_gate *g);

/* Whether `strict` asks this gate for proof: levels in a comparison are not
 * effects, and information proves nothing. */
int gate_strict(const struct gate_in *in, const struct gate_row *row);

/* How many gates Holm adjusts together. */
int gate_family(void);

/* The one-sided error of `strict`'s bounds, and how often an effect that is
 * called visible would fail. */
#define GATE_STRICT_ALPHA .05
#define GATE_POWER .8

/*
 * The fewest units on which a gate can prove that there is no harm, if none
 * at all shows.
 * margin  on the scale of the effect: 0 is no change
 */
double gate_strict_n(const struct gate_row *row, double margin);

/* Writes g->why for the reader (gate_say.c). bound: of struct gate_seen */
void gate_say(const struct gate_in *in, const struct gate_row *row,
    double bound, struct result *r, struct result_gate *g);

#endif
