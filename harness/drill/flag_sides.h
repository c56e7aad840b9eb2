/*
 * A feature flag under test: what puts a request behind it, and which side of
 * it an answer is on.
 */
#ifndef LOCKSTEP_DRILL_FLAG_SIDES_H
#define LOCKSTEP_DRILL_FLAG_SIDES_H

#include "harness/drill/phase.h"
#include "harness/drill/tool_calls.h"

struct flagging {
	struct drill *d;
	struct questions q;
	struct wave w;
	const struct json *flag;	/* one of the suite's */
	struct json *off;		/* pins without the flag */
};

/*
 * The side an answer is on: 1 the flag's, 0 the other's, -1 both or none.
 * Without `versions` the flag's side is whatever differs from the other.
 * says  gets a pin that tells, or ""
 */
int flag_side(const struct flagging *f, const struct reading *r,
    char says[160]);

/* Asks which pins there are without the flag. returns RC_OK; RC_USAGE: the
 * service does not answer, or without pins */
int flag_learn_off(struct flagging *f, struct err *err);

enum { FLAG_SCOPES = 2 };
extern const char *const flag_scopes[FLAG_SCOPES];

/* The first of the flag's regions or tenants, and the header that names one;
 * 0: the flag is for all, or nothing says how a request names its own. */
int flag_scope(const struct flagging *f, size_t i, const char **header,
    const char **first);
/* Puts a request inside of the flag's scope. */
void flag_within_scope(struct flagging *f, struct ask *a);

/* Whether it has a limit for tool calls: the share that must succeed. */
int flag_tools_least(const struct flagging *f, double *least);

#endif
