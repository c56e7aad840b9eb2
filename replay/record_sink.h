/*
 * Writes the exchanges of a recording proxy, which wait in a queue, to traces,
 * on threads of its own. Used by record*.c.
 */
#ifndef LOCKSTEP_RECORD_SINK_H
#define LOCKSTEP_RECORD_SINK_H

#include "harness/traffic/trace.h"
#include "replay/record_item.h"
#include "harness/traffic/trace_parts.h"
#include "replay/record_queue.h"
#include "replay/record_write.h"

struct record_sink;

/*
 * Opens the first file and starts the threads.
 * parts   the sink's from now on, whatever happens
 * q       borrowed: the caller puts, and frees it behind record_sink_stop()
 * keep    borrowed
 */
int record_sink_start(struct trace_parts *parts, struct record_queue *q,
    const struct record_keep *keep, struct record_sink **out,
    struct err *err);

/* The file that is being written; caller frees. NULL: no memory */
char *record_sink_path(struct record_sink *s);

/*
 * What the account would say; written is what has been synced to the disk,
 * and what was taken and is not counts as seen alone.
 */
struct record_sink_state {
	struct trace_account acc;	/* of all parts */
	size_t waiting;			/* bytes */
	unsigned parts;			/* opened so far */
	struct trace_tidied tidied;
	char trouble[256];		/* of the disk, or "" */
};
void record_sink_stats(struct record_sink *s, struct record_sink_state *out);

/*
 * Writes what waits, closes the trace, nulls *s.
 * *out    the closing account: what a reader finds, whatever went wrong
 * returns RC_OK; RC_IO: the disk did not take all of it, or a file is gone
 */
struct record_sink_end {
	int forget;		/* a trace that nothing came for goes */
	trace_drop_fn *each;	/* told of the reasons, or NULL */
	void *each_ctx;
};
int record_sink_stop(struct record_sink **s,
    const struct record_sink_end *end, struct record_sink_state *out,
    struct err *err);

#endif
