/* What came of a scenario: its checks, and its keys; see drill_part.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/drill/drill_part.h"
#include "harness/suite/suite_keys.h"

static void
add(struct drill *d, const char *name, const char *verdict, const char *says)
{
	struct json *c = json_new(JSON_OBJECT);

	(void)json_set(c, "name", json_new_str(name));
	(void)json_set(c, "verdict", json_new_str(verdict));
	(void)json_set(c, "says", json_new_str(says));
	(void)json_push(d->checks, c);
}

int
drill_check(struct drill *d, const char *name, int ok, const char *cause,
    const char *fmt, ...)
{
	char says[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(says, sizeof(says), fmt, ap);
	va_end(ap);
	add(d, name, ok ? "PASS" : "FAIL", says);
	if (ok)
		return 1;
	d->failed = 1;
	if (cause != NULL && json_get(d->out, "cause") == NULL)
		(void)json_set(d->out, "cause", json_new_str(cause));
	return 0;
}

void
drill_skip(struct drill *d, const char *name, const char *fmt, ...)
{
	char says[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(says, sizeof(says), fmt, ap);
	va_end(ap);
	add(d, name, "NOT_JUDGED", says);
}

void
drill_needs(struct drill *d, const char *fmt, ...)
{
	char says[600];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(says, sizeof(says), fmt, ap);
	va_end(ap);
	if (!d->cannot)
		(void)json_set(d->out, "headline", json_new_str(says));
	d->cannot = 1;
}

int
drill_stopped(const struct drill *d)
{
	return d->o->stop != NULL && *d->o->stop != 0;
}

/* ---- keys --------------------------------------------------------------- */

static const char *
dflt(const char *key)
{
	const struct suite_key *row = suite_key_find("@scenario", key);

	return row == NULL || row->dflt == NULL ? "0" : row->dflt;
}

double
drill_num(const struct drill *d, const char *key)
{
	return json_get_num(d->scenario, key, strtod(dflt(key), NULL));
}

int64_t
drill_int(const struct drill *d, const char *key)
{
	return json_get_int(d->scenario, key, strtoll(dflt(key), NULL, 10));
}

int64_t
drill_time(const struct drill *d, const char *key)
{
	const struct json *j = json_get(d->scenario, key);
	const char *text = json_str(j);
	char own[32];
	int64_t ns = 0;

	if (json_kind(j) == JSON_NUMBER)
		return (int64_t)(json_num(j, 0) * 1e9);
	if (text == NULL) {
		(void)snprintf(own, sizeof(own), "%s", dflt(key) + 1);
		own[strcspn(own, "\"")] = '\0';
		text = own;
	}
	(void)mono_parse_duration(text, &ns);
	return ns;
}

const char *
drill_str(const struct drill *d, const char *key)
{
	return json_get_str(d->scenario, key);
}

static const struct json *
within(const struct json *j, const char *path)
{
	char name[64];
	size_t n;

	while (j != NULL && *path != '\0') {
		n = strcspn(path, ".");
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, path);
		j = json_get(j, name);
		path += n + (path[n] == '.');
	}
	return json_kind(j) == JSON_NULL ? NULL : j;
}

const struct json *
drill_word(const struct drill *d, const char *path)
{
	return within(d->words, path);
}

const struct json *
drill_doc(const struct drill *d, const char *path)
{
	return within(d->suite->doc, path);
}
