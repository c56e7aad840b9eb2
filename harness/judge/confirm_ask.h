/*
 * What to ask again, beyond the plan, for what a judged run leaves undecided
 * (METRICS 4, "Confirm"): a function of its result, plan and budget, so that a
 * resumed run asks the same.
 */
#ifndef LOCKSTEP_CONFIRM_ASK_H
#define LOCKSTEP_CONFIRM_ASK_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/result/result.h"
#include "harness/suite/beyond.h"
#include "harness/suite/plan.h"

/*
 * The answers to undecided cases: each case's variants in turn, the first
 * repeat of all cases first. Those that are in the trace are among them.
 * most    requests that the budget leaves
 * *out    by n, then by case; caller frees. NULL: there are none
 * *n      0: none is missing
 * returns RC_OK or RC_NOMEM
 */
int confirm_ask_cases(const struct result *r, const struct plan *p,
    const struct beyond *b, uint64_t most, struct plan_ask **out,
    uint64_t *n, struct err *err);

/*
 * Pairs for latency alone, those that are in the trace included: as many as
 * the next round of an undecided latency brings them to.
 * most    requests that the budget leaves
 * returns 0: there is no such round, or nothing left for it
 */
uint64_t confirm_ask_pairs(const struct result *r, uint64_t most);

#endif
