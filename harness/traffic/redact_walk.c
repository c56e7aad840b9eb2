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

/* Undoes the escapes of [p,p+n). */
static void
unescape(const char *p, size_t n, struct buf *out)
{
	const char *e;
	char c[4];
	size_t i = 0, used, len;

	while (i < n && (e = memchr(p + i, '\\', n - i)) != NULL) {
		buf_add(out, p + i, (size_t)(e - p) - i);
		i = (size_t)(e - p);
		used = redact_escape(e, n - i, c, &len);
		if (used > 0) {
			buf_add(out, c, len);
			i += used;
			continue;
		}
		/* of what is no escape, its backslash goes */
		i += i + 1 < n;
		buf_putc(out, p[i++]);
	}
	if (i < n)
		buf_add(out, p + i, n - i);
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
	    .path = path, .bare = path, .run = path };
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

/* What an object's member is called that tells whose text it has: a number
 * "index", "output_index", or a string "id", "item_id", "messageId". */
enum tells { TELLS_NOTHING, TELLS_INDEX, TELLS_ID };

static enum tells
tells(const char *p, size_t n)
{
	if (n >= 5 && p[n - 1] == 'x' && memcmp(p + n - 4, "ndex", 4) == 0 &&
	    (p[n - 5] | 0x20) == 'i')
		return TELLS_INDEX;
	if (n >= 2 && p[n - 1] == 'd' && (p[n - 2] | 0x20) == 'i' && (n == 2 ||
	    p[n - 3] == '_' || p[n - 2] == 'I'))
		return TELLS_ID;
	return TELLS_NOTHING;
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
	unsigned char tells[PATH_DEPTH_MAX];	/* enum, of the member */
	uint64_t name[PATH_DEPTH_MAX];	/* of an index */
	uint64_t told[PATH_DEPTH_MAX], ids[PATH_DEPTH_MAX];
	size_t first[PATH_DEPTH_MAX];	/* piece of the container */
	int depth, want_key;
	int is_part;	/* of something whose beginning is not here */
};

static void
walk_open(struct walk *k, char c, size_t pieces)
{
	int d = k->depth++;

	k->want_key = c == '{';
	if (d >= PATH_DEPTH_MAX)
		return;
	k->path[d] = d == 0 ? MIX : k->path[d - 1] * 31 + k->key[d - 1];
	k->key[d] = c == '[';
	k->index[d] = 0;
	k->is_object[d] = c == '{';
	k->tells[d] = TELLS_NOTHING;
	k->told[d] = k->ids[d] = 0;
	k->first[d] = pieces;
}

/* A hash of an index; "index" alone is also the place in an array. */
static uint64_t
told(uint64_t key, uint64_t value)
{
	return (value + 1) * ((key == MIX ? 0x9e3779b97f4a7c15ULL : key) | 1);
}

/* The container at d ends: what its pieces are part of is known. */
static void
walk_close(struct body *b, const struct walk *k, int d)
{
	int in_array = d > 0 && !k->is_object[d - 1], e;
	uint64_t index = k->told[d], place;
	struct piece *x;
	size_t i;

	if (!k->is_object[d] || (index == 0 && k->ids[d] == 0 && !in_array))
		return;
	if (index == 0 && in_array)
		index = told(MIX, k->index[d - 1]);
	for (i = k->first[d]; i < b->n_pieces; i++) {
		x = &b->v[i];
		if (x->path == PATH_ALONE)
			continue;
		if (index != 0)
			x->index = x->index * 31 + index;
		if (k->ids[d] != 0)
			x->ids = x->ids * 31 + k->ids[d];
		if (!in_array)
			continue;
		/* as walk_open() put it in */
		for (place = k->key[d - 1], e = d - 1; e < x->depth; e++)
			place *= 31;
		x->bare -= place;
		if (k->told[d] != 0)
			x->run -= place;
	}
}

