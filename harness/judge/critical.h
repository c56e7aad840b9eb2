/*
 * One critical case by its own answers (METRICS 4, "Special cases"): a loss is
 * FAIL if its own replicate test proves it, or if half of its answers or more
 * show it while the baseline lost fewer than half as many.
 */
#ifndef LOCKSTEP_CRITICAL_H
#define LOCKSTEP_CRITICAL_H

#include "harness/stat/stat_replicate.h"
#include "harness/terms/limits.h"

/* Whether the candidate lost half of the case's answers or more, and the
 * baseline fewer than half as many. */
int critical_half(const struct stat_replicate_good *e);

/* Whether the case lost answers, more than equal stacks show every other
 * time. */
int critical_loss(const struct stat_replicate_good *e);

/*
 * Whether the case lost answers without a decision yet: it is to be asked
 * again.
 * p       of its loss, after Holm over the critical cases
 */
int critical_open(const struct limits *l,
    const struct stat_replicate_good *e, double p);

#endif
