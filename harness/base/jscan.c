/* A cursor over JSON text; see jscan.h. */
#include "harness/base/jscan.h"

#include <endian.h>
#include <string.h>

#include "harness/base/number.h"

void
jscan_init(struct jscan *s, const char *text, size_t n)
{
	s->p = text;
	s->end = text + n;
	s->bad = NULL;
	s->nomem = 0;
	s->cut = 0;
	s->nul = 0;
	s->escaped = 0;
	s->lone = 0;
	s->keep_lone = 0;
}

/* Something else is expected at the cursor. */
static void
fail(struct jscan *s, const char *why)
{
	if (s->bad == NULL) {
		s->bad = why;
		s->cut = s->p == s->end;
	}
	s->end = s->p;
}

/* The text ends within what begins at the cursor. */
static void
fail_cut(struct jscan *s, const char *why)
{
	fail(s, why);
	s->cut = 1;
}

char
jscan_peek_on(struct jscan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' ||
	    *s->p == '\r' || *s->p == '\n'))
		s->p++;
	if (s->p < s->end)
		return *s->p;
	return '\0';
}

int
jscan_end(struct jscan *s)
{
	return s->bad == NULL && jscan_peek(s) == '\0' && s->p == s->end;
}

static const char escapes[256] = {
	['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b',
	['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
};

static int
hex4(const char *p, const char *end, unsigned *v)
{
	int i;

	*v = 0;
	if (end - p < 4)
		return 0;
	for (i = 0; i < 4; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c >= '0' && c <= '9')
			*v = *v << 4 | (unsigned)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			*v = *v << 4 | (unsigned)((c | 32) - 'a' + 10);
		else
			return 0;
	}
	return 1;
}

/*
 * Sixteen bytes at a time: a vector of the compiler's, which becomes the
 * processor's own where it has any.
 */
typedef unsigned char bytes16 __attribute__((vector_size(16)));
enum { STEP = JSCAN_SLACK };

/* Where the first quote, backslash or control byte among them is, or STEP. */
static unsigned
first_stop(bytes16 v)
{
	const bytes16 hit = (bytes16)((v == '"') | (v == '\\') | (v < ' '));
	uint64_t half[2];

	memcpy(half, &hit, sizeof(half));
	if ((half[0] | half[1]) == 0)
		return STEP;
	if (half[0] != 0)
		return (unsigned)__builtin_ctzll(le64toh(half[0])) / 8;
	return 8 + (unsigned)__builtin_ctzll(le64toh(half[1])) / 8;
}

static int
is_stop(char c)
{
	return c == '"' || c == '\\' || (unsigned char)c < ' ';
}

/* The first such byte at or behind p, or end. */
static const char *
plain_end(const char *p, const char *end)
{
	bytes16 v;
	unsigned at;

	for (; end - p >= STEP; p += STEP) {
		memcpy(&v, p, sizeof(v));
		at = first_stop(v);
		if (at < STEP)
			return p + at;
	}
	while (p < end && !is_stop(*p))
		p++;
	return p;
}

static const char no_end[] = "a string has no end";
static const char bad_hex[] = "\\u needs four hex digits";
static const char control[] = "a string has a control character; write it as "
    "\\u00XX";

/* Steps over the escape at p, a backslash. returns NULL: it is none */
static const char *
raw_escape(struct jscan *s, const char *p)
{
	unsigned v;

	if (s->end - p < 2) {
		fail_cut(s, no_end);
		return NULL;
	}
	if (p[1] == 'u') {
		if (hex4(p + 2, s->end, &v))
			return p + 6;
		s->p = p;
		if (s->end - p < 6)
			fail_cut(s, bad_hex);
		else
			fail(s, bad_hex);
		return NULL;
	}
	if (escapes[(unsigned char)p[1]] != '\0')
		return p + 2;
	s->p = p;
	fail(s, "an unknown escape in a string");
	return NULL;
}

int
jscan_raw(struct jscan *s, const char **from, size_t *n)
{
	const char *p;

	if (jscan_peek(s) != '"') {
		fail(s, "a string is missing");
		return 0;
	}
	*from = s->p + 1;
	s->escaped = 0;
	for (p = *from; (p = plain_end(p, s->end)) < s->end && *p != '"';) {
		s->escaped = 1;
		if (*p != '\\') {
			s->p = p;
			fail(s, control);
			return 0;
		}
		p = raw_escape(s, p);
		if (p == NULL)
			return 0;
	}
	if (p == s->end) {
		fail_cut(s, no_end);
		return 0;
	}
	*n = (size_t)(p - *from);
	s->p = p + 1;
	return 1;
}

static int
open_or_next(struct jscan *s, char open, char close, int *first)
{
	char c = jscan_peek(s);

	if (*first) {
		*first = 0;
		if (c != open) {
			fail(s, open == '{' ? "an object is missing" :
			    "an array is missing");
			return 0;
		}
		s->p++;
		if (jscan_peek(s) == close) {
			s->p++;
			return 0;
		}
		return s->bad == NULL;
	}
	if (c != ',' && c != close)
		fail(s, "a comma or a closing bracket is missing");
	if (s->bad != NULL)
		return 0;
	s->p++;
	return c == ',';
}

int
jscan_member(struct jscan *s, int *first)
{
	return open_or_next(s, '{', '}', first);
}

int
jscan_colon(struct jscan *s)
{
	if (jscan_peek(s) != ':') {
		fail(s, "a colon is missing");
		return 0;
	}
	s->p++;
	return 1;
}

int
jscan_key(struct jscan *s, int *first, const char **key, size_t *n)
{
	return jscan_member(s, first) && jscan_raw(s, key, n) &&
	    jscan_colon(s);
}

int
jscan_item(struct jscan *s, int *first)
{
	return open_or_next(s, '[', ']', first);
}

/* ---- strings ---------------------------------------------------------- */

static char *
put_utf8(char *to, unsigned c)
{
	if (c < 0x80) {
		*to++ = (char)c;
	} else if (c < 0x800) {
		*to++ = (char)(0xc0 | c >> 6);
		*to++ = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		*to++ = (char)(0xe0 | c >> 12);
		*to++ = (char)(0x80 | (c >> 6 & 63));
		*to++ = (char)(0x80 | (c & 63));
	} else {
		*to++ = (char)(0xf0 | c >> 18);
		*to++ = (char)(0x80 | (c >> 12 & 63));
		*to++ = (char)(0x80 | (c >> 6 & 63));
		*to++ = (char)(0x80 | (c & 63));
	}
	return to;
}

/* \uXXXX, p behind the u; see keep_lone for half a pair. */
static char *
unicode(struct jscan *s, const char **p, const char *end, char *to)
{
	unsigned c, low;

	if (!hex4(*p, end, &c)) {
		fail(s, bad_hex);
		return to;
	}
	*p += 4;
	s->nul |= c == 0;
	if (c >= 0xd800 && c < 0xdc00 && end - *p >= 6 &&
	    (*p)[0] == '\\' && (*p)[1] == 'u' && hex4(*p + 2, end, &low) &&
	    low >= 0xdc00 && low < 0xe000) {
		*p += 6;
		return put_utf8(to, 0x10000 + ((c - 0xd800) << 10) +
		    (low - 0xdc00));
	}
	if (c < 0xd800 || c >= 0xe000)
		return put_utf8(to, c);
	s->lone = 1;
	return put_utf8(to, s->keep_lone ? c : 0xfffd);
}

static char *
escape(struct jscan *s, const char **p, const char *end, char *to)
{
	unsigned char c;

	c = (unsigned char)*(*p)++;
	if (c == 'u')
		return unicode(s, p, end, to);
	if (escapes[c] == '\0')
		fail(s, "an unknown escape in a string");
	else
		*to++ = escapes[c];
	return to;
}

/*
 * Copies the string whose inside begins at p, escapes undone, in one pass.
 * out has room for all bytes up to s->end, and JSCAN_SLACK more.
 * returns its length; the cursor is behind the closing quote
 */
static size_t
copy_string(struct jscan *s, const char *p, char *out)
{
	const char *end = s->end, *from = s->p;
	char *to = out;
	bytes16 v;
	unsigned at;

	while (s->bad == NULL) {
		for (at = STEP; at == STEP && end - p >= STEP;) {
			memcpy(&v, p, sizeof(v));
			memcpy(to, &v, sizeof(v));
			at = first_stop(v);
			p += at;
			to += at;
		}
		while (at == STEP && p < end && !is_stop(*p))
			*to++ = *p++;
		if (p < end && *p == '"')
			break;
		/* a backslash alone at the end is no escape */
		s->p = end - p <= 1 ? from : p;
		if (p == end || (*p == '\\' && end - p == 1))
			fail_cut(s, no_end);
		else if (*p++ != '\\')
			fail(s, control);
		else
			to = escape(s, &p, end, to);
	}
	*to = '\0';
	s->p = s->bad == NULL ? p + 1 : s->p;
	return (size_t)(to - out);
}

size_t
jscan_copy(struct jscan *s, char *out)
{
	return copy_string(s, s->p + 1, out);
}

const char *
jscan_str(struct jscan *s, struct arena *mem, size_t *n)
{
	struct jscan measure;
	const char *from;
	size_t room;
	char *out;
	int direct;

	*n = 0;
	if (jscan_peek(s) == 'n') {
		jscan_skip(s);
		return NULL;
	}
	if (jscan_peek(s) != '"') {
		fail(s, "a string is missing");
		return NULL;
	}
	/* The rest of the text bounds the string; where that would waste a
	 * block, the string is measured first. */
	room = (size_t)(s->end - s->p) + JSCAN_SLACK;
	direct = room <= arena_room(mem);
	if (!direct) {
		measure = *s;
		if (!jscan_raw(&measure, &from, &room)) {
			*s = measure;
			return NULL;
		}
		room += JSCAN_SLACK;
	}
	out = arena_get(mem, direct ? 0 : room);
	if (out == NULL) {
		s->nomem = 1;
		fail(s, "out of memory");
		return NULL;
	}
	*n = jscan_copy(s, out);
	if (direct)
		(void)arena_get(mem, *n + 1);
	return s->bad == NULL ? out : NULL;
}

/* ---- numbers and the rest --------------------------------------------- */

/* Bytes that may stand in a number. */
static size_t
strspn_number(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && *p != '\0' && strchr("+-.0123456789eE", *p) != NULL)
		p++;
	return (size_t)(p - from);
}

