/*
 * When to ask again (the retry guardrail): 408, 429, 500, 502, 503, 504 and
 * no answer at all; full jitter from 0.25 s doubling to 10 s; at most six
 * attempts; Retry-After honoured.
 * source  Brooker, "Exponential Backoff And Jitter", 2015; RFC 9110 10.2.3
 */
#ifndef LOCKSTEP_RETRY_H
#define LOCKSTEP_RETRY_H

#include <stdint.h>

#define RETRY_ATTEMPTS 6
#define RETRY_BASE_NS 250000000LL
#define RETRY_CAP_NS 10000000000LL

/* 1 when an answer of this status (0: none came) may be asked for again. */
int retry_worth(int status);

/*
 * Nanoseconds that a Retry-After header asks to wait, from seconds or from
 * an IMF-fixdate; at most a day.
 * wall_ns the wall clock now
 * returns -1 when the value is neither
 */
int64_t retry_after_ns(const char *value, int64_t wall_ns);

/*
 * How long to wait after the attempt-th failure (1, 2, ...): uniform in
 * [0, min(cap, base * 2^(attempt-1))], or what Retry-After asks if longer.
 * unit    a random number in [0,1)
 * after   of retry_after_ns(), or -1
 */
int64_t retry_wait_ns(int attempt, double unit, int64_t after);

#endif
