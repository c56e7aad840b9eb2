/* Scorers for their tests: forty lines, asked of a command of the shell. */
#ifndef LOCKSTEP_TESTS_SCORER_WORLD_H
#define LOCKSTEP_TESTS_SCORER_WORLD_H

#include "harness/score/scorer_part.h"
#include "tests/lib/check.h"

static const struct scorer_metric two[] = { { .name = "a" }, { .name = "b" } };

enum { LINES = 40 };

/* What is asked, and what came of it. */
struct world {
	struct suite suite;
	struct scorer_set *set;
	char text[LINES][64];
	struct scorer_ask ask[LINES];
	struct scorer_value v[LINES][2];
	size_t n;
};

/* Answers a line with its "n" as metric a, and 1 as b. */
#define EACH "while read -r l; do id=${l#*\\\"id\\\":\\\"}; id=${id%%\\\"*}; " \
	"n=${l##*\\\"n\\\":}; n=${n%\\}}; "
#define SAY "echo \"{\\\"id\\\":\\\"$id\\\",\\\"metrics\\\":" \
	"{\\\"a\\\":$n,\\\"b\\\":1}}\"; "

static inline void
world_open(struct world *w, const char *exec, double timeout_s,
    const struct embed_store *keep)
{
	struct err err = ERR_INIT;
	size_t i;

	memset(w, 0, sizeof(*w));
	w->suite.dir = "/tmp";
	w->suite.n_scorers = 1;
	w->suite.scorer[0] = (struct suite_scorer){ .name = "judge",
		.exec = exec, .version = "",
		.timeout_ns = (int64_t)(timeout_s * 1e9), .in_flight = 4,
		.n = 2 };
	w->suite.scored[0] = two[0];
	w->suite.scored[1] = two[1];
	w->suite.n_scored = 2;
	assert_int_equal(scorer_set_open(&w->suite, keep, &w->set, &err),
	    RC_OK);
	for (i = 0; i < LINES; i++) {
		(void)snprintf(w->text[i], sizeof(w->text[i]),
		    "{\"q\":\"x\",\"n\":%zu}", i);
		w->ask[i] = (struct scorer_ask){ w->text[i],
			strlen(w->text[i]), w->v[i] };
	}
	w->n = LINES;
}

static inline void
world_ask(struct world *w)
{
	struct scorer_ask *asks[1] = { w->ask };
	struct err err = ERR_INIT;

	if (scorer_set_ask(w->set, asks, &w->n, &err) != RC_OK)
		fail_msg("%s", err.msg);
}

static inline size_t
here(const struct world *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->n; i++) {
		if (w->v[i][0].missing == SCORER_HERE) {
			assert_near(w->v[i][0].v, (double)i, 0);
			n++;
		} else {
			assert_true(isnan(w->v[i][0].v));
			assert_true(w->v[i][0].why[0] != '\0');
		}
	}
	return n;
}

#endif
