/*
 * A document against the table of keys (suite_keys.h): a manifest, a case of
 * a gold file or of a list, a section. Safe from any thread.
 */
#ifndef LOCKSTEP_KEY_CHECK_H
#define LOCKSTEP_KEY_CHECK_H

#include "harness/base/json.h"

struct key_check {
	/* told each fault: the node that it is at, whether its key is meant,
	 * and what is wrong, in words */
	void (*tell)(void *ctx, const struct json *node, int at_key,
	    const char *what);
	void *ctx;
};

/*
 * Checks kinds, bounds and names of all that an object holds.
 * parent  where the table lists its members: "" of a manifest, "@case", ...
 */
void key_check(struct key_check *c, const char *parent,
    const struct json *doc);

/* The name of a member that the table does not know by name and lets pass;
 * NULL of any other. */
const char *key_check_own(const char *parent, const struct json *m);

#endif
