/* Which cases of a run `lockstep promote` keeps. */
#ifndef LOCKSTEP_CMD_PROMOTE_PART_H
#define LOCKSTEP_CMD_PROMOTE_PART_H

#include "harness/base/buf.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_opts.h"

enum chosen_what {
	CHOSEN_FLAKY,		/* left out: fails in few variants */
	CHOSEN_NOISE,		/* left out: asked again it was no loss */
	CHOSEN_BASELINE,	/* left out: fails on the baseline, too */
	CHOSEN_NAMED,		/* does so, and was asked for by name */
	CHOSEN_N
};

/* The cases to keep and why they failed, from the run's own report. */
struct promote_chosen {
	uint64_t *index;
	const char **why;	/* of the result: theirs is its life */
	size_t n;
	struct {
		char *id;
		enum chosen_what what;
	} *apart;		/* that a reader has to know of */
	size_t n_apart;
};

/*
 * ids  by name; none: the cases that fail on the candidate in most of their
 *      variants, and not so on the baseline
 * returns RC_OK; RC_USAGE when none is left, or one named is not in the run;
 *         RC_FORMAT, RC_IO, RC_NOMEM. ch is for promote_chosen_fini() in any
 *         case.
 */
int promote_choose(const struct job *j, const struct opt_list *ids,
    struct result *r, struct promote_chosen *ch, struct err *err);

void promote_chosen_fini(struct promote_chosen *ch);

/* Adds "a, b, c", the first twenty of a kind, to b. returns how many are */
size_t promote_chosen_ids(const struct promote_chosen *ch,
    enum chosen_what what, struct buf *b);

#endif
