/* The gates of a drill's suite: a run of it, kept like any other. */
#ifndef LOCKSTEP_CMD_DRILL_GATES_H
#define LOCKSTEP_CMD_DRILL_GATES_H

#include <signal.h>

#include "harness/base/opt.h"
#include "harness/drill/drill.h"

struct gates_ctx {
	const char *home, *path, *with;	/* with: merged over path, or NULL */
	const struct opt_list *set;
	int64_t seed;
	volatile sig_atomic_t *stop;
	const struct json *how;		/* how the drill was started; NULL: it
					   was resumed */
};

/* As drill_opts.gates; ctx: struct gates_ctx */
int drill_gates_run(void *ctx, const char *baseline, const char *candidate,
    struct drill_gates *out, struct err *err);

#endif
