/*
 * Limits, margins and classes of the gates: plain numbers whose defaults are
 * METRICS' (gate_rows.h for the gates' own) and whose profiles are rows of a
 * table in limits.c.  A suite overrides any of them.
 */
#ifndef LOCKSTEP_LIMITS_H
#define LOCKSTEP_LIMITS_H

#include "harness/terms/scorer_metric.h"

enum drift_class { DRIFT_AUTO, DRIFT_HARD, DRIFT_REVIEW, DRIFT_INFO };

/* The gates by number: the bit in `off`, the row of gate_rows[]. */
enum gate_id {
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) GATE_ID_##name,
#include "harness/terms/gate_rows.h"
	GATE_IDS
};

struct limits {
	/* the margin or limit of each gate, by the gate's name */
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) double name;
#include "harness/terms/gate_rows.h"
	/* of a case, METRICS 2 */
	double ds_case_max;		/* .60: a case fails from here on */
	double citation_precision_min;	/* .75 */
	double citation_recall_min;	/* .70 */
	/* smaller rises of latency count as nothing */
	double latency_body_floor_ns;	/* 1 ms */
	double latency_p95_floor_ns;	/* 5 ms */
	/* statistics */
	double alpha;			/* .01, after Holm */
	double inconclusive_p;		/* .10 */
	double hard_p;			/* .005 */
	/* per-case: how many of m variants must hold; 0: all */
	unsigned k_of_m;
	enum drift_class drift;
	int strict;			/* proof of no harm */
	int confirm;	/* what is left undecided will be asked again */
	int require_citations;
	/* of what the suite's scorers return, in its order */
	double scorer_margin[SCORER_METRICS_MAX];
	double scorer_limit[SCORER_METRICS_MAX];
	/* one bit a gate switched off by `gates.NAME: false` */
	unsigned long off;
};

/* Beyond the margin it is undecided up to this p, once it was asked again. */
#define LIMITS_AGAIN_P .05

/* METRICS' defaults. */
void limits_default(struct limits *l);

/*
 * The limits of a profile: smoke, release, canary, migration.
 * returns 0, or -1 for an unknown name
 */
int limits_profile(struct limits *l, const char *profile);

/* The names of the profiles, NULL-terminated. */
extern const char *const limits_profiles[];

/* The names of the gates, NULL-terminated, by enum gate_id. */
extern const char *const limits_gates[];

/* returns the id of a gate's name, or -1 */
int limits_gate_of(const char *name);

/* Where a gate's margin is in struct limits. */
size_t limits_field(enum gate_id id);

/* The number at an offset of struct limits. */
double limits_at(const struct limits *l, size_t field);

/* Whether a gate is switched off. */
int limits_is_off(const struct limits *l, enum gate_id id);

#endif
