/*
 * What the files of the live verdict share; not for others.
 *
 *   live_look.c    what one answer says
 *   live_gold.c    the gold case of a question, and its coverage
 *   live_pair.c    two or three answers to the numbers that are tested
 *   live_test.c    numbers to evidence, evidence to stops
 *   live_time.c    latency by blocks of time
 *   live_pins.c    pins
 *   live_state.c   the state's file
 *   live_status.c  the snapshot
 *   live.c         who calls whom, under the lock
 */
#ifndef LOCKSTEP_LIVE_PART_H
#define LOCKSTEP_LIVE_PART_H

#include <pthread.h>

#include "harness/base/arena.h"
#include "harness/base/hist.h"
#include "harness/base/json.h"
#include "harness/judge/live.h"
#include "harness/stat/stat_anytime.h"

enum live_kind { LIVE_COUNT, LIVE_SIZE, LIVE_SIGN, LIVE_BLOCK };
enum live_class { LIVE_HARD, LIVE_SOFT, LIVE_DRIFT };

enum live_test_id {
#define LIVE_ROW(name, title, unit, kind, class, limit) LIVE_TEST_##name,
#include "harness/judge/live_rows.h"
	LIVE_TESTS
};

struct live_row {
	const char *name, *title, *unit;
	enum live_kind kind;
	enum live_class class;
	size_t limit;		/* offset in struct limits */
	enum gate_id gate;	/* that switches it off */
};
extern const struct live_row live_rows[LIVE_TESTS];

/* ---- one answer -------------------------------------------------------- */

enum { LIVE_IDS_MAX = 256 };

/* What an answer says, as pairs are compared. */
struct live_look {
	const struct exchange *ex;	/* NULL: there is none */
	const struct extract_spec *spec;
	struct answer answer;
	enum outcome outcome;
	int answered, error, http_5xx, tool_loop;
	int mute, wordless;	/* wordless: it has no text; mute: that, or
				   nothing was found */
	int empty;		/* without a body, by its status or HEAD */
	int bodyless;		/* the primary's, told by its status and times
				   alone: it did answer */
	int elsewhere;		/* told by traces: its text alone is compared */
	const char *text;	/* that answers are compared by, or NULL */
	size_t text_n;
	const char *ids[LIVE_IDS_MAX], *cited[LIVE_IDS_MAX];
	size_t n_ids, n_cited;
	unsigned cited_have;	/* FIELD_* that all its citations carry */
	double cost;		/* USD, else tokens; NaN: not known */
};
void live_look_init(struct live_look *k);
void live_look_fini(struct live_look *k);
/* ex may be NULL. returns RC_OK or RC_NOMEM */
int live_look_at(struct live_look *k, const struct suite *s, enum arm arm,
    const struct exchange *ex, struct err *err);
/* Neither has a body, by one status: the candidate did as the primary. */
void live_look_alike(const struct live_look *primary,
    struct live_look *candidate);
/* The ids of both (and of the third) in one kind that any of a and b has. */
void live_look_ids(struct live_look *a, struct live_look *b,
    struct live_look *third);
/* Whether two answers differ in their text, ranks, citations or fields. */
int live_look_differ(const struct live_look *a, const struct live_look *b);

/* ---- a pair as numbers ------------------------------------------------- */

/* For each test what this pair adds; NaN: nothing. */
struct live_effect {
	double d;		/* SIZE: the value; SIGN: its sign; COUNT: bits,
				   1 primary's, 2 candidate's */
	double base, cand;	/* levels, or NaN */
};
struct live_pair {
	struct live_look *primary, *candidate, *echo;	/* echo: its ex NULL
				   where there is none that counts */
	int both;		/* both were answered */
	int differ;
	int cached;		/* the echo came from a cache: it is not used */
	struct live_effect of[LIVE_TESTS];
};
int live_pair_measure(struct live *l, struct live_pair *p, struct err *err);

/* Question to gold case; NULL of nothing. */
struct live_gold;
int live_gold_open(const struct live_opts *o, struct live_gold **out,
    struct err *err);
void live_gold_close(struct live_gold *g);
/* Coverage of both answers; NaN where the question is no gold case's. */
int live_gold_coverage(struct live_gold *g, const struct live_look *primary,
    const struct live_look *candidate, double *base, double *cand,
    struct err *err);

/* ---- evidence ---------------------------------------------------------- */

/* One e-process and what its value is made of. */
struct live_proc {
	uint64_t pairs;		/* that were looked at */
	uint64_t differ, echoed;	/* of them; with an echo that counts */
	uint64_t pos, neg, both;	/* the candidate's harm alone, the
					   primary's, both */
	double sum, square;	/* of d */
	double base, cand;	/* sums of levels */
	uint64_t levels;	/* pairs that have them */
	uint64_t alone, alone_bad;	/* requests without a partner, and
					   those of them that are harm */
	struct stat_symmetry size;
};

