/* The strings of a body's JSON, with the path that leads to each. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/json_between.h"
#include "harness/traffic/redact_walk_part.h"

/* FNV-1a's: paths are told by such hashes. */
#define MIX 0xcbf29ce484222325ULL
enum { PATH_DEPTH_MAX = 64 };

/* The path of strings that are a document each, and of lines of a stream that
 * are no JSON: one text. */
enum { PATH_ALONE = 0, PATH_STRINGS = 1, PATH_LINES = 2 };

/* ---- strings --------------------------------------------------------- */

static int
hex4(const char *p, size_t n)
{
	int i, v = 0, c;

	if (n < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		c = (unsigned char)p[i];
		c = c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' &&
		    (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : -1;
		if (c < 0)
			return -1;
		v = v * 16 + c;
	}
	return v;
}

static void
put_point(struct buf *b, unsigned u)
{
	if (u < 0x80) {
		buf_putc(b, (char)u);
	} else if (u < 0x800) {
		buf_putc(b, (char)(0xc0 | u >> 6));
		buf_putc(b, (char)(0x80 | (u & 0x3f)));
	} else if (u < 0x10000) {
		buf_putc(b, (char)(0xe0 | u >> 12));
		buf_putc(b, (char)(0x80 | (u >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (u & 0x3f)));
	} else {
		buf_putc(b, (char)(0xf0 | u >> 18));
		buf_putc(b, (char)(0x80 | (u >> 12 & 0x3f)));
		buf_putc(b, (char)(0x80 | (u >> 6 & 0x3f)));
		buf_putc(b, (char)(0x80 | (u & 0x3f)));
	}
}

/* Undoes the escapes of [p,p+n). */
static void
unescape(const char *p, size_t n, struct buf *out)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *e;
	size_t i;
	int u, low;

	for (i = 0; i < n; i++) {
		if (p[i] != '\\' || i + 1 >= n) {
			buf_putc(out, p[i]);
			continue;
		}
		i++;
		if (p[i] == 'u' && (u = hex4(p + i + 1, n - i - 1)) >= 0) {
			i += 4;
			if (u >= 0xd800 && u < 0xdc00 && i + 6 < n &&
			    p[i + 1] == '\\' && p[i + 2] == 'u' &&
			    (low = hex4(p + i + 3, n - i - 3)) >= 0xdc00 &&
			    low < 0xe000) {
				u = 0x10000 + ((u - 0xd800) << 10) +
				    (low - 0xdc00);
				i += 6;
			}
			put_point(out, (unsigned)u);
		} else if ((e = strchr(from, p[i])) != NULL && *e != '\0') {
			buf_putc(out, to[e - from]);
		} else {
			buf_putc(out, p[i]);
		}
	}
}

/* ---- pieces ---------------------------------------------------------- */

/* NULL: no memory, which b->bad says. */
static struct piece *
new_piece(struct body *b, size_t from, size_t to, uint64_t path)
{
	struct piece *v;
	size_t cap;

	if (b->n_pieces == b->cap) {
		cap = b->cap == 0 ? 64 : 2 * b->cap;
		v = realloc(b->v, cap * sizeof(*v));
		if (v == NULL) {
			b->bad = 1;
			return NULL;
		}
		b->v = v;
		b->cap = cap;
	}
	v = &b->v[b->n_pieces++];
	*v = (struct piece){ .from = from, .to = to, .at = b->plain.len,
	    .path = path };
	return v;
}

/* Bytes [from,to) as they are, as text. path  0: alone */
static void
add_bare(struct body *b, size_t from, size_t to, uint64_t path)
{
	struct piece *v = new_piece(b, from, to, path);

	if (v == NULL)
		return;
	v->is_bare = 1;
	v->n = to - from;
	buf_add(&b->plain, b->p + from, v->n);
}

static void
add_piece(struct body *b, size_t from, size_t to, uint64_t path, int is_key)
{
	struct piece *v = new_piece(b, from, to, path);

	if (v == NULL)
		return;
	v->is_key = is_key;
	if (memchr(b->p + from, '\\', to - from) == NULL)
		buf_add(&b->plain, b->p + from, to - from);
	else
		unescape(b->p + from, to - from, &b->plain);
	v->n = b->plain.len - v->at;
}

static uint64_t
mix(uint64_t h, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3ULL;
	return h;
}

/* Where the string that begins at i ends: its closing quote, or n. */
static size_t
string_end(const char *p, size_t n, size_t i)
{
	const char *quote = NULL, *escape;

	for (i++; i < n; i = (size_t)(escape - p) + 2) {
		if (quote == NULL || quote < p + i)
			quote = memchr(p + i, '"', n - i);
		if (quote == NULL)
			break;
		escape = memchr(p + i, '\\', (size_t)(quote - (p + i)));
		if (escape == NULL)
			return (size_t)(quote - p);
	}
	return n;
}

/* Collects strings with the path of keys and indices above each. */
struct walk {
	uint64_t path[PATH_DEPTH_MAX];	/* of the container */
	uint64_t key[PATH_DEPTH_MAX];	/* below it: hash of the key */
	uint32_t index[PATH_DEPTH_MAX];
	unsigned char is_object[PATH_DEPTH_MAX];
	int depth, want_key;
	int is_part;	/* of something whose beginning is not here */
};

static void
walk_open(struct walk *k, char c)
{
	uint64_t path = k->depth == 0 || k->depth > PATH_DEPTH_MAX ?
	    MIX : k->path[k->depth - 1] * 31 + k->key[k->depth - 1];

	if (k->depth < PATH_DEPTH_MAX) {
		k->path[k->depth] = path;
		k->key[k->depth] = c == '[';
		k->index[k->depth] = 0;
		k->is_object[k->depth] = c == '{';
	}
	k->depth++;
	k->want_key = c == '{';
}

static void
walk_step(struct walk *k, char c)
{
	int d = k->depth - 1;

	if (c == '{' || c == '[') {
		walk_open(k, c);
	} else if (c == '}' || c == ']') {
		if (k->depth > 0)
			k->depth--;
		k->want_key = 0;
	} else if ((c == ',' || c == ':') && d < 0) {
		k->is_part = 1;
	} else if (c == ',' && d < PATH_DEPTH_MAX) {
		k->want_key = k->is_object[d];
		if (!k->is_object[d])
			k->key[d] = ++k->index[d] + 1;
	} else if (c == ':') {
		k->want_key = 0;
	}
}

/* A number that is long enough for a card or an id; returns where it ends. */
static size_t
walk_number(struct body *b, size_t i, size_t to)
{
	size_t from = i;

	while (i < to && redact_is_digit(b->p[i]))
		i++;
	if (i - from >= 9 && (from == 0 || b->p[from - 1] != '.') &&
	    (i == to || strchr(".eE", b->p[i]) == NULL)) {
		add_piece(b, from, i, 0, 0);
		if (!b->bad)
			b->v[b->n_pieces - 1].is_number = 1;
	}
	return i;
}

/* Bytes [from,to) between two strings. */
static void
walk_gap(struct body *b, struct walk *k, size_t from, size_t to)
{
	int pure = json_between(b->p + from, to - from);
	size_t i;

	b->is_prose |= !pure;
	if (!pure)
		add_bare(b, from, to, PATH_ALONE);
	for (i = from; i < to; i++) {
		if (pure && redact_is_digit(b->p[i]))
			i = walk_number(b, i, to) - 1;
		else
			walk_step(k, b->p[i]);
	}
}

/*
 * Collects all strings, and long numbers, of JSON text in bytes [from,to) of
 * the body, and whatever else stands between the strings; documents one after
 * the other share their paths, as the events of a stream do.
 */
static void
walk(struct body *b, size_t from, size_t to)
{
	struct walk k;
	const char *quote;
	size_t i, at, end;
	int d;

	memset(&k, 0, sizeof(k));
	for (i = from; i < to; i = end + 1) {
		quote = memchr(b->p + i, '"', to - i);
		at = quote == NULL ? to : (size_t)(quote - b->p);
		walk_gap(b, &k, i, at);
		if (quote == NULL)
			break;
		end = string_end(b->p, to, at);
		b->is_prose |= end == to;
		d = k.depth - 1;
		if (d < 0 || d >= PATH_DEPTH_MAX) {
			add_piece(b, at + 1, end, d < 0 && !k.is_part ?
			    PATH_STRINGS : PATH_ALONE, 0);
		} else if (k.want_key) {
			k.key[d] = mix(MIX, b->p + at + 1, end - at - 1);
			add_piece(b, at + 1, end, 0, 1);
		} else {
			add_piece(b, at + 1, end, k.path[d] * 31 + k.key[d],
			    0);
		}
	}
	b->is_prose |= k.depth != 0;
}

/* ---- where JSON is -------------------------------------------------- */

/* Bytes up to the end of the line. */
static size_t
line_n(const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n && p[i] != '\n' && p[i] != '\r'; i++)
		;
	return i;
}

