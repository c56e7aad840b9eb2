/* The answer, usage, pins and streams of an unknown API; see guess_part.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/suite/guess_part.h"

static const char *const answer_names[] = { "answer", "completion",
	"response", "reply", "output", "outputtext", "generatedtext", "result",
	"content", "message", "text", "said", "summary", "body", NULL };
static const char *const token_names[] = { "token", "delta", "content",
	"text", "chunk", "answer", "response", NULL };
static const char *const in_names[] = { "prompttokens", "inputtokens",
	"tokensin", "promptevalcount", "prompttokencount", NULL };
static const char *const out_names[] = { "completiontokens", "outputtokens",
	"tokensout", "evalcount", "generatedtokens", "candidatestokencount",
	NULL };
static const char *const pin_names[] = { "pins", "versions", "revisions",
	NULL };

/* Whether every list on the way has one element; then `*` is 0. */
static int
one_path(const struct shape *s, const char *path, char *out, size_t cap)
{
	const struct shape_node *list;
	char at[2048];
	const char *p;
	size_t n = 0;

	if (strlen(path) >= cap)
		return 0;
	for (p = path; *p != '\0'; p++) {
		if (p[0] == '*' && p[-1] == '/' && (p[1] == '/' ||
		    p[1] == '\0')) {
			(void)snprintf(at, sizeof(at), "%.*s",
			    (int)(p - path - 1), path);
			list = shape_find(s, at);
			if (list == NULL || list->most > 1)
				return 0;
			out[n++] = '0';
		} else {
			out[n++] = *p;
		}
	}
	out[n] = '\0';
	return 1;
}

/* Whether it gives back what was asked. */
static int
is_echo(const struct guess_shapes *s, const struct shape_node *n)
{
	const struct shape_node *q;
	size_t i, k, same;

	for (i = 0; i < s->asked.n; i++) {
		q = &s->asked.v[i];
		if (q->spaced == 0)
			continue;
		for (k = same = 0; k < n->n_values; k++)
			same += (size_t)shape_has(q, n->values[k]);
		if (same * 2 > n->n_values)
			return 1;
	}
	return 0;
}

static double
answer_score(const struct guess_shapes *s, const struct shape_node *n)
{
	char path[2048], name[64];
	int at;

	if (n->texts * 2 < n->n || n->texts == 0 || n->urls * 2 > n->texts ||
	    n->docs * 2 < s->said.docs || n->bytes == 0 ||
	    (s->said.docs >= 3 && n->n_values < 2) ||
	    !one_path(&s->said, n->path, path, sizeof(path)) || is_echo(s, n))
		return 0;
	guess_name(n->path, name, sizeof(name));
	at = guess_named(name, answer_names);
	return log2(1 + (double)n->bytes / (double)n->texts) +
	    2 * (double)n->spaced / (double)n->texts +
	    4 * (double)n->docs / (double)s->said.docs +
	    (at > 0 ? 6 - .2 * at : 0);
}

/* A text of many pieces in one stream. */
static double
token_score(const struct guess_shapes *s, const struct shape_node *n)
{
	char path[2048], name[64];
	int at;

	if (n->texts * 2 < n->n || n->texts < 2 * n->docs ||
	    n->docs * 2 < s->said.docs || n->bytes > n->texts * 64 ||
	    n->n_values < 3 ||
	    !one_path(&s->said, n->path, path, sizeof(path)))
		return 0;
	guess_name(n->path, name, sizeof(name));
	at = guess_named(name, token_names);
	return 1 + log2(1 + (double)n->bytes) +
	    2 * log2((double)n->n_values) + (at > 0 ? 4 - .2 * at : 0);
}

/* Whether the list that holds this is one of an answer's pieces. */
static int
is_in_parts(const char *path)
{
	static const char *const names[] = { "parts", "content", "contents",
		"blocks", "segments", "paragraphs", "pieces", NULL };
	const char *star = strstr(path, "/*");
	char list[1024], name[64];

	if (star == NULL || strstr(star + 2, "/*") != NULL)
		return 0;
	(void)snprintf(list, sizeof(list), "%.*s", (int)(star - path), path);
	guess_name(list, name, sizeof(name));
	return guess_named(name, names) > 0;
}

/* An answer in a list of pieces, which are joined. */
static double
parts_score(const struct guess_shapes *s, const struct shape_node *n)
{
	if (!is_in_parts(n->path) || n->texts * 2 < n->n || n->texts == 0 ||
	    n->docs * 2 < s->said.docs || n->spaced == 0 || is_echo(s, n) ||
	    (s->passages_at[0] != '\0' && strncmp(n->path, s->passages_at,
	    strlen(s->passages_at)) == 0))
		return 0;
	return log2(1 + (double)n->bytes / (double)n->texts);
}

static void
find_parts(struct guess *g, struct guess_shapes *s)
{
	const struct shape_node *n = guess_best(s, parts_score);

	if (n == NULL)
		return;
	(void)json_set(g->extract, "answer", json_new_str(n->path));
	guess_say(g, "answer: its pieces", n->path, n->docs, s->said.docs);
}

