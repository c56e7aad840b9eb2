/*
 * What a shadow that was killed has left: beside the state of its live
 * verdict stands a file that names its run, STATE.run.
 */
#ifndef LOCKSTEP_CMD_SHADOW_AGAIN_H
#define LOCKSTEP_CMD_SHADOW_AGAIN_H

#include "harness/result/store.h"

/* What its trace has. */
struct shadow_again {
	uint64_t named;		/* the highest number of a pair */
	uint64_t pairs;		/* whole ones */
	int64_t start_wall_ns;	/* of its clock */
};

/*
 * The run that is to be gone on with: it was never ended, and has this suite
 * and these targets.
 * want    its suite_hash and stacks
 * returns 1 and *out; 0: there is none; RC_DB, RC_IO, RC_NOMEM
 */
int shadow_again_find(struct store *s, const char *state,
    const struct store_run *want, struct store_run *out, struct err *err);

/* Names the run of a state. returns RC_OK, RC_IO, RC_NOMEM */
int shadow_again_note(const char *state, const char *run, struct err *err);

/* Reads what is there of a trace, cut off or not. */
int shadow_again_read(const char *trace, struct shadow_again *out,
    struct err *err);

#endif
