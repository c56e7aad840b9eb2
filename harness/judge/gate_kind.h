/*
 * A kind of gate: how a number of each case becomes a verdict of the run. Each
 * kind is a file gate_kind_NAME.c; gate_how.h points to it.
 */
#ifndef LOCKSTEP_GATE_KIND_H
#define LOCKSTEP_GATE_KIND_H

#include "harness/judge/gate.h"
#include "harness/judge/gate_trial.h"

struct see_in;
struct see_gate;
struct see_harm;
struct store_gate;

/* What a gate's test found, in addition to the result. */
struct gate_seen {
	double bound;		/* one-sided 95 % bound on the gate's scale, on
				   the side of harm, had other questions been
				   asked; NaN: none can be given */
	uint64_t has[2];	/* cases that have the level, an arm each */
	double sd;		/* spread of the effect on the test's scale:
				   standard error x root of units */
	size_t units;		/* that it is over; 0: nothing was tested */
	int few;		/* too little data for the row's test */
	int moved_whole;	/* of answers: whole cases moved, and nothing
				   else did at all */
	float *look_p;		/* p under the first relabelings, of latency
				   followed by the values, or NULL; the judging
				   of all gates frees it */
	size_t blocks_least;	/* that it takes to judge */
	size_t blocks;		/* of time, so wide; the median factor from one
				   to the next; of latency */
	double width_s, jump;
	uint64_t events[2];	/* pairs that failed on one arm alone */
};

/* A gate under judgement. */
struct gate_job {
	const struct gate_in *in;
	const struct gate_row *row;
	struct gate_trial *trial;	/* of all gates together, or NULL */
	size_t stat;		/* of this gate in it */
};

/*
 * Fills value, base, cand, ci, p, n, noise, visible and hides of *g and *seen;
 * leaves them NaN and n 0 if the data are missing, and sets g->why if the
 * reason is known.
 * returns RC_OK or RC_NOMEM
 */
typedef int gate_measure_fn(const struct gate_job *job,
    struct result_gate *g, struct gate_seen *seen, struct err *err);

/*
 * Adds a case to the gate's statistic of the trial: its value under
 * relabelings of its answers.
 * c       its answers; n 0 and nothing still where nothing is known
 * returns RC_OK or RC_NOMEM
 */
typedef int gate_add_fn(const struct gate_job *job, uint64_t i,
    const struct replica_case *c, struct gate_sum *sum);

/*
 * The gate's value under relabeling b, and its p; *g as measured.
 * returns 0 when the gate has none
 */
typedef int gate_look_fn(const struct gate_job *job, int b,
    const struct gate_seen *seen, struct result_gate *g);

struct gate_kind {
	const char *name;
	const char *counts;	/* what n counts: "cases" */
	int alone;		/* judged without a baseline */
	int paired;		/* judged with one */
	int live;		/* both arms must be live */
	int level;		/* compared with a limit, not a margin; decides
				   nothing when proof is required */
	gate_measure_fn *measure;
	gate_add_fn *add;	/* or NULL: it has no statistic of its own */
	gate_look_fn *look;	/* or NULL: no relabeling can FAIL */
	/* to and from the scale of the test: 0 is no change; NULL: the same
	 * scale */
	double (*scale)(double value);
	double (*unscale)(double x);
	/*
	 * The fewest units on which the gate can prove no harm, if there is
	 * none at all.
	 * margin  on the scale of the test
	 */
	double (*strict_n)(const struct gate_row *row, double margin);

	/* ---- before a run: plan_see.h ---- */
	int of_items;		/* n counts variants, not cases */
	int sees_share;		/* what it sees is a share of the cases */
	int quantile;		/* a few much slower requests move it */
	int half;		/* the test is of more than half of the
				   margin: see gate_test_floor() */
	/* the spread in an earlier run; NaN: unknown */
	double (*spread)(const struct store_gate *g);
	/* the smallest change that FAILs with this power, from no change */
	double (*visible)(const struct see_in *in, const struct see_gate *s,
	    double power);
	/* the largest change that still PASSes with this chance */
	double (*hidden)(const struct see_in *in, const struct see_gate *s,
	    double chance);
	/* how often a change FAILs */
	double (*power)(const struct see_in *in, const struct see_gate *s,
	    const struct see_harm *x);
};

extern const struct gate_kind gate_kind_replicate, gate_kind_tail,
    gate_kind_body, gate_kind_p95, gate_kind_rate, gate_kind_ratio,
    gate_kind_absolute, gate_kind_pass_rate, gate_kind_info;

#endif
