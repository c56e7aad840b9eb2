/*
 * Credentials leave an exchange before it is written: headers that hold one,
 * parameters of its target and of every header that holds an address, members
 * of its bodies (harness/traffic/credential.h has the rules). A packed body
 * that holds one is kept unpacked. One struct clean a thread.
 */
#ifndef LOCKSTEP_CLEAN_H
#define LOCKSTEP_CLEAN_H

#include "harness/base/arena.h"
#include "harness/traffic/credential.h"
#include "harness/traffic/exchange.h"

/* What the rules say of a name that was met before: an answer's headers are
 * those of the answer before. */
struct clean_name {
	char name[47];
	unsigned char credential;	/* enum credential */
	char value[80];		/* the last that there was nothing in */
};

/* Addresses that there was nothing in: a run has a few of them. */
enum { CLEAN_SEEN = 16 };
struct clean_seen {
	char text[128];
};

struct clean {
	struct arena texts;	/* what was replaced */
	struct buf work;
	struct clean_name known[64];
	struct clean_seen urls[CLEAN_SEEN], targets[CLEAN_SEEN];
	struct credential_known strings;
};

void clean_init(struct clean *c);
void clean_fini(struct clean *c);

/*
 * Cleans ex in place.
 * keep      names of headers that stay though they look like credentials
 * req, res  the headers that ex points to, of which some are left out
 * returns RC_OK or RC_NOMEM; what ex points to then lasts until the next call
 */
int clean_exchange(struct clean *c, const char *const *keep, size_t n_keep,
    struct exchange *ex, struct ex_header *req, struct ex_header *res);

#endif
