/* Credentials in values: addresses and tokens; see credential.h. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/credential.h"
#include "harness/traffic/credential_part.h"
#include "harness/traffic/credential_shape.h"

enum {
	DEPTH_MAX = 6,		/* an address in an address in ... */
	VALUE_MAX = 8 << 20,
	SECRET_MIN = 6,		/* bytes of what a scheme carries */
	PAIR_MIN = 4		/* of a value in a list: less is a flag */
};

/* ---- tokens ------------------------------------------------------------- */

static int
all_small(const char *p, size_t n)
{
	size_t i = 1;

	while (i < n && (islower((unsigned char)p[i]) || p[i] == '-'))
		i++;
	return i >= n;
}

/* "Bearer abc": a scheme of authentication and what it carries. */
static int
is_scheme(const char *p, size_t n)
{
	/* the first ones are words, too: "basic income" */
	static const char *const schemes[] = {
		"basic", "digest", "negotiate", "token",
		"bearer", "ntlm", "dpop", "apikey", "hawk", "aws4-hmac-sha256",
		"sharedkey", "sharedaccesssignature", "privatetoken",
		"googlelogin", "oauth",
	};
	enum { WORDS = 4 };
	size_t i, k, rest;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		k = strlen(schemes[i]);
		if (n <= k + SECRET_MIN || p[k] != ' ' ||
		    strncasecmp(p, schemes[i], k) != 0)
			continue;
		while (k < n && p[k] == ' ')
			k++;
		rest = n - k;
		if (i < WORDS && all_small(p + k, rest))
			return 0;
		/* one word, or NAME=VALUE pairs: not a sentence */
		return rest >= SECRET_MIN && (memchr(p + k, ' ', rest) ==
		    NULL || memchr(p + k, '=', rest) != NULL);
	}
	return 0;
}

int
credential_carrier(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	return n >= SECRET_MIN && is_scheme(p, n);
}

int
credential_value(const char *p, size_t n)
{
	return credential_carrier(p, n) || credential_shaped(p, n);
}

/* ---- escapes ------------------------------------------------------------ */

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int
credential_unescape(const char *s, size_t n, struct buf *out)
{
	size_t i;
	int any = 0;

	for (i = 0; i < n; i++) {
		if (s[i] == '%' && i + 2 < n && hex(s[i + 1]) >= 0 &&
		    hex(s[i + 2]) >= 0) {
			buf_putc(out, (char)(hex(s[i + 1]) * 16 +
			    hex(s[i + 2])));
			i += 2;
			any = 1;
		} else {
			buf_putc(out, s[i]);
		}
	}
	return any;
}

static void
escape(struct buf *out, const char *s, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < n; i++) {
		if (isalnum((unsigned char)s[i]) ||
		    strchr("-_.~", s[i]) != NULL)
			buf_putc(out, s[i]);
		else
			buf_printf(out, "%%%c%c",
			    digits[(unsigned char)s[i] >> 4],
			    digits[(unsigned char)s[i] & 15]);
	}
}

/* Whether a parameter's name is one, escapes undone however often. */
static int
parameter_looks(const char *s, size_t n)
{
	struct buf a, b;
	int depth, looks;

	if (n >= CREDENTIAL_NAME_MAX)
		return 1;
	looks = credential_looks(s, n);
	if (looks || memchr(s, '%', n) == NULL)
		return looks;
	buf_init(&a, 4096);
	buf_init(&b, 4096);
	buf_add(&a, s, n);
	for (depth = 0; depth < DEPTH_MAX && !looks; depth++) {
		buf_reset(&b);
		if (!credential_unescape(buf_str(&a), a.len, &b))
			break;
		looks = credential_looks(buf_str(&b), b.len);
		buf_reset(&a);
		buf_add(&a, buf_str(&b), b.len);
	}
	buf_fini(&a);
	buf_fini(&b);
	return looks;
}

/* ---- addresses ---------------------------------------------------------- */

/* "Bearer+abc": a blank of a form's. */
static int
plus_carrier(const char *p, size_t n)
{
	char room[4096];
	size_t i;

	if (n >= sizeof(room) || memchr(p, '+', n) == NULL)
		return 0;
	for (i = 0; i < n; i++)
		room[i] = (char)(p[i] == '+' ? ' ' : p[i]);
	return credential_carrier(room, n);
}

static int
is_code(const char *name, size_t n, const char *value, size_t value_n,
    int state)
{
	return n == 4 && strncasecmp(name, "code", 4) == 0 &&
	    credential_code(value, value_n, state);
}

/* One NAME=VALUE, or what stands there in its place.
 * state   a parameter of that name is beside it */
