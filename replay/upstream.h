/*
 * The service behind a proxy: requests passed on, answers read piece by
 * piece as they arrive (libcurl).  Blocking, for a thread a request; the
 * connections are kept and shared.
 *
 * upstream_open() before threads that use it; the rest from any thread, a
 * call belongs to one.
 */
#ifndef LOCKSTEP_UPSTREAM_H
#define LOCKSTEP_UPSTREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/err.h"
#include "harness/traffic/exchange.h"

struct upstream;

struct upstream_opts {
	const char *url;	/* http(s)://host[:port][/prefix] */
	const char *ca_file;	/* or NULL: the system's */
	int64_t connect_ns;	/* 0: 10 s */
	int64_t idle_ns;	/* without a byte; 0: 10 min */
};

/* returns RC_OK, caller closes; RC_USAGE (no http URL), RC_NET, RC_NOMEM */
int upstream_open(const struct upstream_opts *o, struct upstream **out,
    struct err *err);
void upstream_close(struct upstream **u);

struct upstream_request {
	const char *method, *target;
	const struct ex_header *headers;	/* hop-by-hop ones and Host
						   are left out here */
	size_t n_headers;
	struct ex_bytes body;
	/* Asked about four times a second while waiting: stop? Or NULL. */
	int (*cancelled)(void *ctx);
	void *ctx;
};

/* What is known of an answer; grows until upstream_read() says it is over. */
struct upstream_answer {
	int status;		/* 0: none came */
	const struct ex_header *headers;
	size_t n_headers;
	int64_t length;		/* Content-Length, or -1 */
	int64_t sent_ns, first_ns;	/* mono_now_ns(); -1: not yet */
	const struct ex_chunk *chunks;	/* body pieces as they arrived */
	size_t n_chunks;
	enum outcome outcome;	/* OUTCOME_OK while nothing went wrong */
	char why[256];
};

struct upstream_call;

/*
 * Sends a request and waits for the head of the answer.
 * r       borrowed until upstream_end()
 * returns RC_OK also when there is no answer: then status is 0, and outcome
 *         and why say how it failed; RC_NOMEM
 */
int upstream_begin(struct upstream *u, const struct upstream_request *r,
    struct upstream_call **out, struct err *err);

/* Valid until upstream_end(). */
const struct upstream_answer *upstream_answer(const struct upstream_call *c);

/*
 * The next bytes of the body; waits for them.
 * returns their number, 0 at the end, -1 when the answer broke off (outcome
 *         and why say how)
 */
ssize_t upstream_read(struct upstream_call *c, char *to, size_t n);

/* Ends a call, whatever is left of its answer. NULL is safe. */
void upstream_end(struct upstream_call *c);

#endif
