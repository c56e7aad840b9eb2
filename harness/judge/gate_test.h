/*
 * How a gate measures: columns out of cells, through the row's test.
 * Internal to the gates; see gate.h for the terms.
 */
#ifndef LOCKSTEP_GATE_TEST_H
#define LOCKSTEP_GATE_TEST_H

#include "harness/judge/gate.h"

/* What a gate's test found, beside what the result tells. */
struct gate_seen {
	struct stat_test t;	/* on the test's own scale */
	double bound;		/* one-sided 95 % bound on the gate's scale, on
				   the side of harm; NaN: none can be given */
	uint64_t has[2];	/* cases that have the level, an arm each */
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

/* Whether a case is looked at: see `only` of struct gate_in. */
int gate_looks_at(const struct gate_in *in, uint64_t i);

/* Whether more of what a gate judges is harm. */
int gate_higher_is_worse(const struct gate_row *row);

/* What a verdict of a gate means here: drift may be for review only (METRICS
 * "Intended changes"). */
enum gate_verdict gate_soften(const struct gate_in *in,
    const struct gate_row *row, enum gate_verdict v);

/* Latency margins are shares, but never less than so many nanoseconds of
 * g->base. */
void gate_raise_limit(struct result_gate *g, double floor_ns);

/*
 * Whether the Hodges-Lehmann estimate of n values lies above one, without
 * finding it.  d is sorted ascending.
 */
int gate_walsh_above(const double *d, size_t n, double value);

/* Whether the candidate lacks what the baseline has: no data is no pass. */
int gate_one_sided(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen);

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
int gate_family(const struct gate_row *own, size_t n_own);

/* The row's index by name among all that are judged, or -1. */
int gate_row_find(const struct gate_in *in, const char *name);

/* Whether the suite switched a gate off. */
int gate_is_off(const struct gate_in *in, const struct gate_row *row);

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

/* Writes g->why for the reader (gate_say.c). */
void gate_say(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, struct result *r, struct result_gate *g);

#endif
