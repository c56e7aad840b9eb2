/* Fields of log lines; see log_lines.h. */
#include "harness/drill/log_lines.h"

#include <stdio.h>
#include <string.h>

enum { DEEP_MAX = 8 };

static int
has(const struct json *j, const char *name, int deep)
{
	const struct json *m;

	for (m = json_first(j); m != NULL; m = json_next(m)) {
		if (json_kind(j) == JSON_OBJECT &&
		    strcmp(json_key(m), name) == 0)
			return 1;
		if (deep < DEEP_MAX && has(m, name, deep + 1))
			return 1;
	}
	return 0;
}

/* The first field that it lacks, or NULL. */
static const char *
lacks(const struct json *line, const struct json *fields)
{
	const struct json *f = json_first(fields);

	for (; f != NULL; f = json_next(f)) {
		if (json_str(f) != NULL && !has(line, json_str(f), 0))
			return json_str(f);
	}
	return NULL;
}

static void
look(const char *line, size_t n, const struct json *fields,
    struct log_lines *out)
{
	struct json *j = json_parse(line, n, NULL);
	const char *name = lacks(j, fields);

	out->n++;
	out->bare += json_kind(j) != JSON_OBJECT || name != NULL;
	if (name != NULL && out->lacks[0] == '\0')
		(void)snprintf(out->lacks, sizeof(out->lacks), "%.79s", name);
	json_free(j);
}

void
log_lines_look(const char *text, size_t n, const char *about,
    const struct json *fields, struct log_lines *out)
{
	size_t about_n = about == NULL ? 0 : strlen(about);
	const char *end = text + n, *nl;

	for (; text < end; text = nl + 1) {
		nl = memchr(text, '\n', (size_t)(end - text));
		if (nl == NULL)
			nl = end;
		if (about != NULL ? memmem(text, (size_t)(nl - text), about,
		    about_n) != NULL : nl - text > 1)
			look(text, (size_t)(nl - text), fields, out);
	}
}
