/*
 * Memory that is freed all at once: chunks that are cut from the front.
 *
 * Failure is sticky: arena_alloc() answers NULL and arena_check() tells.
 * Thread rule: one owner at a time.
 */
#ifndef LOCKSTEP_ARENA_H
#define LOCKSTEP_ARENA_H

#include <stddef.h>

#include "harness/base/err.h"

struct arena_chunk;

struct arena {
	struct arena_chunk *chunk;	/* the most room first; owned */
	size_t used;		/* bytes of all chunks, for the maximum */
	size_t max;
	int bad;		/* an allocation failed */
};

/* An empty arena of at most max_bytes; allocates nothing yet. */
void arena_init(struct arena *a, size_t max_bytes);
void arena_fini(struct arena *a);

/* Forgets everything, keeps the largest chunk for the next round, unless it
 * is a giant. */
void arena_reset(struct arena *a);

/* n zeroed bytes aligned for any type, or NULL. n may be 0. */
void *arena_alloc(struct arena *a, size_t n);

/* The same, not zeroed. */
void *arena_get(struct arena *a, size_t n);

/* Bytes that arena_get() has without asking for memory. */
size_t arena_room(const struct arena *a);

/* count elements of size bytes each, zeroed; NULL also when too many. */
void *arena_calloc(struct arena *a, size_t count, size_t size);

/* A copy of n bytes with a NUL behind them, aligned for bytes only. */
char *arena_strn(struct arena *a, const char *s, size_t n);

/* returns RC_OK, or RC_NOMEM with a message that names what */
int arena_check(const struct arena *a, const char *what, struct err *err);

#endif
