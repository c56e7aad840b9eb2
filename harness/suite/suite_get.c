/* Typed values of a checked document, with the table's defaults. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/suite/suite_part.h"

enum { SECRET_MAX = 65536, EXPANDED_MAX = 1 << 20 };

const struct json *
suite_get(const struct json *obj, const char *key)
{
	const struct json *j = json_get(obj, key);

	return json_kind(j) == JSON_NULL ? NULL : j;
}

/* The row's default as JSON text; rows without one are never asked. */
static const char *
dflt(const char *group, const char *key)
{
	const struct suite_key *row = suite_key_find(group, key);

	return row != NULL && row->dflt != NULL ? row->dflt : "";
}

double
suite_num(const struct json *obj, const char *group, const char *key)
{
	const struct json *j = suite_get(obj, key);
	const char *d;

	if (json_kind(j) == JSON_NUMBER)
		return json_num(j, 0);
	d = dflt(group, key);
	return *d == '\0' ? NAN : strtod(d, NULL);
}

int64_t
suite_int(const struct json *obj, const char *group, const char *key)
{
	double v = suite_num(obj, group, key);

	return isnan(v) ? 0 : (int64_t)v;
}

int
suite_bool(const struct json *obj, const char *group, const char *key)
{
	return json_bool(suite_get(obj, key),
	    strcmp(dflt(group, key), "true") == 0);
}

int64_t
suite_time_of(const struct json *j)
{
	int64_t ns = 0;

	if (json_kind(j) == JSON_NUMBER)
		return (int64_t)fmin(json_num(j, 0) * 1e9, 9e18);
	(void)mono_parse_duration(json_str(j) == NULL ? "" : json_str(j),
	    &ns);
	return ns;
}

int64_t
suite_time(const struct json *obj, const char *group, const char *key)
{
	const struct json *j = suite_get(obj, key);
	char text[32];
	const char *d;
	int64_t ns = 0;

	if (j != NULL)
		return suite_time_of(j);
	d = dflt(group, key);
	(void)snprintf(text, sizeof(text), "%s", d + (*d == '"'));
	text[strcspn(text, "\"")] = '\0';
	(void)mono_parse_duration(text, &ns);
	return ns;
}

int64_t
suite_size_of(const struct json *j)
{
	static const struct {
		const char *unit;
		double times;
	} units[] = {
		{ "", 1 }, { "B", 1 }, { "kB", 1e3 }, { "KB", 1e3 },
		{ "KiB", 1024 }, { "MB", 1e6 }, { "MiB", 1048576 },
		{ "GB", 1e9 }, { "GiB", 1073741824 }
	};
	const char *s = json_str(j);
	double v = json_num(j, -1);
	char *end;
	size_t i;

	if (s == NULL)
		return v >= 0 && v < 1e15 ? (int64_t)v : -1;
	if (!isdigit((unsigned char)*s))
		return -1;
	v = strtod(s, &end);
	while (*end == ' ')
		end++;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0)
			return v * units[i].times < 1e15 ?
			    (int64_t)(v * units[i].times) : -1;
	}
	return -1;
}

const char *
suite_raw(const struct json *obj, const char *key)
{
	return json_str(suite_get(obj, key));
}

/* ---- ${NAME} and ${file:PATH} ------------------------------------------ */

/* A file of a secret that cannot be read; check only notes it. */
static void
no_file(struct suite_load *ld, const struct json *j, const char *name)
{
	struct err e = ERR_INIT;

	(void)err_errno(&e, RC_IO, "${file:%s}", name);
	if (ld->over->no_env)
		suite_note(ld, "%s; a run needs it", e.msg);
	else
		suite_error(ld, j, 0, "%s", e.msg);
}

/* The contents of a small file without the line ends at its end. */
static void
add_file(struct suite_load *ld, const struct json *j, const char *name,
    struct buf *out)
{
	char *path = suite_resolve(ld->s, name);
	FILE *f = path == NULL ? NULL : fopen(path, "rb");
	char *to = NULL;
	size_t n;

	if (f == NULL) {
		no_file(ld, j, name);
		free(path);
		return;
	}
	to = buf_reserve(out, SECRET_MAX + 1);
	n = to == NULL ? 0 : fread(to, 1, SECRET_MAX + 1, f);
	if (ferror(f))
		no_file(ld, j, name);
	else if (n > SECRET_MAX || (n > 0 && memchr(to, 0, n) != NULL))
		suite_error(ld, j, 0, "${file:%s}: not a text of at most "
		    "64 KiB", name);
	else
		out->len += n;
	while (out->len > 0 && (out->p[out->len - 1] == '\n' ||
	    out->p[out->len - 1] == '\r'))
		out->len--;
	if (out->p != NULL)
		out->p[out->len] = '\0';
	(void)fclose(f);
	free(path);
}

static int
is_name(const char *s)
{
	if (!isalpha((unsigned char)*s) && *s != '_')
		return 0;
	while (isalnum((unsigned char)*s) || *s == '_')
		s++;
	return *s == '\0';
}

static void
add_name(struct suite_load *ld, const struct json *j, const char *name,
    struct buf *out)
{
	const char *value;

