/*
 * What was proven of guardrails, kept in HOME/drills.jsonl: a line a scenario
 * of a drill, and a line an outcome of `prove` and `ramp`.
 */
#ifndef LOCKSTEP_CMD_DRILL_KEEP_H
#define LOCKSTEP_CMD_DRILL_KEEP_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/suite/suite.h"

/*
 * Completes the document of drill_run() (drill_complete()) and appends its
 * scenarios to the file.
 */
int drill_keep(const char *home, const struct suite *s, const char *path,
    int64_t began_wall_ns, struct json *doc, struct err *err);

/* The outcome of a command that is no drill, begun just now. */
struct proof_note {
	int guardrail;
	const char *name;	/* "prove suites/INC-42.yml" */
	const char *verdict;	/* verdict_name() */
	const char *headline, *build;	/* build may be NULL */
};
/* Appends its line; makes the home where there is none. */
int proof_keep(const char *home, const struct proof_note *p,
    struct err *err);

/*
 * The lines of the file, oldest first, as an array; caller frees. A torn last
 * line is left out.
 */
struct json *drill_kept(const char *home, struct err *err);

#endif
