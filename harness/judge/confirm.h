/*
 * Confirmation (METRICS 4, "Confirm"): judges what the plan left undecided
 * only by fresh answers, because the first ones chose the cases.
 *
 * Per case the fresh answers of both stacks are exchangeable if the stacks
 * are equal, so given how many of them are good, the baseline's share is
 * hypergeometric; the sum over the cases asked has an exact distribution.
 */
#ifndef LOCKSTEP_CONFIRM_H
#define LOCKSTEP_CONFIRM_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/judge/verdict.h"
#include "harness/result/result.h"

/* Answers of one case: baseline's, candidate's. */
struct confirm_sample {
	uint32_t good[2], n[2];
};

/*
 * The chance of the baseline having as many of the good answers, or more, if
 * the stacks are equal; cases that one stack did not answer add nothing.
 * *p      1 without any case that could differ
 * returns RC_OK or RC_NOMEM
 */
int confirm_p(const struct confirm_sample *s, size_t n, double *p);

/* The share of alpha that the gate on cases leaves to its confirmation. */
#define CONFIRM_ALPHA_SHARE .25

/*
 * Finds what the gates leave undecided, and judges it by the fresh answers
 * that are there: fills r->again and changes the gate on cases. Gates are
 * judged, and nothing was raised for them yet.
 * returns RC_OK, RC_NOMEM or RC_IO
 */
int confirm_judge(const struct verdict_in *in, struct result *r,
    struct err *err);

/*
 * A critical case whose loss the plan does not prove.
 * unanswered  the candidate did not answer it (undecided_unanswered())
 * *more       what the fresh answers say, appended for the reader; untouched
 *             without any
 * returns the verdict with them; without any VERDICT_INCONCLUSIVE
 */
enum verdict confirm_critical(const struct verdict_in *in, struct result *r,
    uint64_t case_index, int unanswered, const char **more);

/*
 * Cases that the candidate did not answer while the baseline did, critical
 * ones apart: FAIL when the fresh answers prove it, INCONCLUSIVE when they do
 * not exclude it or there are none, nothing when it was a moment's.
 * returns RC_OK or RC_NOMEM
 */
int confirm_unanswered(const struct verdict_in *in, struct result *r,
    struct err *err);

/*
 * Requests beyond the plan that were sent for their latency alone and failed:
 * FAIL where the candidate failed more of them than the limit of the gate on
 * errors allows, for half of the time or longer and beyond chance (the sign
 * test over half seconds); INCONCLUSIVE where only some of that holds, or where
 * the candidate's share is larger by half. Two stacks that turn away alike
 * are equal.
 * Not judged where that gate is off.
 */
void confirm_failed(const struct verdict_in *in, struct result *r);

/* A note where they came from a cache and are no sign of latency. */
void confirm_cached(const struct verdict_in *in, struct result *r);

/* The sentence on all that was asked beyond the plan: r->again.say. */
void confirm_say(const struct verdict_in *in, struct result *r);

#endif
