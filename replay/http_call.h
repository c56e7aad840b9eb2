/*
 * The part of a call that both transports share: its buffers, the limits on
 * what a server may send, and how a stream is followed.  Private to http*.c.
 */
#ifndef LOCKSTEP_HTTP_CALL_H
#define LOCKSTEP_HTTP_CALL_H

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "replay/http.h"
#include "replay/stream.h"

enum {
	HTTP_HEAD_MAX = 64 << 10,	/* default of head_max */
	HTTP_INTERIM_MAX = 16,		/* 1xx answers before the real one */
	HTTP_CHUNKS_MAX = 1 << 16,	/* then the last one grows */
	HTTP_BUF_KEEP = 256 << 10	/* larger buffers are not kept */
};

struct http_origin {
	char *url;		/* scheme://authority */
	char *authority, *host, *port, *prefix;
	char *ca_file, *cert_file, *key_file, *unix_socket;
	char *accept_encoding;
	int tls, http2, fast;
	const struct extract_spec *extract;	/* of streams, or NULL */
	struct sockaddr_storage *addr;	/* of the fast path */
	unsigned addr_len;
};

struct http_span {
	uint32_t name, value;	/* offsets into head */
};

struct http_conn;	/* http1.c */

struct http_call_mem {
	struct http_call call;
	const struct http_origin *to;
	size_t body_max;
	struct buf head;	/* name NUL value NUL ... */
	struct http_span *spans;
	size_t n_spans, cap_spans;
	struct ex_header *headers;
	size_t cap_headers;
	struct buf body;
	struct ex_chunk *chunks;
	size_t cap_chunks;
	size_t head_seen;	/* bytes of all heads, interim ones too */
	int interim;
	int is_stream;
	int unnamed;		/* its type names no stream: its text decides */
	struct stream_watch watch;
	int failed;		/* outcome is set: the rest is ignored */
	char why[240];
	struct http_call_mem *next;	/* free and done lists */
	struct http_conn *conn;	/* http1.c: while under way */
	struct buf wire;	/* http1.c: the request as sent */
	size_t wire_off;
	int resent;		/* on a fresh connection, once */
	void *easy;		/* http.c: CURL * */
	struct http_kept *kept;	/* http_curl.c: the client's */
	void *curlu;		/* http.c: CURLU * */
	void *slist;		/* http.c: our own list nodes */
	size_t cap_slist;
	struct buf lines;	/* http.c: the header lines */
	struct buf last_target;	/* http.c: what curlu holds */
	char *errbuf;		/* http.c */
	int tries;		/* http_curl.c: connections it was given */
	int64_t idle_ns;	/* http_curl.c: how long the first one was */
	int refused;		/* http_curl.c: HTTP/2 says: not processed */
	int verb;		/* http.c: kind of method set last */
};

int http_call_init(struct http_call_mem *m, const struct http_origin *to,
    size_t body_max, size_t head_max);
void http_call_fini(struct http_call_mem *m);
/* Empties it for the next request. */
void http_call_reset(struct http_call_mem *m);

/* Records a failure that errno names: "what: text". */
void http_call_errno(struct http_call_mem *m, enum outcome o,
    const char *what, int error);

/*
 * A kept connection that was idle for longer may have been closed by the
 * server at the moment that it was used again: the request goes out once
 * more, and that is counted as stale. On any other it was lost: reset.
 */
#define HTTP_STALE_NS (1000 * 1000000LL)

/* Records the first failure; why is a printf format. */
void http_call_fail(struct http_call_mem *m, enum outcome o,
    const char *why, ...) __attribute__((format(printf, 3, 4)));

/* The beginning of what a server sent, fit for a reason: within quotes,
 * what is not printable as a full stop. */
enum { HTTP_QUOTE = 44 };
const char *http_call_quote(char out[HTTP_QUOTE], const char *p, size_t n);

/* The server's bytes. All return 0, or -1 once the call has failed. */
int http_call_status(struct http_call_mem *m, const char *line, size_t n);
int http_call_header(struct http_call_mem *m, const char *line, size_t n);
int http_call_body(struct http_call_mem *m, const char *p, size_t n,
    int64_t now_ns);
/* The headers are through (also those of an interim answer). */
int http_call_head_end(struct http_call_mem *m);

/* The value of a response header, or NULL. */
const char *http_call_find(const struct http_call_mem *m, const char *name);

/* Closes the books: outcome by status, the views, the end of a stream. */
void http_call_finish(struct http_call_mem *m, int64_t now_ns);

#endif
