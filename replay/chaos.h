/*
 * A front that injects faults between a client and its service, and remembers
 * what the client did: plain HTTP/1.1, a thread a connection.
 *
 * A request is known by its method, target and body. Its first attempts get a
 * fault that the seed draws; then it is passed on. Some requests get a 400
 * each time, which nobody should ask for again. 65,536 attempts are
 * remembered; what comes later is passed on.
 */
#ifndef LOCKSTEP_CHAOS_H
#define LOCKSTEP_CHAOS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

enum chaos_fault {
	CHAOS_NONE,		/* passed on */
	CHAOS_LATENCY,		/* passed on, late */
	CHAOS_429_SECONDS,	/* Retry-After: 1 */
	CHAOS_429_DATE,		/* Retry-After: a date, 2 s from now */
	CHAOS_503,		/* without Retry-After */
	CHAOS_500,
	CHAOS_RESET,		/* no answer */
	CHAOS_HALF,		/* half of the service's answer */
	CHAOS_400,		/* for good */
	CHAOS_FAULT_N
};

const char *chaos_name(enum chaos_fault f);

/* What one attempt of a request got. */
struct chaos_attempt {
	uint64_t request;	/* the same of all attempts of one */
	char key[80];		/* its Idempotency-Key, or "" */
	int64_t at_ns;		/* when it had come, from the start */
	int64_t after_ns;	/* what Retry-After asked; -1: none */
	enum chaos_fault fault;
	int status;		/* 0: none was sent */
};

struct chaos_opts {
	const char *listen;	/* listen_parse() */
	const char *upstream;
	uint64_t seed;
	double share;		/* of the requests that get faults */
	int times;		/* attempts that get them */
	int64_t latency_ns;
};

struct chaos;

/* returns RC_OK, caller ends with chaos_stop(); RC_NET, RC_USAGE, RC_NOMEM */
int chaos_start(const struct chaos_opts *o, struct chaos **out,
    struct err *err);
const char *chaos_url(const struct chaos *c);
/* Ends the front; the attempts stay. */
void chaos_stop(struct chaos *c);
/* In the order in which they came, after chaos_stop(). */
const struct chaos_attempt *chaos_attempts(const struct chaos *c, size_t *n);
void chaos_free(struct chaos *c);		/* NULL is safe */

#endif
