/*
 * Credentials in bodies: JSON (whole, a line each, or in events), forms, and
 * JSON within either, escaped or in base64; see credential.h.  What is
 * replaced keeps its length, so that lengths and the marks of chunks stay
 * true: JSON within a string is read with its escapes undone, and what is
 * found there is overwritten where it stands in the body.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/traffic/credential.h"
#include "harness/traffic/credential_part.h"

enum { FORM_NAME_MAX = 256, WITHIN_MAX = 4 };

/* ---- the walk ----------------------------------------------------------- */

/*
 * What is found, and where it is overwritten: to is NULL at first.  The walk
 * of a text within another has that one above it, and finds its way back by
 * undoing the escapes once more: what is found comes in order, so that each
 * is undone twice at most.
 */
struct walk {
	const char *p;
	size_t n;
	char *to;		/* of the outermost alone, as is found */
	size_t found;
	struct walk *up;	/* or NULL */
	enum credential_escape how;
	size_t from, end;	/* where it stands in up */
	size_t at, up_at;	/* a place here, and the same in up */
	int depth;
};

/* Where a place of a walk stands in the one above. */
static size_t
place_above(struct walk *w, size_t i)
{
	size_t used;
	char one[4];

	if (i < w->at) {
		w->at = 0;
		w->up_at = w->from;
	}
	while (w->at < i && w->up_at < w->end) {
		w->at += credential_step(w->how, w->up->p + w->up_at,
		    w->end - w->up_at, &used, one);
		w->up_at += used;
	}
	return w->up_at;
}

static void
gone(struct walk *w, size_t from, size_t end, char with)
{
	if (from >= end)
		return;
	for (; w->up != NULL; w = w->up) {
		from = place_above(w, from);
		end = place_above(w, end);
	}
	w->found++;
	if (w->to != NULL)
		memset(w->to + from, with, end - from);
}

/* The end of a string whose first byte is at i: at its closing quote, or n. */
static size_t
string_end(const struct walk *w, size_t i)
{
	const char *q;
	size_t at, k;

	while (i < w->n && (q = memchr(w->p + i, '"', w->n - i)) != NULL) {
		at = (size_t)(q - w->p);
		for (k = at; k > 0 && w->p[k - 1] == '\\'; k--)
			;
		if ((at - k) % 2 == 0)
			return at;
		i = at + 1;
	}
	return w->n;
}

static size_t
blanks(const struct walk *w, size_t i)
{
	while (i < w->n && (w->p[i] == ' ' || w->p[i] == '\t' ||
	    w->p[i] == '\r' || w->p[i] == '\n'))
		i++;
	return i;
}

/* No word of a language: "Basic subscription" is a plan. */
static int
is_random(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (isdigit((unsigned char)p[i]) || p[i] == '=' ||
		    (i > 0 && isupper((unsigned char)p[i])))
			return 1;
	}
	return 0;
}

/* An address, or what begins like a token: judged as a value. */
static int
worth_a_look(const char *p, size_t n)
{
	if (n < 8)
		return 0;
	switch (p[0]) {
	case 'h':
	case 'H':
		return strncasecmp(p, "http", 4) == 0;
	case '/':
		return memchr(p, '?', n) != NULL;
	case 'e':
		return memcmp(p, "eyJ", 3) == 0;
	case 'B':
	case 'b':
		return (strncasecmp(p, "bearer ", 7) == 0 &&
		    is_random(p + 7, n - 7)) ||
		    (strncasecmp(p, "basic ", 6) == 0 &&
		    is_random(p + 6, n - 6));
	default:
		return 0;
	}
}

/* Whether a value, escapes undone, holds an address or token with one. */
static int
hides_one(const char *p, size_t n)
{
	struct buf b;
	int hides;

	if (memchr(p, '%', n) == NULL && memmem(p, n, "//", 2) == NULL &&
	    memmem(p, n, "eyJ", 3) == NULL && memchr(p, ' ', n) == NULL)
		return 0;
	buf_init(&b, 8 << 20);
	hides = credential_clean(&b, p, n, 1);
	buf_fini(&b);
	return hides;
}

/* A parameter of an address within a string, name and value as they stand. */
static void
address_pairs(struct walk *w, size_t i, size_t end)
{
	size_t k, eq;

	for (; i < end; i = k + 1) {
		for (k = i; k < end && strchr("&;#?/", w->p[k]) == NULL; k++)
			;
		for (eq = i; eq < k && w->p[eq] != '='; eq++)
			;
		if (eq == k || eq + 1 == k)
			continue;
		if (credential_member(w->p + i, eq - i, IN_ADDRESS) ||
		    hides_one(w->p + eq + 1, k - eq - 1))
			gone(w, eq + 1, k, '*');
	}
}

