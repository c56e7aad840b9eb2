/*
 * A service that takes every request and answers 204: what stands behind a
 * recording of mirrored traffic, whose answers nobody reads.  One thread of
 * its own, on the loopback, for connections of our own proxy alone.
 */
#ifndef LOCKSTEP_ACK_H
#define LOCKSTEP_ACK_H

#include "harness/base/err.h"

struct ack;

/* returns RC_OK, caller ends with ack_stop(); RC_NET, RC_NOMEM */
int ack_start(struct ack **out, struct err *err);
void ack_stop(struct ack **a);		/* NULL is safe */

/* "http://127.0.0.1:PORT" */
const char *ack_url(const struct ack *a);

#endif
