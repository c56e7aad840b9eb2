/*
 * What an interrupted drill had finished, and how it was started: in
 * HOME/drill.progress, a line for the options, a line a step of a scenario,
 * and a line a scenario. The file is there while a drill runs, and after one
 * that was stopped or killed.
 */
#ifndef LOCKSTEP_CMD_DRILL_RESUME_H
#define LOCKSTEP_CMD_DRILL_RESUME_H

#include "harness/base/err.h"
#include "harness/base/json.h"

/* Begins the file. how: the options, and the hash of the suite. */
int progress_begin(const char *home, const struct json *how,
    struct err *err);
/* Adds a scenario, or a step of one, that is over; it is on the disk when
 * this returns. */
int progress_add(const char *home, const struct json *over,
    struct err *err);
/* The drill is over. */
void progress_end(const char *home);

struct progress {
	struct json *how;	/* the options */
	struct json *done;	/* scenarios */
	struct json *steps;	/* of the scenario after those */
};

/*
 * *p       caller ends with progress_fini(). A line that a kill cut is left
 *          out, and cut off
 * returns RC_OK; RC_USAGE: there is nothing to resume; RC_NOMEM
 */
int progress_load(const char *home, struct progress *p, struct err *err);
void progress_fini(struct progress *p);

#endif
