/*
 * The other end of --join: takes the pairs of other shadows into this one's
 * verdict and trace, and shares its caps among all of them.
 */
#ifndef LOCKSTEP_CMD_SHADOW_SCORER_H
#define LOCKSTEP_CMD_SHADOW_SCORER_H

#include "harness/cmd/cmd_shadow_live.h"
#include "replay/shadow.h"

struct shadow_scorer;

struct shadow_scorer_opts {
	struct shadow *shadow;
	struct shadow_live *live;
	const char *token;		/* NULL: nobody may join */
	int64_t rps, requests;		/* caps of all together; 0: none */
	double money;			/* the same */
};

/* returns NULL: no memory */
struct shadow_scorer *shadow_scorer_new(const struct shadow_scorer_opts *o);
void shadow_scorer_free(struct shadow_scorer *s);	/* NULL is safe */

/*
 * A POST to /v1/pairs: a line about the member, then its pairs, a batch that
 * is taken whole and once, or not at all. Any thread.
 * auth    the value of its Authorization, or ""
 * body    NULL: only whether it may post is asked
 * out     gets the answer
 * returns its status: 200, 400, 401, 403, 503
 */
int shadow_scorer_post(struct shadow_scorer *s, const char *auth,
    const char *body, size_t n, struct buf *out);

/* Once a second, and last when no more is posted: this one's own part of the
 * caps; what was taken goes into the trace, once the state that knows of it is
 * on the disk. Any thread. NULL is safe. */
void shadow_scorer_tick(struct shadow_scorer *s);

/* How many others there are now, and how many pairs came from them. */
unsigned shadow_scorer_members(struct shadow_scorer *s);
uint64_t shadow_scorer_pairs(struct shadow_scorer *s);

#endif
