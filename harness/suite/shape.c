/* The common shape of documents; see shape.h. */
#include "harness/suite/shape.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"

enum { FIRST_BYTES = 200 };

void
shape_init(struct shape *s)
{
	memset(s, 0, sizeof(*s));
	table_init(&s->table);
}

void
shape_fini(struct shape *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->v[i].path);
		free(s->v[i].values);
		free(s->v[i].first);
	}
	free(s->v);
	table_fini(&s->table);
	shape_init(s);
}

static int
same_path(const void *ctx, const void *key, uint32_t at)
{
	return strcmp(((const struct shape *)ctx)->v[at].path, key) == 0;
}

const struct shape_node *
shape_find(const struct shape *s, const char *path)
{
	uint32_t at = table_find(&s->table, hash_table(path, strlen(path)),
	    same_path, s, path);

	return at == TABLE_NONE ? NULL : &s->v[at];
}

static struct shape_node *
node_of(struct shape *s)
{
	uint64_t h = hash_table(s->path, strlen(s->path));
	uint32_t at = table_find(&s->table, h, same_path, s, s->path);
	struct shape_node *v;

	if (at != TABLE_NONE)
		return &s->v[at];
	if (s->n == SHAPE_NODES_MAX)
		return NULL;
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 64 : s->cap * 2;
		v = realloc(s->v, s->cap * sizeof(*v));
		if (v == NULL) {
			s->cap = s->n;
			s->nomem = 1;
			return NULL;
		}
		s->v = v;
	}
	v = &s->v[s->n];
	memset(v, 0, sizeof(*v));
	v->path = strdup(s->path);
	if (v->path == NULL || table_room(&s->table, s->n + 1) != 0) {
		free(v->path);
		s->nomem = 1;
		return NULL;
	}
	table_put(&s->table, h, (uint32_t)s->n);
	s->n++;
	return v;
}

int
shape_has(const struct shape_node *n, uint64_t hash)
{
	size_t i;

	for (i = 0; i < n->n_values; i++) {
		if (n->values[i] == hash)
			return 1;
	}
	return 0;
}

static void
add_value(struct shape *s, struct shape_node *n, const char *text, size_t len)
{
	uint64_t h = hash_u64(text, len);

	if (n->first == NULL)
		n->first = strndup(text, len < FIRST_BYTES ? len :
		    FIRST_BYTES);
	if (n->n_values == SHAPE_VALUES || shape_has(n, h))
		return;
	if (n->values == NULL)
		n->values = malloc(SHAPE_VALUES * sizeof(*n->values));
	if (n->values == NULL)
		s->nomem = 1;
	else
		n->values[n->n_values++] = h;
}

static void
count(struct shape *s, struct shape_node *n, const struct json *j,
    int first_of_list)
{
	size_t len = 0;
	const char *text = json_text(j, &len);

	n->docs += n->last_doc != s->docs;
	n->last_doc = s->docs;
	n->n++;
	switch (json_kind(j)) {
	case JSON_STRING:
		n->texts++;
		n->bytes += len;
		n->spaced += memchr(text, ' ', len) != NULL;
		n->urls += strncmp(text, "http", 4) == 0 &&
		    strstr(text, "://") != NULL;
		add_value(s, n, text, len);
		break;
	case JSON_NUMBER:
		n->numbers++;
		add_value(s, n, json_digits(j), strlen(json_digits(j)));
		if (!first_of_list) {
			n->pairs++;
			n->falling += json_num(j, 0) <= n->last;
		}
		n->last = json_num(j, 0);
		break;
	case JSON_BOOL:
		n->bools++;
		add_value(s, n, json_bool(j, 0) ? "true" : "false",
		    json_bool(j, 0) ? 4 : 5);
		break;
	case JSON_ARRAY:
		len = json_size(j);
		n->lists++;
		n->elements += len;
		n->most = len > n->most ? len : n->most;
		break;
	case JSON_OBJECT:
		n->objects++;
		break;
	default:
		n->nulls++;
	}
}

/* Appends a member's name, escaped. returns 0 where there is no room */
static int
push(struct shape *s, size_t len, const char *key)
{
	if (len + 2 * strlen(key) + 2 >= sizeof(s->path))
		return 0;
	s->path[len++] = '/';
	for (; *key != '\0'; key++) {
		if (*key == '~' || *key == '/') {
			s->path[len++] = '~';
			s->path[len++] = *key == '~' ? '0' : '1';
		} else {
			s->path[len++] = *key;
		}
	}
	s->path[len] = '\0';
	return 1;
}

static void
walk(struct shape *s, const struct json *j, int depth, int first_of_list)
{
	size_t len = strlen(s->path);
	struct shape_node *n = node_of(s);
	const struct json *m;
	int first = 1;

	if (n == NULL)
		return;
	count(s, n, j, first_of_list);
	if (depth == SHAPE_DEPTH || (json_kind(j) != JSON_OBJECT &&
	    json_kind(j) != JSON_ARRAY))
		return;
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		if (json_kind(j) == JSON_OBJECT) {
			if (push(s, len, json_key(m)))
				walk(s, m, depth + 1, first_of_list);
		} else if (push(s, len, "*")) {
			walk(s, m, depth + 1, first);
			first = 0;
		}
		s->path[len] = '\0';
	}
}

void
shape_add(struct shape *s, const struct json *doc, int same_doc)
{
	if (!same_doc || s->docs == 0)
		s->docs++;
	s->path[0] = '\0';
	walk(s, doc, 0, 1);
}