static int
put_pair(struct buf *out, const char *p, size_t n, int state, int depth)
{
	const char *eq = memchr(p, '=', n);
	size_t name = eq == NULL ? n : (size_t)(eq - p);

	if (eq == NULL)
		return credential_clean(out, p, n, depth + 1);
	buf_add(out, p, name + 1);
	if (name + 1 == n)
		return 0;
	if (parameter_looks(p, name) || is_code(p, name, eq + 1,
	    n - name - 1, state) || plus_carrier(eq + 1, n - name - 1)) {
		buf_puts(out, CREDENTIAL_GONE);
		return 1;
	}
	return credential_clean(out, eq + 1, n - name - 1, depth + 1);
}

/* A query, or a fragment like one. */
static int
put_pairs(struct buf *out, const char *p, size_t n, int depth)
{
	size_t i = 0, k;
	int changed = 0, state = memmem(p, n, "state=", 6) != NULL;

	while (i < n) {
		for (k = i; k < n && p[k] != '&' && p[k] != ';'; k++)
			;
		changed |= put_pair(out, p + i, k - i, state, depth);
		if (k < n)
			buf_putc(out, p[k]);
		i = k + 1;
	}
	return changed;
}

/* A path: its segments, which may hold ;NAME=VALUE and addresses. */
static int
put_path(struct buf *out, const char *p, size_t n, int depth)
{
	size_t i = 0, k;
	int changed = 0;

	while (i < n) {
		for (k = i; k < n && p[k] != '/' && p[k] != ';'; k++)
			;
		if (credential_segment(p, i, k)) {
			buf_puts(out, CREDENTIAL_GONE);
			changed = 1;
		} else if (k > i) {
			changed |= put_pair(out, p + i, k - i, 0, depth);
		}
		if (k < n)
			buf_putc(out, p[k]);
		i = k + 1;
	}
	return changed;
}

/* What follows the scheme and "//": user information goes. */
static size_t
put_authority(struct buf *out, const char *p, size_t n, int *changed)
{
	size_t end = 0, from = 0;
	const char *at;

	while (end < n && strchr("/?#;", p[end]) == NULL)
		end++;
	at = memrchr(p, '@', end);
	if (at != NULL) {
		from = (size_t)(at - p) + 1;
		*changed = 1;
	}
	buf_add(out, p + from, end - from);
	return end;
}

static int
put_url(struct buf *out, const char *p, size_t n, int depth)
{
	const char *slashes = memmem(p, n, "//", 2);
	size_t i = 0, k;
	int changed = 0;

	if (slashes != NULL && (slashes == p || slashes[-1] == ':')) {
		i = (size_t)(slashes - p) + 2;
		buf_add(out, p, i);
		i += put_authority(out, p + i, n - i, &changed);
	}
	/* an address may be the rest of a path: /fetch/https://... */
	slashes = memmem(p + i, n - i, "://", 3);
	for (k = i; k < n && p[k] != '?' && p[k] != '#'; k++)
		;
	if (slashes != NULL && (size_t)(slashes - p) < k) {
		while (slashes > p + i && isalnum((unsigned char)slashes[-1]))
			slashes--;
		changed |= put_path(out, p + i, (size_t)(slashes - p) - i,
		    depth);
		return credential_clean(out, slashes,
		    n - (size_t)(slashes - p), depth + 1) | changed;
	}
	changed |= put_path(out, p + i, k - i, depth);
	while (k < n) {
		for (i = k + 1; i < n && p[i] != '#'; i++)
			;
		buf_putc(out, p[k]);
		/* a fragment may be an address within a page */
		changed |= p[k] == '#' && memchr(p + k, '?', n - k) != NULL ?
		    put_url(out, p + k + 1, i - k - 1, depth) :
		    put_pairs(out, p + k + 1, i - k - 1, depth);
		k = i;
	}
	return changed;
}

/* Whether a segment of a path alone is a token. */
static int
holds_token(const char *p, size_t n)
{
	size_t i, k;

	for (i = 1; i < n; i = k + 1) {
		for (k = i; k < n && p[k] != '/'; k++)
			;
		if (credential_segment(p, i, k))
			return 1;
	}
	return 0;
}

/* "login?sid=abc": a page without what stands before it. */
static int
is_page(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && (isalnum((unsigned char)p[i]) ||
	    strchr("-._~/%", p[i]) != NULL); i++)
		;
	return i > 0 && i < n && p[i] == '?' && memchr(p, ' ', n) == NULL &&
	    memchr(p + i, '=', n - i) != NULL;
}

static int
is_address(const char *p, size_t n)
{
	if (n > 1 && *p == '/')
		return p[1] == '/' || memchr(p, '?', n) != NULL ||
		    memchr(p, ';', n) != NULL || memchr(p, '#', n) != NULL ||
		    memchr(p, '%', n) != NULL ||
		    memmem(p, n, "//", 2) != NULL || holds_token(p, n);
	return memmem(p, n, "://", 3) != NULL || is_page(p, n);
}

