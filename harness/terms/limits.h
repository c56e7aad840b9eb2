/*
 * Limits, margins and classes of the gates: plain numbers whose defaults are
 * METRICS' and whose profiles are rows of a table in limits.c.  A suite
 * overrides any of them.
 */
#ifndef LOCKSTEP_LIMITS_H
#define LOCKSTEP_LIMITS_H

#include "harness/terms/own_metric.h"

enum drift_class { DRIFT_AUTO, DRIFT_HARD, DRIFT_REVIEW, DRIFT_INFO };

struct limits {
	/* absolute, METRICS 2 and "absolute" */
	double ds_max;			/* .45 */
	double ds_case_max;		/* .60: a case fails from here on */
	double coverage_min;		/* .70 */
	double coverage_hard_min;	/* .60 */
	double lambda_convergent;	/* .80 */
	double citation_precision_min;	/* .75 */
	double citation_recall_min;	/* .70 */
	double refusal_consistency_min;	/* .98 */
	double pass_rate_min;		/* .90, single-armed runs */
	double errors_rate_max;		/* .005 */
	double http_5xx_max;		/* .01, hard */
	double http_429_max;		/* .005 */
	double flip_rate_max;		/* .20, hard */
	double answer_tail_max;		/* .15, hard */
	/* margins of the comparison, METRICS 4 */
	double question_drift;		/* .03 */
	double answer_drift;		/* .03 */
	double instability;		/* .05 */
	double order;			/* .10 */
	double cases;			/* .02 */
	double coverage;		/* .02 */
	double citations;		/* .05 */
	double lambda;			/* .02 */
	double lambda_flip;		/* .05 */
	double latency_body;		/* .10 */
	double latency_p95;		/* .15 */
	double latency_body_floor_ns;	/* 1 ms */
	double latency_p95_floor_ns;	/* 5 ms */
	double cost;			/* .10 */
	/* statistics */
	double alpha;			/* .01, after Holm */
	double inconclusive_p;		/* .10 */
	double hard_p;			/* .005 */
	/* per-case: how many of m variants must hold; 0: all */
	unsigned k_of_m;
	enum drift_class drift;
	int strict;			/* proof of no harm */
	int require_citations;
	/* of what the suite's scorers return, in its order */
	double own_margin[OWN_METRICS_MAX], own_limit[OWN_METRICS_MAX];
	/* one bit a gate switched off by `gates.NAME: false` */
	unsigned long off;
};

/* METRICS' defaults. */
void limits_default(struct limits *l);

/*
 * The limits of a profile: smoke, release, canary, migration.
 * returns 0, or -1 for an unknown name
 */
int limits_profile(struct limits *l, const char *profile);

/* The names of the profiles, NULL-terminated. */
extern const char *const limits_profiles[];

/* The names of the gates, NULL-terminated; the index is the bit in `off` and
 * the row in gate.c's table. */
extern const char *const limits_gates[];

/* returns the index of a gate's name, or -1 */
int limits_gate_of(const char *name);

#endif
