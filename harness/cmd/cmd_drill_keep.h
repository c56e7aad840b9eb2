/* What was drilled, kept in HOME/drills.jsonl: a line a scenario. */
#ifndef LOCKSTEP_CMD_DRILL_KEEP_H
#define LOCKSTEP_CMD_DRILL_KEEP_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/suite/suite.h"

/*
 * Completes the document of drill_run() (lockstep, suite, started, targets)
 * and appends its scenarios to the file.
 */
int drill_keep(const char *home, const struct suite *s, const char *path,
    int64_t began_wall_ns, struct json *doc, struct err *err);

/*
 * The lines of the file, oldest first, as an array; caller frees. A torn last
 * line is left out.
 */
struct json *drill_kept(const char *home, struct err *err);

#endif
