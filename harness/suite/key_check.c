/* A document against rows of the table of keys; see key_check.h. */
#include "harness/suite/key_check.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/base/mono.h"
#include "harness/base/opt.h"
#include "harness/base/text.h"
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
	size_t n;
	const char *s = json_text(j, &n);
	int64_t ns;

	if ((row->kinds & (KEY_STR | KEY_FILE)) != 0)
		return 1;
	if ((row->kinds & KEY_TEXT) != 0 && !text_is_blank(s, n))
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

static void tell(const struct key_check *c, const struct json *node,
    int at_key, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static void
tell(const struct key_check *c, const struct json *node, int at_key,
    const char *fmt, ...)
{
	char what[400];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	c->tell(c->ctx, node, at_key, what);
}

/* Where the walk is: the names from the document down. */
struct spot {
	const struct spot *up;
	const char *name;	/* NULL: an element */
	int depth;
};

/* "targets.baseline" */
static void
spot_text(const struct spot *at, struct buf *out)
{
	if (at->up != NULL)
		spot_text(at->up, out);
	if (at->name != NULL)
		buf_printf(out, "%s%s", out->len > 0 ? "." : "", at->name);
}

static void
bad_value(struct key_check *c, const struct suite_key *row,
    const struct json *j, const struct spot *at)
{
	const char *s = json_str(j);
	char near[64];
	struct buf want, got, list;

	buf_init(&list, 4096);
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
	if (json_key(j) != NULL) {
		tell(c, j, 0, "\"%s\" is %s; it must be %s", json_key(j),
		    buf_str(&got), buf_str(&want));
	} else {
		spot_text(at, &list);
		tell(c, j, 0, "an element of \"%s\" is %s; it must be %s",
		    buf_str(&list), buf_str(&got), buf_str(&want));
	}
	buf_fini(&list);
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
unknown_key(struct key_check *c, const char *parent, const struct spot *at,
    const struct json *j)
{
	const char *names[NEAR_MAX], *near;
	size_t n = known_names(parent, names, NEAR_MAX), i;
	struct buf b, shown;

	buf_init(&b, 4096);
	buf_init(&shown, 4096);
	near = opt_nearest(json_key(j), names, n);
	if (near != NULL) {
		buf_printf(&b, "; did you mean \"%s\"?", near);
	} else if (n == 0) {
		buf_puts(&b, "; no key is known there");
	} else {
		for (i = 0; i < n && i < KNOWN_SHOWN; i++)
			buf_printf(&b, "%s%s", i == 0 ? "; known keys "
			    "are " : ", ",
			    names[i]);
		buf_puts(&b, n > KNOWN_SHOWN ? ", ... (lockstep check "
		    "--keys lists all)" : "");
	}
	spot_text(at, &shown);
	tell(c, j, 1, "unknown key \"%.80s\"%s%s%s", json_key(j),
	    shown.len == 0 ? "" : " in ", buf_str(&shown), buf_str(&b));
	buf_fini(&shown);
	buf_fini(&b);
}

/* ---- names of one's own ------------------------------------------------ */

enum { PLAIN_MAX = 48 };

/* A name without case, blanks, hyphens and underscores. */
static void
plain_name(const char *name, char out[PLAIN_MAX])
{
	size_t n = 0;

	for (; *name != '\0' && n < PLAIN_MAX - 1; name++) {
		if (strchr("_- .", *name) == NULL)
			out[n++] = (char)tolower((unsigned char)*name);
	}
	out[n] = '\0';
}

/*
 * The known name that one of one's own is a slip of: one letter off, two in
 * a long name. A known name that the object has beside it was not meant.
 */
static const char *
slip_of(const char *parent, const struct json *obj, const char *name)
{
	const char *names[NEAR_MAX];
	size_t n = known_names(parent, names, NEAR_MAX), i, allowed;
	char own[PLAIN_MAX], known[PLAIN_MAX];

	plain_name(name, own);
	allowed = strlen(own) >= 8 ? 2 : 1;
	for (i = 0; i < n; i++) {
		plain_name(names[i], known);
		if (strlen(known) + allowed < strlen(own) ||
		    strlen(own) + allowed < strlen(known))
			continue;
		if (opt_distance(own, known) <= allowed &&
		    json_get(obj, names[i]) == NULL)
			return names[i];
	}
	return NULL;
}

/* ---- the walk ---------------------------------------------------------- */

static void check(struct key_check *c, const struct suite_key *row,
    const struct json *j, const struct spot *at);

static void
check_members(struct key_check *c, const char *parent,
    const struct json *j, const struct spot *up)
{
	struct spot at = { up, NULL, up->depth + 1 };
	const struct suite_key *row;
	const struct json *m;
	const char *slip;

	for (m = json_first(j); m != NULL; m = json_next(m)) {
		row = strcmp(json_key(m), "[]") == 0 ? NULL :
		    suite_key_find(parent, json_key(m));
		at.name = json_key(m);
		if (row == NULL) {
			unknown_key(c, parent, up, m);
			continue;
		}
		slip = (row->kinds & KEY_OWN) == 0 ? NULL :
		    slip_of(parent, j, json_key(m));
		if (slip != NULL)
			tell(c, m, 1, "unknown member \"%.80s\"; did you "
			    "mean \"%s\"?", json_key(m), slip);
		else
			check(c, row, m, &at);
	}
}

static void
check_elements(struct key_check *c, const struct suite_key *row,
    const struct json *j, const struct spot *up)
{
	const struct suite_key *element = suite_key_find(row->path, "[]");
	struct spot at = { up, NULL, up->depth + 1 };
	const struct json *m;

	for (m = json_first(j); m != NULL && element != NULL;
	    m = json_next(m)) {
		if (json_kind(m) == JSON_NULL &&
		    (element->kinds & KEY_ANY) == 0)
			bad_value(c, element, m, &at);
		else
			check(c, element, m, &at);
	}
}

static void
check(struct key_check *c, const struct suite_key *row,
    const struct json *j, const struct spot *at)
{
	if ((row->kinds & KEY_ANY) != 0 || json_kind(j) == JSON_NULL ||
	    at->depth > DEPTH_MAX)
		return;
	if (!fits(row, j)) {
		bad_value(c, row, j, at);
		return;
	}
	if (json_kind(j) == JSON_OBJECT)
		check_members(c, suite_key_members(row), j, at);
	else if (json_kind(j) == JSON_ARRAY)
		check_elements(c, row, j, at);
}

void
key_check(struct key_check *c, const char *parent, const struct json *doc)
{
	const struct spot root = { NULL, NULL, 0 };

	check_members(c, parent, doc, &root);
}

const char *
key_check_own(const char *parent, const struct json *m)
{
	const struct suite_key *row = suite_key_find(parent, json_key(m));

	return row != NULL && (row->kinds & KEY_OWN) != 0 ? json_key(m) :
	    NULL;
}
