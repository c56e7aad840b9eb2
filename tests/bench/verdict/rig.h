/*
 * Runs without a network, for bench_verdict: the demo stack is called in this
 * process, once for every request of the suite's plan, and what it answers
 * becomes a trace of a run that the product's own code scores and judges.
 * Nothing sleeps: a request's latency is the service time that the stack drew
 * for it.  So a run takes a fraction of a second, is the same on every
 * machine, and tells nothing of the machine's own noise.
 */
#ifndef LOCKSTEP_TESTS_VERDICT_RIG_H
#define LOCKSTEP_TESTS_VERDICT_RIG_H

#include "harness/meaning/embed.h"
#include "harness/result/result.h"
#include "harness/suite/caseset.h"
#include "harness/suite/plan.h"
#include "harness/suite/sections.h"
#include "harness/suite/suite.h"
#include "harness/suite/template.h"
#include "tests/bench/verdict/stack.h"

/* Twenty variants a second: 40 questions of six take 12 s, which are blocks
 * of time enough to judge latency by. */
#define RIG_EVERY_S .05

/* What all threads share; immutable once open. */
struct rig_world {
	struct suite *suite;
	struct caseset *cases;
	struct sections *sections;
	struct embedder *embedder;
	struct plan plan;
	struct template *path, *body;
	char sections_file[512], gold_file[512];
};

int rig_world_open(struct rig_world *w, const char *suite, struct err *err);
void rig_world_close(struct rig_world *w);

/* One thread's stacks and files. */
struct rig {
	const struct rig_world *w;
	struct bench_stack *stack[2];	/* baseline, candidate */
	struct embed_set *embeds;
	struct gold gold;
	struct buf target, body, line;
	char trace[512];		/* of the run under way */
	int64_t clock_ns;
	uint64_t asked_again;		/* requests of the run beyond its
					   plan */
};

/*
 * noise   options of ragstack for both stacks, blank-separated
 * trace   where each run is written, over the one before
 */
int rig_open(struct rig *r, const struct rig_world *w, const char *noise,
    const char *trace, struct err *err);
void rig_close(struct rig *r);

/* What the cases of a run show, gate by gate, in the order of gate_rows. */
enum { RIG_GATES = 64 };
struct rig_seen {
	double share[RIG_GATES];	/* of the cases, beyond its margin */
	double size[RIG_GATES];		/* their mean harm */
};

/*
 * Run `number`: both stacks begin anew with seeds of its own, so that no two
 * runs share a draw. What its plan leaves undecided is asked again, as the
 * program does.
 * fault   of the candidate, "missing=.1", or NULL
 * lost    arms (1 << arm) that never answer: their observations are not there
 * seen    or NULL
 * *out    caller frees with result_free()
 */
struct rig_ask {
	uint64_t number;
	const char *fault;
	unsigned lost;
};
int rig_run(struct rig *r, const struct rig_ask *ask, struct rig_seen *seen,
    struct result **out, struct err *err);

/* The two halves of it, less what is asked again. */
int rig_record(struct rig *r, const struct rig_ask *ask, struct err *err);
int rig_judge(struct rig *r, uint64_t number, int threads,
    struct rig_seen *seen, struct result **out, struct err *err);

#endif
