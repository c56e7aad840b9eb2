/*
 * The answers of plain HTTP/1.1 (RFC 9112), parsed as their bytes come.
 * It has no socket and no clock, so that it can be fed anything.
 */
#ifndef LOCKSTEP_HTTP1_PARSE_H
#define LOCKSTEP_HTTP1_PARSE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "replay/http_call.h"

enum http1_state {
	H1_STATUS, H1_HEADERS, H1_LENGTH, H1_TO_END,
	H1_CHUNK_SIZE, H1_CHUNK_DATA, H1_CHUNK_END, H1_TRAILERS, H1_DONE
};

struct http1_parser {
	enum http1_state state;
	uint64_t left;		/* bytes of the body or chunk to come */
	uint64_t length;	/* as announced */
	int keep;		/* the connection may be used again */
	int minor;		/* HTTP/1.x */
	struct buf line;	/* a line that came in pieces */
};

/* head_max bounds one line. */
void http1_parser_init(struct http1_parser *p, size_t head_max);
void http1_parser_fini(struct http1_parser *p);
void http1_parser_start(struct http1_parser *p);

/*
 * *used   bytes taken; fewer than n only when it is done or has failed
 * returns 1 the answer is whole; 0 more must come; -1 m has failed
 */
int http1_parse(struct http1_parser *p, struct http_call_mem *m,
    const char *data, size_t n, int64_t now_ns, size_t *used);

/* The server has closed: a whole answer, or m fails and says where. */
void http1_parse_eof(struct http1_parser *p, struct http_call_mem *m);

#endif
