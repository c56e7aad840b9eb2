/*
 * The verdict while traffic runs (LIVE.md): pairs of answers go in one by
 * one, and whoever looks, as often as he likes, reads whether the candidate
 * may stay.  Every test is always-valid: together they stop a candidate that
 * equals the primary with a chance of alpha at most, for as long as the state
 * lives, restarts included.
 *
 * The noise floor comes from asking the primary once more, and only where the
 * two answers differ: swapping primary and candidate changes neither that they
 * differ nor what the third answer is, so the sign of "who is nearer to the
 * third" stays a fair coin.  A primary that always answers the same is so
 * asked twice for as few as changed; live_wants_echo() tells for which.
 *
 * Memory is bounded (below 4 MB and the embedder's cache), however long it
 * runs.  A state is a file of some 100 KB.
 *
 * Thread rule: any number of threads may call; one at a time gets in (there is
 * a lock inside).  live_add() may take milliseconds: never call it from a
 * thread that a user waits for.
 */
#ifndef LOCKSTEP_LIVE_H
#define LOCKSTEP_LIVE_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/meaning/embed.h"
#include "harness/result/live_status.h"
#include "harness/suite/caseset.h"
#include "harness/suite/sections.h"
#include "harness/suite/suite.h"
#include "harness/traffic/exchange.h"

struct live;

struct live_opts {
	const struct suite *suite;	/* extraction, gates, pins; borrowed */
	const struct caseset *cases;	/* gold, found by its question, or NULL;
					   borrowed */
	const struct sections *sections;	/* or NULL; borrowed */
	struct embedder *embedder;	/* borrowed */
	double alpha;		/* 0: .01 */
	uint64_t window_pairs;	/* a full window; 0: 500 pairs, */
	int64_t window_ns;	/* and that long at least; 0: no such bound */
	double echo_share;	/* most of the pairs that are asked a third
				   time; 0: all that differ */
	int64_t wall_ns;	/* now, for the record; 0: the clock's */
};

/* returns RC_OK, caller closes with live_close(); RC_NOMEM, RC_USAGE */
int live_open(struct live **out, const struct live_opts *o, struct err *err);
void live_close(struct live **l);

/*
 * Whether the primary should be asked once more before this pair is added:
 * the answers differ, and the share of echoes allows it.  Pure but for counts;
 * asking nevertheless, or not asking, is no error as long as it does not
 * depend on which of the two said what.
 * returns 1, 0; RC_NOMEM
 */
int live_wants_echo(struct live *l, const struct exchange *primary,
    const struct exchange *candidate, struct err *err);

/*
 * Adds one pair.  Times count in the exchanges' own clock (sent_ns), which
 * should rise; a clock that begins anew (a restart) is noticed.
 * primary   NULL: no partner was found; the candidate's errors, pins and
 *           tools alone are looked at
 * candidate a request that was never sent (OUTCOME_SHED) is not added
 * echo      the primary asked once more, or NULL
 * returns   RC_OK, RC_NOMEM; RC_NET when an embedding service cannot be tried
 */
int live_add(struct live *l, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo,
    struct err *err);

/* A consistent snapshot. */
void live_status(struct live *l, struct live_status *s);

/* The verdict alone, without the lock's wait for long. */
enum live_verdict live_verdict(struct live *l);

/*
 * Writes the state to a file, whole or not at all: a temporary file beside it,
 * synced, renamed, and the folder synced.
 * returns RC_OK, RC_IO, RC_NOMEM
 */
int live_save(struct live *l, const char *path, struct err *err);

/*
 * A text of the caller's that is saved with the state from now on; copied.
 * returns RC_OK, RC_NOMEM
 */
int live_set_note(struct live *l, const char *text, struct err *err);
/* The same, set or loaded, until it is set again; NULL: there is none. */
const char *live_note(const struct live *l);

/*
 * Goes on where a saved state was; before the first live_add().
 * *found  0: there is no such file, everything begins anew
 * returns RC_OK; RC_IO; RC_FORMAT: it is no state, or one of another suite,
 *         alpha or window, or damaged; what was opened is then only to be
 *         closed
 */
int live_load(struct live *l, const char *path, int *found, struct err *err);

#endif
