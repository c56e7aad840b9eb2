/* Chunked bump allocation; see arena.h. */
#include "harness/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK_BYTES ((size_t)64 * 1024)
#define KEEP_BYTES (16 * CHUNK_BYTES)	/* of a chunk, by arena_reset() */

void
arena_init(struct arena *a, size_t max_bytes)
{
	memset(a, 0, sizeof(*a));
	a->max = max_bytes;
}

static void
free_chunks(struct arena_chunk *c)
{
	struct arena_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
}

void
arena_fini(struct arena *a)
{
	if (a == NULL)
		return;
	free_chunks(a->chunk);
	arena_init(a, a->max);
}

void
arena_reset(struct arena *a)
{
	struct arena_chunk *c, *next, *keep = NULL;

	a->bad = 0;
	for (c = a->chunk; c != NULL; c = next) {
		next = c->next;
		/* one huge round must not hold its memory for ever */
		if (c->cap > KEEP_BYTES ||
		    (keep != NULL && keep->cap >= c->cap)) {
			free(c);
			continue;
		}
		free(keep);
		keep = c;
	}
	a->chunk = keep;
	a->used = 0;
	if (keep == NULL)
		return;
	keep->next = NULL;
	keep->used = 0;
	a->used = keep->cap;
}

/* A new chunk, of which need bytes are taken at once.  The one with the most
 * room left is the first. */
static struct arena_chunk *
grow(struct arena *a, size_t need)
{
	size_t cap = a->chunk == NULL ? CHUNK_BYTES / 8 : CHUNK_BYTES;
	struct arena_chunk *c, *first = a->chunk;

	if (a->used > 8 * CHUNK_BYTES)
		cap = 8 * CHUNK_BYTES;
	if (cap < need)
		cap = need;
	if (cap > SIZE_MAX - sizeof(*c) || cap > a->max ||
	    a->used > a->max - cap)
		return NULL;
	c = malloc(sizeof(*c) + cap);
	if (c == NULL)
		return NULL;
	c->cap = cap;
	c->used = need;
	if (first != NULL && first->cap - first->used > cap - need) {
		c->next = first->next;
		first->next = c;
	} else {
		c->next = first;
		a->chunk = c;
	}
	a->used += cap;
	return c;
}

void *
arena_grow(struct arena *a, size_t n)
{
	struct arena_chunk *c = a->bad || n > SIZE_MAX - ARENA_ALIGN ? NULL :
	    grow(a, n);

	a->bad |= c == NULL;
	return c == NULL ? NULL : c->p;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	char *p = arena_get(a, n);

	if (p != NULL)
		memset(p, 0, n);
	return p;
}

void *
arena_calloc(struct arena *a, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size) {
		a->bad = 1;
		return NULL;
	}
	return arena_alloc(a, count * size);
}

char *
arena_strn(struct arena *a, const char *s, size_t n)
{
	char *p = n == SIZE_MAX ? NULL : arena_cut(a, n + 1, 1);

	if (p == NULL)
		return NULL;
	if (n > 0)
		memcpy(p, s, n);
	p[n] = '\0';
	return p;
}

int
arena_check(const struct arena *a, const char *what, struct err *err)
{
	if (!a->bad)
		return RC_OK;
	return err_set(err, RC_NOMEM, "out of memory for %s", what);
}
