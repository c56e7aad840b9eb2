/* Places of nodes, found by their address; see srcmap.h. */
#include "harness/base/srcmap.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/table.h"

enum { FILES_MAX = 64 };

struct place {
	const struct json *node;
	struct src_pos pos;
};

struct srcmap {
	char *file[FILES_MAX];
	int n_files;
	struct table table;	/* of v, by address */
	struct place *v;
	size_t cap;
};

struct srcmap *
srcmap_new(void)
{
	return calloc(1, sizeof(struct srcmap));
}

void
srcmap_free(struct srcmap *m)
{
	int i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n_files; i++)
		free(m->file[i]);
	table_fini(&m->table);
	free(m->v);
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

static uint64_t
hash_of(const struct json *node)
{
	return (uint64_t)(uintptr_t)node * 0x9e3779b97f4a7c15ULL;
}

static int
same_node(const void *ctx, const void *key, uint32_t at)
{
	const struct place *v = ctx;

	return v[at].node == key;
}

int
srcmap_put(struct srcmap *m, const struct json *node,
    const struct src_pos *pos)
{
	uint32_t at = table_find(&m->table, hash_of(node), same_node, m->v,
	    node);
	struct place *v;

	if (at == TABLE_NONE) {
		at = m->table.n;
		if (at == m->cap) {
			v = table_grow(&m->table, m->v, &m->cap, sizeof(*v));
			if (v == NULL)
				return RC_NOMEM;
			m->v = v;
		}
		table_put(&m->table, hash_of(node), at);
	}
	m->v[at] = (struct place){ node, *pos };
	return RC_OK;
}

const struct src_pos *
srcmap_get(const struct srcmap *m, const struct json *node)
{
	uint32_t at = table_find(&m->table, hash_of(node), same_node, m->v,
	    node);

	return at == TABLE_NONE ? NULL : &m->v[at].pos;
}
