/*
 * Follows a streamed answer (server-sent events or one JSON value a line) as
 * it arrives: when its first content came, whether its end mark did, whether
 * the service reported a failure. Extraction defines what an event is, and
 * assembles the answer later from the recorded bytes.
 */
#ifndef LOCKSTEP_STREAM_H
#define LOCKSTEP_STREAM_H

#include <stddef.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/sse.h"

struct stream_watch {
	const struct extract_spec *spec;
	struct sse sse;
	struct coding *coding;	/* of a packed stream, or NULL */
	int blind;		/* its packing cannot be undone */
	int fresh;		/* content came with the piece just read */
	int first, ended;	/* content, the end mark were there */
	int failed;		/* the service said so, in words */
	char head[16];		/* the text's first bytes but empty lines */
	size_t head_n;
	struct buf words;
};

/* Allocates nothing yet. */
void stream_init(struct stream_watch *w);
void stream_fini(struct stream_watch *w);

/*
 * Begins to follow one stream.
 * spec    NULL: shapes that are common
 * codings of its Content-Encoding, or NULL
 */
void stream_start(struct stream_watch *w, const struct extract_spec *spec,
    enum sse_format format, const char *codings);

/* Reads the next piece. returns 1 when the first content is in it, else 0 */
int stream_feed(struct stream_watch *w, const char *p, size_t n);

/* The stream is over. returns as stream_feed() */
int stream_end(struct stream_watch *w);

/* Whether the text, its packing undone, begins as server-sent events do. */
int stream_begins(const struct stream_watch *w);

/*
 * When the first content of a recorded stream came.
 * returns nanoseconds since it was sent; -1: it is no stream, or has none
 */
int64_t stream_first(struct stream_watch *w, const struct exchange *ex);

#endif
