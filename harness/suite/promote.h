/*
 * Promotion: failing cases of a run (or chosen exchanges of a trace) become
 * a suite of their own: manifest, cases, expected sections and trace slice,
 * four files that stand alone (and a fifth of the calls that
 * come first, where the suite has a setup; certificates and the files that
 * scorers name are copied beside them).
 */
#ifndef LOCKSTEP_PROMOTE_H
#define LOCKSTEP_PROMOTE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/suite/caseset.h"
#include "harness/suite/suite.h"
#include "harness/traffic/trace_cut.h"

/*
 * What cases made of a trace's exchanges expect: production knows no gold.
 * In this order: sections and answer, of all of them; what a case of `gold`
 * expects whose question, or another wording of it, was asked; what was
 * recorded.
 */
struct promote_expect {
	const struct suite *suite;	/* of gold's sections, or NULL */
	const struct caseset *gold;	/* or NULL */
	const char *const *sections;	/* ids */
	size_t n_sections;
	const char *answer;		/* or NULL */
	int as_recorded;		/* the sections that the recorded
					   answer cited, else retrieved first */
	int declined;			/* and a declined answer was right;
					   else it makes no case */
};

struct promote_job {
	const struct suite *suite;	/* what the run was judged by */
	const struct caseset *cases;
	const uint64_t *index;		/* the cases to keep */
	const char *const *why;		/* a sentence each, or NULL */
	size_t n;
	const char *trace_path;		/* the observations */
	const struct promote_expect *expect;	/* the cases are exchanges of
					   that trace, asked once each; NULL:
					   they are a run's */
	const char *incident, *owner, *reason;	/* reason may be NULL */
	const char *from;		/* "run ID" or "trace FILE" */
	const char *dir;		/* made if needed */
	int replace;			/* an existing suite is replaced */
	int argc;
	char **argv;
};

enum { PROMOTE_FILES_MAX = 16 };

struct promote_out {
	char suite[1024], cases[1024], sections[1024], trace[1024];
	char setup[1024];	/* the calls that come first, if n_setup */
	char ca[1024], cert[1024];	/* certificates; "": none is copied */
	char files[PROMOTE_FILES_MAX][1024];	/* that were copied anew */
	size_t n_files;
	size_t n_cases, n_records, n_sections, n_setup;
	size_t n_derived;	/* cases whose expectation is what the baseline
				   retrieved, because the suite had none; of
				   exchanges: what was recorded */
	size_t n_declined;	/* exchanges that expect to be declined, as
				   they were recorded */
	size_t n_left_declined;	/* recorded as declined, and left out */
	size_t n_answered;	/* cases that expect no more than an answer,
				   because the baseline gave one */
	size_t n_gold;		/* exchanges that expect what gold does */
	size_t n_bare;		/* cases that expect nothing, and whose
				   recorded request did not fail */
	size_t n_failed;	/* recorded exchanges without an answer */
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

/* Chosen exchanges of a trace, without a run. */
struct promote_trace {
	const char *path;
	const struct trace_pick *pick;
	const char *suite_path;		/* whose request, shape and gold fit
					   the trace; NULL: requests as they
					   were recorded */
	const char *const *set;		/* KEY=VALUE for it */
	size_t n_set;
	struct promote_expect expect;	/* gold and suite are filled in */
	const char *incident, *owner, *reason, *dir;
	int replace;
	int argc;
	char **argv;
};
enum { PROMOTE_MAX = 1000 };	/* exchanges at once */

/* Chosen exchanges that became no case. */
struct promote_left {
	size_t other;		/* requests of another kind */
	char kind[128];		/* one of these, "GET /healthz" */
	size_t without;		/* without a question, or one more of a case */
};

/*
 * The same of a trace: every chosen exchange with a question becomes a case,
 * asked once, as recorded or with the suite's request.
 * *left     those that hold none, and those of another kind of request
 * returns as promote_write(); RC_USAGE when none was chosen, or too many
 */
int promote_from_trace(const struct promote_trace *job,
    struct promote_out *out, struct promote_left *left,
    struct err *err);

#endif
