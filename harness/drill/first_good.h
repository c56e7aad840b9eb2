/* How long a service takes until its first good answer after a lever. */
#ifndef LOCKSTEP_DRILL_FIRST_GOOD_H
#define LOCKSTEP_DRILL_FIRST_GOOD_H

#include "harness/drill/questions.h"

/* A good answer is usable, and has the sections of its case and the index
 * that it must have. */
struct first_good {
	const char *after;	/* of the check's name: "a flush" */
	const char *index;	/* INDEX_HASH of the answers before; "": none */
	int other;		/* a good answer has another one, else that */
	int64_t begun_ns;	/* when the lever was pulled, mono_now_ns() */

	int good;		/* it came, so long after that */
	int64_t took_ns;
	char why[160];		/* what the last one lacked */
};

/*
 * Asks the questions in turn until one has a usable answer, good or not, at
 * most `first_good_within` of the scenario long.
 * returns RC_OK
 */
int first_good_wait(struct questions *q, struct first_good *f,
    struct err *err);

/*
 * Adds the check. Where no good answer has come yet it asks for one past the
 * cache (Cache-Control: no-cache), which a cache may then keep: to be called
 * when what the cache serves was looked at.
 * returns RC_OK
 */
int first_good_tell(struct questions *q, struct first_good *f,
    struct err *err);

#endif
