/*
 * Alerts of a shadow: a command, a webhook or both are told of a verdict that
 * somebody has to act on, on a thread of their own, with retries up to a cap.
 * What was told is kept beside the state's file (STATE.told): a restart does
 * not tell it again, and tells what a kill came before.
 */
#ifndef LOCKSTEP_CMD_SHADOW_ALERT_H
#define LOCKSTEP_CMD_SHADOW_ALERT_H

#include "harness/base/err.h"
#include "harness/result/live_status.h"

struct shadow_alert;

struct shadow_alert_opts {
	const char *exec;	/* a command for sh, or NULL */
	const char *url;	/* that is posted to, or NULL */
	const char *state;	/* the live verdict's file */
	const char *run;	/* id */
};

/* *out    NULL where nobody is to be told; caller ends with
 *         shadow_alert_stop()
 * returns RC_OK; RC_USAGE, RC_NET, RC_NOMEM */
int shadow_alert_start(const struct shadow_alert_opts *o,
    struct shadow_alert **out, struct err *err);

/* The verdict as it is now; only a soft or hard stop that was not told yet is
 * told. Never waits. NULL is safe. */
void shadow_alert_tell(struct shadow_alert *a, const struct live_status *s);

/* Ends: what is being told may take at most as long as one attempt. NULL is
 * safe. */
void shadow_alert_stop(struct shadow_alert **a);

#endif
