/*
 * The body of an HTTP/1.1 message: where it ends, and which of its bytes are
 * content (RFC 9112, 6 and 7).  Bytes are looked at, not copied: they can be
 * passed on exactly as they were framed.
 */
#ifndef LOCKSTEP_H1_BODY_H
#define LOCKSTEP_H1_BODY_H

#include "replay/h1_lines.h"

enum {
	H1_CHUNK_LINE_MAX = 4096,	/* bytes of a chunk's size line */
	H1_TRAILERS_MAX = 32 << 10
};

struct h1_body {
	enum h1_framing framing;
	int strict;		/* of a request */
	int state;
	int done;		/* it is through */
	const char *bad;	/* or what is wrong, a literal */
	uint64_t left;		/* of the body or chunk */
	uint64_t content;	/* bytes of content so far */
	size_t line_n;		/* of the line at hand */
	struct buf trailers;	/* lines as they came, "" when there are none */
	size_t name_at;		/* in trailers, of the line at hand */
};

/* strict  CRLF alone, no blanks behind a size, no framing in trailers */
void h1_body_init(struct h1_body *b, enum h1_framing framing,
    uint64_t length, int strict);
void h1_body_fini(struct h1_body *b);

typedef void h1_piece_fn(void *ctx, const char *p, size_t n);

/*
 * Looks at the next bytes.
 * fn      gets the content among them, in pieces; may be NULL
 * returns how many belong to the body and are right: fewer than n only when
 *         it is done or bad
 */
size_t h1_body_feed(struct h1_body *b, const char *p, size_t n,
    h1_piece_fn *fn, void *ctx);

/* The sender has closed. returns 0 and it is done; -1: too early */
int h1_body_eof(struct h1_body *b);

#endif
