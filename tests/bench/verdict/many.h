/*
 * Many runs of the rig, in parallel, counted in order.  What goes wrong ends
 * the program: this is a bench.
 */
#ifndef LOCKSTEP_TESTS_VERDICT_MANY_H
#define LOCKSTEP_TESTS_VERDICT_MANY_H

#include "harness/base/json.h"
#include "tests/bench/verdict/rig.h"

enum { TRIES_MAX = 8, RIGS_MAX = 64, GATE_VERDICTS = GATE_REVIEW + 1 };

/* A rig a thread. */
struct rigs {
	struct rig v[RIGS_MAX];
	int n;
};

/* As many as OpenMP has threads. dir: where their runs are written */
void rigs_open(struct rigs *r, const struct rig_world *w, const char *options,
    const char *dir);
void rigs_close(struct rigs *r);

struct tally {
	unsigned n, of[VERDICT_N];
	double body, p95, floor;	/* means: ratios, ΔS of echoes */
	unsigned again;		/* runs that asked something again */
	double asked;		/* requests of these, mean */
	unsigned by[RIG_GATES][GATE_VERDICTS];	/* of each gate */
};

struct many {
	struct rigs *rigs;
	unsigned n;
	uint64_t from;		/* number of the first run */
	const char *fault;	/* of the candidate, or NULL */
	unsigned lost;		/* as in struct rig_ask */
	unsigned exactly;	/* >0: only runs count in which so many cases
				   that pass on the baseline fail on the
				   candidate: a fault may hit one that fails on
				   both. n of up to TRIES_MAX times as many */
	struct result **keep;	/* of the first `kept` runs, or NULL */
	unsigned kept;
};
struct tally run_many(const struct many *m);

/* runs, how often each verdict, how often something was asked again, and what
 * each gate said where it did not pass, as members of an object. */
void tally_tell(const struct tally *t, struct json_out *json);

/* Says what went wrong and ends the program with status 2. */
void bench_die(const struct err *err);

#endif
