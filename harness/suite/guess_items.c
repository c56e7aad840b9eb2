/* The passages of answers; see guess_part.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/suite/guess_part.h"

static const char *const text_names[] = { "text", "content", "pagecontent",
	"snippet", "passage", "chunk", "body", "document", "excerpt",
	"paragraph", "summary", NULL };
static const char *const score_names[] = { "score", "similarity",
	"relevance", "distance", "relevancescore", "rerankscore", "weight",
	"rank", "certainty", NULL };
/* Of the piece, then of what it is a piece of. */
static const char *const snippet_names[] = { "snippetid", "chunkid",
	"passageid", "id", "uuid", "key", "pk", "segmentid", "ref", "refid",
	NULL };
static const char *const section_names[] = { "sectionid", "section",
	"docid", "documentid", "sourceid", "parentid", "articleid", "doc",
	"document", "filename", "file", "source", "title", "path", NULL };

/* ---- the list ---- */

/* How long a path is up to its last list; 0: it has none. */
static size_t
list_length(const char *path)
{
	size_t n = strlen(path), i;

	for (i = n; i >= 2; i--) {
		if (path[i - 2] == '/' && path[i - 1] == '*' &&
		    (path[i] == '/' || path[i] == '\0'))
			return i - 2;
	}
	return 0;
}

static const struct shape_node *
list_of(const struct shape *s, const char *path)
{
	char at[2048];
	size_t n = list_length(path);

	(void)snprintf(at, sizeof(at), "%.*s", (int)n, path);
	return strstr(path, "/*") == NULL ? NULL : shape_find(s, at);
}

/* Whether a path goes through a list of several. */
static int
is_within_list(const struct shape *s, const char *path)
{
	const struct shape_node *list;
	char at[2048];
	const char *p = path;

	while ((p = strstr(p, "/*")) != NULL) {
		(void)snprintf(at, sizeof(at), "%.*s", (int)(p - path), path);
		list = shape_find(s, at);
		if (list != NULL && list->most > 1)
			return 1;
		p += 2;
	}
	return 0;
}

/* How much a text within a list is like a passage's. */
static double
text_score(const struct guess_shapes *s, const struct shape_node *n)
{
	char name[64];
	int at;

	if (!is_within_list(&s->said, n->path) || n->texts * 2 < n->n ||
	    strstr(n->path, "/messages/") != NULL || n->texts == 0 ||
	    n->bytes / n->texts < 20 || n->spaced * 2 < n->texts ||
	    n->urls * 2 > n->texts)
		return 0;
	guess_name(n->path, name, sizeof(name));
	at = guess_named(name, text_names);
	return log2((double)n->bytes / (double)n->texts) +
	    (at > 0 ? 4 - .1 * at : 0) +
	    4 * (double)n->docs / (double)s->said.docs;
}

/* A list whose elements have scores and no text is one of passages, too. */
static double
bare_score(const struct guess_shapes *s, const struct shape_node *n)
{
	char name[64];

	if (!is_within_list(&s->said, n->path) || n->numbers * 2 < n->n)
		return 0;
	guess_name(n->path, name, sizeof(name));
	return guess_named(name, score_names) > 0 ?
	    1 + (double)n->docs / (double)s->said.docs : 0;
}

const struct shape_node *
guess_best(const struct guess_shapes *s, guess_score_fn *score)
{
	const struct shape_node *best = NULL;
	double most = 0, v;
	size_t i;

	for (i = 0; i < s->said.n; i++) {
		v = score(s, &s->said.v[i]);
		if (v > most) {
			most = v;
			best = &s->said.v[i];
		}
	}
	return best;
}

/* ---- its members ---- */

const char *
guess_member(const char *list, const char *path)
{
	size_t n = strlen(list);

	if (strncmp(path, list, n) != 0 || strncmp(path + n, "/*", 2) != 0 ||
	    strstr(path + n + 2, "/*") != NULL)
		return NULL;
	return path[n + 2] == '\0' || path[n + 2] == '/' ? path + n + 2 :
	    NULL;
}

static int
is_scalar(const struct shape_node *n)
{
	return (n->texts + n->numbers) * 2 > n->n;
}

