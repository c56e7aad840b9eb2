/*
 * Follows a streamed answer (server-sent events or one JSON value a line) as
 * it arrives: when the first content token came, whether the end mark did.
 * Extraction assembles the answer later, from the recorded bytes.
 */
#ifndef LOCKSTEP_STREAM_H
#define LOCKSTEP_STREAM_H

#include <stddef.h>

#include "harness/base/json.h"
#include "harness/traffic/extract.h"

struct stream_watch {
	const struct extract_stream *spec;	/* NULL: shape from the type */
	const struct json_ptr *token;	/* spec's, compiled; or NULL */
	int format;		/* 's' or 'n' */
	size_t line;		/* offset of the first unread line */
	size_t seen;		/* bytes searched for its end */
	int first, ended;	/* a token, the end mark was there */
};

void stream_start(struct stream_watch *w, const struct extract_stream *spec,
    const struct json_ptr *token, int format);

/*
 * Reads the lines that are whole now. body is all bytes so far.
 * last    the stream is over: its last line needs no newline
 * returns 1 when the first content token is among the new lines, else 0
 */
int stream_feed(struct stream_watch *w, const char *body, size_t n,
    int last);

/* 's' or 'n' when a Content-Type is that of a stream, else 0. */
int stream_of_type(const char *content_type);

#endif
