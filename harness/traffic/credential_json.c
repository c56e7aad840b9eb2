/*
 * Credentials in a text of a body: JSON by its members and strings, and what
 * has the shape of a secret; see credential_walk_part.h.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/json_between.h"
#include "harness/traffic/credential.h"
#include "harness/traffic/credential_shape.h"
#include "harness/traffic/credential_walk_part.h"

/*
 * What is meant to be read is not wrapped so often, nor is so much of it; all
 * of what is goes.
 */
enum { WITHIN_MAX = 32, NAME_PLAIN = 15, KNOWN_LEAST = 48, JWK_LEAST = 16 };
#define WITHIN_BYTES ((size_t)64 << 20)

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

/* A path with a query, or a scheme and what it carries: the rest is told by
 * its shape wherever it stands. */
static int
worth_a_look(const char *p, size_t n)
{
	if (n < 8)
		return 0;
	switch (p[0]) {
	case '/':
		return memchr(p, '?', n) != NULL;
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

int
walk_hides(const char *p, size_t n)
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
		    (eq - i == 4 && memcmp(w->p + i, "code", 4) == 0 &&
		    credential_code(w->p + eq + 1, k - eq - 1, 0)) ||
		    walk_hides(w->p + eq + 1, k - eq - 1))
			walk_gone(w, eq + 1, k, '*');
	}
}

/* Tokens among the segments of its path. */
static void
address_path(struct walk *w, size_t i, size_t end)
{
	const char *p = w->p;
	size_t k;

	for (; i < end && p[i] != '?' && p[i] != '#'; i = k + 1) {
		for (k = i; k < end && p[k] != '/' && p[k] != ';' &&
		    p[k] != '?' && p[k] != '#'; k++)
			;
		if (credential_segment(p, i, k))
			walk_gone(w, i, k, '*');
		if (k < end && (p[k] == '?' || p[k] == '#'))
			return;
	}
}

static void
address(struct walk *w, size_t i, size_t end)
{
	const char *slashes = memmem(w->p + i, end - i, "//", 2), *at;
	size_t from = slashes == NULL ? i : (size_t)(slashes - w->p) + 2, k;

	address_path(w, from, end);
	if (memchr(w->p + i, '@', end - i) == NULL &&
	    memchr(w->p + i, '=', end - i) == NULL)
		return;
	for (k = from; k < end && strchr("/?#;", w->p[k]) == NULL; k++)
		;
	at = slashes == NULL ? NULL : memrchr(w->p + from, '@', k - from);
	if (at != NULL)
		walk_gone(w, from, (size_t)(at - w->p), '*');
	address_pairs(w, k, end);
}

static void
plain_value(struct walk *w, size_t i, size_t end)
{
	if (!worth_a_look(w->p + i, end - i))
		return;
	if (credential_carrier(w->p + i, end - i))
		walk_gone(w, i, end, '*');
	else
		address(w, i, end);
}

/* ---- texts within texts -------------------------------------------------- */

/* Writes base64 where the old one stood, as long as it was, in its alphabet
 * and without the padding that it did not have. */
static void
put_base64(struct walk *w, size_t i, size_t n, const char *text)
{
	struct walk *root;
	size_t at = walk_root(w, i, &root), k;

	/* in one piece, without escapes: "\/" may stand for a slash */
	if (root->n - at < n || memcmp(root->p + at, w->p + i, n) != 0) {
		walk_gone(w, i, i + n, '*');
		return;
	}
	root->found++;
	for (k = 0; root->to != NULL && k < n; k++) {
		char was = root->to[at + k];

		root->to[at + k] = (char)(text[k] == '+' && was == '-' ? '-' :
		    text[k] == '/' && was == '_' ? '_' : text[k]);
	}
}

/* Standard or URL alphabet, padding or not, as the standard one with it. */
static int
standard(const char *p, size_t n, struct buf *out)
{
	size_t i;
	char c;

	for (i = 0; i < n; i++) {
		c = (char)(p[i] == '-' ? '+' : p[i] == '_' ? '/' : p[i]);
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
	struct walk in = { .depth = w->depth + 1, .held = w->held };
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
		in.held += got;
		buf_add(&copy, to, got);
		in.to = copy.p;
		if (walk_is_json(&in) && copy.bad == RC_OK)
			walk_text(&in);
		if (in.found > 0) {
			hash_b64(copy.p, got, text.p, text.len + 1);
			put_base64(w, i, end - i, text.p);
		}
	}
	buf_fini(&text);
	buf_fini(&plain);
	buf_fini(&copy);
}

/* Whether so much more may be undone; nothing is kept of what may not. */
static int
may_go_on(struct walk *w, size_t i, size_t end)
{
	if (w->depth < WITHIN_MAX && (w->depth == 0 || w->held + (end - i) <=
	    WITHIN_BYTES))
		return 1;
	walk_gone(w, i, end, '*');
	return 0;
}

void
walk_flat(struct walk *w, size_t i, size_t end)
{
	if (end - i >= 12 && (w->p[i] == 'e' || w->p[i] == 'W') &&
	    memchr(w->p + i, ' ', 12) == NULL && may_go_on(w, i, end))
		base64(w, i, end);
	plain_value(w, i, end);
}