/* The member whose name comes first in a list of names. */
static const struct shape_node *
named_member(const struct shape *s, const char *list,
    const char *const *names, const struct shape_node *but)
{
	const struct shape_node *best = NULL;
	char name[64];
	int at, first = 0;
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (&s->v[i] == but || !is_scalar(&s->v[i]) ||
		    guess_member(list, s->v[i].path) == NULL)
			continue;
		guess_name(s->v[i].path, name, sizeof(name));
		at = guess_named(name[0] == '\0' ? "" : name, names);
		if (at > 0 && (first == 0 || at < first)) {
			first = at;
			best = &s->v[i];
		}
	}
	return best;
}

static void
put(struct guess *g, struct json *map, const char *key, const char *what,
    const char *list, const struct shape_node *n, size_t of)
{
	const char *rel = n == NULL ? NULL : guess_member(list, n->path);

	if (rel == NULL || *rel == '\0')
		return;
	(void)json_set(map, key, json_new_str(rel));
	guess_say(g, what, n->path, n->docs, of);
}

static const struct shape_node *
url_member(const struct shape *s, const char *list)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (guess_member(list, s->v[i].path) != NULL &&
		    s->v[i].urls * 2 > s->v[i].n)
			return &s->v[i];
	}
	return NULL;
}

/* A name that says nothing, and values that are all different: an id. */
static const struct shape_node *
unlike_member(const struct shape *s, const char *list,
    const struct shape_node *text)
{
	const struct shape_node *n, *best = NULL;
	size_t i, len;

	for (i = 0; i < s->n; i++) {
		n = &s->v[i];
		if (n == text || guess_member(list, n->path) == NULL ||
		    n->texts * 2 < n->n || n->spaced > 0 || n->urls > 0)
			continue;
		len = n->bytes / n->texts;
		if (len < 2 || len > 128 || n->n_values * 2 < n->n / 2)
			continue;
		if (best == NULL || n->n_values > best->n_values)
			best = n;
	}
	return best;
}

const struct shape_node *
guess_id_member(const struct shape *s, const char *list, int *is_section)
{
	const struct shape_node *n = named_member(s, list, section_names,
	    NULL);

	*is_section = n != NULL;
	return n != NULL ? n : named_member(s, list, snippet_names, NULL);
}

/* Where the text is in its section: two numbers, or a list of two. */
static void
put_offsets(struct guess *g, struct json *map, const struct guess_shapes *s)
{
	static const char *const from_names[] = { "from", "start",
		"startoffset", "startindex", "startchar", "begin", NULL };
	static const char *const to_names[] = { "to", "end", "endoffset",
		"endindex", "endchar", NULL };
	static const char *const span_names[] = { "span", "offsets", "range",
		"offset", NULL };
	const struct shape_node *from, *to, *list;
	char at[1024], name[64];
	const char *rel;
	size_t i;

	from = named_member(&s->said, s->passages_at, from_names, NULL);
	to = named_member(&s->said, s->passages_at, to_names, NULL);
	if (from != NULL && to != NULL && from->numbers > 0 &&
	    to->numbers > 0) {
		put(g, map, "from", "passages: from", s->passages_at, from,
		    s->said.docs);
		put(g, map, "to", "passages: to", s->passages_at, to,
		    s->said.docs);
		return;
	}
	for (i = 0; i < s->said.n; i++) {
		list = &s->said.v[i];
		guess_name(list->path, name, sizeof(name));
		rel = guess_member(s->passages_at, list->path);
		if (rel == NULL || list->lists == 0 || list->most != 2 ||
		    list->elements != 2 * list->lists ||
		    guess_named(name, span_names) == 0)
			continue;
		(void)snprintf(at, sizeof(at), "%.900s/0", rel);
		(void)json_set(map, "from", json_new_str(at));
		(void)snprintf(at, sizeof(at), "%.900s/1", rel);
		(void)json_set(map, "to", json_new_str(at));
		guess_say(g, "passages: from, to", list->path, list->docs,
		    s->said.docs);
		return;
	}
}

/* ---- parallel lists ---- */

/* What the list of a column is called, one of them: "ids" as "id". */
static int
column_named(const struct shape_node *list, const char *const *names)
{
	char name[64];
	size_t n;

	guess_name(list->path, name, sizeof(name));
	if (guess_named(name, names) > 0)
		return 1;
	n = strlen(name);
	if (n < 2 || name[n - 1] != 's')
		return 0;
	name[n - 1] = '\0';
	return guess_named(name, names) > 0;
}

