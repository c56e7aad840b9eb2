/*
 * Which exchanges a recording keeps: a share of them, by chance, or all those
 * of a share of users: whoever has the same header, or the same value in the
 * request's body, is kept or left out together, in every recording with this
 * share.  Chance keeps the share exactly: of any 64 in a row that it decides
 * as many as the share says are kept, at random places.
 * Pure but for the counter; one thread at a time.
 */
#ifndef LOCKSTEP_RECORD_SHARE_H
#define LOCKSTEP_RECORD_SHARE_H

#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/traffic/exchange.h"

enum { RECORD_SHARE_BLOCK = 64 };

struct record_share {
	double share;		/* [0,1] */
	const char *header;	/* that is sticky, or NULL */
	struct json_ptr *ptr;	/* into the body, or NULL */
	uint64_t seed, n;
	uint32_t order[RECORD_SHARE_BLOCK];	/* of those that chance
						   decides, block by block */
	uint32_t quota;		/* how many of this block */
};

/*
 * sticky  "header:NAME", a JSON Pointer, or NULL; borrowed
 * returns RC_OK, caller calls record_share_fini(); RC_USAGE, RC_FORMAT
 */
int record_share_init(struct record_share *s, double share,
    const char *sticky, struct err *err);
void record_share_fini(struct record_share *s);

/* By its head: 1 kept, 0 not, -1 only the body can tell. */
int record_share_head(struct record_share *s, const struct ex_header *h,
    size_t n);
/* By its body, where the head could not. */
int record_share_body(struct record_share *s, const struct ex_bytes *body);

#endif
