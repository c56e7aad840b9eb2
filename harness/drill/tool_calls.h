/* What became of the tool calls that answers tell of. */
#ifndef LOCKSTEP_DRILL_TOOL_CALLS_H
#define LOCKSTEP_DRILL_TOOL_CALLS_H

#include "harness/drill/drill_part.h"

struct tool_calls {
	size_t n, good;
	char bad[100];		/* the first that failed, or "" */
};

/* Adds those of an answer, by the suite's `tools`. */
void tool_calls_add(const struct drill *d, const struct ask *a,
    struct tool_calls *t);

/* Adds the check. least: the share that must succeed */
void tool_calls_check(struct drill *d, const char *name, double least,
    const struct tool_calls *t);

#endif
