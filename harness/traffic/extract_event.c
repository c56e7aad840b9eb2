/* What an event of a stream is: content, the end, an error; see extract.h.
 * Engine and extraction both use this, so they never differ. */
#include <string.h>

#include "harness/traffic/extract_part.h"

const char *
extract_event_name(const struct sse_event *e, const struct json *j)
{
	static const char *const members[] = { "type", "event_type", "event" };
	const char *name = *e->name != '\0' ? e->name : NULL;
	size_t i;

	for (i = 0; name == NULL && i < sizeof(members) / sizeof(members[0]);
	    i++)
		name = json_get_str(j, members[i]);
	return name != NULL ? name : "";
}

int
extract_event_counts(const struct extract_spec *spec, const char *name)
{
	return spec->token_event == NULL || *name == '\0' ||
	    strcmp(name, spec->token_event) == 0;
}

/* ---- the end ----------------------------------------------------------- */

static int
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A blank behind the mark is none of it. */
static int
is_text(const char *p, size_t n, const char *mark)
{
	while (n > 0 && is_blank(p[n - 1]))
		n--;
	while (n > 0 && is_blank(*p)) {
		p++;
		n--;
	}
	return strlen(mark) == n && memcmp(p, mark, n) == 0;
}

static int
has_member(const struct end_mark *m, const struct json *j)
{
	const struct json *want = json_first(m->member);

	return want != NULL && json_equal(json_get(j, json_key(want)), want);
}

int
extract_event_ends(const struct extract_spec *spec,
    const struct sse_event *e, const struct json *j)
{
	const struct end_mark *m;
	size_t i;

	for (i = 0; i < spec->n_ends; i++) {
		m = &spec->ends[i];
		if (is_text(e->data, e->n, m->text) ||
		    strcmp(e->name, m->text) == 0 ||
		    (j != NULL && (has_member(m, j) ||
		    strcmp(extract_event_name(e, j), m->text) == 0)))
			return 1;
	}
	return 0;
}

/* ---- by itself --------------------------------------------------------- */

static int
has(const struct sse_event *e, const char *word)
{
	return memmem(e->data, e->n, word, strlen(word)) != NULL;
}

/* Whether its JSON could tell an end or an error. */
static int
may_tell(const struct extract_spec *spec, const struct sse_event *e,
    unsigned want)
{
	const struct json *member;
	size_t i;

	for (i = 0; (want & EVENT_END) != 0 && i < spec->n_ends; i++) {
		member = json_first(spec->ends[i].member);
		if (has(e, member != NULL ? json_key(member) :
		    spec->ends[i].text))
			return 1;
	}
	return (want & EVENT_ERROR) != 0 && spec->error.n > 0 &&
	    (strcmp(e->name, "error") == 0 || has(e, "error") ||
	    has(e, "fail") || (spec->chat && has(e, "\"detail\"")));
}

static int
some_text(void *ctx, const struct json *j)
{
	const char *s = json_str(j);

	(void)ctx;
	if (json_kind(j) == JSON_ARRAY) {
		for (j = json_first(j); j != NULL; j = json_next(j)) {
			s = json_str(j) != NULL ? json_str(j) :
			    json_get_str(j, "text");
			if (s != NULL && *s != '\0')
				return 1;
		}
		return 0;
	}
	return s != NULL ? *s != '\0' : json_kind(j) == JSON_NUMBER;
}

static int
some_call(void *ctx, const struct json *j)
{
	const struct tools_map *map = ctx;
	const struct json *name, *args;

	if (json_kind(j) == JSON_ARRAY)
		j = json_first(j);
	name = alt_find(&map->name, j);
	args = alt_find(&map->arguments, j);
	return some_text(NULL, name) || some_text(NULL, args) ||
	    (json_kind(args) == JSON_OBJECT && json_first(args) != NULL);
}

static int
any(const struct ptr_alt *a, const struct json *j, json_each_fn *fn,
    void *ctx)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		if (json_ptr_each(a->p[i], j, fn, ctx) != 0)
			return 1;
	}
	return 0;
}

/* Raw text is a piece where the whole event is one. */
static int
takes_raw(const struct extract_spec *spec)
{
	size_t i;

	for (i = 0; i < spec->token.n; i++) {
		if (*json_ptr_text(spec->token.p[i]) == '\0')
			return 1;
	}
	return spec->token.n == 0;
}

static int
has_content(const struct extract_spec *spec, const struct sse_event *e,
    const struct json *j)
{
	struct tools_map piece = spec->tool_piece, whole = spec->tools;

	if (j == NULL)
		return e->n > 0 && takes_raw(spec);
	if (extract_event_counts(spec, extract_event_name(e, j)) &&
	    any(&spec->token, j, some_text, NULL))
		return 1;
	return any(&spec->answer, j, some_text, NULL) ||
	    any(&piece.items, j, some_call, &piece) ||
	    any(&whole.items, j, some_call, &whole) ||
	    (spec->token.n == 0 && spec->answer.n == 0);
}

unsigned
extract_event(const struct extract_spec *spec, const struct sse_event *e,
    unsigned want, struct buf *words)
{
	struct json *j = NULL;
	unsigned got = 0;

	if ((want & EVENT_CONTENT) != 0 || may_tell(spec, e, want))
		j = json_parse(e->data, e->n, NULL);
	if ((want & EVENT_END) != 0 && extract_event_ends(spec, e, j))
		got |= EVENT_END;
	if (e->has_data && (want & EVENT_ERROR) != 0 &&
	    extract_error(spec, extract_event_name(e, j), j, words))
		got |= EVENT_ERROR;
	/* a mark that is all of the data is no content */
	if (e->has_data && (want & EVENT_CONTENT) != 0 && (got == 0 ||
	    (got == EVENT_END && j != NULL)) && has_content(spec, e, j))
		got |= EVENT_CONTENT;
	json_free(j);
	return got;
}
