/*
 * What one worker knows of one deployment: its caps, its token bucket, how
 * long to keep back after a 429, and the circuit breaker.
 *
 * The breaker counts failures to get any answer (refused, reset, TLS,
 * timeout), in a row: a service that answers 500 to everything is data.
 */
#ifndef LOCKSTEP_STACK_H
#define LOCKSTEP_STACK_H

#include <stdint.h>

#include "harness/traffic/exchange.h"
#include "replay/pace.h"

enum { STACK_BREAK_AFTER = 20 };
#define STACK_PROBE_NS (1000 * 1000000LL)	/* first; doubles */
#define STACK_PROBE_MAX_NS (30000 * 1000000LL)
#define STACK_SHED_AFTER_NS (30000 * 1000000LL)
#define STACK_429_BASE_NS (250 * 1000000LL)
#define STACK_429_CAP_NS (10000 * 1000000LL)

struct stack_state {
	int cap;		/* in flight; 0: no cap */
	int inflight;
	struct pace_bucket bucket;
	int failures;		/* in a row */
	int open, probing;
	int64_t probe_ns;	/* when the next probe may go */
	int64_t wait_ns;	/* between probes */
	int64_t opened_ns;	/* since when nothing works */
	int throttled;		/* 429 in a row */
	int64_t held_ns;	/* nothing is sent before */
	uint64_t draws;		/* of the jitter */
	uint64_t seed;
};

enum stack_gate { STACK_SEND, STACK_PROBE, STACK_WAIT, STACK_SHED };

void stack_init(struct stack_state *s, int cap, double rate, double burst,
    uint64_t seed, int64_t now_ns);

/*
 * Whether a request may go now.
 * paced   an open circuit sheds at once; in a closed loop it waits for the
 *         probes, and sheds after STACK_SHED_AFTER_NS
 * *until_ns  STACK_WAIT: when to ask again (INT64_MAX: when a call is done)
 * returns STACK_PROBE instead of SEND for the one request that tests an
 *         open circuit
 */
enum stack_gate stack_ask(struct stack_state *s, int paced, int64_t now_ns,
    int64_t *until_ns);

/* A request was started. */
void stack_sent(struct stack_state *s, int probe);

/*
 * A request came back.
 * retry_after_ns  of a 429, or -1
 * hold    keep back after a 429 (closed loop)
 */
void stack_back(struct stack_state *s, enum outcome o, int probe,
    int64_t retry_after_ns, int hold, int64_t now_ns);

/*
 * Full jitter: uniform in [0, min(cap, base * 2^n)).
 * source  Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
 *         2015
 */
int64_t stack_jitter(struct stack_state *s, int64_t base_ns, int64_t cap_ns,
    int n);

/*
 * Retry-After, in seconds or as an HTTP date (RFC 9110, 10.2.3).
 * returns nanoseconds from now, at least 0; -1 when it is neither
 */
int64_t stack_retry_after(const char *value, int64_t wall_ns);
/* The same of an answer with these headers, from now; -1: it asks for none. */
int64_t stack_asked_wait(const struct ex_header *h, size_t n);

#endif
