/*
 * The primary's answers to mirrored requests, from where they are: an OTLP
 * receiver (spans that hold questions and answers) and an access log (status
 * and time alone). Each is told to shadow_partner() by its key.
 */
#ifndef LOCKSTEP_CMD_SHADOW_JOIN_H
#define LOCKSTEP_CMD_SHADOW_JOIN_H

#include "replay/shadow.h"

struct shadow_join;

struct shadow_join_opts {
	const char *otlp;	/* listen_parse(), or NULL */
	const char *log;	/* a file that grows, or NULL */
	const char *key;	/* the request header that joins */
	int64_t window_ns;	/* spans of a trace are waited for this long */
	struct shadow *shadow;	/* outlives it */
};

/* *out    NULL where there is nothing to join; caller ends with
 *         shadow_join_stop()
 * returns RC_OK; RC_NET, RC_USAGE, RC_IO, RC_NOMEM */
int shadow_join_start(const struct shadow_join_opts *o,
    struct shadow_join **out, struct err *err);
void shadow_join_stop(struct shadow_join **j);	/* NULL is safe */

/* Where spans are taken, or NULL. */
const char *shadow_join_url(const struct shadow_join *j);

/* What could not be used: documents and lines. */
uint64_t shadow_join_unread(const struct shadow_join *j);

#endif
