/* The gates of a run while they are judged; internal to the gates. */
#ifndef LOCKSTEP_GATE_SET_H
#define LOCKSTEP_GATE_SET_H

#include "harness/judge/gate_part.h"

struct gate_set {
	const struct gate_in *in;
	const struct gate_row *row[GATE_ROWS_MAX];
	size_t n;
	struct gate_trial *trial;
	struct gate_seen seen[GATE_ROWS_MAX];
	struct result_gate g[GATE_ROWS_MAX];	/* as measured */
};

/* A hard stop on a level has the p of the gate on its change. */
void gate_set_borrow(const struct gate_set *s, struct result_gate *g);

/* Switches off what the suite does: only now, since a hard stop may need the
 * p of a gate that is off. */
void gate_set_off(const struct gate_set *s, struct result_gate *g);

/* The share of relabelings in which some gate FAILs (gate_alarm.c). */
double gate_set_alarm(const struct gate_set *s);

#endif
