/*
 * Streams of events, in pieces of any size: server-sent events as the HTML
 * standard reads them, or one JSON value a line.  The one reader of the
 * engine, the recorder and extraction.
 *
 * Lines end with LF, CRLF or CR; a byte order mark at the start is none of
 * the text; several data lines are one text with LF between; comments, `id`
 * and `retry` make no event.  Where the standard drops what stands behind
 * the last blank line, here it is an event that is marked as cut: services
 * forget that blank line, and the reader of a cut one can tell by its JSON.
 *
 * source  HTML Standard, "Server-sent events", 9.2.6
 * Bounded: an event of more than the caller's maximum is left out and
 * counted.  Thread rule: one owner at a time.
 */
#ifndef LOCKSTEP_SSE_H
#define LOCKSTEP_SSE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

enum sse_format { SSE_NONE = 0, SSE_EVENTS = 's', SSE_LINES = 'n' };

enum { SSE_NAME_MAX = 128 };	/* longer names are cut */

/* One event. Valid during the call alone; data ends with no NUL. */
struct sse_event {
	const char *name;	/* "" where it has none */
	const char *data;
	size_t n;
	int has_data;		/* 0: a name alone, no event by rule */
	int cut;		/* the stream ended before its blank line */
};

/* returns 0, or what ends the reading */
typedef int sse_event_fn(void *ctx, const struct sse_event *e);

struct sse {
	enum sse_format format;
	size_t event_max;
	struct buf line;	/* the part of one that earlier pieces gave */
	struct buf data;	/* of the event so far */
	char name[SSE_NAME_MAX];
	int has_data;
	int after_cr;		/* an LF that comes next ends no line */
	int bom;		/* bytes of a mark seen, -1: past the start */
	int over;		/* the event is too large */
	uint64_t too_large;	/* events that were left out */
};

/* event_max: bytes of one event's lines. Allocates nothing yet. */
void sse_init(struct sse *s, enum sse_format format, size_t event_max);
void sse_fini(struct sse *s);
/* Begins another stream, keeps the memory. */
void sse_reset(struct sse *s, enum sse_format format);

/*
 * Reads the next piece; calls fn for each event that is whole now.
 * returns 0, RC_NOMEM, or what fn answered
 */
int sse_feed(struct sse *s, const char *p, size_t n, sse_event_fn *fn,
    void *ctx);

/* The stream is over: what is left, as sse_feed(). */
int sse_end(struct sse *s, sse_event_fn *fn, void *ctx);

/* The format that a Content-Type names. */
enum sse_format sse_of_type(const char *content_type);

/* Whether a body of unknown type begins as server-sent events do. */
int sse_begins(const char *p, size_t n);

#endif
