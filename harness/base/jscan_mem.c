/* Memory that is given back at once; see jscan.h. */
#include <stdint.h>
#include <stdlib.h>

#include "harness/base/jscan.h"

enum { BLOCK_MIN = 64 << 10, ALIGN = 16 };

struct jscan_block {
	struct jscan_block *next;
	size_t cap;
	_Alignas(ALIGN) char data[];
};

void
jscan_mem_init(struct jscan_mem *m)
{
	m->blocks = NULL;
	m->used = 0;
}

void
jscan_mem_fini(struct jscan_mem *m)
{
	struct jscan_block *b;

	while ((b = m->blocks) != NULL) {
		m->blocks = b->next;
		free(b);
	}
	m->used = 0;
}

void
jscan_mem_reset(struct jscan_mem *m)
{
	struct jscan_block *b, *keep = m->blocks;

	m->used = 0;
	if (keep == NULL)
		return;
	while ((b = keep->next) != NULL) {
		keep->next = b->next;
		free(b);
	}
	/* One huge record must not hold its memory for ever. */
	if (keep->cap > (size_t)16 * BLOCK_MIN)
		jscan_mem_fini(m);
}

void *
jscan_mem_get(struct jscan_mem *m, size_t n)
{
	struct jscan_block *b = m->blocks;
	size_t cap;
	void *p;

	if (n > SIZE_MAX / 4)
		return NULL;
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (b == NULL || n > b->cap - m->used) {
		cap = n > BLOCK_MIN ? n : BLOCK_MIN;
		b = malloc(sizeof(*b) + cap);
		if (b == NULL)
			return NULL;
		b->cap = cap;
		b->next = m->blocks;
		m->blocks = b;
		m->used = 0;
	}
	p = b->data + m->used;
	m->used += n;
	return p;
}

size_t
jscan_mem_room(const struct jscan_mem *m)
{
	return m->blocks == NULL ? 0 : m->blocks->cap - m->used;
}
