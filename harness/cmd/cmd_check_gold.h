/* What `check` says about the cases of a suite: unknown names, and sections
 * that are nowhere. */
#ifndef LOCKSTEP_CMD_CHECK_GOLD_H
#define LOCKSTEP_CMD_CHECK_GOLD_H

#include <stdint.h>

#include "harness/base/json.h"
#include "harness/suite/caseset.h"
#include "harness/suite/sections.h"

struct check_gold {
	const struct sections *sections;	/* or NULL */
	struct json *own;	/* object: members of the cases' own */
	struct json *lost;	/* object: section ids that are not there */
	uint64_t n_lost;	/* cases that name one */
	uint64_t n_proposed;	/* cases that nobody has looked at */
};

/* returns RC_OK or RC_NOMEM; caller calls check_gold_fini() either way */
int check_gold_init(struct check_gold *g, struct err *err);
void check_gold_fini(struct check_gold *g);
/* Takes note of one case. */
int check_gold_case(struct check_gold *g, const struct gold *c,
    struct err *err);
/* Adds what is to be said to an array of texts. */
void check_gold_notes(const struct check_gold *g, const struct suite *s,
    struct json *notes);

#endif
