/*
 * The verdict: from scored cells and gates to the result object (METRICS 4,
 * "From observation to case" and "Verdict of a run").
 */
#ifndef LOCKSTEP_VERDICT_H
#define LOCKSTEP_VERDICT_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/result/result.h"
#include "harness/score/score.h"
#include "harness/suite/accept.h"
#include "harness/suite/beyond.h"
#include "harness/suite/caseset.h"
#include "harness/suite/plan.h"
#include "harness/suite/suite.h"

struct store;

/* Facts from the replay that scoring cannot see. */
struct verdict_replay {
	int paced;
	int64_t late_p99_ns;
	uint64_t observations;		/* that were written; 0: unknown */
	int unfinished;			/* interrupted; it can be resumed */
	int sample;			/* cut short by time or a budget */
	const char *stop_reason;	/* "plan complete", ... */
	const char *alike;		/* "the first 20 requests to ... all
					   failed alike: ...", or NULL */
	double elapsed_s;
	double cpu_idle;		/* share [0, 1]; NaN: no arm is here */
};

struct verdict_in {
	const struct suite *suite;
	const struct caseset *cases;
	const struct plan *plan;
	const struct score_out *score;
	const struct embedder *embedder;
	struct verdict_replay replay;
	int live[ARM_N];		/* the arm is a URL */
	const char *arm_label[ARM_N];	/* URL, "run ID", "recorded FILE" */
	const char *run_id;
	int64_t started_wall_ns;
	int threads;
	int argc;
	char **argv;
	const char *report_dir;		/* or NULL */
	const char *trace_hash, *sections_hash;	/* or NULL */
	unsigned fail_on;	/* bits 1 << verdict: exit 0 on the others */
	const struct accepted *accepted;	/* or NULL */
	const struct scorer_set *scorers;	/* or NULL */
	struct beyond beyond;	/* what may be asked beyond the plan */
	const char *not_asked;	/* why it is not, or NULL */
	const struct score_job *texts_of;	/* whose trace has the texts
						   of the worst cases; NULL:
						   they are left out */
	struct {		/* earlier runs */
		struct store *store;	/* or NULL */
		const char *stacks;	/* as in struct store_run */
		int trend;	/* this run is a point of the suite's trend */
	} past;
};

/*
 * Judges a run. The result is final and never changed later.
 * returns RC_OK, caller frees with result_free(); RC_NOMEM, RC_DB, or what
 *         score_details() returns
 */
int verdict_build(const struct verdict_in *in, struct result **out,
    struct err *err);

#endif
