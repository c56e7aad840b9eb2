/* The requests of one case as a run sends them, for `check --case`. */
#ifndef LOCKSTEP_CMD_CHECK_CASE_H
#define LOCKSTEP_CMD_CHECK_CASE_H

#include "harness/base/json.h"
#include "harness/suite/caseset.h"

/*
 * Adds {case, arm, method, url, headers, body} of the original wording with
 * the first seed, one an arm of the suite, to an array. Values that came
 * from the environment or a file, and credentials, are not shown.
 * returns RC_OK; RC_USAGE when there is no such case; RC_FORMAT when it
 *         cannot be rendered; RC_NOMEM
 */
int check_case(const struct suite *s, const struct caseset *cases,
    const char *id, struct json *requests, struct err *err);

/* Prints them as HTTP would have them. */
void check_case_print(const struct json *requests);

#endif
