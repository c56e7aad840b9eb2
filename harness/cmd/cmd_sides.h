/* What was sent and said in a case, read from the run's trace again: a report
 * keeps it of its worst cases alone. */
#ifndef LOCKSTEP_CMD_SIDES_H
#define LOCKSTEP_CMD_SIDES_H

#include "harness/base/err.h"
#include "harness/result/result.h"
#include "harness/score/score.h"

struct cmd_sides {
	struct score_details details;	/* what the sides point into */
};

/*
 * Fills both sides of a case where the report has none and the case did not
 * pass. The strings live as long as *s, which begins as { 0 }; free with
 * cmd_sides_free().
 * c       a copy of the report's
 * returns RC_OK, with or without sides; or why the trace or its suite cannot
 *         be read: the case can be shown without
 */
int cmd_sides_fill(const char *home, const struct result *r,
    struct result_case *c, struct cmd_sides *s, struct err *err);
void cmd_sides_free(struct cmd_sides *s);

#endif
