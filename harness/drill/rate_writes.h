/* Writes beyond a rate limit: none is lost, none has two effects. */
#ifndef LOCKSTEP_DRILL_RATE_WRITES_H
#define LOCKSTEP_DRILL_RATE_WRITES_H

#include "harness/drill/drill_part.h"

/*
 * Sends n writes with keys of their own at once, and each that gets 429 again
 * when its Retry-After has passed, at most 30 s long; adds the checks.
 * returns RC_OK
 */
int rate_writes(struct drill *d, size_t n, int concurrency,
    struct err *err);

#endif
