/* Doing what a lever, or its undo, says: a command or a request. */
#ifndef LOCKSTEP_LEVER_ACT_H
#define LOCKSTEP_LEVER_ACT_H

#include "harness/base/err.h"
#include "harness/base/json.h"

struct drill;

/*
 * act    {exec} or {request}
 * lever  has the time limit
 * returns RC_OK: status 0, or an answer 2xx; RC_FORMAT: refused by the
 *         service, 4xx; RC_USAGE: why not
 */
int lever_act(struct drill *d, const struct json *act,
    const struct json *lever, struct err *err);

/* Whether {{weight}} is in what a lever does. */
int lever_act_has_weight(const struct json *act);

#endif
