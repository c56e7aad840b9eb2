/* A vocabulary; see pieces.h. */
#include "harness/meaning/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/table.h"

struct piece {
	const char *s;
	uint32_t n;		/* bytes * 2 + tag */
	uint32_t id;
};

struct pieces {
	struct table table;	/* of v, by hash */
	struct piece *v;
	size_t cap, longest;
};

static int
room(struct pieces *p, size_t cap)
{
	struct piece *v = realloc(p->v, cap * sizeof(*v));

	if (v == NULL)
		return RC_NOMEM;
	p->v = v;
	if (table_room(&p->table, cap) != 0)
		return RC_NOMEM;
	p->cap = cap;
	return RC_OK;
}

struct pieces *
pieces_new(size_t n)
{
	struct pieces *p = calloc(1, sizeof(*p));

	if (p != NULL && room(p, n > 0 ? n : 1) != RC_OK) {
		pieces_free(p);
		return NULL;
	}
	return p;
}

void
pieces_free(struct pieces *p)
{
	if (p == NULL)
		return;
	table_fini(&p->table);
	free(p->v);
	free(p);
}

size_t
pieces_longest(const struct pieces *p)
{
	return p->longest;
}

static int
same_piece(const void *ctx, const void *key, uint32_t at)
{
	const struct piece *e = (const struct piece *)ctx + at, *k = key;

	return e->n == k->n && memcmp(e->s, k->s, k->n / 2) == 0;
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

int
pieces_add(struct pieces *p, const char *s, size_t n, unsigned tag,
    uint32_t id)
{
	const struct piece new = { s, (uint32_t)(n * 2 + tag), id };
	uint32_t h;

	if (n == 0 || n > PIECES_BYTES_MAX)
		return RC_OK;
	h = hash_all(s, n, tag);
	if (table_find(&p->table, h, same_piece, p->v, &new) != TABLE_NONE)
		return RC_OK;
	if (p->table.n == p->cap && room(p, p->cap * 2) != RC_OK)
		return RC_NOMEM;
	p->v[p->table.n] = new;
	table_put(&p->table, h, p->table.n);
	if (n > p->longest)
		p->longest = n;
	return RC_OK;
}

int64_t
pieces_find(const struct pieces *p, const char *s, size_t n, unsigned tag,
    uint32_t h)
{
	const struct piece key = { s, (uint32_t)(n * 2 + tag), 0 };
	uint32_t at = table_find(&p->table, h, same_piece, p->v, &key);

	return at == TABLE_NONE ? -1 : (int64_t)p->v[at].id;
}
