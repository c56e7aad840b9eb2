/*
 * Stacks that the suite starts, awaits and stops: a process group of its own
 * for each, killed whole.
 */
#ifndef LOCKSTEP_TARGET_H
#define LOCKSTEP_TARGET_H

#include <signal.h>

#include "harness/base/err.h"
#include "harness/suite/suite.h"

struct target;

/*
 * Starts the target's command if it has one ({{port}} becomes a free port),
 * and waits until its ready path answers 2xx, or (without a command) until
 * it accepts connections.
 * log_path    takes the command's stdout and stderr, or NULL
 * stop        ends the wait once it is not 0; or NULL
 * *out        caller stops with target_stop()
 * returns RC_OK or RC_NET: what was tried, for how long, the last answer, and
 *         the tail of the log of a command that died
 */
int target_start(const struct suite_target *t, const char *name,
    const char *log_path, const volatile sig_atomic_t *stop,
    struct target **out, struct err *err);

/* Where it answers: scheme://host:port. Owned by the target. */
const char *target_url(const struct target *t);

/* TERM to the group, KILL after a grace of 5 s; nulls *t; NULL is safe. */
void target_stop(struct target **t);

#endif
