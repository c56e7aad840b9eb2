/*
 * A shadow that joins another one (--join): its pairs are sent there, where
 * one verdict is made of all, and its caps come from there. On a thread of its
 * own, in numbered batches: one whose answer is lost is sent again, and is
 * known there. What finds no room is dropped and counted.
 */
#ifndef LOCKSTEP_CMD_SHADOW_MEMBER_H
#define LOCKSTEP_CMD_SHADOW_MEMBER_H

#include "harness/traffic/redact.h"
#include "replay/shadow.h"

struct shadow_member;

struct shadow_member_opts {
	const char *url;	/* the scorer's --status; NULL: none */
	const char *token;	/* of both, or NULL */
	const char *name;	/* of this one: its run */
	const struct redact *redact;	/* or NULL */
	int priced;		/* it knows what a request costs */
};

/* *out    NULL without a URL; caller ends with shadow_member_stop()
 * returns RC_OK; RC_USAGE, RC_NET, RC_NOMEM */
int shadow_member_start(const struct shadow_member_opts *o,
    struct shadow_member **out, struct err *err);

/* It has started: its clock is known, and its caps are set from now on. NULL:
 * it ends. */
void shadow_member_of(struct shadow_member *m, struct shadow *s);

/* A pair, as shadow_pair_fn has it; copied without credentials. apart: the
 * echo was asked because the answers differ, and is not a random one. NULL is
 * safe. */
void shadow_member_pair(struct shadow_member *m,
    const struct exchange *primary, const struct exchange *candidate,
    const struct exchange *echo);

/* Sends what waits, for 10 s at most behind the batch that is on its way. NULL
 * is safe. */
void shadow_member_stop(struct shadow_member **m);

#endif
