/*
 * What the files of the gates share; see gate.h for the terms.
 */
#ifndef LOCKSTEP_GATE_PART_H
#define LOCKSTEP_GATE_PART_H

#include "harness/judge/gate.h"
#include "harness/judge/gate_kind.h"

/* ---- cases and units (gate_column.c) ------------------------------------ */

/* Whether a case counts: see `only` of struct gate_in. */
int gate_looks_at(const struct gate_in *in, uint64_t i);
/* The first case from i on that counts; n or more: none. */
uint64_t gate_next_case(const struct gate_in *in, uint64_t i, uint64_t n);

/* Counts the arms of a case that have the row's value. */
void gate_count_arms(const struct gate_row *row, const struct cell *c,
    struct gate_seen *seen);

/* The effects of the cases that count, NaN left out; the caller frees *d.
 * returns RC_OK or RC_NOMEM */
int gate_effects(const struct gate_in *in, const struct gate_row *row,
    double **d, size_t *n, struct gate_seen *seen, struct err *err);

/* Mean, 95 % interval and one-sided bound of n effects from their sums, as
 * other questions would show: Student's t over cases. */
void gate_fill_cases(const struct gate_row *row, const struct gate_sum *sum,
    struct result_gate *g, struct gate_seen *seen);

/* ---- rules (gate_rules.c) ------------------------------------------------ */

/* What a verdict of a gate means here: drift may be for review only (METRICS
 * "Intended changes"). */
enum gate_verdict gate_soften(const struct gate_in *in,
    const struct gate_row *row, enum gate_verdict v);

/* Latency margins are shares, but never less than so many nanoseconds of
 * g->base. */
void gate_raise_limit(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g);

/*
 * How much two equal processes may always differ, on the test's scale; the
 * test asks for more than this. Half of a ratio's limit if the row's kind says
 * so, else 0.
 */
double gate_test_floor(const struct gate_row *row, double limit);

/* Whether the candidate lacks what the baseline has: missing data cannot
 * pass. */
int gate_one_sided(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen);

/* Whether the effect is on the wrong side of its limit. */
int gate_beyond(const struct result_gate *g);

/* The gate of a row before it is measured. */
void gate_start(const struct gate_row *row, const struct limits *l,
    struct result_gate *g);

/* METRICS' rules: sets g->verdict from the numbers of the gate. */
void gate_decide(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, struct result_gate *g);

/* Adjusts the p of n gates together: one has half of alpha to itself, the
 * others share the rest (Holm 1979). n is at most GATE_ROWS_MAX. */
void gate_adjust(const struct gate_in *in,
    const struct gate_row *const *rows, struct result_gate *g, size_t n);

/* Whether `strict` requires proof from this gate: levels in a comparison are
 * not effects, and information proves nothing. */
int gate_strict(const struct gate_in *in, const struct gate_row *row);

/* The level that one test must reach in Holm's first step. */
double gate_alpha(const struct gate_in *in, const struct gate_row *row);
double gate_alpha_of(const struct limits *l, const struct gate_row *row,
    int family, int paired);

/* The fewest units on which a gate can prove that there is no harm; margin on
 * the scale of the effect: 0 is no change. */
double gate_strict_n(const struct gate_row *row, double margin);

/* The one-sided error of `strict`'s bounds. */
#define GATE_STRICT_ALPHA .05

/* ---- rows (gate_rows.c) -------------------------------------------------- */

/* The index of a row among all judged rows, by name, or -1. */
int gate_row_find(const struct gate_in *in, const char *name);

/* Whether the suite switched a gate off. */
int gate_is_off(const struct gate_in *in, const struct gate_row *row);

/* ---- the rest ------------------------------------------------------------ */

/* Measures one gate: fills *g and *seen. returns RC_OK or RC_NOMEM */
int gate_measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err);

/* Writes g->why for the reader (gate_say.c). */
void gate_say(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, struct result *r, struct result_gate *g);

#endif