struct live_test {
	struct live_proc life, window;
	int stopped;
};

/* ---- latency ----------------------------------------------------------- */

enum { LIVE_LEVELS = 10, LIVE_SERIES = 2 /* body, tail */ };

/* One series' evidence: since the start, and since the window began. */
struct live_series {
	struct stat_symmetry life, window;
	struct stat_moments_sum of, of_window;
};

/* Blocks of one width: 0.5 s x 2^level. */
struct live_level {
	int64_t at;		/* the open block's number; -1: none */
	uint64_t open_n;
	double open_sum, open_net;
	uint64_t n;		/* closed blocks */
	double sum, square, cross, last;	/* of blocks' mean ln ratios */
	struct live_series series[LIVE_SERIES];
	uint64_t window_n, windows;	/* blocks of the window that is open */
};

struct live_time {
	struct live_level level[LIVE_LEVELS];
	int chosen, grown;	/* the level that is judged; how often it
				   was raised */
	int closed;		/* a block of it, since it was judged */
	uint64_t pairs;
	struct hist *life[3], *window[2];	/* primary, candidate, echo */
};

/* ---- pins -------------------------------------------------------------- */

struct live_pin {
	char name[LIVE_ID_MAX], value[2][LIVE_ID_MAX];	/* first seen, an arm */
	uint64_t n[2], other[2];
	char other_value[2][LIVE_ID_MAX];	/* the latest that differs */
	unsigned told;		/* stops that were made of it, a bit each */
};

struct live_pins {
	struct live_pin v[LIVE_PINS_MAX];
	size_t n;
	int intended;		/* the pins say that other answers are meant */
};

/* ---- all of it --------------------------------------------------------- */

struct live {
	pthread_mutex_t lock;
	struct live_opts o;
	struct live_gold *gold;	/* or NULL */
	struct live_look look[3];
	char shape[33];		/* hash of what a state must agree in */

	/* the state */
	uint64_t pairs, alone, compared, differ, echoes, cached, self_differ;
	uint64_t windows, window_pairs, resumed;
	uint64_t sent[3], answered[3], outcomes[3][OUTCOME_N];
	int64_t began_wall_ns;
	int64_t last_ns, window_at_ns;	/* since the first pair, -1: none */
	char *note;		/* the caller's, or NULL */
	struct live_test test[LIVE_TESTS];
	struct live_time time;
	struct live_pins pins;
	struct live_stop stop[LIVE_TESTS_MAX];
	size_t n_stops;
	struct live_example example[LIVE_EXAMPLES_MAX];
	size_t n_examples;

	/* of this process */
	int64_t offset_ns;	/* from the exchanges' clock to the state's */
	int64_t opened_wall_ns, opened_at_ns;
	int clocked;		/* offset_ns is known */
};

/* Whether a test is judged at all: its gate is on. */
int live_is_on(const struct live *l, int test);
/* The class of a test as the pins stand now: hard or soft. */
int live_is_hard(const struct live *l, int test);
/* The margin of a test, in its own unit. */
double live_limit(const struct live *l, int test);

/* Adds a pair's effects to all but the tests of blocks. */
void live_tests_add(struct live *l, const struct live_pair *p);
/* Adds a request whose partner was not found. */
void live_tests_alone(struct live *l, const struct live_look *candidate);
/* Keeps the id of a pair that speaks for harm. */
void live_tests_example(struct live *l, const struct live_pair *p);
/* Looks at all tests; new stops go to l->stop. */
void live_tests_judge(struct live *l);
/* A new window for all but the tests of blocks. */
void live_tests_window(struct live *l);
/* ln of what an e-value has to reach: part < 1 is its share of alpha. */
double live_threshold(const struct live *l, double part);
/* The share of a test's alpha that its window w (from 0) has. */
double live_window_part(uint64_t w);
/* Keeps a stop. */
void live_stop(struct live *l, int test, int hard, const char *why);
int64_t live_wall_now(const struct live *l);

/* The snapshot of one test of counts or sizes. */
void live_test_look(const struct live *l, int test,
    struct live_test_status *out);

int live_time_init(struct live_time *t, struct err *err);
void live_time_fini(struct live_time *t);
/* A pair that both arms answered, at a time since the state's beginning. */
void live_time_add(struct live *l, int64_t at_ns, double base_ns,
    double cand_ns);
void live_time_judge(struct live *l);
void live_time_look(const struct live *l, int test,
    struct live_test_status *out);

/* Looks at the pins of a pair: stops at once. primary may be NULL. */
void live_pins_add(struct live *l, const struct live_look *primary,
    const struct live_look *candidate);

#endif
