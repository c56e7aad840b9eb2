/* What a service says of how long requests waited in its own queue. */
#ifndef LOCKSTEP_DRILL_QUEUE_WAIT_H
#define LOCKSTEP_DRILL_QUEUE_WAIT_H

#include "harness/drill/drill_part.h"

/* Whether the suite says where it stands: queue_wait. */
int queue_wait_named(const struct drill *d);

/*
 * The 95th percentile of what served requests of a wave report.
 * *ms     milliseconds
 * returns how many report it; 0: none, *ms is 0
 */
size_t queue_wait_p95(const struct drill *d, const struct wave *w,
    double *ms);

#endif