void
walk_within(struct walk *w, size_t i, size_t end, enum credential_escape how)
{
	struct walk_piece piece = { i, end, 0 };
	struct walk in = { .up = w, .how = how, .piece = &piece,
	    .n_pieces = 1, .depth = w->depth + 1 };
	struct buf plain;

	if (!may_go_on(w, i, end))
		return;
	/* two bytes of UTF-16 may become three */
	buf_init(&plain, 2 * (end - i) + 8);
	credential_undo(how, w->p + i, end - i, &plain);
	in.p = buf_str(&plain);
	in.n = plain.len;
	in.held = w->held + (w->depth > 0 ? plain.cap : 0);
	if (plain.bad != RC_OK) {
		walk_gone(w, i, end, '*');	/* no memory: none is kept */
	} else {
		walk_text(&in);
		if (!walk_is_json(&in))
			walk_flat(&in, 0, in.n);
	}
	buf_fini(&plain);
}

/* Whether letters, digits or quotes are written in escapes: "\u0073k-",
 * "\/", or text within that begins as JSON does. */
static int
is_wrapped(const char *p, size_t n)
{
	const char *end = p + n, *at = p;

	if (*p == '\\' || *p == '{' || *p == '[' || *p == ' ' ||
	    worth_a_look(p, n) || ((*p == 'e' || *p == 'W') &&
	    memchr(p, ' ', 8) == NULL))
		return 1;
	while ((at = memchr(at, '\\', (size_t)(end - at))) != NULL &&
	    end - at >= 6) {
		if (at[1] == '/' || (at[1] == 'u' && at[2] == '0' &&
		    at[3] == '0' && at[4] < '8'))
			return 1;
		at += 2;
	}
	return memmem(p, n, "-----BEGIN ", 11) != NULL;
}

/* Shapes in bytes [i,end). */
static void
walk_shapes(struct walk *w, size_t i, size_t end)
{
	struct credential_scan s;
	enum credential_shape shape;

	credential_scan(&s, w->p, i, end);
	while ((shape = credential_next(&s)) != SHAPE_NONE) {
		if (shape == SHAPE_SECRET)
			walk_gone(w, s.from, s.end, '*');
		else
			address(w, s.from, s.end);
	}
}

/* A short name of letters and digits holds no secret by itself. */
static int
is_plain_name(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && (isalnum((unsigned char)p[i]) || p[i] == '_');
	    i++)
		;
	return i == n && n < NAME_PLAIN;
}

/* The value of a string, as it is escaped.
 * shapes  its shapes without escapes were not seen with the text around it */
static void
look_at(struct walk *w, size_t i, size_t end, int shapes)
{
	if (shapes)
		walk_shapes(w, i, end);
	if (memchr(w->p + i, '\\', end - i) != NULL &&
	    is_wrapped(w->p + i, end - i))
		walk_within(w, i, end, ESCAPE_JSON);
	else
		walk_flat(w, i, end);
}

/* The same, less long strings that were looked at before. */
static void
value(struct walk *w, size_t i, size_t end, int shapes)
{
	size_t before = w->found;
	uint64_t hash, *known;

	if (end - i < 8)
		return;
	if (w->known == NULL || !shapes || end - i < KNOWN_LEAST) {
		look_at(w, i, end, shapes);
		return;
	}
	hash = hash_table(w->p + i, end - i);
	known = &w->known->hash[hash % CREDENTIAL_KNOWN];
	if (*known == hash)
		return;
	look_at(w, i, end, shapes);
	if (w->found == before)
		*known = hash;
}

static int
has_digit(const char *p, size_t n)
{
	while (n > 0 && !isdigit((unsigned char)*p)) {
		p++;
		n--;
	}
	return n > 0;
}

/* The value of a credential member, from its first byte. returns its end */
static size_t
hide(struct walk *w, size_t i)
{
	size_t end;
	int depth = 0;

	do {
		i = walk_blanks(w, i);
		if (i >= w->n)
			return w->n;
		if (w->p[i] == '"') {
			end = walk_string_end(w, i + 1);
			walk_gone(w, i + 1, end, '*');
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
				walk_gone(w, i, end, '0');
			else if (has_digit(w->p + i, end - i))
				walk_gone(w, i, end, '*');	/* no JSON */
			i = end > i ? end : i + 1;
		}
	} while (depth > 0);
	return i;
}

/* "name" and "key" name what the "value" beside them is. */
static int
is_label(const char *p, size_t n)
{
	return (n == 4 && strncasecmp(p, "name", 4) == 0) ||
	    (n == 3 && strncasecmp(p, "key", 3) == 0);
}

/* {"name": "X-Api-Key", "value": "..."}: the value, while its object lasts.
 * i: behind the label's colon. returns behind the value, or i */
