/*
 * Every exchange of a trace, parsed, past damage: for callers that only read.
 */
#ifndef LOCKSTEP_TRACE_EACH_H
#define LOCKSTEP_TRACE_EACH_H

#include "harness/traffic/trace_cut.h"

/* returns RC_OK, or what ends the reading */
typedef int trace_each_fn(void *ctx, const struct exchange *ex,
    const struct trace_rec *rec, struct err *err);

/*
 * pick     which of them; NULL: all
 * damaged  what could not be read is counted here and passed over; NULL: it
 *          is an error
 * returns RC_OK, what fn returned, or as trace_next()
 */
int trace_each(const char *path, const struct trace_pick *pick,
    trace_each_fn *fn, void *ctx, uint64_t *damaged, struct err *err);

/* A hash of what was asked: method, target and body. */
void trace_asked_hash(const struct exchange *ex, unsigned char out[16]);
/* A hash of what was answered: status and body. */
uint64_t trace_said_hash(const struct exchange *ex);

#endif
