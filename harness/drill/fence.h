/*
 * The citation fence: what an answer cites, and whether its words come from
 * there. Pure.
 */
#ifndef LOCKSTEP_DRILL_FENCE_H
#define LOCKSTEP_DRILL_FENCE_H

#include "harness/base/hash.h"
#include "harness/traffic/extract.h"

struct fence {
	int says;		/* there is an answer, and it is no refusal */
	int cites;		/* it has a citation */
	int unknown;		/* one that is not among the passages */
	int foreign;		/* a passage that it does not cite holds more
				   of its words than those that it cites */
	char cited[HASH_HEX];	/* of all ids that it cites, sorted */
};

/* Words of three letters or more count. */
void fence_of(const struct answer *w, struct fence *out);

#endif