int
guess_beside(const struct shape_node *a, const struct shape_node *b)
{
	const char *slash = strrchr(b->path, '/');
	size_t folder = slash == NULL ? 0 : (size_t)(slash - b->path) + 1;

	return a != b && a->lists == b->lists && a->most == b->most &&
	    a->elements == b->elements &&
	    strncmp(a->path, b->path, folder) == 0 &&
	    strchr(a->path + folder, '/') == NULL;
}

/* A list of scalars beside the list of the texts. */
static const struct shape_node *
column(const struct shape *s, const struct shape_node *texts,
    const char *const *names)
{
	const struct shape_node *list, *of;
	char at[2048];
	size_t i;

	for (i = 0; i < s->n; i++) {
		list = &s->v[i];
		if (!guess_beside(list, texts) || !column_named(list, names))
			continue;
		(void)snprintf(at, sizeof(at), "%.2000s/*", list->path);
		of = shape_find(s, at);
		if (of != NULL && is_scalar(of))
			return of;
	}
	return NULL;
}

static void
put_column(struct guess *g, struct json *map, const char *key,
    const char *what, const struct shape_node *n, size_t of)
{
	if (n == NULL)
		return;
	(void)json_set(map, key, json_new_str(n->path));
	guess_say(g, what, n->path, n->docs, of);
}

/* Texts in one list, their ids and scores in others beside it: the k-th of
 * each make the k-th passage. NULL: there is no other */
static struct json *
guess_columns(struct guess *g, struct guess_shapes *s,
    const struct shape_node *text)
{
	const struct shape_node *texts = list_of(&s->said, text->path);
	const struct shape_node *id, *section, *score;
	size_t of = s->said.docs;
	struct json *map;

	id = column(&s->said, texts, snippet_names);
	section = column(&s->said, texts, section_names);
	score = column(&s->said, texts, score_names);
	if (id == NULL && section == NULL && score == NULL)
		return NULL;
	map = json_new(JSON_OBJECT);
	if (map == NULL)
		return NULL;
	s->passages = texts;
	s->columns = 1;
	s->snippet = id;
	s->section = section != NULL ? section : id;
	(void)json_set(map, "columns", json_new_bool(1));
	put_column(g, map, "text", "passages: text", text, of);
	put_column(g, map, "snippet_id", "passages: id", id, of);
	put_column(g, map, "section_id", "passages: section", s->section, of);
	put_column(g, map, "score", "passages: score", score, of);
	return map;
}

struct json *
guess_passages(struct guess *g, struct guess_shapes *s)
{
	const struct shape_node *text = guess_best(s, text_score);
	const struct shape_node *id, *section;
	const struct shape_node *any = text != NULL ? text :
	    guess_best(s, bare_score);
	struct json *map;
	size_t of = s->said.docs;

	if (any == NULL || (map = json_new(JSON_OBJECT)) == NULL)
		return NULL;
	(void)snprintf(s->passages_at, sizeof(s->passages_at), "%.*s",
	    (int)list_length(any->path), any->path);
	s->passages = list_of(&s->said, any->path);
	if (text != NULL && strcmp(text->path + list_length(text->path),
	    "/*") == 0) {
		struct json *columns = guess_columns(g, s, text);

		if (columns != NULL) {
			json_free(map);
			return columns;
		}
	}
	(void)json_set(map, "items", json_new_str(s->passages_at));
	guess_say(g, "passages", s->passages_at, s->passages->docs, of);
	put(g, map, "text", "passages: text", s->passages_at, text, of);
	id = named_member(&s->said, s->passages_at, snippet_names, text);
	section = named_member(&s->said, s->passages_at, section_names, text);
	if (id == NULL && section == NULL)
		id = unlike_member(&s->said, s->passages_at, text);
	s->snippet = id;
	s->section = section != NULL ? section : id;
	put(g, map, "snippet_id", "passages: id", s->passages_at, id, of);
	put(g, map, "section_id", "passages: section", s->passages_at,
	    s->section, of);
	put_offsets(g, map, s);
	put(g, map, "source_url", "passages: address", s->passages_at,
	    url_member(&s->said, s->passages_at), of);
	put(g, map, "score", "passages: score", s->passages_at,
	    named_member(&s->said, s->passages_at, score_names, NULL), of);
	return map;
}
