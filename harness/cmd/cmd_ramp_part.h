/*
 * The parts of lockstep ramp: cmd_ramp.c goes up step by step,
 * cmd_ramp_back.c goes back, cmd_ramp_hook.c runs the user's commands.
 */
#ifndef LOCKSTEP_CMD_RAMP_PART_H
#define LOCKSTEP_CMD_RAMP_PART_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/cmd/cmd_ramp_journal.h"
#include "replay/fetch.h"

struct ramp_opts {
	const char *status, *set_weight, *rollback, *validate, *steps;
	const char *journal, *home;
	int64_t interval_ns, patience_ns, hook_ns, within_ns;
	int rehearse_back, resume, accept, rollback_again;
};

struct ramp {
	struct ramp_opts o;
	struct ramp_plan plan;
	struct ramp_state s;
	struct ramp_journal *j;
	struct fetch *fetch;
	const char *target;	/* path of the status */
	volatile sig_atomic_t *stop;
	int64_t fresh_ns;	/* when a pair was last added */
	int64_t last_pairs;
	char hard[RAMP_WHY];	/* a hard stop that came meanwhile, or "" */
};

/* Whether to give up what runs. */
typedef int ramp_watch_fn(struct ramp *r);

/* ---- cmd_ramp_hook.c ---------------------------------------------------- */

/* A line with the time, to stdout. */
__attribute__((format(printf, 1, 2)))
void ramp_say(const char *fmt, ...);

/* Writes an event to the journal. */
int ramp_note(struct ramp *r, enum ramp_event e, const struct ramp_note *n,
    struct err *err);

/*
 * Runs a command of the user's own with LOCKSTEP_WEIGHT.
 * limit_ns  for all of it
 * returns   1: it ended with 0; 0: it did not, *why says how; or an error
 */
int ramp_hook(const struct ramp *r, const char *command, int weight,
    int64_t limit_ns, char *why, size_t cap, struct err *err);

/*
 * Runs the validate command again and again, until it ends with 0; the last
 * time before --valid-within after since_ns, or a signal.
 * watch     asked at each look at the status, when it is ended; or NULL
 * returns   as ramp_hook()
 */
int ramp_validate(struct ramp *r, int weight, int64_t since_ns,
    ramp_watch_fn *watch, char *why, size_t cap, struct err *err);

/* ---- cmd_ramp_back.c: each returns an exit status, or an error ---------- */

/* y on a terminal */
int ramp_ask(const char *question);

/* why: RAMP_WHY bytes count */
int ramp_abort(struct ramp *r, const char *why, struct err *err);

/* An aborted ramp that is resumed, or one cut off on its way back. */
int ramp_finish_abort(struct ramp *r, struct err *err);

/* Goes back once though nothing is wrong; 0: validated in time, and the
 * step's weight is to be set again. */
int ramp_rehearse(struct ramp *r, struct err *err);

#endif
