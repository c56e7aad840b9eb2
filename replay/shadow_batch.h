/*
 * Which batches of pairs a shadow has taken from those that joined it: one
 * whose answer was lost is sent again, and is not to be counted twice. Of each
 * member the last one is known; a member that starts anew is a new session.
 * Thread rule: one owner at a time.
 */
#ifndef LOCKSTEP_SHADOW_BATCH_H
#define LOCKSTEP_SHADOW_BATCH_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"

/* Members that are remembered; beyond, who was not heard of for longest is
 * forgotten. */
enum { SHADOW_BATCHES = 128, SHADOW_BATCH_NAME = 64 };

struct shadow_batch {
	char member[SHADOW_BATCH_NAME], session[SHADOW_BATCH_NAME];
	int64_t n;		/* numbers rise from 1 within a session */
};

struct shadow_batches {
	struct shadow_batch last[SHADOW_BATCHES];	/* newest first */
	size_t n;
};

/* Whether a batch was taken. returns 1, 0; -1: its names are too long or
 * missing (NULL), or its number is none */
int shadow_batch_taken(const struct shadow_batches *b, const char *member,
    const char *session, int64_t n);
/* It is taken now; shadow_batch_taken() has said 0. */
void shadow_batch_take(struct shadow_batches *b, const char *member,
    const char *session, int64_t n);

/* As JSON, to be kept; and what was kept, whatever it is. */
void shadow_batch_write(const struct shadow_batches *b, struct buf *out);
void shadow_batch_read(struct shadow_batches *b, const char *text, size_t n);

#endif