static void
find_answer(struct guess *g, struct guess_shapes *s)
{
	const struct shape_node *n = guess_best(s, answer_score);
	char path[2048];

	if (n == NULL)
		find_parts(g, s);
	if (n == NULL || !one_path(&s->said, n->path, path, sizeof(path)))
		return;
	(void)json_set(g->extract, "answer", json_new_str(path));
	guess_say(g, "answer", path, n->docs, s->said.docs);
}

static void
find_stream(struct guess *g, struct guess_shapes *s)
{
	const struct shape_node *n = guess_best(s, token_score);
	struct json *stream;
	char path[2048];

	if (n == NULL || !one_path(&s->said, n->path, path, sizeof(path)) ||
	    (stream = json_new(JSON_OBJECT)) == NULL)
		return;
	(void)json_set(stream, "format", json_new_str(s->format == 's' ?
	    "sse" : "ndjson"));
	(void)json_set(stream, "token", json_new_str(path));
	if (s->ends * 10 >= g->streams * 9)
		(void)json_set(stream, "end", json_new_str(s->end));
	(void)json_set(g->extract, "stream", stream);
	guess_say(g, "stream: pieces of the answer", path, n->docs,
	    s->said.docs);
}

static const struct shape_node *
named_number(const struct shape *s, const char *const *names)
{
	char name[64];
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->v[i].numbers == 0 || strstr(s->v[i].path, "/*"))
			continue;
		guess_name(s->v[i].path, name, sizeof(name));
		if (guess_named(name, names) > 0)
			return &s->v[i];
	}
	return NULL;
}

static void
find_usage(struct guess *g, struct guess_shapes *s)
{
	const struct shape_node *in = named_number(&s->said, in_names);
	const struct shape_node *out = named_number(&s->said, out_names);
	struct json *usage;

	if ((in == NULL && out == NULL) ||
	    (usage = json_new(JSON_OBJECT)) == NULL)
		return;
	if (in != NULL) {
		(void)json_set(usage, "tokens_in", json_new_str(in->path));
		guess_say(g, "tokens in", in->path, in->docs, s->said.docs);
	}
	if (out != NULL) {
		(void)json_set(usage, "tokens_out", json_new_str(out->path));
		guess_say(g, "tokens out", out->path, out->docs,
		    s->said.docs);
	}
	(void)json_set(g->extract, "usage", usage);
}

static void
find_pins(struct guess *g, struct guess_shapes *s)
{
	char name[64];
	size_t i;

	for (i = 0; i < s->said.n; i++) {
		guess_name(s->said.v[i].path, name, sizeof(name));
		if (s->said.v[i].objects == 0 || strstr(s->said.v[i].path,
		    "/*") || guess_named(name, pin_names) == 0)
			continue;
		(void)json_set(g->extract, "pins",
		    json_new_str(s->said.v[i].path));
		guess_say(g, "pins", s->said.v[i].path, s->said.v[i].docs,
		    s->said.docs);
		return;
	}
}

/* A list of objects with a name and arguments. */
static void
find_tools(struct guess *g, struct guess_shapes *s)
{
	static const char *const shapes[][2] = {
		{ "/function/name", "/function/arguments" },
		{ "/name", "/arguments" }, { "/name", "/args" },
		{ "/name", "/input" }, { "/tool", "/arguments" },
		{ "/tool", "/input" }, { "/tool_name", "/tool_input" },
	};
	const struct shape_node *list;
	struct json *tools;
	char at[2048];
	size_t i, k;

	for (i = 0; i < s->said.n; i++) {
		list = &s->said.v[i];
		for (k = 0; list->lists > 0 && k < 7; k++) {
			(void)snprintf(at, sizeof(at), "%.900s/*%s",
			    list->path, shapes[k][0]);
			if (shape_find(&s->said, at) == NULL)
				continue;
			(void)snprintf(at, sizeof(at), "%.900s/*%s",
			    list->path, shapes[k][1]);
			if (shape_find(&s->said, at) == NULL)
				continue;
			tools = json_new(JSON_OBJECT);
			(void)json_set(tools, "items",
			    json_new_str(list->path));
			(void)json_set(tools, "name",
			    json_new_str(shapes[k][0]));
			(void)json_set(tools, "arguments",
			    json_new_str(shapes[k][1]));
			(void)json_set(g->extract, "tool_calls", tools);
			guess_say(g, "tool calls", list->path, list->docs,
			    s->said.docs);
			return;
		}
	}
}

int
guess_fields(struct guess *g, struct guess_shapes *s, struct err *err)
{
	struct json *map;

	g->extract = json_new(JSON_OBJECT);
	if (g->extract == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (s->said.docs == 0)
		return RC_OK;
	map = guess_passages(g, s);
	if (map != NULL)
		(void)json_set(g->extract, "retrieved", map);
	if (s->format != 0)
		find_stream(g, s);
	if (json_get(g->extract, "stream") == NULL)
		find_answer(g, s);
	map = guess_citations(g, s);
	if (map != NULL)
		(void)json_set(g->extract, "citations", map);
	find_usage(g, s);
	find_pins(g, s);
	find_tools(g, s);
	return RC_OK;
}
