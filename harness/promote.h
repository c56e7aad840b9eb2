/*
 * Promotion: failing cases of a run (or chosen exchanges of a trace) become
 * a suite of their own: manifest, cases, expected sections and trace slice,
 * four files that stand alone.
 */
#ifndef LOCKSTEP_PROMOTE_H
#define LOCKSTEP_PROMOTE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/caseset.h"
#include "harness/err.h"
#include "harness/suite.h"

struct promote_job {
	const struct suite *suite;	/* what the run was judged by */
	const struct caseset *cases;
	const uint64_t *index;		/* the cases to keep */
	const char *const *why;		/* a sentence each, or NULL */
	size_t n;
	const char *trace_path;		/* the observations */
	const char *incident, *owner, *reason;	/* reason may be NULL */
	const char *from;		/* "run ID" or "trace FILE" */
	const char *dir;		/* made if needed */
	int replace;			/* an existing suite is replaced */
	int argc;
	char **argv;
};

struct promote_out {
	char suite[1024], cases[1024], sections[1024], trace[1024];
	size_t n_cases, n_records, n_sections;
	size_t n_derived;	/* cases whose expectation is what the baseline
				   retrieved, because the suite had none */
};

/*
 * Writes the four files. An incident's name may hold letters, digits, dot,
 * dash and underscore.
 * returns RC_OK; RC_USAGE (bad name, the suite exists already); RC_IO,
 *         RC_FORMAT, RC_NOMEM. Nothing is left behind on failure but
 *         temporary files that were not renamed.
 */
int promote_write(const struct promote_job *job, struct promote_out *out,
    struct err *err);

#endif
