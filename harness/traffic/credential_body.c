/*
 * Credentials in bodies: JSON (whole, a line each, or in events), forms, any
 * other text, and each within another, escaped or in base64; see
 * credential.h. What is replaced keeps its length, so that lengths and the
 * marks of chunks stay true: a text within another is read with its escapes
 * undone, and findings are overwritten at their place in the body.
 */
#include <ctype.h>
#include <string.h>

#include "harness/traffic/credential.h"
#include "harness/traffic/credential_walk_part.h"

enum { FORM_NAME_MAX = 256 };

/* ---- forms -------------------------------------------------------------- */

static int
form_looks(const char *p, size_t n)
{
	struct buf b;
	int looks;

	if (memchr(p, '%', n) == NULL)
		return credential_member(p, n, IN_FORM);
	buf_init(&b, 4096);
	(void)credential_unescape(p, n, &b);
	looks = credential_member(buf_str(&b), b.len, IN_FORM);
	buf_fini(&b);
	return looks;
}

/* A form's value that begins like JSON, its first escapes undone. */
static int
holds_json(const char *p, size_t n)
{
	size_t i, used;
	char one[4];

	for (i = 0; i < n; i += used) {
		(void)credential_step(ESCAPE_FORM, p + i, n - i, &used, one);
		if (strchr(" \t\r\n", one[0]) == NULL)
			return one[0] == '{' || one[0] == '[';
	}
	return 0;
}

static void
walk_form(struct walk *w)
{
	size_t i, k, eq;
	int looks, grants = memmem(w->p, w->n, "grant_type=", 11) != NULL;

	for (i = 0; i < w->n; i = k + 1) {
		for (k = i; k < w->n && w->p[k] != '&'; k++)
			;
		for (eq = i; eq < k && w->p[eq] != '='; eq++)
			;
		if (eq + 1 >= k)
			continue;
		looks = form_looks(w->p + i, eq - i) || (grants &&
		    eq - i == 4 && memcmp(w->p + i, "code", 4) == 0);
		if (!looks && strchr("{[%+", w->p[eq + 1]) != NULL &&
		    holds_json(w->p + eq + 1, k - eq - 1))
			walk_within(w, eq + 1, k, ESCAPE_FORM);
		else if (looks || walk_hides(w->p + eq + 1, k - eq - 1))
			walk_gone(w, eq + 1, k, '*');
	}
}

/* multipart/form-data: name="password", an empty line, the value. */
static void
walk_multipart(struct walk *w)
{
	static const char name[] = "name=", gap[] = "\r\n\r\n";
	const char *at, *line, *stop;
	size_t i = 0, end, from, to;

	while ((at = memmem(w->p + i, w->n - i, name, sizeof(name) - 1)) !=
	    NULL) {
		i = (size_t)(at - w->p) + sizeof(name) - 1;
		if (at > w->p && isalnum((unsigned char)at[-1]))
			continue;	/* "filename=" */
		i += i < w->n && w->p[i] == '"';
		for (end = i; end < w->n && strchr("\";\r\n", w->p[end]) ==
		    NULL; end++)
			;
		line = memmem(w->p + i, w->n - i, gap, sizeof(gap) - 1);
		if (line == NULL)
			return;
		from = (size_t)(line - w->p) + sizeof(gap) - 1;
		stop = memmem(w->p + from, w->n - from, "\r\n--", 4);
		to = stop == NULL ? w->n : (size_t)(stop - w->p);
		if (credential_member(w->p + i, end - i, IN_FORM))
			walk_gone(w, from, to, '*');
		else if (walk_is_json(&(struct walk){ .p = w->p + from,
		    .n = to - from }))
			walk_within(w, from, to, ESCAPE_NONE);
		else
			walk_flat(w, from, to);
		walk_table(w, from, to);
		i = to;
	}
}

/* NAME=VALUE&...: begins with a name. */
static int
is_form(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && i < FORM_NAME_MAX; i++) {
		if (p[i] == '=')
			return i > 0;
		if (!isalnum((unsigned char)p[i]) &&
		    strchr("_-.%[]+", p[i]) == NULL)
			return 0;
	}
	return 0;
}

/* How UTF-16 is told: by its mark, or by the NUL beside the first sign. */
static enum credential_escape
is_utf16(const char *p, size_t n)
{
	if (n < 4)
		return ESCAPE_NONE;
	if (memcmp(p, "\xff\xfe", 2) == 0 || (p[0] != '\0' && p[1] == '\0' &&
	    p[2] != '\0' && p[3] == '\0'))
		return ESCAPE_UTF16LE;
	if (memcmp(p, "\xfe\xff", 2) == 0 || (p[0] == '\0' && p[1] != '\0' &&
	    p[2] == '\0' && p[3] != '\0'))
		return ESCAPE_UTF16BE;
	return ESCAPE_NONE;
}

static void
walk_body(struct walk *w)
{
	size_t i = w->n >= 3 && memcmp(w->p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	i = walk_blanks(w, i);
	if (i >= w->n)
		return;
	walk_text(w);
	if (memcmp(w->p + i, "--", w->n - i < 2 ? 1 : 2) == 0)
		walk_multipart(w);
	else if (is_form(w->p + i, w->n - i))
		walk_form(w);
	else if (!walk_is_json(w))
		walk_table(w, i, w->n);
	walk_stream(w);
}

size_t
/* written by way of w. NOLINTNEXTLINE(readability-non-const-parameter) */
credential_body(const char *p, size_t n, char *to,
    struct credential_known *known)
{
	struct walk w = { .p = p, .n = n, .to = to, .known = known };
	enum credential_escape wide = is_utf16(p, n);

	if (wide != ESCAPE_NONE)
		walk_within(&w, 0, n, wide);
	else
		walk_body(&w);
	return w.found;
}