int
credential_clean(struct buf *out, const char *p, size_t n, int depth)
{
	struct buf plain, cleaned;
	size_t at = out->len;
	int changed = 0;

	if (depth > DEPTH_MAX) {
		/* nothing that is meant to be read is wrapped so often */
		buf_puts(out, CREDENTIAL_GONE);
		return 1;
	}
	if (is_address(p, n) && !credential_carrier(p, n)) {
		changed = put_url(out, p, n, depth);
		if (out->bad != RC_OK || !credential_shaped(out->p + at,
		    out->len - at))
			return changed;
		/* one that stands beside the address */
		out->len = at;
	}
	if (credential_value(p, n)) {
		buf_puts(out, CREDENTIAL_GONE);
		return 1;
	}
	if (memchr(p, '%', n) == NULL) {
		buf_add(out, p, n);
		return 0;
	}
	buf_init(&plain, VALUE_MAX);
	buf_init(&cleaned, VALUE_MAX);
	if (credential_unescape(p, n, &plain))
		changed = credential_clean(&cleaned, buf_str(&plain),
		    plain.len, depth + 1);
	if (changed)
		escape(out, buf_str(&cleaned), cleaned.len);
	else
		buf_add(out, p, n);
	buf_fini(&plain);
	buf_fini(&cleaned);
	return changed;
}

/* ---- texts -------------------------------------------------------------- */

/* Of a list such as "userId=1,token=abc": what a name that looks like one
 * stands before. */
int
credential_pairs(struct buf *out, const char *text)
{
	const char *eq, *name, *end;
	int changed = 0;

	while ((eq = strchr(text, '=')) != NULL) {
		for (name = eq; name > text && (isalnum((unsigned char)
		    name[-1]) || name[-1] == '_' || name[-1] == '-'); name--)
			;
		end = eq + 1 + strcspn(eq + 1, ",; ");
		buf_add(out, text, (size_t)(eq + 1 - text));
		text = eq + 1;
		if (end - text < PAIR_MIN || name == eq ||
		    !credential_looks(name, (size_t)(eq - name)))
			continue;
		buf_puts(out, CREDENTIAL_GONE);
		text = end;
		changed = 1;
	}
	buf_puts(out, text);
	return changed;
}

/* One word of a text: what stands before an address in it (OPTION=) stays. */
static int
put_word(struct buf *out, const char *p, size_t n)
{
	const char *at = memmem(p, n, "://", 3), *eq;
	size_t i = 0;

	if (at != NULL) {
		while (at > p && (isalnum((unsigned char)at[-1]) ||
		    at[-1] == '+' || at[-1] == '-' || at[-1] == '.'))
			at--;
		eq = memchr(p, '=', (size_t)(at - p));
		if (*p != '/' && (at == p || eq == at - 1 ||
		    strchr("(<[{,;'\"", at[-1]) != NULL))
			i = (size_t)(at - p);
	}
	buf_add(out, p, i);
	return credential_clean(out, p + i, n - i, 0);
}

/* Each secret in a text replaced. returns whether there was any */
static int
put_shapes(struct buf *out, const char *text, size_t n)
{
	struct credential_scan s;
	enum credential_shape shape;
	size_t at = 0;

	credential_scan(&s, text, 0, n);
	while ((shape = credential_next(&s)) != SHAPE_NONE) {
		if (shape == SHAPE_ADDRESS)
			continue;
		buf_add(out, text + at, s.from - at);
		buf_puts(out, CREDENTIAL_GONE);
		at = s.end;
	}
	buf_add(out, text + at, n - at);
	return at > 0;
}

int
credential_text(struct buf *out, const char *text)
{
	size_t n = strlen(text), i = 0, k;
	struct buf shapes;
	int changed;

	if (credential_carrier(text, n)) {
		buf_puts(out, CREDENTIAL_GONE);
		return 1;
	}
	buf_init(&shapes, 3 * n + 64);
	changed = put_shapes(&shapes, text, n);
	if (changed) {
		text = buf_str(&shapes);
		n = shapes.len;
	}
	while (i < n) {
		for (k = i; k < n && strchr(" \t\r\n<>\"'", text[k]) == NULL;
		    k++)
			;
		if (k > i)
			changed |= put_word(out, text + i, k - i);
		if (k < n)
			buf_putc(out, text[k]);
		i = k + 1;
	}
	if (shapes.bad != RC_OK)
		buf_fail(out, shapes.bad);
	buf_fini(&shapes);
	return changed;
}

void
credential_target(struct buf *out, const char *target)
{
	size_t n = strlen(target), query = strcspn(target, "?#");

	/* a target need not begin with a slash, nor an address with a
	 * scheme */
	if (*target != '/' && memmem(target, n, "://", 3) == NULL &&
	    target[query] != '\0' && !credential_carrier(target, n))
		(void)put_url(out, target, n, 0);
	else
		(void)credential_text(out, target);
}
