/* Questions of recorded requests; see extract.h. */
#include "harness/traffic/extract.h"

#include <string.h>

#include "harness/traffic/extract_part.h"

static const struct json *
a_text(const struct json *j)
{
	return json_kind(j) == JSON_STRING ? j : NULL;
}

/* The last message of a user, else the last: its text. */
static const struct json *
last_message(const struct json *messages)
{
	const struct json *text = NULL, *m, *part, *s;
	const char *role;
	int user = 0;

	for (m = json_first(messages); m != NULL; m = json_next(m)) {
		s = a_text(json_get(m, "content"));
		for (part = json_first(json_get(m, "content")); s == NULL &&
		    part != NULL; part = json_next(part))
			s = a_text(json_get(part, "text"));
		role = json_get_str(m, "role");
		if (s == NULL || (user && (role == NULL ||
		    strcmp(role, "user") != 0)))
			continue;
		user |= role != NULL && strcmp(role, "user") == 0;
		text = s;
	}
	return text;
}

static const char *const names[] = {
	"question", "query", "prompt", "input", "q", "text"
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

/* Whether a request is one of GraphQL: its `query` is a document. */
static int
is_graphql(const struct json *body)
{
	static const char *const begins[] = { "query", "mutation",
		"subscription", "fragment", "{" };
	const char *s = json_get_str(body, "query");
	size_t i, n;

	if (s == NULL || strchr(s, '{') == NULL || strchr(s, '}') == NULL)
		return 0;
	for (;;) {
		s += strspn(s, " \t\r\n,");
		if (*s != '#')
			break;
		s += strcspn(s, "\n");		/* a comment */
	}
	for (i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		n = strlen(begins[i]);
		if (strncmp(s, begins[i], n) == 0 && (*s == '{' ||
		    strchr(" \t\r\n{(@", s[n]) != NULL))
			return 1;
	}
	return 0;
}

/* Among the variables of GraphQL, or the members of one of them. */
static const struct json *
in_variables(const struct json *variables)
{
	const struct json *s = NULL, *v;
	size_t i;

	for (i = 0; s == NULL && i < NAMES; i++)
		s = a_text(json_get(variables, names[i]));
	for (v = json_first(variables); s == NULL && v != NULL;
	    v = json_next(v)) {
		for (i = 0; s == NULL && i < NAMES; i++)
			s = a_text(json_get(v, names[i]));
	}
	return s;
}

static const struct json *
find(const struct extract_spec *spec, const struct json *body)
{
	const struct json *j = alt_find(&spec->question, body);
	const struct json *s = a_text(j);
	size_t i;

	if (s != NULL || spec->question.n > 0)
		return s;
	if (is_graphql(body))
		return in_variables(json_get(body, "variables"));
	s = last_message(json_get(body, "messages"));
	for (i = 0; s == NULL && i < NAMES; i++) {
		j = json_get(body, names[i]);
		s = a_text(j);
		if (s == NULL && json_kind(j) == JSON_ARRAY)
			s = last_message(j);
		if (s == NULL && json_kind(j) == JSON_OBJECT)
			s = a_text(json_get(j, "question"));
	}
	return s;
}

const char *
extract_question(const struct extract_spec *spec, const struct json *body,
    size_t *n)
{
	return json_text(find(spec, body), n);
}
