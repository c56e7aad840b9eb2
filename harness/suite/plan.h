/*
 * The plan: which requests, in which order.  A pure function of suite, case
 * set and seed; item k is computed when asked for, so that a plan of any
 * size takes no memory.
 */
#ifndef LOCKSTEP_PLAN_H
#define LOCKSTEP_PLAN_H

#include <stdint.h>

#include "harness/suite/suite.h"
#include "harness/traffic/exchange.h"

struct plan {
	uint64_t n_cases;
	uint32_t paraphrases, seeds, repeats;
	uint32_t per_case;	/* variants a case */
	uint64_t n_items;	/* variants in all */
	int arm_on[ARM_N];	/* baseline2 on: a deployment of its own */
	int echo_candidate_only;	/* the baseline is not a live stack */
	uint64_t seed;
};

/* One variant and its requests, in the order of sending. */
struct plan_item {
	uint64_t case_index;
	uint32_t v;		/* variant within the case */
	uint32_t p, s, r;
	enum arm arms[ARM_N];
	int n_arms;
	enum ex_round round;	/* and n: of struct ex_key */
	uint32_t n;
};

/* What is asked beyond the plan: a variant, for the n-th time. */
struct plan_ask {
	uint64_t case_index;
	uint32_t v, n;
};

void plan_init(struct plan *p, const struct suite *s, uint64_t n_cases);
void plan_item(const struct plan *p, uint64_t k, struct plan_item *out);
/* The variant within its case that a key names, which may be none of the
 * plan's. */
uint64_t plan_variant(const struct plan *p, const struct ex_key *key);
/* By n, then case: the order of a list of them, for qsort(3). */
int plan_ask_order(const void *a, const void *b);
/*
 * A variant asked once more, on baseline and candidate in random order.
 * live    whether an arm can be asked
 */
void plan_ask_item(const struct plan *p, enum ex_round round,
    const struct plan_ask *ask, const int live[ARM_N],
    struct plan_item *out);
/*
 * The k-th pair that is sent for its latency alone: each variant once before
 * any comes again, in a seeded order that spreads the cases evenly.
 */
void plan_latency_ask(const struct plan *p, enum ex_round round, uint64_t k,
    struct plan_ask *out);
/* Requests in all, warm-up not counted. */
uint64_t plan_requests(const struct plan *p);

/*
 * The idempotency key of one request: a function of run, case, variant, arm
 * and echo, so that a resumed run sends the same.
 * out     at least 40 bytes
 */
void plan_idem_key(const char *run_id, const struct ex_key *key, char *out);

#endif