static void
address(struct walk *w, size_t i, size_t end)
{
	const char *slashes = memmem(w->p + i, end - i, "//", 2), *at;
	size_t from = slashes == NULL ? i : (size_t)(slashes - w->p) + 2, k;

	if (memchr(w->p + i, '@', end - i) == NULL &&
	    memchr(w->p + i, '=', end - i) == NULL)
		return;
	for (k = from; k < end && strchr("/?#;", w->p[k]) == NULL; k++)
		;
	at = slashes == NULL ? NULL : memrchr(w->p + from, '@', k - from);
	if (at != NULL)
		gone(w, from, (size_t)(at - w->p), '*');
	address_pairs(w, k, end);
}

static void
plain_value(struct walk *w, size_t i, size_t end)
{
	if (!worth_a_look(w->p + i, end - i))
		return;
	if (credential_value(w->p + i, end - i))
		gone(w, i, end, '*');
	else
		address(w, i, end);
}

/* ---- texts within texts -------------------------------------------------- */

static void walk_json(struct walk *w);

/* A JSON document, or a string that is one whole: no prose that only begins
 * with a quote. */
static int
looks_like_json(const struct walk *w)
{
	size_t i = blanks(w, 0);

	if (i >= w->n)
		return 0;
	return w->p[i] == '{' || w->p[i] == '[' || (w->p[i] == '"' &&
	    blanks(w, string_end(w, i + 1) + 1) >= w->n);
}

/* Writes base64 where the old one stood, as long as it was, in its alphabet
 * and without the padding that it did not have. */
static void
put_base64(struct walk *w, size_t i, size_t n, const char *text)
{
	size_t k, at = i, end = i + n;
	struct walk *root;

	for (root = w; root->up != NULL; root = root->up) {
		at = place_above(root, at);
		end = place_above(root, end);
	}
	if (end - at != n) {		/* a slash of it is escaped */
		root->found++;
		if (root->to != NULL)
			memset(root->to + at, '*', end - at);
		return;
	}
	root->found++;
	for (k = 0; root->to != NULL && k < n; k++) {
		char was = root->to[at + k];

		root->to[at + k] = text[k] == '+' && was == '-' ? '-' :
		    text[k] == '/' && was == '_' ? '_' : text[k];
	}
}

/* Standard or URL alphabet, padding or not, as the standard one with it. */
static int
standard(const char *p, size_t n, struct buf *out)
{
	size_t i;
	char c;

	for (i = 0; i < n; i++) {
		c = p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i];
		if (!isalnum((unsigned char)c) && c != '+' && c != '/' &&
		    (c != '=' || i + 2 < n))
			return 0;
		buf_putc(out, c);
	}
	while (out->len % 4 != 0 && out->bad == RC_OK)
		buf_putc(out, '=');
	return out->bad == RC_OK;
}

/* JSON in base64. */
static void
base64(struct walk *w, size_t i, size_t end)
{
	struct walk in = { .depth = w->depth + 1 };
	struct buf text, plain, copy;
	size_t got = 0;
	char *to;

	buf_init(&text, end - i + 8);
	buf_init(&plain, end - i + 8);
	buf_init(&copy, end - i + 8);
	to = standard(w->p + i, end - i, &text) ?
	    buf_reserve(&plain, text.len + 1) : NULL;
	if (to != NULL && hash_unb64(text.p, text.len, to, text.len,
	    &got) == 0 && got > 0) {
		in.p = to;
		in.n = got;
		buf_add(&copy, to, got);
		in.to = copy.p;
		if (looks_like_json(&in) && copy.bad == RC_OK)
			walk_json(&in);
		if (in.found > 0) {
			hash_b64(copy.p, got, text.p, text.len + 1);
			put_base64(w, i, end - i, text.p);
		}
	}
	buf_fini(&text);
	buf_fini(&plain);
	buf_fini(&copy);
}

/* A value that is in no escapes. */
static void
flat_value(struct walk *w, size_t i, size_t end)
{
	if (end - i >= 12 && w->depth < WITHIN_MAX &&
	    (w->p[i] == 'e' || w->p[i] == 'W'))
		base64(w, i, end);
	plain_value(w, i, end);
}

/* The text at i with its escapes undone: JSON, or a value. */
static void
within(struct walk *w, size_t i, size_t end, enum credential_escape how)
{
	struct walk in = { .up = w, .how = how, .from = i, .end = end,
	    .up_at = i, .depth = w->depth + 1 };
	struct buf plain;

	buf_init(&plain, end - i + 1);
	credential_undo(how, w->p + i, end - i, &plain);
	in.p = buf_str(&plain);
	in.n = plain.len;
	if (plain.bad != RC_OK)
		gone(w, i, end, '*');	/* no memory: none may be kept */
	else if (looks_like_json(&in))
		walk_json(&in);
	else
		flat_value(&in, 0, in.n);
	buf_fini(&plain);
}

