/* A document against the table of keys. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/mono.h"
#include "harness/base/opt.h"
#include "harness/suite/suite_part.h"

enum { NEAR_MAX = 128, KNOWN_SHOWN = 8, DEPTH_MAX = 64 };

/* ---- scalars ----------------------------------------------------------- */

static int
in_names(const char *names, const char *s)
{
	size_t n = strlen(s);
	const char *p = names;

	while (p != NULL && *p != '\0') {
		if (strncmp(p, s, n) == 0 && (p[n] == '|' || p[n] == '\0'))
			return 1;
		p = strchr(p, '|');
		if (p != NULL)
			p++;
	}
	return 0;
}

static int
is_pointer(const char *s)
{
	struct json_ptr *p = json_ptr_new(s, NULL);

	json_ptr_free(p);
	return p != NULL;
}

static int
is_date(const char *s)
{
	struct tm tm;
	const char *rest;

	memset(&tm, 0, sizeof(tm));
	rest = strptime(s, "%Y-%m-%d", &tm);
	if (rest == NULL || *rest == '\0')
		return rest != NULL;
	rest = strptime(rest, "T%H:%M:%S", &tm);
	return rest != NULL && (strcmp(rest, "Z") == 0 || *rest == '\0');
}

/* Whether a text fits one of the row's kinds of text. */
static int
text_fits(const struct suite_key *row, const struct json *j)
{
	const char *s = json_str(j);
	int64_t ns;

	if ((row->kinds & (KEY_STR | KEY_FILE)) != 0)
		return 1;
	if ((row->kinds & KEY_ENUM) != 0 && in_names(row->names, s))
		return 1;
	if ((row->kinds & KEY_TIME) != 0 && mono_parse_duration(s, &ns) == 0)
		return 1;
	if ((row->kinds & KEY_PTR) != 0 && is_pointer(s))
		return 1;
	if ((row->kinds & KEY_SIZE) != 0 && suite_size_of(j) >= 0)
		return 1;
	return (row->kinds & KEY_DATE) != 0 && is_date(s);
}

static int
number_fits(const struct suite_key *row, double v)
{
	if ((row->kinds & (KEY_TIME | KEY_SIZE)) != 0)
		return v >= 0;
	if ((row->kinds & (KEY_INT | KEY_NUM)) == 0)
		return 0;
	if ((row->kinds & KEY_NUM) == 0 && v != floor(v))
		return 0;
	return (row->min == 0 && row->max == 0) ||
	    (v >= row->min && v <= row->max);
}

static int
fits(const struct suite_key *row, const struct json *j)
{
	switch (json_kind(j)) {
	case JSON_BOOL:
		return (row->kinds & KEY_BOOL) != 0;
	case JSON_NUMBER:
		return number_fits(row, json_num(j, 0));
	case JSON_STRING:
		return text_fits(row, j);
	case JSON_ARRAY:
		return (row->kinds & KEY_LIST) != 0;
	case JSON_OBJECT:
		return (row->kinds & KEY_OBJ) != 0;
	default:
		return 0;
	}
}

/* ---- errors ------------------------------------------------------------ */

static void
show(const struct json *j, struct buf *out)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	json_write(&b, j);
	if (b.bad != RC_OK || b.len > 60)
		buf_printf(out, "%.57s...", buf_str(&b));
	else
		buf_puts(out, buf_str(&b));
	buf_fini(&b);
}

/* The name of a row's list that is nearest to a text, copied to out. */
static int
nearest_name(const char *names, const char *s, char *out, size_t n_out)
{
	char copy[512];
	const char *v[32], *near;
	size_t n = 0;
	char *p, *save = NULL;

	(void)snprintf(copy, sizeof(copy), "%s", names);
	for (p = strtok_r(copy, "|", &save); p != NULL && n < 32;
	    p = strtok_r(NULL, "|", &save))
		v[n++] = p;
	near = opt_nearest(s, v, n);
	if (near != NULL)
		(void)snprintf(out, n_out, "%s", near);
	return near != NULL;
}

