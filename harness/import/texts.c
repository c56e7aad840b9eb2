/* Questions, answers and passages in JSON of unknown shape. */
#include <math.h>
#include <string.h>

#include "harness/import/import_part.h"

/* How deep a text that is JSON within JSON is looked into. */
enum { TEXTS_DEPTH_MAX = 4 };

static const char *const asked_names[] = { "question", "query", "input",
    "prompt", "user_input", "user_query", "message", "inputs", "kwargs",
    "messages", "args", "str_or_query_bundle", "query_str", "text", "q",
    "content", NULL };
static const char *const said_names[] = { "answer", "output", "response",
    "result", "completion", "generation", "outputs", "message", "text",
    "content", "choices", "messages", "reply", NULL };

static const char *find(struct arena *a, const struct json *v, int said,
    int depth);

/* The text of chat messages: the last of the user's, or of all. */
static const char *
of_messages(struct arena *a, const struct json *list, int said, int depth)
{
	const struct json *m, *content;
	const char *text, *last = NULL;

	if (!said && (text = import_user_message(a, list)) != NULL)
		return text;
	for (m = json_first(list); m != NULL; m = json_next(m)) {
		content = json_get(m, "content");
		if (content == NULL)
			content = json_get(m, "parts");
		text = content != NULL ? import_content(a, content) :
		    json_kind(m) == JSON_OBJECT || json_kind(m) == JSON_ARRAY ?
		    find(a, m, said, depth + 1) : json_str(m);
		if (text != NULL)
			last = text;
		if (!said && last != NULL)
			break;
	}
	return last;
}

/* JSON in a text belongs to the arena from here on. */
static const char *
of_text(struct arena *a, const char *text, int said, int depth)
{
	struct json *j;
	const char *s;

	if (*text != '{' && *text != '[' && *text != '"')
		return text;
	j = json_parse(text, strlen(text), NULL);
	if (j == NULL)
		return text;
	s = find(a, j, said, depth + 1);
	if (s != NULL)
		s = arena_strn(a, s, strlen(s));
	json_free(j);
	return s;
}

static const char *
find(struct arena *a, const struct json *v, int said, int depth)
{
	const char *const *names = said ? said_names : asked_names;
	const char *s = NULL;

	if (v == NULL || depth > TEXTS_DEPTH_MAX)
		return NULL;
	if (json_kind(v) == JSON_STRING)
		return of_text(a, json_str(v), said, depth);
	if (json_kind(v) == JSON_ARRAY)
		return of_messages(a, v, said, depth);
	for (; s == NULL && *names != NULL; names++)
		s = find(a, json_get(v, *names), said, depth + 1);
	if (s != NULL && *s == '\0')
		s = NULL;
	return s;
}

const char *
import_asked(struct arena *a, const struct json *v)
{
	return find(a, v, 0, 0);
}

const char *
import_said(struct arena *a, const struct json *v)
{
	return find(a, v, 1, 0);
}

/* ---- passages ---------------------------------------------------------- */

static const char *const list_names[] = { "documents", "docs", "retrieved",
    "chunks", "nodes", "passages", "contexts", "context", "results",
    "source_nodes", "source_documents", "sources", "matches", "hits",
    "output", "outputs", NULL };
static const char *const text_names[] = { "text", "content", "page_content",
    "document", "chunk", "passage", "body", "snippet", NULL };
static const char *const id_names[] = { "id", "id_", "doc_id", "chunk_id",
    "document_id", "snippet_id", "section_id", "node_id", "source", "doc_uri",
    NULL };

const struct json *
import_doc_list(struct arena *a, const struct json *v)
{
	const struct json *e, *list = NULL;
	size_t i;

	(void)a;
	if (json_kind(v) == JSON_ARRAY)
		return v;
	for (i = 0; list == NULL && list_names[i] != NULL; i++) {
		e = json_get(v, list_names[i]);
		if (json_kind(e) == JSON_ARRAY)
			list = e;
		else if (json_kind(e) == JSON_OBJECT)
			list = import_doc_list(a, e);
	}
	return list;
}

static const char *
named(struct arena *a, const struct json *doc, const char *const *names)
{
	const struct json *v;

	for (; *names != NULL; names++) {
		v = json_get(doc, *names);
		if (json_kind(v) == JSON_STRING ||
		    json_kind(v) == JSON_NUMBER)
			return import_text(a, v);
	}
	return NULL;
}

const char *
import_doc_text(struct arena *a, const struct json *doc)
{
	const char *s = json_str(doc);

	if (s == NULL)
		s = named(a, doc, text_names);
	if (s == NULL)
		s = named(a, json_get(doc, "document"), text_names);
	return s != NULL ? s : named(a, json_get(doc, "node"), text_names);
}

const char *
import_doc_id(struct arena *a, const struct json *doc)
{
	const char *s = named(a, doc, id_names);

	if (s == NULL)
		s = named(a, json_get(doc, "metadata"), id_names);
	if (s == NULL)
		s = named(a, json_get(doc, "document"), id_names);
	return s != NULL ? s : named(a, json_get(doc, "node"), id_names);
}

double
import_doc_score(const struct json *doc)
{
	static const char *const names[] = { "score", "similarity",
	    "relevance_score", "distance", NULL };
	const struct json *v = NULL, *meta = json_get(doc, "metadata");
	size_t i;

	for (i = 0; v == NULL && names[i] != NULL; i++)
		v = json_get(doc, names[i]);
	for (i = 0; v == NULL && names[i] != NULL; i++)
		v = json_get(meta, names[i]);
	return import_num(v);
}
