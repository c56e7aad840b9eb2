/*
 * Trends over the runs in the store: a level that drops a little with every
 * release passes each comparison, but is lost over time.
 */
#ifndef LOCKSTEP_TREND_H
#define LOCKSTEP_TREND_H

#include "harness/base/err.h"
#include "harness/result/result.h"
#include "harness/result/store.h"

/*
 * Judges a run's levels against the suite's earlier runs of as many cases,
 * judged with the same embedder and curve, and raises REVIEW where one of
 * these holds by more than chance explains:
 * - the mean distance rises by more than .02 a run over the last runs
 *   (Theil-Sen slope of 5 to 10 runs, Mann-Kendall p <= .05);
 * - a level fell for more than 3 runs in a row;
 * - a level lies more than half a point below the last run of the same
 *   stacks that passed.
 * What chance explains is the width of the paired comparison's interval.
 * Runs later than this one are not looked at, so that scoring a run again
 * gives the same.
 * stacks   hash of what was compared (struct store_run)
 * returns RC_OK, RC_DB, RC_NOMEM
 */
int trend_judge(struct store *store, const char *stacks,
    struct result *r, struct err *err);

/*
 * Names the flaky cases in a note: those whose verdict changed from one run to
 * the next at least twice in the ten runs of the same suite and builds
 * (result_build()) that end with this one; without pins the build is unknown,
 * and no case is named. Which verdict they have decides nothing; a line under
 * `quarantine` of the suite takes them out.
 * returns RC_OK, RC_DB, RC_NOMEM
 */
int trend_flaky(struct store *store, struct result *r, struct err *err);

/* One level of an earlier run, and of how many cases. */
struct trend_point {
	double value;
	double noise;		/* what chance moves it by */
	int green;		/* the run passed, on the same stacks */
};

/* What is wrong with a series, oldest first, the run itself last: a sentence
 * in buf, or NULL. higher_is_worse as of a gate. */
const char *trend_say(const struct trend_point *v, size_t n,
    int higher_is_worse, char *buf, size_t cap);

#endif
