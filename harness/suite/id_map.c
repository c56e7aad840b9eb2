/* Ids of another stack; see id_map.h. */
#include "harness/suite/id_map.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT = 8 };

struct pair {
	char *from, *to;
	size_t n, to_n;
};

struct id_map {
	struct pair *v;
	size_t n;
	unsigned char first[256];	/* bytes that an id begins with */
};

struct id_map *
id_map_new(void)
{
	return calloc(1, sizeof(struct id_map));
}

void
id_map_free(struct id_map *m)
{
	size_t i;

	if (m == NULL)
		return;
	for (i = 0; i < m->n; i++) {
		free(m->v[i].from);
		free(m->v[i].to);
	}
	free(m->v);
	free(m);
}

size_t
id_map_n(const struct id_map *m)
{
	return m->n;
}

int
id_map_add(struct id_map *m, const char *from, const char *to)
{
	struct pair *v, p = { NULL, NULL, strlen(from), strlen(to) };
	size_t i;

	if (p.n == 0 || strcmp(from, to) == 0)
		return RC_OK;
	for (i = 0; i < m->n; i++) {
		if (strcmp(m->v[i].from, from) == 0)
			return RC_OK;
	}
	v = realloc(m->v, (m->n + 1) * sizeof(*v));
	if (v == NULL)
		return RC_NOMEM;
	m->v = v;
	p.from = strdup(from);
	p.to = strdup(to);
	if (p.from == NULL || p.to == NULL) {
		free(p.from);
		free(p.to);
		return RC_NOMEM;
	}
	m->v[m->n++] = p;
	m->first[(unsigned char)*from] = 1;
	return RC_OK;
}

static int
is_inner(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-' ||
	    (unsigned char)c >= 0x80;
}

/* Whether the id stands whole at p[i]. */
static int
stands(const struct pair *id, const char *p, size_t n, size_t i)
{
	char before = (char)(i == 0 ? '\0' : p[i - 1]), behind;

	if (n - i < id->n || memcmp(p + i, id->from, id->n) != 0)
		return 0;
	behind = (char)(n - i == id->n ? '\0' : p[i + id->n]);
	if (id->n < SHORT)
		return (before == '"' && behind == '"') ||
		    (before == '/' && strchr("/?#", behind) != NULL);
	return !is_inner(before) && !is_inner(behind);
}

void
id_map_put(const struct id_map *m, const char *p, size_t n, struct buf *out)
{
	size_t i, k, from = 0;

	for (i = 0; i < n; i++) {
		if (!m->first[(unsigned char)p[i]])
			continue;
		for (k = 0; k < m->n && !stands(&m->v[k], p, n, i); k++)
			;
		if (k == m->n)
			continue;
		buf_add(out, p + from, i - from);
		buf_add(out, m->v[k].to, m->v[k].to_n);
		i += m->v[k].n - 1;
		from = i + 1;
	}
	buf_add(out, p + from, n - from);
}
