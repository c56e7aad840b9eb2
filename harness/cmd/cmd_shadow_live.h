/* The live verdict of a shadow: opened from its suite, fed with its pairs,
 * its state kept in a file. */
#ifndef LOCKSTEP_CMD_SHADOW_LIVE_H
#define LOCKSTEP_CMD_SHADOW_LIVE_H

#include "harness/cmd/cmd_shadow_alert.h"
#include "harness/judge/live.h"
#include "harness/suite/suite.h"

struct shadow_live;

struct shadow_live_opts {
	const struct suite *suite;	/* the user's, whose gold is looked up
					   by question; or the run's own */
	int gold;			/* its cases are gold */
	const char *state;		/* the file; loaded when it is there */
	double echo_share;		/* as live.h, and these */
	uint64_t window_pairs;
	int64_t window_ns;
};

/* returns RC_OK, caller ends with shadow_live_close(), after a failure too */
int shadow_live_open(const struct shadow_live_opts *o,
    struct shadow_live **out, struct err *err);
/* Saves the state first. NULL is safe. */
void shadow_live_close(struct shadow_live **l);

/* shadow_pair_fn and shadow_wants_fn: ctx is the shadow_live. */
void shadow_live_pair(void *ctx, const struct exchange *primary,
    const struct exchange *candidate, const struct exchange *echo);
int shadow_live_wants(void *ctx, const struct exchange *primary,
    const struct exchange *candidate);

/* Pairs that are kept all or none, when the state is saved meanwhile: between
 * these two it is not. note: saved with them from now on. Any thread. */
void shadow_live_begin(struct shadow_live *l);
void shadow_live_end(struct shadow_live *l, const char *note);
/* The note of the state that was loaded; NULL: there was none. */
const char *shadow_live_note(const struct shadow_live *l);

/* returns RC_OK, or another code: it was said. Any thread */
int shadow_live_save(struct shadow_live *l);
/* Once a second: saves the state, says a change of verdict on stderr, and
 * tells a stop to a (NULL: to nobody). */
void shadow_live_tick(struct shadow_live *l, struct shadow_alert *a);

/* The verdict's page on stderr; redraw: from the screen's top, as a terminal
 * shows it. */
void shadow_live_page(struct shadow_live *l, int redraw);

void shadow_live_status(struct shadow_live *l, struct live_status *out);

/* The exit status, given that of the report: a stop is never a pass. */
int shadow_live_exit(struct shadow_live *l, int status);

#endif
