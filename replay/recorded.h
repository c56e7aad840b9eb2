/*
 * Arms that are not URLs: an arm's answers taken from an earlier run's trace,
 * or from recorded production traffic, into this run's trace.
 */
#ifndef LOCKSTEP_RECORDED_H
#define LOCKSTEP_RECORDED_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/suite/caseset.h"
#include "harness/suite/plan.h"
#include "harness/traffic/trace.h"

struct recorded_stats {
	uint64_t copied;
	uint64_t missing;	/* planned on that arm, not in the source */
	uint64_t foreign;	/* in the source, not in the plan */
	uint64_t stale;		/* answers to another question: not taken */
};

/* What to copy: borrowed for the call. */
struct recorded_job {
	const char *src;	/* a trace */
	enum arm from;		/* the arm to take in it; ARM_N: any */
	enum arm to;		/* the arm it becomes */
	const struct caseset *cases;
	const struct plan *plan;
	const struct suite *suite;
};

/*
 * Copies the observations of one arm. A record with a key is taken when its
 * case and variant are planned, and what was asked then is what the case asks
 * now, as far as the request shows a question; one without (production
 * traffic) stands for the original wording of the case whose `recorded` id, or
 * own id, it has, and is no echo of itself. Of several for one variant the
 * first is taken. Spilled bodies are left to the caller.
 * put     gets each line; it is not kept
 * returns RC_OK, what put returned, RC_IO, RC_FORMAT, RC_NOMEM
 */
int recorded_copy(const struct recorded_job *job, trace_put_fn *put,
    void *ctx, struct recorded_stats *out, struct err *err);

#endif
