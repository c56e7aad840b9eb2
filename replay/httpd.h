/*
 * A small HTTP/1.1 server (libmicrohttpd): one thread a connection, so that
 * a handler may simply block; whole request bodies up to a bound; answers
 * whole or read piece by piece, each piece sent as it comes.
 *
 * The handler runs on the connection's thread; calls of one connection come
 * one after the other, those of several at once.
 */
#ifndef LOCKSTEP_HTTPD_H
#define LOCKSTEP_HTTPD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/err.h"
#include "harness/traffic/exchange.h"

struct httpd;
struct httpd_answer;

/* A request; everything is borrowed until the answer is done. */
struct httpd_request {
	const char *method;
	const char *target;	/* path and query as they were sent */
	const struct ex_header *headers;
	size_t n_headers;
	struct ex_bytes body;	/* p NULL: there was none */
	int64_t came_ns;	/* mono_now_ns() at its first line */
	int fd;			/* of the connection */
};

/*
 * Answers one request by the httpd_* functions below.
 * returns RC_OK; anything else closes the connection
 */
typedef int httpd_fn(void *ctx, const struct httpd_request *req,
    struct httpd_answer *answer);

/*
 * Gives the next piece of an answer; may block.
 * returns the bytes put, 0 at the end, -1 to cut the connection
 */
typedef ssize_t httpd_read_fn(void *ctx, char *to, size_t n);

/* Called once when an answer is through; whole is 0 when the client went
 * away or the reader failed. The request may be used for the last time. */
typedef void httpd_done_fn(void *ctx, int whole);

struct httpd_opts {
	const char *listen;	/* see httpd_parse_listen() */
	size_t body_max;	/* bytes; more is answered by 413 */
	unsigned connections_max;	/* 0: 512 */
	httpd_fn *fn;
	/* Told of each request refused before the handler, or NULL. */
	void (*refused)(void *ctx);
	void *ctx;
};

/* Starts to serve. returns RC_OK; RC_NET (address in use, ...), RC_USAGE */
int httpd_open(const struct httpd_opts *o, struct httpd **out,
    struct err *err);

/* "http://127.0.0.1:8080": where it answers, port 0 resolved. */
const char *httpd_url(const struct httpd *h);

/* No new connections; those that are there go on. */
void httpd_quiesce(struct httpd *h);
/* Requests being answered now. */
unsigned httpd_busy(const struct httpd *h);

/* Cuts what is left, waits for its threads, nulls *h. NULL is safe. */
void httpd_close(struct httpd **h);

/* ---- answering -------------------------------------------------------- */

/* Adds a header; those that frame the message are ignored. Copied. */
void httpd_header(struct httpd_answer *a, const char *name,
    const char *value);
/* A whole body, copied. */
void httpd_whole(struct httpd_answer *a, int status, const char *p, size_t n);
/*
 * A body that read gives.
 * length  bytes, or -1: until read says 0
 * done    called once, whether or not read was; may be NULL
 */
void httpd_stream(struct httpd_answer *a, int status, int64_t length,
    httpd_read_fn *read, httpd_done_fn *done, void *ctx);
/* With a whole body: called when it is through. */
void httpd_done(struct httpd_answer *a, httpd_done_fn *done, void *ctx);

/*
 * "PORT", ":PORT" and "HOST:PORT"; without a host it is loopback. HOST may be
 * a name, an IPv4 or a bracketed IPv6 address. Port 0: any free one.
 * host    at least 256 bytes
 * returns RC_OK or RC_USAGE
 */
int httpd_parse_listen(const char *s, char *host, char *port,
    struct err *err);

#endif
