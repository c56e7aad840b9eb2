/*
 * A suite's setup: recorded calls that are sent once to each stack before
 * anything is asked, and the ids that each stack answered with.
 */
#ifndef LOCKSTEP_SETUP_H
#define LOCKSTEP_SETUP_H

#include <signal.h>

#include "harness/base/err.h"
#include "harness/suite/id_map.h"
#include "harness/suite/suite.h"

struct setup {
	struct id_map *ids[ARM_N];	/* of an arm's stack, or NULL */
	size_t n;			/* calls, to each stack */
};

/*
 * Sends them one after the other, ids of earlier answers put in. An answer of
 * another class than the recorded one ends it.
 * url     of the live arms, NULL for others; arms of one target share it
 * stop    ends it once it is not 0; or NULL
 * returns RC_OK, caller calls setup_fini(); RC_NET (which call, to whom, what
 *         came), RC_FORMAT, RC_IO, RC_NOMEM
 */
int setup_run(const struct suite *s, const char *const url[ARM_N],
    const volatile sig_atomic_t *stop, struct setup *out, struct err *err);
void setup_fini(struct setup *s);

#endif
