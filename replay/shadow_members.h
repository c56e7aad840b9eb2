/*
 * Who has joined a shadow: which batches of pairs were taken from each, and
 * which part of the caps each has.
 *
 * A member is known by its session: a process, which has a random name of its
 * own. A batch whose answer was lost is sent again and must not be counted
 * twice, so a session is remembered for as long as that may happen:
 * SHADOW_DOUBT_NS, and what a batch may stay in the lines. Those that are
 * remembered are all that may come in that time; another one finds no room.
 *
 * A rate is lent for SHADOW_LEASE_NS: who cannot renew it stops asking, and
 * only after that it is lent to others. So a member that is slow, or cut off,
 * has the rate, or others have it, and never both. Requests and money are lent
 * in parts and never come back.
 *
 * Times are of mono_now_ns(), the caller's. Thread rule: one owner at a time.
 */
#ifndef LOCKSTEP_SHADOW_MEMBERS_H
#define LOCKSTEP_SHADOW_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/mono.h"
#include "replay/shadow.h"

enum { SHADOW_MEMBERS = 256, SHADOW_MEMBER_NAME = 64 };

/* From when a member asked for it. */
#define SHADOW_LEASE_NS (10 * MONO_S)
/* A member gives a batch up that may have been taken, so long after it was
 * sent first. */
#define SHADOW_DOUBT_NS (600 * MONO_S)

struct shadow_one {
	char name[SHADOW_MEMBER_NAME], session[SHADOW_MEMBER_NAME];
	int64_t batch;		/* the last one taken; 0: none */
	int64_t seen_ns;
	int ended;		/* it has said goodbye */
	int64_t beat;		/* number of what it said last */
	int64_t asked, lent;	/* requests */
	double spent, lent_money;
	int64_t over_money;	/* requests that it did not ask */
	int wants;		/* it has had more of them */
	int64_t rate;		/* that it may use now, */
	int64_t was, was_ns;	/* and, until then, this one */
};

struct shadow_members {
	int64_t rps, requests;		/* caps of all together; 0: none */
	double money;
	struct shadow_one one[SHADOW_MEMBERS];	/* the first is this one */
	size_t n;
	int64_t settled_ns;	/* before that, nobody gets a higher rate */
	int64_t gone_lent;	/* to those that were forgotten */
	double gone_money;
	double dearest;		/* request so far, of all; 0: not known */
	const struct shadow_one *first;	/* who asks what one costs, since: */
	int64_t first_ns;
};

/* What a member says of itself: from another machine, whatever it is. */
struct shadow_says {
	const char *name, *session;
	int64_t asked, over_money;
	int64_t rps;		/* that it uses; below 0: it does not say */
	int64_t beat;		/* rises: one that was late says nothing of
				   the rate; 0: none */
	double money, dearest;
	int ends;		/* it is the last that it says */
};

/* again  a shadow was killed before this one: members may still have their
 *        parts of the rate */
void shadow_members_init(struct shadow_members *m, int64_t rps,
    int64_t requests, double money, int again, int64_t now_ns);

/* *out    borrowed until the next call
 * returns 0; -1: it has no name, or too long a one; 1: there is no room */
int shadow_members_hear(struct shadow_members *m,
    const struct shadow_says *says, struct shadow_one **out, int64_t now_ns);
/* The same of this one, of which name, session and rps are not looked at. */
struct shadow_one *shadow_members_own(struct shadow_members *m,
    const struct shadow_says *says, int64_t now_ns);

/* Its part of the caps; -1 where there is no such cap. rps_until_ns is left
 * out: it is counted by whoever asked. */
void shadow_members_lend(struct shadow_members *m, struct shadow_one *one,
    struct shadow_caps *out, int64_t now_ns);

/* How many others are there. */
unsigned shadow_members_present(const struct shadow_members *m,
    int64_t now_ns);

/* Whether a batch was taken; numbers rise from 1 within a session.
 * returns 1, 0; -1: the number is none, or the session has no name */
int shadow_one_taken(const struct shadow_one *one, int64_t batch);
void shadow_one_take(struct shadow_one *one, int64_t batch);

/* Sessions and their last batches as JSON, to be kept; and what was kept,
 * whatever it is. */
void shadow_members_write(const struct shadow_members *m, struct buf *out);
void shadow_members_read(struct shadow_members *m, const char *text, size_t n,
    int64_t now_ns);

#endif
