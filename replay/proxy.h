/*
 * A reverse proxy after RFC 9110 and 9112: strict in what it accepts, exact in
 * what it passes on, never in the way. It reports requests and answers to a
 * tap, which keeps what it wants.
 *
 * One thread runs everything on epoll; the tap is called on it. Functions
 * here are for one other thread.
 */
#ifndef LOCKSTEP_PROXY_H
#define LOCKSTEP_PROXY_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/traffic/exchange.h"
#include "replay/h1_lines.h"

struct proxy;

/* A request whose head was taken; everything is borrowed for the call. */
struct proxy_request {
	struct h1_str method, target;	/* target in origin or "*" form */
	const struct ex_header *headers;	/* all that were sent */
	size_t n_headers;
	int has_body;
	int64_t length;		/* of the body, or -1: not announced */
};

struct proxy_answer {
	int status;
	const struct ex_header *headers;
	size_t n_headers;
	int has_body;		/* there may be bytes */
	int64_t length;		/* of the body, or -1: not announced */
};

enum proxy_how {
	PROXY_PASSED,		/* as far as outcome and why say */
	PROXY_CUT,		/* the client left before its request was
				   whole: why says so, a literal */
	PROXY_REFUSED		/* within its body: why, a literal */
};

/* How an exchange ended. Times are mono_now_ns(), -1: it did not happen. */
struct proxy_end {
	enum proxy_how how;
	enum outcome outcome;	/* OUTCOME_OK: a whole answer was passed on */
	const char *why;	/* or NULL */
	int left;		/* the client left before it had all */
	int64_t sent_ns, first_ns, done_ns;
	const char *trailers[2];	/* lines of request and answer, or "" */
	uint64_t tunnel[2];	/* bytes to and from the service after a
				   change of protocol */
	int upgraded;
};

/* What is told, on the proxy's thread. kept is what begin gave. */
struct proxy_tap {
	void *ctx;
	/* A request is passed on. may return NULL: tell me no more of it,
	 * but its end. */
	void *(*begin)(void *ctx, const struct proxy_request *r);
	void (*request_bytes)(void *kept, const char *p, size_t n);
	/* Behind these: whether there was no room for them; the request is
	 * refused then, 503, to be sent again. kept is NULL: no memory.
	 * NULL: a request is passed on whatever is kept of it. */
	int (*full)(void *ctx, const void *kept);
	void (*answer)(void *kept, const struct proxy_answer *a);
	void (*answer_bytes)(void *kept, const char *p, size_t n,
	    int64_t at_ns);
	/* Exactly once for every begin. */
	void (*end)(void *ctx, void *kept, const struct proxy_end *e);
	/* A request, or a connection, was refused. reason is a literal. */
	void (*refused)(void *ctx, const char *reason);
};

struct proxy_opts {
	const char *listen;	/* listen_parse() */
	const char *upstream;	/* upstream_open() */
	const char *ca_file;	/* or NULL */
	uint64_t body_max;	/* bytes; longer requests are refused: 413 */
	unsigned connections_max;	/* 0: as many as files allow, 16384 */
	int64_t head_ns;	/* for a request's head; 0: 30 s */
	int64_t idle_ns;	/* a kept connection; 0: 2 min */
	int64_t quiet_ns;	/* an exchange without a byte; 0: 10 min */
	struct proxy_tap tap;
};

/* Starts to serve. returns RC_OK; RC_NET (address in use, ...), RC_USAGE,
 * RC_IO, RC_NOMEM */
int proxy_open(const struct proxy_opts *o, struct proxy **out,
    struct err *err);

/* "http://127.0.0.1:8080": where it answers, port 0 resolved. */
const char *proxy_url(const struct proxy *p);

/* No new connections, and idle ones are closed. */
void proxy_quiesce(struct proxy *p);
/* Requests being answered now. */
unsigned proxy_busy(const struct proxy *p);
/* Connections of clients now. */
unsigned proxy_connections(const struct proxy *p);

/* Cuts what is left, waits for the thread, nulls *p. NULL is safe. */
void proxy_close(struct proxy **p);

#endif
