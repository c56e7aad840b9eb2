/* The files that a manifest names under `artifacts`. */
#ifndef LOCKSTEP_CMD_DRILL_ARTIFACTS_H
#define LOCKSTEP_CMD_DRILL_ARTIFACTS_H

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/suite/suite.h"

/*
 * Writes each, below the current folder: the outcome as JSON; to a name with
 * "version_manifest" the pins that answers had, with "index_hash" that hash.
 * returns RC_OK; RC_USAGE: a path that leads out of the folder; RC_IO
 */
int drill_artifacts(const struct suite *s, const struct json *doc,
    struct err *err);

#endif
