/* Places of nodes: an open-addressed table by address; see srcmap.h. */
#include "harness/base/srcmap.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 64, FIRST_CAP = 256 };

struct slot {
	const struct json *node;	/* NULL: free */
	struct src_pos pos;
};

struct srcmap {
	char *file[FILES_MAX];
	int n_files;
	struct slot *slot;
	size_t cap, n;
};

struct srcmap *
srcmap_new(void)
{
	struct srcmap *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->slot = calloc(FIRST_CAP, sizeof(*m->slot));
	if (m->slot == NULL) {
		free(m);
		return NULL;
	}
	m->cap = FIRST_CAP;
	return m;
}

void
srcmap_free(struct srcmap *m)
{
	int i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n_files; i++)
		free(m->file[i]);
	free(m->slot);
	free(m);
}

int
srcmap_file(struct srcmap *m, const char *name)
{
	if (m->n_files == FILES_MAX)
		return -1;
	m->file[m->n_files] = strdup(name);
	return m->file[m->n_files] == NULL ? -1 : m->n_files++;
}

const char *
srcmap_name(const struct srcmap *m, int file)
{
	return file >= 0 && file < m->n_files ? m->file[file] : "?";
}

static struct slot *
probe(struct slot *slot, size_t cap, const struct json *node)
{
	uint64_t h = (uint64_t)(uintptr_t)node * 0x9e3779b97f4a7c15ULL;
	size_t i = (size_t)(h >> 32) & (cap - 1);

	while (slot[i].node != NULL && slot[i].node != node)
		i = (i + 1) & (cap - 1);
	return &slot[i];
}

static int
grow(struct srcmap *m)
{
	size_t cap = m->cap * 2, i;
	struct slot *slot = calloc(cap, sizeof(*slot));

	if (slot == NULL)
		return RC_NOMEM;
	for (i = 0; i < m->cap; i++) {
		if (m->slot[i].node != NULL)
			*probe(slot, cap, m->slot[i].node) = m->slot[i];
	}
	free(m->slot);
	m->slot = slot;
	m->cap = cap;
	return RC_OK;
}

int
srcmap_put(struct srcmap *m, const struct json *node,
    const struct src_pos *pos)
{
	struct slot *s;

	if (m->n * 2 >= m->cap && grow(m) != RC_OK)
		return RC_NOMEM;
	s = probe(m->slot, m->cap, node);
	m->n += s->node == NULL;
	s->node = node;
	s->pos = *pos;
	return RC_OK;
}

const struct src_pos *
srcmap_get(const struct srcmap *m, const struct json *node)
{
	const struct slot *s;

	if (node == NULL)
		return NULL;
	s = probe(m->slot, m->cap, node);
	return s->node == NULL ? NULL : &s->pos;
}