int
jscan_number(struct jscan *s, const char **from, size_t *n)
{
	char c = jscan_peek(s);
	const char *end;

	if (c != '-' && (c < '0' || c > '9')) {
		fail(s, c == '\0' ? "a value is missing" :
		    "no value begins here");
		return 0;
	}
	end = number_end(s->p, s->end);
	if (end == NULL) {
		/* "1." or "-" may go on behind the end of the text */
		if (strspn_number(s->p, s->end) == (size_t)(s->end - s->p))
			fail_cut(s, "not a JSON number");
		else
			fail(s, "not a JSON number");
		return 0;
	}
	*from = s->p;
	*n = (size_t)(end - s->p);
	s->p = end;
	return 1;
}

int64_t
jscan_i64(struct jscan *s, int64_t dflt)
{
	const char *from, *p;
	int64_t v = 0;
	size_t n;
	int minus = jscan_peek(s) == '-';

	if (jscan_peek(s) == 'n') {
		jscan_skip(s);
		return dflt;
	}
	if (!jscan_number(s, &from, &n))
		return dflt;
	/* 18 digits fit any int64. */
	for (p = from + minus; p < s->p && n <= 18; p++) {
		if (*p < '0' || *p > '9')
			break;
		v = v * 10 + (*p - '0');
	}
	if (p < s->p)
		return number_i64(from, n, 0);
	return minus ? -v : v;
}

