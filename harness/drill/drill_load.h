/* A drill's suite: a manifest, and another that says what its service has. */
#ifndef LOCKSTEP_DRILL_LOAD_H
#define LOCKSTEP_DRILL_LOAD_H

#include "harness/suite/suite.h"

/*
 * As suite_load().
 * with  another manifest, merged over the first (targets, write, levers of a
 *       service), or NULL
 */
int drill_load(const char *path, const char *with,
    const struct suite_over *over, struct suite **out, struct err *err);

#endif