static void
walk_step(struct body *b, struct walk *k, char c)
{
	int d = k->depth - 1;

	if (c == '{' || c == '[') {
		walk_open(k, c, b->n_pieces);
	} else if (c == '}' || c == ']') {
		if (d >= 0 && d < PATH_DEPTH_MAX)
			walk_close(b, k, d);
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

/* A number's digits, which may be an index. */
static void
walk_index(struct walk *k, const char *p, size_t n)
{
	int d = k->depth - 1;
	uint64_t v = 0;
	size_t i;

	if (d < 0 || d >= PATH_DEPTH_MAX || k->tells[d] != TELLS_INDEX)
		return;
	for (i = 0; i < n; i++)
		v = v * 10 + (uint64_t)(p[i] - '0');
	k->told[d] += told(k->name[d], v);
}

/* Bytes [from,to) between two strings. */
static void
walk_gap(struct body *b, struct walk *k, size_t from, size_t to)
{
	int pure = json_between(b->p + from, to - from);
	size_t i, end;

	b->is_prose |= !pure;
	if (!pure)
		add_bare(b, from, to, PATH_ALONE);
	for (i = from; i < to; i++) {
		if (!pure || !redact_is_digit(b->p[i])) {
			walk_step(b, k, b->p[i]);
			continue;
		}
		end = walk_number(b, i, to);
		walk_index(k, b->p + i, end - i);
		i = end - 1;
	}
}

/* A string's inside, [from,to). */
static void
walk_string(struct body *b, struct walk *k, size_t from, size_t to)
{
	const char *p = b->p + from;
	int d = k->depth - 1;

	if (d < 0 || d >= PATH_DEPTH_MAX) {
		add_piece(b, from, to, d < 0 && !k->is_part ? PATH_STRINGS :
		    PATH_ALONE, 0);
	} else if (k->want_key) {
		k->key[d] = mix(MIX, p, to - from);
		k->tells[d] = tells(p, to - from);
		if (k->tells[d] == TELLS_INDEX && to - from == 5)
			k->name[d] = MIX;
		else
			k->name[d] = k->key[d];
		add_piece(b, from, to, 0, 1);
	} else {
		if (k->tells[d] == TELLS_ID)
			k->ids[d] += mix(k->key[d], p, to - from);
		add_piece(b, from, to, k->path[d] * 31 + k->key[d], 0);
		if (!b->bad)
			b->v[b->n_pieces - 1].depth = d;
	}
}

/*
 * Collects all strings, and long numbers, of JSON text in bytes [from,to) of
 * the body, and whatever else stands between the strings; documents one after
 * the other share their paths, as the events of a stream do.
 * k  where the lines of one event go on; walk_end() ends it
 */
static void
walk(struct body *b, struct walk *k, size_t from, size_t to)
{
	const char *quote;
	size_t i, at, end;

	for (i = from; i < to; i = end + 1) {
		quote = memchr(b->p + i, '"', to - i);
		at = quote == NULL ? to : (size_t)(quote - b->p);
		walk_gap(b, k, i, at);
		if (quote == NULL)
			break;
		end = string_end(b->p, to, at);
		b->is_prose |= end == to;
		walk_string(b, k, at + 1, end);
	}
}

static void
walk_begin(struct walk *k)
{
	k->depth = k->want_key = k->is_part = 0;
}

/* What is still open ends here. */
static void
walk_end(struct body *b, struct walk *k)
{
	b->is_prose |= k->depth != 0;
	while (k->depth > 0) {
		k->depth--;
		if (k->depth < PATH_DEPTH_MAX)
			walk_close(b, k, k->depth);
	}
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

/* A line of a stream, without its end: [from,to). JSON may go on in the next
 * line of its event. */
static void
collect_line(struct body *b, struct walk *k, size_t from, size_t to)
{
	size_t i = from + 5;

	if (to == from)
		walk_end(b, k);
	if (to - from <= 5 || memcmp(b->p + from, "data:", 5) != 0) {
		if (to - from > 5)
			add_bare(b, from, to, PATH_ALONE);
		return;
	}
	while (i < to && (b->p[i] == ' ' || b->p[i] == '\t'))
		i++;
	if (k->depth == 0 && (i == to || strchr("{[\"", b->p[i]) == NULL ||
	    b->p[i] == '\0')) {
		/* one blank is no part of it */
		add_bare(b, from + 5 + (b->p[from + 5] == ' '), to,
		    PATH_LINES);
		return;
	}
	if (k->depth == 0)
		walk_begin(k);
	walk(b, k, i, to);
}

static void
collect_lines(struct body *b)
{
	struct walk k;
	size_t i, end;

	walk_begin(&k);
	for (i = 0; i < b->n; i = end + 1) {
		end = i + line_n(b->p + i, b->n - i);
		collect_line(b, &k, i, end);
		if (end + 1 < b->n && b->p[end] == '\r' &&
		    b->p[end + 1] == '\n')
			end++;
	}
	walk_end(b, &k);
}

int
redact_collect(struct body *b)
{
	struct walk k;
	size_t i = 0, end;

	while (i < b->n && strchr(" \t\r\n\xef\xbb\xbf", b->p[i]) != NULL &&
	    b->p[i] != '\0')
		i++;
	if (i < b->n && (b->p[i] == '{' || b->p[i] == '[' ||
	    b->p[i] == '"')) {
		walk_begin(&k);
		walk(b, &k, i, b->n);
		walk_end(b, &k);
		return 1;
	}
	b->is_prose = 1;
	for (i = 0; i < b->n; i = end + 1) {
		end = i + line_n(b->p + i, b->n - i);
		if (end - i > 5 && memcmp(b->p + i, "data:", 5) == 0) {
			collect_lines(b);
			return 1;
		}
	}
	return 0;
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
