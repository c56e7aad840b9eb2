/*
 * What a live comparison says at one moment: plain data, from which the
 * terminal's page, /status and /metrics are drawn (reports/live.h).
 * A snapshot: it holds no pointer into the comparison.  NaN: not known.
 */
#ifndef LOCKSTEP_LIVE_STATUS_H
#define LOCKSTEP_LIVE_STATUS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/traffic/exchange.h"

#define LIVE_STATUS_SCHEMA 1

/* In order of rising harm; a stop stays until the state is thrown away. */
enum live_verdict {
	LIVE_WATCHING,		/* not yet a full window: nothing was found */
	LIVE_HEALTHY,		/* a full window or more, nothing was found */
	LIVE_SOFT_STOP,		/* a person has to decide */
	LIVE_HARD_STOP,		/* the candidate must get no more traffic */
	LIVE_VERDICTS
};
/* "watching", "healthy", "soft_stop", "hard_stop". */
const char *live_verdict_name(enum live_verdict v);

/* What is tested: the rows of harness/judge/live_rows.h, in that order. */
enum { LIVE_TESTS_MAX = 20, LIVE_EXAMPLES_MAX = 20, LIVE_WORDS_MAX = 240,
	LIVE_ID_MAX = 80, LIVE_PINS_MAX = 32 };

struct live_test_status {
	const char *name;	/* "errors"; static, as is title */
	const char *title, *unit;
	int hard;		/* what its stop is: hard, else soft */
	int judged;		/* there were numbers for it */
	double value, limit;	/* of the process that is nearest to a stop */
	double base, cand;	/* of all pairs: what value compares; or NaN */
	uint64_t n;		/* pairs (latency: blocks) that it looked at */
	double evidence;	/* ln of its e-value over ln of what stops it:
				   1 or more with value beyond limit stops;
				   below 0: none */
	double lo, hi;		/* confidence sequence of value, or NaN */
	int stopped;
	char why[LIVE_WORDS_MAX];	/* a sentence, "" until it stopped */
};

/* A stop, in the order in which they came. */
struct live_stop {
	int test;		/* index into test[]; -1: pins */
	int hard;
	uint64_t pair;		/* the pair that brought it, from 1 */
	int64_t wall_ns;	/* when */
	char why[LIVE_WORDS_MAX];
};

/* Pairs worth a look, those that asked the same together: by the id of the
 * worst alone, what was asked is not kept. */
struct live_example {
	char id[LIVE_ID_MAX];
	int test;		/* what it speaks for */
	double harm;
	uint64_t n;		/* pairs with harm that asked this */
};

struct live_arm_status {
	uint64_t sent, answered;
	uint64_t outcomes[OUTCOME_N];
	double p50_ns, p95_ns, p99_ns;	/* of answered; NaN: none */
};

struct live_pin_status {
	char name[LIVE_ID_MAX], baseline[LIVE_ID_MAX], candidate[LIVE_ID_MAX];
	int differs, drifted;	/* between the arms; within one */
};

struct live_status {
	enum live_verdict verdict;
	char suite[LIVE_ID_MAX];
	char reason[LIVE_WORDS_MAX];	/* the verdict as a sentence */
	int64_t started_wall_ns, now_wall_ns;	/* the state's beginning */
	uint64_t pairs;		/* that both arms were asked */
	uint64_t alone;		/* of the candidate: no partner was found */
	uint64_t compared;	/* both answered */
	uint64_t differ;	/* of them, that differ in anything */
	uint64_t echoes;	/* of them, that were asked a third time */
	uint64_t cached_echoes;	/* of them, that came from a cache */
	double floor;		/* share of these where the primary differs
				   from itself, too */
	uint64_t windows;	/* that are full */
	uint64_t window_pairs;	/* of the window that is open */
	uint64_t window_length;	/* a full one */
	double seconds;		/* from the first pair to the last */
	double window_seconds, window_seconds_length;
	double alpha;
	uint64_t resumed;	/* how often it was loaded from its file */
	struct live_arm_status arm[3];	/* primary, candidate, echo */
	struct live_test_status test[LIVE_TESTS_MAX];
	size_t n_tests;
	struct live_stop stop[LIVE_TESTS_MAX];
	size_t n_stops;
	struct live_example example[LIVE_EXAMPLES_MAX];	/* worst first */
	size_t n_examples;
	struct live_pin_status pin[LIVE_PINS_MAX];
	size_t n_pins;
};

#endif
