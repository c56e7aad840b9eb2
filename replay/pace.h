/*
 * The schedule: when variant number k of a run is due.
 *
 * Times are offsets from the start of sending, on the monotonic clock, and a
 * function of suite and seed alone, so that a resumed run keeps them. Every
 * stack gets the pace's rate once (plus its echoes): a rate counts variants,
 * not the requests to all arms together.
 */
#ifndef LOCKSTEP_PACE_H
#define LOCKSTEP_PACE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/suite/suite.h"

struct pace {
	enum suite_pace mode;
	double rate;		/* variants a second */
	uint64_t seed;
	int64_t *due_ns;	/* recorded: by position; owned */
	uint64_t n;
	uint32_t per_case;	/* recorded: variants that share a time */
};

/* A reader of the schedule; one per thread, the zero value is the start. */
struct pace_cursor {
	uint64_t k;
	double sum_s;
};

/*
 * rate    of suite for constant and poisson
 * returns RC_OK or RC_USAGE (a rate that is none)
 */
int pace_init(struct pace *p, const struct suite *s, struct err *err);
void pace_fini(struct pace *p);

/*
 * Gives a recorded pace its arrivals: ts_ns ascending, one a case, scaled by
 * 1/speed; gaps longer than idle_cap_ns (before scaling; 0: none) are cut.
 * per_case variants of a case share its time.
 */
int pace_set_arrivals(struct pace *p, const int64_t *ts_ns, size_t n,
    uint32_t per_case, const struct suite *s, struct err *err);

/*
 * When variant k is due, ns from the start; k must not go backwards with
 * one cursor. Closed loop: 0.
 * source  Poisson arrivals by exponential gaps, -ln(1-u)/rate
 */
int64_t pace_due_ns(const struct pace *p, struct pace_cursor *c, uint64_t k);

/* A token bucket that refills with time; not shared between threads. */
struct pace_bucket {
	double rate, burst;	/* tokens a second, at most */
	double tokens;
	int64_t at_ns;
};

/* rate 0: always open. burst below 1 counts as 1. */
void pace_bucket_init(struct pace_bucket *b, double rate, double burst,
    int64_t now_ns);
/* Takes a token: returns 0, or the nanoseconds until there is one. */
int64_t pace_bucket_take(struct pace_bucket *b, int64_t now_ns);

#endif
