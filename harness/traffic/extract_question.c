/* Questions of recorded requests; see extract.h. */
#include "harness/traffic/extract.h"

#include <string.h>

#include "harness/traffic/extract_part.h"

/* The last message of a user, else the last. */
static const char *
last_message(const struct json *messages)
{
	const char *text = NULL, *s, *role;
	const struct json *m, *part;
	int user = 0;

	for (m = json_first(messages); m != NULL; m = json_next(m)) {
		s = json_get_str(m, "content");
		for (part = json_first(json_get(m, "content")); s == NULL &&
		    part != NULL; part = json_next(part))
			s = json_get_str(part, "text");
		role = json_get_str(m, "role");
		if (s == NULL || (user && (role == NULL ||
		    strcmp(role, "user") != 0)))
			continue;
		user |= role != NULL && strcmp(role, "user") == 0;
		text = s;
	}
	return text;
}

const char *
extract_question(const struct extract_spec *spec, const struct json *body)
{
	static const char *const names[] = {
		"question", "query", "prompt", "input", "q", "text"
	};
	const struct json *j = alt_find(&spec->question, body);
	const char *s = json_str(j);
	size_t i;

	if (s != NULL || spec->question.n > 0)
		return s;
	s = last_message(json_get(body, "messages"));
	for (i = 0; s == NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		j = json_get(body, names[i]);
		s = json_str(j);
		if (s == NULL && json_kind(j) == JSON_ARRAY)
			s = last_message(j);
		if (s == NULL && json_kind(j) == JSON_OBJECT)
			s = json_get_str(j, "question");
	}
	return s;
}