int
jscan_word(struct jscan *s, const char *word)
{
	size_t n = strlen(word), have = (size_t)(s->end - s->p);

	if (have < n && memcmp(s->p, word, have) == 0)
		fail_cut(s, "no value begins here");
	else if (have < n || memcmp(s->p, word, n) != 0)
		fail(s, "no value begins here");
	else
		s->p += n;
	return s->bad == NULL;
}

static void
skip_scalar(struct jscan *s, char c)
{
	const char *from;
	size_t n;

	switch (c) {
	case '"':
		(void)jscan_raw(s, &from, &n);
		break;
	case 't':
		(void)jscan_word(s, "true");
		break;
	case 'f':
		(void)jscan_word(s, "false");
		break;
	case 'n':
		(void)jscan_word(s, "null");
		break;
	default:
		(void)jscan_number(s, &from, &n);
	}
}

void
jscan_skip(struct jscan *s)
{
	char stack[JSCAN_DEPTH_MAX];
	const char *key;
	size_t depth = 0, n;
	int first = 1, more;
	char c;

	for (;;) {
		c = jscan_peek(s);
		if (c == '{' || c == '[') {
			if (depth == JSCAN_DEPTH_MAX) {
				fail(s, "nested too deep");
				return;
			}
			stack[depth++] = c;
			first = 1;
		} else {
			skip_scalar(s, c);
			first = 0;
		}
		/* To the next value, closing what ends here. */
		for (more = 0; depth > 0 && !more && s->bad == NULL;) {
			more = stack[depth - 1] == '{' ?
			    jscan_key(s, &first, &key, &n) :
			    jscan_item(s, &first);
			depth -= !more;
			first = 0;
		}
		if (!more || s->bad != NULL)
			return;
	}
}
