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

enum { ARENA_ALIGN = 16 };

struct arena_chunk {		/* known here so that getting is inline */
	struct arena_chunk *next;
	size_t cap, used;
	_Alignas(ARENA_ALIGN) char p[];
};

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

/* n bytes aligned by a power of two up to ARENA_ALIGN, from a new chunk. */
void *arena_grow(struct arena *a, size_t n);

static inline void *
arena_cut(struct arena *a, size_t n, size_t align)
{
	struct arena_chunk *c = a->chunk;
	size_t at = c == NULL ? 0 : (c->used + align - 1) & ~(align - 1);

	if (c == NULL || a->bad || at > c->cap || n > c->cap - at)
		return arena_grow(a, n);
	c->used = at + n;
	return c->p + at;
}

/* n bytes aligned for any type, not zeroed, or NULL. n may be 0. */
static inline void *
arena_get(struct arena *a, size_t n)
{
	return arena_cut(a, n, ARENA_ALIGN);
}

/* Bytes that arena_get() has without asking for memory. */
static inline size_t
arena_room(const struct arena *a)
{
	const struct arena_chunk *c = a->chunk;
	size_t at = c == NULL ? 0 : (c->used + ARENA_ALIGN - 1) &
	    ~(size_t)(ARENA_ALIGN - 1);

	return c == NULL || at > c->cap ? 0 : c->cap - at;
}

/* count elements of size bytes each, zeroed; NULL also when too many. */
void *arena_calloc(struct arena *a, size_t count, size_t size);

/* A copy of n bytes with a NUL behind them, aligned for bytes only. */
char *arena_strn(struct arena *a, const char *s, size_t n);

/* returns RC_OK, or RC_NOMEM with a message that names what */
int arena_check(const struct arena *a, const char *what, struct err *err);

#endif