static size_t
labelled(struct walk *w, size_t i)
{
	size_t at = walk_blanks(w, i), end, next;

	if (at >= w->n || w->p[at] != '"')
		return i;
	end = walk_string_end(w, at + 1);
	if (!credential_member_json(w->p + at + 1, end - at - 1))
		return i;
	at = walk_blanks(w, end + 1);
	if (at >= w->n || w->p[at] != ',')
		return i;
	at = walk_blanks(w, at + 1);
	if (at >= w->n || w->p[at] != '"')
		return i;
	end = walk_string_end(w, at + 1);
	next = walk_blanks(w, end + 1);
	if (end - at - 1 != 5 || strncasecmp(w->p + at + 1, "value", 5) != 0 ||
	    next >= w->n || w->p[next] != ':')
		return i;
	return hide(w, next + 1);
}

/* RFC 7518, 6: the private parts of a key, also of its further primes. */
static int
is_jwk_part(const char *p, size_t n)
{
	return (n == 1 && (*p == 'd' || *p == 'p' || *p == 'q' || *p == 'k' ||
	    *p == 'r' || *p == 't')) || (n == 2 && (memcmp(p, "dp", 2) == 0 ||
	    memcmp(p, "dq", 2) == 0 || memcmp(p, "qi", 2) == 0));
}

/* Such a part of a JSON web key, which has a "kty" beside it: a string of
 * base64. i: behind the colon. returns behind the value, or i */
static size_t
jwk_part(struct walk *w, size_t i)
{
	size_t at = walk_blanks(w, i), k;

	if (at >= w->n || w->p[at] != '"')
		return i;
	for (k = ++at; k < w->n && (isalnum((unsigned char)w->p[k]) ||
	    w->p[k] == '-' || w->p[k] == '_'); k++)
		;
	if (k - at < JWK_LEAST || k >= w->n || w->p[k] != '"')
		return i;
	if (w->jwk == 0)
		w->jwk = memmem(w->p, w->n, "\"kty\"", 5) != NULL ? 1 : -1;
	if (w->jwk < 0)
		return i;
	walk_gone(w, at, k, '*');
	return k + 1;
}

/* The end of the object whose brace is at i, or n. */
static size_t
object_end(const struct walk *w, size_t i)
{
	size_t depth = 0;

	for (; i < w->n; i++) {
		if (w->p[i] == '"')
			i = walk_string_end(w, i + 1);
		else if (w->p[i] == '{')
			depth++;
		else if (w->p[i] == '}' && --depth == 0)
			break;
	}
	return i < w->n ? i : w->n;
}

/* {"auth": {"token": "..."}}: what an object holds. i: behind the colon */
static void
holder(struct walk *w, const char *name, size_t n, size_t i)
{
	i = walk_blanks(w, i);
	if (i < w->n && w->p[i] == '{' && i >= w->holder &&
	    credential_holder(name, n))
		w->holder = object_end(w, i);
}

/* A member whose name alone says nothing: {"grant_type": ..., "code": ...},
 * and what stands in an object of credentials. */
static int
is_beside(struct walk *w, size_t i, size_t n)
{
	if (i < w->holder && credential_member(w->p + i, n, IN_FORM))
		return 1;
	if (n != 4 || memcmp(w->p + i, "code", 4) != 0)
		return 0;
	if (w->grants == 0)
		w->grants = memmem(w->p, w->n, "\"grant_type\"", 12) !=
		    NULL ? 1 : -1;
	return w->grants > 0;
}

/*
 * Members and strings; shapes within the strings, since nearly all of an
 * answer's bytes are short names, numbers and what stands between. A text
 * that is no JSON after all is looked through from end to end.
 */
static void
walk_json(struct walk *w)
{
	int shapes = walk_is_json(w);
	const char *q;
	size_t i = 0, from, end, next;

	if (!shapes)
		walk_shapes(w, 0, w->n);
	while (i < w->n && (q = memchr(w->p + i, '"', w->n - i)) != NULL) {
		from = (size_t)(q - w->p) + 1;
		if (shapes && !json_between(w->p + i, from - 1 - i)) {
			walk_shapes(w, 0, w->n);
			shapes = 0;
		}
		i = from;
		end = walk_string_end(w, i);
		next = walk_blanks(w, end + 1);
		if (next >= w->n || w->p[next] != ':') {
			value(w, i, end, shapes);
			i = end + 1;
			continue;
		}
		if (shapes && !is_plain_name(w->p + i, end - i))
			walk_shapes(w, i, end);
		w->in_tokens |= end - i == 8 && memcmp(w->p + i, "logprobs",
		    8) == 0;
		holder(w, w->p + i, end - i, next + 1);
		if (credential_member_json(w->p + i, end - i) ||
		    is_beside(w, i, end - i))
			i = hide(w, next + 1);
		else if (is_jwk_part(w->p + i, end - i))
			i = jwk_part(w, next + 1);
		else
			i = is_label(w->p + i, end - i) ?
			    labelled(w, next + 1) : next + 1;
	}
	if (shapes && i < w->n && !json_between(w->p + i, w->n - i))
		walk_shapes(w, 0, w->n);
}

void
walk_text(struct walk *w)
{
	if (w->up == NULL || walk_is_json(w))
		walk_json(w);
	else
		walk_shapes(w, 0, w->n);
}