/* The value of a string, as it is escaped. */
static void
value(struct walk *w, size_t i, size_t end)
{
	const char *p = w->p + i;
	size_t n = end - i;

	if (n < 8)
		return;
	if (w->depth < WITHIN_MAX && (strchr("{[\\ ", p[0]) != NULL ||
	    worth_a_look(p, n) || ((p[0] == 'e' || p[0] == 'W') &&
	    memchr(p, ' ', 8) == NULL)) && memchr(p, '\\', n) != NULL)
		within(w, i, end, ESCAPE_JSON);
	else
		flat_value(w, i, end);
}

/* The value of a credential member, from its first byte. returns its end */
static size_t
hide(struct walk *w, size_t i)
{
	size_t end;
	int depth = 0;

	do {
		i = blanks(w, i);
		if (i >= w->n)
			return w->n;
		if (w->p[i] == '"') {
			end = string_end(w, i + 1);
			gone(w, i + 1, end, '*');
			i = end + 1;
		} else if (w->p[i] == '[' || w->p[i] == '{') {
			/* an object's members are judged by their names */
			if (w->p[i] == '{' && depth == 0)
				return i;
			depth++;
			i++;
		} else if (w->p[i] == ']' || w->p[i] == '}') {
			depth--;
			i++;
		} else {
			for (end = i; end < w->n &&
			    isalnum((unsigned char)w->p[end]); end++)
				;
			if (isdigit((unsigned char)w->p[i]))
				gone(w, i, end, '0');
			i = end > i ? end : i + 1;
		}
	} while (depth > 0);
	return i;
}

static void
walk_json(struct walk *w)
{
	const char *q;
	size_t i = 0, end, next;

	while (i < w->n && (q = memchr(w->p + i, '"', w->n - i)) != NULL) {
		i = (size_t)(q - w->p) + 1;
		end = string_end(w, i);
		next = blanks(w, end + 1);
		if (next < w->n && w->p[next] == ':') {
			i = credential_member_json(w->p + i, end - i) ?
			    hide(w, next + 1) : next + 1;
		} else {
			value(w, i, end);
			i = end + 1;
		}
	}
}

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

	for (i = 0; i < w->n; i = k + 1) {
		for (k = i; k < w->n && w->p[k] != '&'; k++)
			;
		for (eq = i; eq < k && w->p[eq] != '='; eq++)
			;
		if (eq + 1 >= k)
			continue;
		if (form_looks(w->p + i, eq - i))
			gone(w, eq + 1, k, '*');
		else if (strchr("{[%+", w->p[eq + 1]) != NULL &&
		    holds_json(w->p + eq + 1, k - eq - 1))
			within(w, eq + 1, k, ESCAPE_FORM);
		else if (hides_one(w->p + eq + 1, k - eq - 1))
			gone(w, eq + 1, k, '*');
	}
}

/* multipart/form-data: name="password", an empty line, the value. */
static void
walk_multipart(struct walk *w)
{
	static const char name[] = "name=\"", gap[] = "\r\n\r\n";
	const char *at, *line, *stop;
	size_t i = 0, end, from, to;

	while ((at = memmem(w->p + i, w->n - i, name, sizeof(name) - 1)) !=
	    NULL) {
		i = (size_t)(at - w->p) + sizeof(name) - 1;
		end = string_end(w, i);
		line = memmem(w->p + i, w->n - i, gap, sizeof(gap) - 1);
		if (line == NULL)
			return;
		from = (size_t)(line - w->p) + sizeof(gap) - 1;
		stop = memmem(w->p + from, w->n - from, "\r\n--", 4);
		to = stop == NULL ? w->n : (size_t)(stop - w->p);
		if (credential_member(w->p + i, end - i, IN_FORM) ||
		    credential_value(w->p + from, to - from))
			gone(w, from, to, '*');
		else if (looks_like_json(&(struct walk){ .p = w->p + from,
		    .n = to - from }))
			within(w, from, to, ESCAPE_NONE);
		else
			flat_value(w, from, to);
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

size_t
credential_body(const char *p, size_t n, char *to)
{
	struct walk w = { .p = p, .n = n, .to = to };
	size_t i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	i = blanks(&w, i);
	if (i >= n)
		return 0;
	if (memcmp(p + i, "--", n - i < 2 ? 1 : 2) == 0)
		walk_multipart(&w);
	else if (is_form(p + i, n - i))
		walk_form(&w);
	else
		walk_json(&w);
	return w.found;
}
