/* The text of an answer: a string, or the texts of a list. A value that is not
 * text is noted and taken as JSON. */
#include <string.h>

#include "harness/base/text.h"
#include "harness/traffic/extract_part.h"

struct join {
	struct answer_mem *mem;
	const char *only;	/* the first text, while it is the only one */
	size_t only_n, n_texts;
	enum json_kind odd;
	int texts_only;
};

static void
join_text(struct join *join, const char *s, size_t n)
{
	if (s == NULL)
		return;
	if (join->n_texts == 1)
		buf_add(&join->mem->text, join->only, join->only_n);
	if (join->n_texts > 0)
		buf_add(&join->mem->text, s, n);
	join->only = s;
	join->only_n = n;
	join->n_texts++;
}

/* Whether nothing is said in it: blanks and nulls, and names of what would be
 * there. */
static int
is_hollow(const struct json *j)
{
	static const char *const names[] = { "type", "role", "object", "id",
		"index" };
	const struct json *m;
	const char *s;
	size_t n, i;

	switch (json_kind(j)) {
	case JSON_STRING:
		s = json_text(j, &n);
		return text_is_blank(s, n);
	case JSON_ARRAY:
	case JSON_OBJECT:
		break;
	default:
		return json_kind(j) == JSON_NULL;
	}
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		for (i = 0; json_key(m) != NULL &&
		    i < sizeof(names) / sizeof(names[0]); i++) {
			if (strcmp(json_key(m), names[i]) == 0)
				break;
		}
		if ((json_key(m) == NULL ||
		    i == sizeof(names) / sizeof(names[0])) && !is_hollow(m))
			return 0;
	}
	return 1;
}

/* As JSON, in which the order of keys says nothing. */
static void
join_json(struct join *join, const struct json *j)
{
	struct buf b;

	if (join->texts_only)
		return;
	if (is_hollow(j)) {
		join_text(join, "", 0);
		return;
	}
	buf_init(&b, join->mem->text.max);
	if (extract_canon(&b, j) != RC_OK || b.bad != RC_OK)
		join->mem->nomem = 1;
	else
		join_text(join, extract_keep(join->mem, buf_str(&b), b.len),
		    b.len);
	buf_fini(&b);
	join->odd = json_kind(j);
}

static const char *
part_text(const struct json *j, size_t *n)
{
	return json_text(json_str(j) != NULL ? j : json_get(j, "text"), n);
}

/* What a model thinks before it answers is no part of its answer. */
static int
is_thought(const struct json *j)
{
	const char *type = json_get_str(j, "type");

	return type != NULL && (strstr(type, "thinking") != NULL ||
	    strstr(type, "reasoning") != NULL);
}

/* A list of texts, or of parts of which some hold a text: the others follow as
 * JSON. */
static void
join_list(struct join *join, const struct json *list)
{
	size_t before = join->n_texts;
	const struct json *j;
	const char *s;
	size_t n;

	for (j = json_first(list); j != NULL; j = json_next(j)) {
		s = part_text(j, &n);
		join_text(join, s, n);
	}
	if (join->n_texts == before && json_first(list) != NULL) {
		join_json(join, list);
		return;
	}
	for (j = json_first(list); j != NULL && !join->texts_only;
	    j = json_next(j)) {
		if (part_text(j, &n) != NULL || is_thought(j) || is_hollow(j))
			continue;
		join_text(join, "\n", 1);
		join_json(join, j);
		join->odd = JSON_ARRAY;
	}
}

static int
join_value(void *ctx, const struct json *j)
{
	struct join *join = ctx;
	const char *s;
	size_t n;

	switch (json_kind(j)) {
	case JSON_STRING:
		s = json_text(j, &n);
		join_text(join, s, n);
		break;
	case JSON_ARRAY:
		join_list(join, j);
		break;
	case JSON_NUMBER:
	case JSON_BOOL:
		s = extract_as_text(j, &n);
		join_text(join, s, n);
		join->odd = json_kind(j);
		break;
	case JSON_OBJECT:
		join_json(join, j);
		break;
	default:
		if (join->n_texts == 0)
			join->odd = JSON_NULL;
	}
	return 0;
}

const char *
extract_text(struct answer_mem *mem, const struct ptr_alt *a,
    const struct json *j, size_t *n, enum json_kind *odd)
{
	struct join join = { mem, NULL, 0, 0, JSON_NONE,
	    odd == NULL };
	size_t i;

	for (i = 0; i < a->n && join.n_texts == 0; i++) {
		buf_reset(&mem->text);
		(void)json_ptr_each(a->p[i], j, join_value, &join);
	}
	if (join.n_texts > 0 && join.odd == JSON_NULL)
		join.odd = JSON_NONE;
	if (odd != NULL)
		*odd = join.odd;
	if (join.n_texts == 0)
		return NULL;
	if (join.n_texts == 1) {
		*n = join.only_n;
		return join.only;
	}
	if (mem->text.bad != RC_OK)
		mem->nomem = 1;
	*n = mem->text.len;
	return extract_keep(mem, buf_str(&mem->text), mem->text.len);
}