	if (strncmp(name, "file:", 5) == 0) {
		add_file(ld, j, name + 5, out);
		return;
	}
	if (!is_name(name)) {
		suite_error(ld, j, 0, "\"${%s}\" names no environment "
		    "variable; write $${ for the characters ${", name);
		return;
	}
	/* Suites are loaded before any thread is started.
	 * NOLINTNEXTLINE(concurrency-mt-unsafe) */
	value = getenv(name);
	if (value != NULL)
		buf_puts(out, value);
	else if (ld->over->no_env)
		suite_note(ld, "${%s} is not set here; a run needs it", name);
	else
		suite_error(ld, j, 0, "\"%s\" needs ${%s}, which is not set in "
		    "the environment", json_key(j) != NULL ?
		    json_key(j) : "this", name);
}

static void
expand(struct suite_load *ld, const struct json *j, const char *s,
    struct buf *out)
{
	char name[1024];
	const char *p, *end;

	while ((p = strstr(s, "${")) != NULL) {
		if (p > s && p[-1] == '$') {
			buf_add(out, s, (size_t)(p - s));
			buf_putc(out, '{');
			s = p + 2;
			continue;
		}
		buf_add(out, s, (size_t)(p - s));
		end = strchr(p, '}');
		if (end == NULL || (size_t)(end - p) >= sizeof(name)) {
			suite_error(ld, j, 0, "\"${\" without its closing "
			    "brace; write $${ for the characters ${");
			return;
		}
		(void)snprintf(name, sizeof(name), "%.*s",
		    (int)(end - p - 2), p + 2);
		add_name(ld, j, name, out);
		s = end + 1;
	}
	buf_puts(out, s);
}

const char *
suite_expand(struct suite_load *ld, const struct json *j, int *secret)
{
	const char *s = json_str(j), *kept;
	struct buf b;

	if (secret != NULL)
		*secret = 0;
	if (s == NULL || strstr(s, "${") == NULL)
		return s;
	buf_init(&b, EXPANDED_MAX);
	expand(ld, j, s, &b);
	kept = suite_keep(ld, buf_str(&b));
	buf_fini(&b);
	if (secret != NULL)
		*secret = 1;
	return kept;
}

const char *
suite_text(struct suite_load *ld, const struct json *obj, const char *key,
    int *secret)
{
	return suite_expand(ld, suite_get(obj, key), secret);
}

const char *
suite_file_of(struct suite_load *ld, const struct json *j)
{
	const char *path = suite_expand(ld, j, NULL), *from, *slash, *kept;
	const struct src_pos *pos;
	char *real, *joined = NULL;
	size_t n;

	pos = srcmap_get(ld->map, j);
	if (path == NULL || *path == '/' || pos == NULL)
		return path;
	from = srcmap_name(ld->map, pos->file);
	slash = strrchr(from, '/');
	n = slash == NULL ? 0 : (size_t)(slash - from);
	if (strncmp(from, "--set", 5) == 0 ||
	    (strlen(ld->s->dir) == n && memcmp(ld->s->dir, from, n) == 0) ||
	    (n == 0 && strcmp(ld->s->dir, ".") == 0))
		return path;
	(void)asprintf(&joined, "%.*s", n == 0 ? 1 : (int)n,
	    n == 0 ? "." : from);
	real = joined == NULL ? NULL : realpath(joined, NULL);
	free(joined);
	joined = NULL;
	if (real == NULL || asprintf(&joined, "%s/%s", real, path) < 0)
		joined = NULL;
	kept = joined == NULL ? NULL : suite_keep(ld, joined);
	free(joined);
	free(real);
	return kept;
}

const char *
suite_file(struct suite_load *ld, const struct json *obj, const char *key)
{
	return suite_file_of(ld, suite_get(obj, key));
}

/* ---- bodies ------------------------------------------------------------ */

static int
has_names(const struct json *j)
{
	const char *s = json_str(j);

	if (s != NULL)
		return strstr(s, "${") != NULL;
	for (j = json_first(j); j != NULL; j = json_next(j)) {
		if (has_names(j))
			return 1;
	}
	return 0;
}

struct json *
suite_expand_all(struct suite_load *ld, const struct json *j,
    const char *raw_key)
{
	enum json_kind kind = json_kind(j);
	const struct json *m;
	struct json *out;
	int rc = RC_OK;

	if (kind == JSON_STRING && (raw_key == NULL || json_key(j) == NULL ||
	    strcmp(json_key(j), raw_key) != 0))
		return json_new_str(suite_expand(ld, j, NULL));
	if (kind != JSON_OBJECT && kind != JSON_ARRAY)
		return json_copy(j);
	out = json_new(kind);
	for (m = json_first(j); m != NULL && rc == RC_OK; m = json_next(m))
		rc = kind == JSON_OBJECT ?
		    json_set(out, json_key(m),
		    suite_expand_all(ld, m, raw_key)) :
		    json_push(out, suite_expand_all(ld, m, raw_key));
	if (rc == RC_OK)
		return out;
	json_free(out);
	return NULL;
}

const struct json *
suite_body(struct suite_load *ld, const struct json *j)
{
	struct json *copy;

	if (j == NULL || !has_names(j))
		return j;
	copy = suite_expand_all(ld, j, NULL);
	if (json_push(ld->mem->expanded, copy) != RC_OK) {
		suite_nomem(ld);
		return NULL;
	}
	return copy;
}

char *
suite_resolve(const struct suite *s, const char *path)
{
	char *out = NULL;

	if (*path == '/' || strcmp(s->dir, ".") == 0)
		return strdup(path);
	if (asprintf(&out, "%s/%s", s->dir, path) < 0)
		return NULL;
	return out;
}
