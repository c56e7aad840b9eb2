/*
 * The HTTP client of one worker: many requests in flight on one thread.
 *
 * A client has its connections, its calls and its buffers to itself; nothing
 * is shared between clients but the origins, which are immutable.  Calls and
 * their buffers are reused, so that a warm client allocates nothing for a
 * request.  Whatever the server does becomes an outcome of the call; an error
 * is only our own inability.
 *
 * Plain HTTP/1.1 is spoken by http1.c, everything else (TLS, HTTP/2,
 * compressed answers) by libcurl in http.c; ENGINE.md tells why and when.
 */
#ifndef LOCKSTEP_HTTP_H
#define LOCKSTEP_HTTP_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/traffic/exchange.h"
#include "harness/traffic/extract.h"

/* Where requests go. Strings are borrowed while the origin is made only. */
struct http_origin_opts {
	const char *url;	/* http[s]://host[:port][/prefix] */
	const char *ca_file;	/* instead of the system's, or NULL */
	const char *cert_file, *key_file;	/* of the client, or NULL */
	const char *unix_socket;	/* connect there, or NULL */
	const char *accept_encoding;	/* "" all we can decode; NULL: none */
	int http2;		/* 0: HTTP/1.1 only; else by ALPN over TLS */
	int no_fast_path;	/* libcurl even where http1.c could */
	const struct extract_spec *extract;	/* outlives it, or NULL */
};

struct http_origin;

/*
 * Checks the address; resolves it once, for all workers.
 * *out    caller frees with http_origin_free() after all clients
 * returns RC_OK, RC_USAGE (no such address), RC_NET (unknown host)
 */
int http_origin_new(const struct http_origin_opts *o,
    struct http_origin **out, struct err *err);
void http_origin_free(struct http_origin *o);

/*
 * Whether anything accepts a connection there; nothing is sent.
 * why     what it said when not, at most cap bytes
 */
int http_origin_accepts(const struct http_origin *o, int64_t timeout_ns,
    char *why, size_t cap);

/* scheme://authority; owned by the origin. */
const char *http_origin_url(const struct http_origin *o);

struct http_call_mem;

/* One request and what came back. */
struct http_call {
	/* The request: set before http_start(), alive until the call is done.
	 * Host, Content-Length and Connection are the client's own. */
	const char *method;
	const char *target;	/* path and query, from "/" on */
	const struct ex_header *headers;
	size_t n_headers;
	const char *body;	/* NULL: none */
	size_t body_n;
	int64_t deadline_ns;	/* absolute; connecting is included */
	void *user;

	/* The answer: set when the call is done, until http_put(). */
	enum outcome outcome;
	const char *why;	/* of a bad outcome, or NULL */
	int status;		/* 0: none came */
	int64_t sent_ns;	/* absolute, when it was started */
	int64_t ttfb_ns, ttft_ns, total_ns;	/* from sent_ns; -1: never */
	const struct ex_header *res_headers;
	size_t n_res_headers;
	const char *res_body;	/* as it came; "" when empty */
	size_t res_body_n;
	const struct ex_chunk *chunks;	/* of a stream */
	size_t n_chunks;
	uint64_t bytes_in, bytes_out;	/* heads and bodies, about */
	unsigned stale;		/* kept connections that were found closed:
				   the request went out on another */

	int origin;		/* index given to http_get(); the client's */
	struct http_call_mem *mem;	/* the client's */
};

struct http_client_opts {
	struct http_origin *const *origins;
	int n_origins;
	int connections;	/* kept open in all; the most in flight */
	size_t body_max;	/* bytes of an answer as it comes */
	size_t head_max;	/* bytes of all headers; 0: 64 KiB */
};

struct http_client;

/* *out: caller frees with http_client_free() on the same thread. */
int http_client_new(const struct http_client_opts *o,
    struct http_client **out, struct err *err);
/* Calls that are under way are dropped. NULL is safe. */
void http_client_free(struct http_client *c);

/* A call to one origin, its request empty; NULL when memory is out. */
struct http_call *http_get(struct http_client *c, int origin);
/* Gives a call back that is done or was never started. */
void http_put(struct http_client *c, struct http_call *call);

/* Sends it; it comes back from http_done() whatever happens. */
int http_start(struct http_client *c, struct http_call *call,
    struct err *err);

/*
 * Works on the calls until one is done, or until the absolute time until_ns.
 * returns RC_OK, or RC_NET/RC_NOMEM when the client itself cannot go on
 */
int http_wait(struct http_client *c, int64_t until_ns, struct err *err);

/* The next call that is done, or NULL; caller gives it back by http_put(). */
struct http_call *http_done(struct http_client *c);

/* Gives up every call under way; they come back as OUTCOME_TIMEOUT. */
void http_abandon(struct http_client *c);

/*
 * Prepares libcurl; once, before any thread is started. Calling again is
 * safe.
 */
int http_global_init(struct err *err);

/* What a status means: OUTCOME_OK for 2xx, PROTOCOL for 1xx and 3xx, ... */
enum outcome http_outcome_of_status(int status);

#endif
