/* A cursor over JSON text; see jscan.h. */
#include "harness/base/jscan.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_MIN = 64 << 10, ALIGN = 16 };

struct jscan_block {
	struct jscan_block *next;
	size_t cap;
	_Alignas(ALIGN) char data[];
};

void
jscan_mem_init(struct jscan_mem *m)
{
	m->blocks = NULL;
	m->used = 0;
}

void
jscan_mem_fini(struct jscan_mem *m)
{
	struct jscan_block *b;

	while ((b = m->blocks) != NULL) {
		m->blocks = b->next;
		free(b);
	}
	m->used = 0;
}

void
jscan_mem_reset(struct jscan_mem *m)
{
	struct jscan_block *b, *keep = m->blocks;

	m->used = 0;
	if (keep == NULL)
		return;
	while ((b = keep->next) != NULL) {
		keep->next = b->next;
		free(b);
	}
	/* One huge record must not hold its memory for ever. */
	if (keep->cap > (size_t)16 * BLOCK_MIN)
		jscan_mem_fini(m);
}

void *
jscan_mem_get(struct jscan_mem *m, size_t n)
{
	struct jscan_block *b = m->blocks;
	size_t cap;
	void *p;

	if (n > SIZE_MAX / 4)
		return NULL;
	n = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (b == NULL || n > b->cap - m->used) {
		cap = n > BLOCK_MIN ? n : BLOCK_MIN;
		b = malloc(sizeof(*b) + cap);
		if (b == NULL)
			return NULL;
		b->cap = cap;
		b->next = m->blocks;
		m->blocks = b;
		m->used = 0;
	}
	p = b->data + m->used;
	m->used += n;
	return p;
}

/* What the block in use still has. */
static size_t
mem_room(const struct jscan_mem *m)
{
	return m->blocks == NULL ? 0 : m->blocks->cap - m->used;
}

void
jscan_init(struct jscan *s, const char *text, size_t n)
{
	s->p = text;
	s->end = text + n;
	s->bad = NULL;
	s->nomem = 0;
	s->lone = 0;
}

static void
fail(struct jscan *s, const char *why)
{
	if (s->bad == NULL)
		s->bad = why;
	s->end = s->p;
}

char
jscan_peek(struct jscan *s)
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

/*
 * Sixteen bytes at a time: a vector of the compiler's, which becomes the
 * processor's own where it has any.
 */
typedef unsigned char bytes16 __attribute__((vector_size(16)));
enum { STEP = 16 };

/* Where the first quote, backslash or NUL among the bytes is, or STEP. */
static unsigned
first_stop(bytes16 v)
{
	const bytes16 hit = (bytes16)((v == '"') | (v == '\\') | (v == 0));
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
	return c == '"' || c == '\\' || c == '\0';
}

/* The first quote, backslash or NUL at or behind p, or end. */
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

/* Steps over a string; its raw inside is [*from,*to). returns 1 or 0 */
static int
raw_string(struct jscan *s, const char **from, const char **to)
{
	const char *p;

	if (jscan_peek(s) != '"') {
		fail(s, "a string is missing");
		return 0;
	}
	*from = s->p + 1;
	for (p = plain_end(*from, s->end); p < s->end && *p != '"';
	    p = plain_end(p, s->end)) {
		/* A backslash takes the byte behind it along. */
		p += *p == '\\' ? 2 : 1;
		if (p > s->end)
			break;
	}
	if (p >= s->end) {
		fail(s, "a string has no end");
		return 0;
	}
	*to = p;
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
	const char *from, *to;

	if (!jscan_member(s, first) || !raw_string(s, &from, &to) ||
	    !jscan_colon(s))
		return 0;
	*key = from;
	*n = (size_t)(to - from);
	return 1;
}

int
jscan_item(struct jscan *s, int *first)
{
	return open_or_next(s, '[', ']', first);
}

/* ---- strings ---------------------------------------------------------- */

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

/* \uXXXX, p behind the u; a lone surrogate becomes U+FFFD. */
static char *
unicode(struct jscan *s, const char **p, const char *end, char *to)
{
	unsigned c, low;

	if (!hex4(*p, end, &c)) {
		fail(s, "\\u needs four hex digits");
		return to;
	}
	*p += 4;
	if (c == 0) {
		fail(s, "a string holds a NUL; such bytes travel as base64");
		return to;
	}
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
	return put_utf8(to, 0xfffd);
}

