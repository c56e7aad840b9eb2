/*
 * The writer thread of a run: workers hand it chunks of records, it
 * compresses them into the trace and syncs them in groups.
 *
 * Serialising happens in the workers, compression here: done inline it doubled
 * the workers' p99. An observation counts once its group is synced. When the
 * disk fails, the writer keeps the first error, takes no more, and leaves the
 * written data unchanged.
 */
#ifndef LOCKSTEP_WRITER_H
#define LOCKSTEP_WRITER_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/traffic/trace.h"

/* Records on their way to the trace, each ended by a newline. */
struct writer_chunk {
	struct buf lines;
	uint64_t n;
	int64_t since_ns;	/* when the first was added; the worker's */
	struct writer_chunk *next;
};

struct writer;

/*
 * Starts the thread. tw stays the caller's, who leaves it alone until
 * writer_stop().
 * queue_max  bytes waiting from which on writer_pressed() says so
 * yields     a worker whose time has come takes a core that they share at
 *            once: for sending on schedule. Without it the queue stays short
 *            and in the cache: for sending as fast as answers come.
 */
int writer_start(struct trace_writer *tw, size_t queue_max, int yields,
    struct writer **out, struct err *err);

/* An empty chunk, or NULL when memory is out. Any thread. */
struct writer_chunk *writer_get(struct writer *w);
/* Takes a chunk; also an empty one. Any thread. */
void writer_put(struct writer *w, struct writer_chunk *chunk);

/*
 * Puts a body too large for a record beside the trace. Any thread.
 * name    of the file, for ex_bytes.spill
 */
int writer_spill(struct writer *w, const void *p, size_t n,
    char name[HASH_HEX], struct err *err);

/* Nothing more should be sent for now. Any thread. */
int writer_pressed(const struct writer *w);
/* The disk has failed: stop. Any thread. */
int writer_failed(const struct writer *w);
/*
 * Writes and syncs what was handed over, ends the thread, nulls *w.
 * returns RC_OK, or the first failure
 */
int writer_stop(struct writer **w, struct err *err);

#endif
