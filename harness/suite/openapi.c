/* Operations that ask; see openapi.h. */
#include "harness/suite/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH_MAX = 6, REFS_MAX = 16, PATH_PARTS = 16 };

/* Members that hold a question, the likeliest first. */
static const char *const names[] = { "question", "query", "prompt",
	"message", "q", "input", "text", "user_input", "search", "content" };
static const char *const words[] = { "query", "ask", "chat", "answer",
	"question", "search", "rag", "retrieve", "generate", "invoke",
	"completion" };
enum { N_NAMES = sizeof(names) / sizeof(names[0]),
	N_WORDS = sizeof(words) / sizeof(words[0]) };

struct work {
	const struct json *doc;
	int asks;		/* a placeholder was put in; how good: 1.. */
};

/* Follows "$ref": "#/a/b", and the first that is no null of a choice. */
static const struct json *
resolve(const struct json *doc, const struct json *schema)
{
	static const char *const choices[] = { "anyOf", "oneOf", "allOf" };
	const struct json *m = NULL;
	struct json_ptr *p;
	const char *ref;
	size_t i, hops;

	for (hops = 0; schema != NULL && hops < REFS_MAX; hops++) {
		ref = json_get_str(schema, "$ref");
		if (ref != NULL) {
			p = *ref == '#' ? json_ptr_new(ref + 1, NULL) : NULL;
			schema = p == NULL ? NULL : json_ptr_find(p, doc);
			json_ptr_free(p);
			continue;
		}
		for (i = 0, m = NULL; i < 3 && m == NULL; i++) {
			m = json_first(json_get(schema, choices[i]));
			while (m != NULL && json_get_str(m, "type") != NULL &&
			    strcmp(json_get_str(m, "type"), "null") == 0)
				m = json_next(m);
		}
		if (m == NULL)
			return schema;
		schema = m;
	}
	return schema;
}

static int
rank_of(const char *name)
{
	size_t i;

	for (i = 0; name != NULL && i < N_NAMES; i++) {
		if (strcmp(name, names[i]) == 0)
			return (int)(N_NAMES - i);
	}
	return 0;
}

static struct json *example(struct work *w, const struct json *schema,
    const char *name, int depth);

static int
is_required(const struct json *schema, const char *name)
{
	const struct json *m = json_first(json_get(schema, "required"));

	for (; m != NULL; m = json_next(m)) {
		if (json_str(m) != NULL && strcmp(json_str(m), name) == 0)
			return 1;
	}
	return 0;
}

static struct json *
object(struct work *w, const struct json *schema, int depth)
{
	const struct json *m = json_first(json_get(schema, "properties"));
	struct json *out = json_new(JSON_OBJECT);

	for (; m != NULL && out != NULL; m = json_next(m)) {
		if (!is_required(schema, json_key(m)) &&
		    rank_of(json_key(m)) <= w->asks &&
		    strcmp(json_key(m), "messages") != 0)
			continue;
		if (json_set(out, json_key(m), example(w, m, json_key(m),
		    depth + 1)) != RC_OK) {
			json_free(out);
			return NULL;
		}
	}
	return out;
}

static struct json *
text(struct work *w, const struct json *schema, const char *name)
{
	const char *format = json_get_str(schema, "format");
	int rank = rank_of(name);

	if (rank > 0 && format == NULL) {
		w->asks = rank > w->asks ? rank : w->asks;
		return json_new_str("{{question}}");
	}
	if (name != NULL && strcmp(name, "role") == 0)
		return json_new_str("user");
	return json_new_str("lockstep");
}

