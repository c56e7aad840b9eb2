/*
 * Observations on their way into the store.  Private to cmd_*.c.
 *
 * The store takes them in one transaction, in which nobody else can write. So
 * they stay in a scratch file until scoring is over: other runs need not wait,
 * and an interrupted pass does not lose the answers of embedding services and
 * scorers.
 */
#ifndef LOCKSTEP_CMD_KEEP_H
#define LOCKSTEP_CMD_KEEP_H

#include <stdio.h>

#include "harness/result/store.h"
#include "harness/score/score.h"

struct cmd_keep {
	struct store *store;	/* borrowed, as all of it */
	const struct suite *suite;
	const char *run_id;
	FILE *later;		/* the scratch file */
};

/* Begins: store, suite and run_id are set. caller ends with cmd_keep_end(),
 * whatever happens */
int cmd_keep_begin(struct cmd_keep *k, struct err *err);
/* A score_obs_fn; ctx is the struct cmd_keep. */
int cmd_keep_obs(void *ctx, const struct score_obs *o, struct err *err);
/* A score_again_fn. */
int cmd_keep_again(void *ctx, struct err *err);
/* ok: scoring came to its end. An error here is one of keeping alone. */
int cmd_keep_end(struct cmd_keep *k, int ok, struct err *err);

#endif
