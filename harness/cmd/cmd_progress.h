/*
 * The progress of a replay: a live line on a terminal, a line every ten
 * seconds elsewhere.  stderr only.
 */
#ifndef LOCKSTEP_CMD_PROGRESS_H
#define LOCKSTEP_CMD_PROGRESS_H

#include <stdint.h>

#include "replay/engine.h"

struct cmd_progress {
	int tty, quiet, shown;
	int64_t last_ns;
};

void cmd_progress_init(struct cmd_progress *p, int quiet);
/* An engine_progress_fn; ctx is the struct cmd_progress. */
void cmd_progress_show(void *ctx, const struct engine_progress *e);
/* Clears the live line. */
void cmd_progress_end(struct cmd_progress *p);

#endif
