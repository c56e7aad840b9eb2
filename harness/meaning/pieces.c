/* An open-addressed table of pieces. */
#include "harness/meaning/pieces.h"

#include <stdlib.h>
#include <string.h>

struct piece {
	const char *s;		/* NULL: free */
	uint32_t n;		/* bytes * 2 + tag */
	uint32_t id;
};

struct pieces {
	struct piece *table;
	size_t n, size;		/* size: a power of two */
	size_t longest;
};

struct pieces *
pieces_new(size_t n)
{
	struct pieces *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	for (p->size = 1024; p->size < n * 2; p->size *= 2)
		continue;
	p->table = calloc(p->size, sizeof(*p->table));
	if (p->table == NULL) {
		free(p);
		return NULL;
	}
	return p;
}

void
pieces_free(struct pieces *p)
{
	if (p == NULL)
		return;
	free(p->table);
	free(p);
}

size_t
pieces_longest(const struct pieces *p)
{
	return p->longest;
}

/* The entry of a piece, or the free place where it would be. */
static struct piece *
place(const struct pieces *p, const char *s, uint32_t n, uint32_t h)
{
	size_t at = ((h ^ (h >> 15)) * 0x9E3779B1u >> 3) & (p->size - 1);
	struct piece *e;

	for (;; at = (at + 1) & (p->size - 1)) {
		e = &p->table[at];
		if (e->s == NULL || (e->n == n &&
		    memcmp(e->s, s, n / 2) == 0))
			return e;
	}
}

static uint32_t
hash_all(const char *s, size_t n, unsigned tag)
{
	uint32_t h = pieces_hash_start(tag);
	size_t i;

	for (i = 0; i < n; i++)
		h = pieces_hash_step(h, s[i]);
	return h;
}

static int
grow(struct pieces *p)
{
	struct pieces bigger = *p;
	size_t i;

	bigger.size = p->size * 2;
	bigger.table = calloc(bigger.size, sizeof(*p->table));
	if (bigger.table == NULL)
		return RC_NOMEM;
	for (i = 0; i < p->size; i++) {
		const struct piece *e = &p->table[i];

		if (e->s != NULL)
			*place(&bigger, e->s, e->n, hash_all(e->s, e->n / 2,
			    e->n & 1)) = *e;
	}
	free(p->table);
	*p = bigger;
	return RC_OK;
}

int
pieces_add(struct pieces *p, const char *s, size_t n, unsigned tag,
    uint32_t id)
{
	struct piece *e;

	if (n == 0 || n > PIECES_BYTES_MAX)
		return RC_OK;
	if (p->n * 2 >= p->size && grow(p) != RC_OK)
		return RC_NOMEM;
	e = place(p, s, (uint32_t)(n * 2 + tag), hash_all(s, n, tag));
	if (e->s != NULL)
		return RC_OK;
	*e = (struct piece){ s, (uint32_t)(n * 2 + tag), id };
	p->n++;
	if (n > p->longest)
		p->longest = n;
	return RC_OK;
}

int64_t
pieces_find(const struct pieces *p, const char *s, size_t n, unsigned tag,
    uint32_t h)
{
	const struct piece *e = place(p, s, (uint32_t)(n * 2 + tag), h);

	return e->s == NULL ? -1 : (int64_t)e->id;
}
