/*
 * The cases of a shadow's report: each pair's request, and what the gold of
 * the user's suite says of its question.
 */
#ifndef LOCKSTEP_CMD_SHADOW_GOLD_H
#define LOCKSTEP_CMD_SHADOW_GOLD_H

#include "harness/suite/suite.h"

/*
 * Writes the cases of a suite made of a trace, one line of JSON each. A case
 * whose question is one of the gold's (a wording, too; case and blanks at the
 * ends do not count) gets its expectations.
 * gold    whose cases are gold
 * *known  how many got them
 * returns RC_OK, RC_IO, RC_NOMEM, RC_FORMAT
 */
int shadow_gold_write(const struct suite *of_trace, const struct suite *gold,
    const char *path, uint64_t *known, struct err *err);

#endif
