/*
 * What was last proven of the seventeen guardrails: from the drills that the
 * home keeps, and from its runs.
 */
#ifndef LOCKSTEP_CMD_PROOFS_H
#define LOCKSTEP_CMD_PROOFS_H

#include "harness/base/err.h"
#include "harness/base/json.h"

/*
 * A list of seventeen: {guardrail, title, proves, command, drill, verdict,
 * when, what, build, held: {when, what, build}, missing: [sentence]}.
 * verdict, when, what and build are of what was tried last, null where
 * nothing was; held is of what held last, where that is another.
 * returns it, caller frees; NULL with an error
 */
struct json *cmd_proofs(const char *home, struct err *err);

#endif