static void
bad_value(struct suite_load *ld, const struct suite_key *row,
    const struct json *j)
{
	const char *s = json_str(j);
	char near[64];
	struct buf want, got;

	buf_init(&want, 4096);
	buf_init(&got, 4096);
	suite_key_kinds(row, &want);
	show(j, &got);
	if (s != NULL && row->names != NULL &&
	    nearest_name(row->names, s, near, sizeof(near)))
		buf_printf(&want, "; did you mean \"%s\"?", near);
	if ((row->kinds & KEY_BOOL) != 0 && s != NULL &&
	    in_names("yes|no|on|off|Yes|No|On|Off", s))
		buf_puts(&want, "; YAML 1.2 spells it true or false");
	if (json_key(j) != NULL)
		suite_error(ld, j, 0, "\"%s\" is %s; it must be %s",
		    json_key(j), buf_str(&got), buf_str(&want));
	else
		suite_error(ld, j, 0, "this element is %s; it must be %s",
		    buf_str(&got), buf_str(&want));
	buf_fini(&want);
	buf_fini(&got);
}

static size_t
known_names(const char *parent, const char **names, size_t max)
{
	const struct suite_key *row;
	const char *own;
	size_t i, n = 0;

	for (i = 0; (row = suite_key_at(i)) != NULL && n < max; i++) {
		own = suite_key_member_name(row, parent);
		if (own != NULL && strcmp(own, "*") != 0 &&
		    strcmp(own, "[]") != 0)
			names[n++] = own;
	}
	return n;
}

static void
unknown_key(struct suite_load *ld, const char *parent, const char *shown,
    const struct json *j)
{
	const char *names[NEAR_MAX], *near;
	size_t n = known_names(parent, names, NEAR_MAX), i;
	struct buf b;

	buf_init(&b, 4096);
	near = opt_nearest(json_key(j), names, n);
	if (near != NULL) {
		buf_printf(&b, "; did you mean \"%s\"?", near);
	} else if (n == 0) {
		buf_puts(&b, "; nothing is known there");
	} else {
		for (i = 0; i < n && i < KNOWN_SHOWN; i++)
			buf_printf(&b, "%s%s", i == 0 ? "; known are " : ", ",
			    names[i]);
		buf_puts(&b, n > KNOWN_SHOWN ? ", ... (lockstep check "
		    "--keys lists all)" : "");
	}
	suite_error(ld, j, 1, "unknown key \"%.80s\"%s%s%s", json_key(j),
	    *shown == '\0' ? "" : " in ", shown, buf_str(&b));
	buf_fini(&b);
}

/* ---- the walk ---------------------------------------------------------- */

static void check(struct suite_load *ld, const struct suite_key *row,
    const struct json *j, const char *shown, int depth);

static void
check_members(struct suite_load *ld, const char *parent,
    const struct json *j, const char *shown, int depth)
{
	const struct suite_key *row;
	const struct json *m;
	char name[256];

	for (m = json_first(j); m != NULL; m = json_next(m)) {
		row = strcmp(json_key(m), "[]") == 0 ? NULL :
		    suite_key_find(parent, json_key(m));
		if (row == NULL) {
			unknown_key(ld, parent, shown, m);
			continue;
		}
		(void)snprintf(name, sizeof(name), "%s%s%s", shown,
		    *shown == '\0' ? "" : ".", json_key(m));
		check(ld, row, m, name, depth + 1);
	}
}

static void
check_elements(struct suite_load *ld, const struct suite_key *row,
    const struct json *j, const char *shown, int depth)
{
	const struct suite_key *element = suite_key_find(row->path, "[]");
	const struct json *m;

	for (m = json_first(j); m != NULL && element != NULL;
	    m = json_next(m)) {
		if (json_kind(m) == JSON_NULL &&
		    (element->kinds & KEY_ANY) == 0)
			bad_value(ld, element, m);
		else
			check(ld, element, m, shown, depth + 1);
	}
}

static void
check(struct suite_load *ld, const struct suite_key *row,
    const struct json *j, const char *shown, int depth)
{
	if ((row->kinds & KEY_ANY) != 0 || json_kind(j) == JSON_NULL ||
	    depth > DEPTH_MAX)
		return;
	if (!fits(row, j)) {
		bad_value(ld, row, j);
		return;
	}
	if (json_kind(j) == JSON_OBJECT)
		check_members(ld, suite_key_members(row), j, shown, depth);
	else if (json_kind(j) == JSON_ARRAY)
		check_elements(ld, row, j, shown, depth);
}

void
suite_check(struct suite_load *ld, const struct json *doc)
{
	check_members(ld, "", doc, "", 0);
}
