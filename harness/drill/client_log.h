/* The log of a client under test: the manifest's word `observability`. */
#ifndef LOCKSTEP_DRILL_CLIENT_LOG_H
#define LOCKSTEP_DRILL_CLIENT_LOG_H

#include "harness/drill/drill_part.h"
#include "replay/chaos.h"

/*
 * Adds the check, if the manifest has `observability.log_fields`: each
 * request that was asked again is in client.log by its key, and each line
 * about it has the fields. Without keys each line of the log must.
 * v, n  what the client did
 */
void client_log(struct drill *d, const struct chaos_attempt *v, size_t n);

#endif