/* A value that the schema takes. */
static struct json *
example(struct work *w, const struct json *schema, const char *name,
    int depth)
{
	const struct json *s = resolve(w->doc, schema), *v;
	const char *type = json_get_str(s, "type");
	struct json *list;

	if (depth > DEPTH_MAX || s == NULL)
		return json_new(JSON_NULL);
	v = json_get(s, "default");
	if (v == NULL)
		v = json_get(schema, "default");
	if (v == NULL)
		v = json_first(json_get(s, "enum"));
	if (v == NULL)
		v = json_get(s, "const");
	if (v != NULL && json_kind(v) != JSON_NULL && rank_of(name) == 0)
		return json_copy(v);
	if (json_get(s, "properties") != NULL)
		return object(w, s, depth);
	if (type == NULL || strcmp(type, "string") == 0)
		return text(w, s, name);
	if (strcmp(type, "integer") == 0 || strcmp(type, "number") == 0)
		return json_new_num(json_get_num(s, "minimum", 5));
	if (strcmp(type, "boolean") == 0)
		return json_new_bool(0);
	if (strcmp(type, "object") == 0)
		return json_new(JSON_OBJECT);
	list = json_new(JSON_ARRAY);
	if (list != NULL && (rank_of(name) > 0 || (name != NULL &&
	    strcmp(name, "messages") == 0)) &&
	    json_push(list, example(w, json_get(s, "items"), name,
	    depth + 1)) != RC_OK) {
		json_free(list);
		return NULL;
	}
	return list;
}

/* ---- operations ---- */

static const struct json *
body_schema(const struct json *doc, const struct json *op)
{
	const struct json *content = json_get(resolve(doc, json_get(op,
	    "requestBody")), "content");
	const struct json *m = json_get(content, "application/json");

	return json_get(m, "schema");
}

static int
path_rank(const char *path)
{
	char low[512];
	size_t i;

	for (i = 0; path[i] != '\0' && i + 1 < sizeof(low); i++)
		low[i] = (char)tolower((unsigned char)path[i]);
	low[i] = '\0';
	for (i = 0; i < N_WORDS; i++) {
		if (strstr(low, words[i]) != NULL)
			return 4;
	}
	return 0;
}

/* A GET that takes the question as a parameter. returns its rank, 0: none */
static int
by_parameter(const struct json *doc, const struct json *op,
    const char *path, struct openapi_ask *out)
{
	const struct json *p = json_first(json_get(op, "parameters"));
	int best = 0;

	for (; p != NULL; p = json_next(p)) {
		const struct json *r = resolve(doc, p);
		const char *in = json_get_str(r, "in");
		const char *name = json_get_str(r, "name");

		if (in == NULL || name == NULL || strcmp(in, "query") != 0)
			continue;
		if (rank_of(name) > best) {
			best = rank_of(name);
			(void)snprintf(out->path, sizeof(out->path),
			    "%.300s?%s={{question}}", path, name);
		} else if (json_get_bool(r, "required", 0)) {
			return 0;	/* what to put there is not known */
		}
	}
	(void)snprintf(out->method, sizeof(out->method), "GET");
	return best == 0 ? 0 : best + path_rank(path);
}

/* returns the rank, 0: it takes no question */
static int
look(const struct json *doc, const char *path, const struct json *op,
    struct openapi_ask *out)
{
	struct work w = { doc, 0 };

	memset(out, 0, sizeof(*out));
	if (strchr(path, '{') != NULL || *path != '/' || strlen(path) > 300)
		return 0;
	if (strcmp(json_key(op), "get") == 0)
		return by_parameter(doc, op, path, out);
	if (strcmp(json_key(op), "post") != 0)
		return 0;
	out->body = example(&w, body_schema(doc, op), NULL, 0);
	(void)snprintf(out->method, sizeof(out->method), "POST");
	(void)snprintf(out->path, sizeof(out->path), "%s", path);
	/* a body beats a parameter */
	return w.asks == 0 ? 0 : w.asks + 2 + path_rank(path);
}

int
openapi_find(const struct json *doc, const char *only,
    struct openapi_ask *out, struct err *err)
{
	const struct json *p = json_first(json_get(doc, "paths")), *op;
	struct openapi_ask one;
	int best = 0, rank;

	(void)err;
	memset(out, 0, sizeof(*out));
	for (; p != NULL; p = json_next(p)) {
		if (only != NULL && strcmp(only, json_key(p)) != 0)
			continue;
		for (op = json_first(p); op != NULL; op = json_next(op)) {
			rank = look(doc, json_key(p), op, &one);
			if (rank > best) {
				json_free(out->body);
				*out = one;
				best = rank;
			} else {
				json_free(one.body);
			}
		}
	}
	return best > 0;
}
