/*
 * Gates on what a suite's scorers return: rows made from the suite, judged
 * with the built-in ones.  A metric NAME gives the row NAME (the mean's
 * change for the worse, sign-flip) and, with a limit, NAME_limit (the
 * candidate's level).
 */
#ifndef LOCKSTEP_GATE_SCORER_H
#define LOCKSTEP_GATE_SCORER_H

#include "harness/judge/gate.h"
#include "harness/suite/suite.h"

/* The rows point into the rest of it: not to be copied. */
struct gate_scorer {
	struct gate_row row[GATE_SCORER_MAX];
	struct gate_how how[GATE_SCORER_MAX];
	size_t n;
	struct {
		char metric[SCORER_NAME_MAX];
		char name[SCORER_NAME_MAX + 8], title[SCORER_NAME_MAX + 8];
		char help[2 * SCORER_NAME_MAX + 80];
	} text[GATE_SCORER_MAX];
};

void gate_scorer_init(struct gate_scorer *g, const struct suite *s);

/*
 * Whether too much of what a scorer was asked failed to judge by the rest:
 * more than one in GATE_SCORER_FAILED answers of an arm, or all of them. An
 * answer that a scorer declines to judge is not a failure.
 */
enum { GATE_SCORER_FAILED = 20 };
int gate_scorer_lacks(const struct gate_in *in, const struct gate_row *row);

/* Why, for the reader. */
const char *gate_scorer_say(const struct gate_in *in,
    const struct gate_row *row, struct result *r);

#endif
