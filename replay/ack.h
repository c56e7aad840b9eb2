/*
 * A service that takes every request and answers the same: what stands behind a
 * recording of mirrored traffic, whose answers nobody reads, and behind what
 * else is only taken in.  One thread of
 * its own, on the loopback, for connections of our own proxy alone.
 */
#ifndef LOCKSTEP_ACK_H
#define LOCKSTEP_ACK_H

#include "harness/base/err.h"

struct ack;

/*
 * answer  the whole answer with its head, a literal; NULL: 204
 * returns RC_OK, caller ends with ack_stop(); RC_NET, RC_NOMEM
 */
int ack_start(const char *answer, struct ack **out, struct err *err);
void ack_stop(struct ack **a);		/* NULL is safe */

/* "http://127.0.0.1:PORT" */
const char *ack_url(const struct ack *a);

#endif
