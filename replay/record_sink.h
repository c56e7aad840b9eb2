/*
 * Takes the exchanges of a recording proxy: a bounded queue and the thread
 * that writes them to the trace. Used by record*.c.
 */
#ifndef LOCKSTEP_RECORD_SINK_H
#define LOCKSTEP_RECORD_SINK_H

#include "harness/traffic/redact.h"
#include "harness/traffic/trace.h"
#include "replay/record_item.h"

struct record_sink;

/* Headers that are kept though they look like credentials, and what is
 * redacted. */
struct record_keep {
	const char *const *v;
	size_t n;
	const struct redact *redact;	/* or NULL */
};

/*
 * Starts the thread on a trace, which is the sink's from now on.
 * path, keep  borrowed
 */
int record_sink_start(struct trace_writer *w, const char *path,
    size_t queue_max, const struct record_keep *keep,
    struct record_sink **out, struct err *err);

/* Takes the item, or drops and counts it when the queue is full. */
void record_sink_put(struct record_sink *s, struct record_item *it);

/* Counts an exchange that was seen and is not kept. reason is a literal. */
void record_sink_drop(struct record_sink *s, const char *reason);
/* Counts a request that was refused. reason is a literal. */
void record_sink_refuse(struct record_sink *s, const char *reason);

/*
 * What the account would say; written is what has been synced to the disk,
 * and what was taken and is not counts as seen alone.
 * *waiting  bytes; trouble at least 256 bytes
 */
void record_sink_stats(struct record_sink *s, struct trace_account *acc,
    size_t *waiting, char *trouble);

/*
 * Writes what waits, closes the trace, nulls *s.
 * *acc    the closing account: what a reader finds, whatever went wrong
 * each    told of the reasons, or NULL
 * returns RC_OK; RC_IO: the disk did not take all of it, or the file is gone
 */
int record_sink_stop(struct record_sink **s, struct trace_account *acc,
    trace_drop_fn *each, void *ctx, struct err *err);

#endif
