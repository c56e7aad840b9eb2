/* The outcome of a drill, for a terminal and as JSON. */
#ifndef LOCKSTEP_CMD_DRILL_TELL_H
#define LOCKSTEP_CMD_DRILL_TELL_H

#include "harness/base/json.h"
#include "harness/suite/suite.h"

void drill_tell(const struct suite *s, const char *path,
    const struct json *doc);
void drill_tell_json(const struct json *doc);

#endif