static char *
escape(struct jscan *s, const char **p, const char *end, char *to)
{
	static const char plain[256] = {
		['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b',
		['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
	};
	unsigned char c;

	if (*p == end) {
		fail(s, "a string has no end");
		return to;
	}
	c = (unsigned char)*(*p)++;
	if (c == 'u')
		return unicode(s, p, end, to);
	if (plain[c] == '\0')
		fail(s, "an unknown escape in a string");
	else
		*to++ = plain[c];
	return to;
}

/*
 * Copies the string whose inside begins at p, escapes undone, in one pass.
 * out has room for all bytes up to s->end, and STEP more.
 * returns its length; the cursor is behind the closing quote
 */
static size_t
copy_string(struct jscan *s, const char *p, char *out)
{
	const char *end = s->end;
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
		s->p = p;
		if (p == end)
			fail(s, "a string has no end");
		else if (*p++ == '\0')
			fail(s, "a string holds a NUL; such bytes travel as "
			    "base64");
		else
			to = escape(s, &p, end, to);
	}
	*to = '\0';
	s->p = s->bad == NULL ? p + 1 : s->p;
	return (size_t)(to - out);
}

const char *
jscan_str(struct jscan *s, struct jscan_mem *mem, size_t *n)
{
	struct jscan measure;
	const char *from, *to;
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
	room = (size_t)(s->end - s->p) + STEP;
	direct = room <= mem_room(mem);
	if (!direct) {
		measure = *s;
		if (!raw_string(&measure, &from, &to)) {
			fail(s, measure.bad);
			return NULL;
		}
		room = (size_t)(to - from) + STEP + 1;
	}
	out = jscan_mem_get(mem, direct ? 0 : room);
	if (out == NULL) {
		s->nomem = 1;
		fail(s, "out of memory");
		return NULL;
	}
	*n = copy_string(s, s->p + 1, out);
	if (direct)
		(void)jscan_mem_get(mem, *n + 1);
	return s->bad == NULL ? out : NULL;
}

/* ---- numbers and the rest --------------------------------------------- */

static int
number_char(char c)
{
	return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' ||
	    c == 'e' || c == 'E';
}

/* Numbers with a point or exponent, which our own writer never makes. */
static int64_t
slow_number(struct jscan *s, const char *from, size_t n)
{
	char text[64];
	char *end;
	double v;

	if (n >= sizeof(text)) {
		fail(s, "a number is too long");
		return 0;
	}
	memcpy(text, from, n);
	text[n] = '\0';
	v = strtod(text, &end);
	if (*end != '\0' || n == 0) {
		fail(s, "not a number");
		return 0;
	}
	if (v >= 9.2233720368547748e18)
		return INT64_MAX;
	return v <= -9.2233720368547748e18 ? INT64_MIN : (int64_t)v;
}

int64_t
jscan_i64(struct jscan *s, int64_t dflt)
{
	char c = jscan_peek(s);
	const char *from = s->p, *p;
	int64_t v = 0;
	int minus = c == '-';

	if (c == 'n') {
		jscan_skip(s);
		return dflt;
	}
	if (c != '-' && (c < '0' || c > '9')) {
		fail(s, "a number is missing");
		return dflt;
	}
	for (p = from; p < s->end && number_char(*p); p++)
		continue;
	s->p = p;
	/* 18 digits fit any int64. */
	if (p - from > 18 + minus || p - from == minus)
		return slow_number(s, from, (size_t)(p - from));
	for (p = from + minus; p < s->p; p++) {
		if (*p < '0' || *p > '9')
			return slow_number(s, from, (size_t)(s->p - from));
		v = v * 10 + (*p - '0');
	}
	return minus ? -v : v;
}

static void
literal(struct jscan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		fail(s, "not a JSON value");
	else
		s->p += n;
}

static void
skip_scalar(struct jscan *s, char c)
{
	const char *from, *to;

	switch (c) {
	case '"':
		(void)raw_string(s, &from, &to);
		break;
	case 't':
		literal(s, "true");
		break;
	case 'f':
		literal(s, "false");
		break;
	case 'n':
		literal(s, "null");
		break;
	default:
		(void)jscan_i64(s, 0);
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
