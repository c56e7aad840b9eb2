/* The outcome of a drill as one document: what is in it whatever happened. */
#ifndef LOCKSTEP_CMD_DRILL_DOC_H
#define LOCKSTEP_CMD_DRILL_DOC_H

#include <stdint.h>

#include "harness/base/json.h"
#include "harness/suite/suite.h"

/*
 * Completes the document of drill_run(). All of these are there always, null
 * or empty where there is nothing: lockstep, suite, suite_hash, path, started,
 * ended, targets, decision; measured {delta_s, coverage, lambda}; not_judged
 * [{scenario, what, needs}]; of a scenario: headline, cause, prevented_by,
 * build, pins, gates, run.
 */
void drill_complete(const struct suite *s, const char *path,
    int64_t began_wall_ns, struct json *doc);

#endif