/* A line of a stream, without its end: [from,to). */
static void
collect_line(struct body *b, size_t from, size_t to)
{
	size_t i = from + 5;

	if (to - from <= 5 || memcmp(b->p + from, "data:", 5) != 0) {
		if (to - from > 5)
			add_bare(b, from, to, PATH_ALONE);
		return;
	}
	while (i < to && (b->p[i] == ' ' || b->p[i] == '\t'))
		i++;
	if (i < to && strchr("{[\"", b->p[i]) != NULL && b->p[i] != '\0')
		walk(b, i, to);
	else	/* one blank is no part of it */
		add_bare(b, from + 5 + (b->p[from + 5] == ' '), to,
		    PATH_LINES);
}

int
redact_collect(struct body *b)
{
	size_t i = 0, end;
	int some = 0;

	while (i < b->n && strchr(" \t\r\n\xef\xbb\xbf", b->p[i]) != NULL &&
	    b->p[i] != '\0')
		i++;
	if (i < b->n && (b->p[i] == '{' || b->p[i] == '[' ||
	    b->p[i] == '"')) {
		walk(b, i, b->n);
		return 1;
	}
	for (i = 0; i < b->n && !some; i = end + 1) {
		end = i + line_n(b->p + i, b->n - i);
		some = end - i > 5 && memcmp(b->p + i, "data:", 5) == 0;
	}
	for (i = 0; i < b->n && some; i = end + 1) {
		end = i + line_n(b->p + i, b->n - i);
		collect_line(b, i, end);
	}
	b->is_prose = 1;
	return some;
}

/* ---- pointers -------------------------------------------------------- */

uint64_t
redact_path(const char *ptr)
{
	uint64_t path = MIX, key = 0;
	const char *s = ptr, *e;
	struct buf token;
	size_t i;
	int first = 1;

	while (*s == '/') {
		e = s + 1 + strcspn(s + 1, "/");
		buf_init(&token, 4096);
		for (i = 1; s + i < e; i++) {
			if (s[i] == '~' && (s[i + 1] == '0' ||
			    s[i + 1] == '1'))
				buf_putc(&token, s[++i] == '0' ? '~' : '/');
			else
				buf_putc(&token, s[i]);
		}
		if (!first)
			path = path * 31 + key;
		first = 0;
		key = strspn(buf_str(&token), "0123456789") == token.len &&
		    token.len > 0 ? strtoull(buf_str(&token), NULL, 10) + 1 :
		    mix(MIX, buf_str(&token), token.len);
		buf_fini(&token);
		s = e;
	}
	return path * 31 + key;
}
