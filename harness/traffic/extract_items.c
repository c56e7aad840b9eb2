/* Snippets and citations out of a JSON answer; they point into it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/text.h"
#include "harness/traffic/extract_part.h"

struct collect {
	const struct items_map *map;
	struct answer_mem *mem;
	struct snippet **v;
	size_t *cap;
	size_t n;
	int cited, found;
};

static int64_t
as_offset(const struct json *j)
{
	double v = extract_as_number(j);

	return v >= 0 && v < 9e15 && v == floor(v) ? (int64_t)v : -1;
}

static void
snippet_init(struct snippet *s)
{
	memset(s, 0, sizeof(*s));
	s->from = -1;
	s->to = -1;
	s->tokens = NAN;
	s->score = NAN;
}

/* A blank passage is none. */
static const char *
passage(const struct json *j, size_t *n)
{
	const char *s = extract_as_text(j, n);

	if (s != NULL && !text_is_blank(s, *n))
		return s;
	*n = 0;
	return NULL;
}

static void
set_field(struct answer_mem *mem, struct snippet *s, enum item_field f,
    const struct json *j)
{
	if (j == NULL)
		return;
	switch (f) {
	case ITEM_SNIPPET_ID:
		s->snippet_id = extract_as_word(mem, j);
		break;
	case ITEM_SECTION_ID:
		s->section_id = extract_as_word(mem, j);
		break;
	case ITEM_SOURCE_URL:
		s->source_url = extract_as_word(mem, j);
		break;
	case ITEM_TEXT:
		s->text = passage(j, &s->text_n);
		s->blank = s->text == NULL && json_str(j) != NULL;
		break;
	case ITEM_FROM:
		s->from = as_offset(j);
		break;
	case ITEM_TO:
		s->to = as_offset(j);
		break;
	case ITEM_TOKENS:
		s->tokens = extract_as_number(j);
		break;
	default:
		s->score = extract_as_number(j);
	}
}

/* Offsets count only as a pair in order. */
static void
settle(struct snippet *s)
{
	if (s->from < 0 || s->to < s->from) {
		s->from = -1;
		s->to = -1;
	}
	s->have = (s->snippet_id != NULL ? FIELD_SNIPPET_ID : 0U) |
	    (s->section_id != NULL ? FIELD_SECTION_ID : 0U) |
	    (s->source_url != NULL ? FIELD_SOURCE_URL : 0U) |
	    (s->text != NULL ? FIELD_TEXT : 0U) |
	    (s->from >= 0 ? FIELD_OFFSETS : 0U) |
	    (!isnan(s->tokens) ? FIELD_TOKENS : 0U) |
	    (!isnan(s->score) ? FIELD_SCORE : 0U);
}

/* Room for one more; NULL when there are enough or memory is out. */
static struct snippet *
room(struct collect *c)
{
	size_t cap = *c->cap == 0 ? 16 : *c->cap * 2;
	struct snippet *v;

	if (c->n >= EXTRACT_ITEMS_MAX)
		return NULL;
	if (c->n == *c->cap) {
		v = realloc(*c->v, cap * sizeof(*v));
		if (v == NULL) {
			c->mem->nomem = 1;
			return NULL;
		}
		*c->v = v;
		*c->cap = cap;
	}
	snippet_init(&(*c->v)[c->n]);
	return &(*c->v)[c->n++];
}

/* An item that is a plain text: of a snippet its text, of a citation its
 * id. */
static void
plain_item(struct collect *c, struct snippet *s, const struct json *j)
{
	if (!c->cited)
		set_field(c->mem, s, ITEM_TEXT, j);
	else if (c->map->field[ITEM_SECTION_ID].n > 0 ||
	    c->map->field[ITEM_SNIPPET_ID].n == 0)
		set_field(c->mem, s, ITEM_SECTION_ID, j);
	else
		set_field(c->mem, s, ITEM_SNIPPET_ID, j);
}

