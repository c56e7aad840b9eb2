/*
 * A scenario in steps, so that one that was killed in the middle is resumed
 * there. A step begins and ends with the stack as it was found: levers that
 * it pulls are taken back in it. So what a finished step measured stays true
 * when the drill dies later; what a kill cut is started over.
 */
#ifndef LOCKSTEP_DRILL_STEPS_H
#define LOCKSTEP_DRILL_STEPS_H

#include "harness/drill/phase.h"

/* of a measure: nothing more is to be tried */
enum { STEP_LAST = 1 };

struct step {
	const char *name;	/* "at rest": what the report calls it */
	/*
	 * Sends and judges. data: an object that takes what later steps need.
	 * returns RC_OK, STEP_LAST, or an error
	 */
	int (*measure)(void *ctx, struct json *data, struct err *err);
	/* Takes what later steps need from data. NULL: they need nothing.
	 * returns RC_OK, or an error: the step is started over */
	int (*restore)(void *ctx, const struct json *data, struct err *err);
};

/*
 * Tries the steps in order, the first ones as an interrupted drill left them
 * if the stack still has the pins that it had, and says which those were.
 * returns RC_OK, or the error of a step
 */
int steps_run(struct drill *d, const struct step *v, size_t n, void *ctx,
    struct err *err);

/* The same for steps that ask the suite's questions, at most the scenario's
 * `requests` of them: q is open meanwhile. */
int steps_ask(struct drill *d, struct questions *q, const struct step *v,
    size_t n, void *ctx, struct err *err);

/* For scenarios without steps: says that this one was started over. */
void steps_say_over(struct drill *d);

/* A phase in data. One of more than 20,000 answers is not kept. */
void step_put_phase(struct json *data, const char *key,
    const struct phase *p);
/* returns RC_OK, caller ends with phase_fini(); RC_FORMAT: it is not there;
 * RC_NOMEM */
int step_get_phase(const struct json *data, const char *key,
    struct phase *p, struct err *err);

#endif
