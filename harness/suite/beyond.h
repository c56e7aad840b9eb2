/*
 * Requests allowed beyond the plan (METRICS 4, "Confirm" and "Blocks of
 * time"): a function of suite, plan and which arms are live stacks.
 */
#ifndef LOCKSTEP_BEYOND_H
#define LOCKSTEP_BEYOND_H

#include <stdint.h>

#include "harness/suite/plan.h"
#include "harness/suite/suite.h"

/* So many times the rounds where a latency is beyond its limit and the blocks
 * of time on which it is judged grew and are too few (gates of latency,
 * harness/judge/confirm.c); twice as many while all takes so many seconds at
 * most, which is what two dozen rounds take where stacks are fast. */
enum { BEYOND_ROUNDS_GROWN = 4, BEYOND_ROUNDS_SHORT = 8,
	BEYOND_SHORT_S = 210 };

struct beyond {
	uint32_t cases;		/* undecided ones, at most; 0: none are asked.
				   Critical ones come besides */
	uint32_t repeats;	/* of each, on each stack that is asked */
	int clears;		/* the baseline is a recording: the candidate
				   alone is asked, which can clear a suspicion
				   and prove none */
	int measure_on;		/* latency, where the plan is over early */
	uint32_t rounds;	/* of an undecided latency */
	uint64_t answers;	/* requests for answers, at most */
	uint64_t latencies;	/* requests of one round, as long as the plan
				   is not measured on */
};

/* Whether a gate of the suite is on latency. returns 1 or 0 */
int beyond_judges_latency(const struct suite *s);

/*
 * live    by arm: whether it is asked over the network
 */
void beyond_of(const struct suite *s, const struct plan *p,
    const int live[ARM_N], struct beyond *out);

#endif
