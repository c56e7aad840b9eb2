/* What a recording says of itself over HTTP. */
#ifndef LOCKSTEP_CMD_RECORD_STATUS_H
#define LOCKSTEP_CMD_RECORD_STATUS_H

#include "replay/record.h"
#include "replay/status.h"

/* Starts it for a recording, which outlives it. listen NULL: *out is NULL. */
int record_status_start(const char *listen, struct record *r,
    struct status **out, struct err *err);

#endif