/* returns the FIELD_* that the item has */
static unsigned
add_item(struct collect *c, const struct json *j)
{
	struct snippet *s;
	int f;

	if (json_kind(j) == JSON_NULL || json_kind(j) == JSON_ARRAY)
		return 0;
	s = room(c);
	if (s == NULL)
		return 0;
	if (json_kind(j) != JSON_OBJECT)
		plain_item(c, s, j);
	for (f = 0; f < ITEM_N && json_kind(j) == JSON_OBJECT; f++)
		set_field(c->mem, s, (enum item_field)f,
		    alt_find(&c->map->field[f], j));
	settle(s);
	return s->have;
}

static int
add_list(void *ctx, const struct json *j)
{
	struct collect *c = ctx;

	if (json_kind(j) == JSON_NULL)
		return 0;
	if (json_kind(j) == JSON_OBJECT || json_str(j) != NULL) {
		/* One item, unless it is something else by the same name. */
		if (add_item(c, j) != 0)
			c->found = 1;
		else
			c->n -= c->n > 0;
		return 0;
	}
	c->found |= json_kind(j) == JSON_ARRAY;
	for (j = json_first(j); j != NULL && c->n < EXTRACT_ITEMS_MAX;
	    j = json_next(j))
		(void)add_item(c, j);
	return 0;
}

/* Parallel lists: the k-th elements make the k-th item. */
static void
add_columns(struct collect *c, const struct json *root)
{
	const struct json *at[ITEM_N];
	struct snippet *s;
	int f, more = 0;

	for (f = 0; f < ITEM_N; f++) {
		const struct ptr_column *col = &c->map->column[f];
		const struct json *list = col->list == NULL ? NULL :
		    json_ptr_find(col->list, root);

		c->found |= json_kind(list) == JSON_ARRAY;
		at[f] = json_kind(list) == JSON_ARRAY ? json_first(list) :
		    NULL;
		more |= at[f] != NULL;
	}
	while (more && (s = room(c)) != NULL) {
		more = 0;
		for (f = 0; f < ITEM_N; f++) {
			if (at[f] == NULL)
				continue;
			set_field(c->mem, s, (enum item_field)f,
			    json_ptr_find(c->map->column[f].rest, at[f]));
			at[f] = json_next(at[f]);
			more |= at[f] != NULL;
		}
		settle(s);
	}
}

size_t
extract_items(const struct items_map *map, const struct json *root,
    struct answer_mem *mem, int cited, size_t n, int *found)
{
	struct collect c = {
		.map = map, .mem = mem, .cited = cited, .n = n,
		.v = cited ? &mem->cited : &mem->retrieved,
		.cap = cited ? &mem->cap_cited : &mem->cap_retrieved,
	};
	size_t i;

	if (map->columns) {
		add_columns(&c, root);
	} else {
		for (i = 0; i < map->items.n && !c.found; i++)
			(void)json_ptr_each(map->items.p[i], root, add_list,
			    &c);
	}
	*found = c.found;
	return c.n;
}

static int
has_mark(const char *marker, size_t number, const char *answer, size_t n)
{
	const char *slot = strstr(marker, "{n}");
	char mark[128];
	int len;

	if (slot == NULL)
		return 1;
	len = snprintf(mark, sizeof(mark), "%.*s%zu%s",
	    (int)(slot - marker), marker, number, slot + 3);
	return len > 0 && (size_t)len < sizeof(mark) &&
	    memmem(answer, n, mark, (size_t)len) != NULL;
}

size_t
extract_marked(const struct items_map *map, struct snippet *v, size_t n,
    const char *answer, size_t answer_n)
{
	size_t i, kept = 0;

	if (map->marker == NULL || answer == NULL || n == 0)
		return n;
	for (i = 0; i < n; i++)
		kept += has_mark(map->marker, i + 1, answer, answer_n) != 0;
	/* A service that writes no marks cites what it lists. */
	if (kept == 0)
		return n;
	kept = 0;
	for (i = 0; i < n; i++) {
		if (has_mark(map->marker, i + 1, answer, answer_n))
			v[kept++] = v[i];
	}
	return kept;
}
