/*
 * A stack at rest: every question asked twice, so that what has no steady
 * answer is known. What drills of two sides compare a load with.
 */
#ifndef LOCKSTEP_DRILL_REST_H
#define LOCKSTEP_DRILL_REST_H

#include "harness/drill/phase.h"

struct rest {
	struct phase once, twice;
};

/* returns RC_OK, caller ends with rest_fini() */
int rest_look(struct questions *q, struct rest *r, struct err *err);
void rest_fini(struct rest *r);

/* Whether an answer is what this side gives to its question; 1 too where the
 * side has no steady one. */
int rest_gives(const struct rest *r, const struct seen *v);

/* Adds the check that a side answers, but for gates.errors. */
void rest_answers(struct drill *d, const char *name, const struct rest *r,
    const char *cause);

/* In what a step leaves (steps.h), by the side's name: "blue".
 * rest_get_both() takes "blue" and "green", and returns RC_OK; RC_FORMAT: one
 * is not there; RC_NOMEM. Neither is left behind with an error. */
void rest_put(struct json *data, const char *name, const struct rest *r);
int rest_get_both(const struct json *data, struct rest *blue,
    struct rest *green, struct err *err);

#endif
