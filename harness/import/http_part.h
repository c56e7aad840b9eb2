/* What formats that keep HTTP itself share; private to the room. */
#ifndef LOCKSTEP_IMPORT_HTTP_PART_H
#define LOCKSTEP_IMPORT_HTTP_PART_H

#include "harness/import/import_part.h"

/* An exchange under construction, with room for its headers and bodies. */
struct import_http {
	struct exchange ex;
	struct ex_header req[IMPORT_HEADERS_MAX], res[IMPORT_HEADERS_MAX];
	struct arena arena;	/* for what ex points to; reset by start */
};

void import_http_init(struct import_http *h);
void import_http_fini(struct import_http *h);

/* Forgets the last exchange. */
void import_http_start(struct import_http *h);

/* Splits a URL into ex.url and ex.target; a target alone is one, too.
 * returns 0, or -1: it is neither */
int import_http_url(struct import_http *h, const char *url);

/* Adds a header, pseudo-headers (":path") left out; too many are. */
void import_http_header(struct import_http *h, int response,
    const char *name, const char *value);

/*
 * A whole HTTP/1 message as bytes: start line, headers, body; a chunked body
 * is joined.
 * returns 0, or -1: it is none
 */
int import_http_message(struct import_http *h, int response, const char *p,
    size_t n);

/* The outcome that the status tells. */
void import_http_outcome(struct import_http *h);

#endif
