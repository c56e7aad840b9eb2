/*
 * A shadow as a run: its folder and row in the store, and the suite by which
 * its pairs are scored again, which extends the user's.
 */
#ifndef LOCKSTEP_CMD_SHADOW_RUN_H
#define LOCKSTEP_CMD_SHADOW_RUN_H

#include "harness/base/opt.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_shadow_again.h"
#include "harness/result/store.h"
#include "replay/shadow.h"

struct shadow_run {
	struct store *store;
	const char *home;
	struct suite *user;	/* or NULL */
	struct suite *own;	/* the run's, whose cases are its trace */
	struct store_run run;
	char trace_path[1100];
	const char *url[ARM_N];	/* as the run's suite has them, or NULL */
	const struct opt_list *set;
	struct buf text;	/* of own's manifest */
	int again;		/* a shadow was killed: this run is its, */
	struct shadow_again was;	/* and this is in its trace */
	int64_t started_ns;
};

struct shadow_run_opts {
	const char *suite;	/* path, or NULL */
	const char *url[ARM_N];	/* of the command line, or NULL */
	const char *home;
	const char *state;	/* of the live verdict, or NULL */
	const struct opt_list *set;
};

/*
 * Loads the suites.
 * returns RC_OK, or an error; caller ends with shadow_run_close() either way
 */
int shadow_run_open(struct shadow_run *r, const struct shadow_run_opts *o,
    struct err *err);
/* Makes the run and its folder, or finds the one that a killed shadow left
 * with o->state. own is another one from now on. */
int shadow_run_begin(struct shadow_run *r, const struct shadow_run_opts *o,
    struct err *err);
void shadow_run_close(struct shadow_run *r);

/*
 * The routes that the suite's targets are asked by, as rules of
 * shadow_allow.h; strings are the caller's, to be freed.
 * returns how many of at most max
 */
size_t shadow_run_routes(const struct shadow_run *r, char **out, size_t max);

/* What a later `score` has to know: how many observations there are by now. */
int shadow_run_note(struct shadow_run *r, const struct shadow_stats *st,
    struct err *err);

/* How targets are asked. */
static inline const struct suite *
shadow_run_suite(const struct shadow_run *r)
{
	return r->user != NULL ? r->user : r->own;
}

/* It is over: the run may be judged. Its cases get what the user's gold says
 * of their questions. own is another one from now on. */
int shadow_run_done(struct shadow_run *r, const struct shadow_run_opts *o,
    const struct shadow_stats *st, struct err *err);

#endif
