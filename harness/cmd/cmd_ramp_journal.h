/*
 * The journal of a ramp: one JSON line an event, each on the disk before what
 * it announces is done, and again after.  So whoever reads it after a crash
 * knows what was finished, and what may have been.
 */
#ifndef LOCKSTEP_CMD_RAMP_JOURNAL_H
#define LOCKSTEP_CMD_RAMP_JOURNAL_H

#include <stdint.h>

#include "harness/base/err.h"

enum { RAMP_STEPS_MAX = 32, RAMP_TEXT = 1024, RAMP_WHY = 300 };

/* What was asked for: the journal's first line. */
struct ramp_plan {
	char status[RAMP_TEXT], set_weight[RAMP_TEXT], rollback[RAMP_TEXT];
	char validate[RAMP_TEXT];	/* "": none */
	int64_t within_ns;	/* until it must have ended well */
	int rehearse_back;
	int step[RAMP_STEPS_MAX];	/* weights in percent, rising; the
					   first is 0: shadow alone */
	int n;
};

/* Where it is, as the events tell. */
struct ramp_state {
	int step;		/* index of the step under way */
	int setting;		/* its weight was begun to be set, and ... */
	int set;		/* ... is set */
	int valid;		/* it is validated */
	int windowed;		/* its window has begun, at these counts: */
	int64_t pairs;
	double seconds;
	int64_t accepted;	/* soft stops that a person has accepted */
	int aborted;		/* why says it; a rollback is due */
	char why[RAMP_WHY];
	int rollbacks;		/* that were begun */
	int rolled_back;	/* the last of them has ended: 1 well, -1 not */
	char rollback_at[40];	/* when the last was begun, UTC */
	int back;		/* the way back was validated: 1, -1 not; 0
				   not known */
	double back_seconds;	/* -1: not known */
	int rehearsed;
	int complete;
};

enum ramp_event {
	RAMP_SET_BEGIN,		/* step */
	RAMP_SET_END,
	RAMP_WINDOW,		/* pairs, seconds */
	RAMP_PASSED,		/* the step's window is full and healthy */
	RAMP_ACCEPTED,		/* accepted */
	RAMP_ABORT,		/* why */
	RAMP_ROLLBACK_BEGIN,
	RAMP_ROLLBACK_END,	/* ok */
	RAMP_COMPLETE,
	RAMP_VALIDATED,		/* the weight, seconds */
	RAMP_BACK,		/* ok, seconds since the rollback's begin; of a
				   ramp that is not aborted a rehearsal */
	RAMP_EVENTS
};

struct ramp_note {
	int64_t pairs;
	double seconds;
	int64_t accepted;
	int ok;
	const char *why;
};

struct ramp_journal;

/*
 * Opens a journal and takes it for itself.
 * resume  0: there must be none yet, *plan is written; 1: there must be one,
 *         *plan and *state are what it says.  A last line that a crash cut is
 *         taken off: what it would have announced was not begun
 * returns RC_OK, caller closes; RC_USAGE with what to do; RC_IO, RC_FORMAT
 */
int ramp_journal_open(const char *path, int resume, struct ramp_plan *plan,
    struct ramp_state *state, struct ramp_journal **out, struct err *err);
void ramp_journal_close(struct ramp_journal **j);

/* Writes an event, syncs it, then changes *state by it. */
int ramp_journal_note(struct ramp_journal *j, struct ramp_state *state,
    enum ramp_event e, const struct ramp_note *n, struct err *err);

#endif
