/*
 * Bodies: strings of JSON with their escapes undone, also within other strings
 * and in base64; a text that a stream spreads over events as one; anything
 * else unchanged.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/utf8.h"
#include "harness/traffic/redact_walk_part.h"

/* Nobody wraps what is meant to be read so often; what is does not stay. */
enum { BODY_DEPTH_MAX = 32 };
/* What was written shorter than with backslashes, "\\u005cu005cu0022", grows by
 * itself when it is written anew: by more than this it does not stay either. */
#define GROWN_MAX(n) (4 * (n) + 4096)
static const char too_deep[] = "[TOO DEEP]";

/* *is_prose  it is not, or not all of some JSON */
static int redact_depth(struct redact_work *w, const char *p, size_t n,
    struct buf *out, struct redact_moves *moves, int depth, int *is_prose);

/* ---- what is found becomes moves ------------------------------------- */

static void
add_move(struct redact_moves *m, size_t from, size_t to, size_t len)
{
	struct redact_move *v;
	size_t cap;

	if (m == NULL)
		return;
	if (m->n == m->cap) {
		cap = m->cap == 0 ? 16 : 2 * m->cap;
		v = realloc(m->v, cap * sizeof(*v));
		if (v == NULL) {
			m->bad = 1;
			return;
		}
		m->v = v;
		m->cap = cap;
	}
	m->v[m->n++] = (struct redact_move){ from, to, len };
}

/* A piece that becomes another text. */
struct change {
	size_t piece;
	size_t at, n;		/* in the changes' text */
};

struct changes {
	struct change *v;
	size_t n, cap;
	struct buf text;
	int bad;
};

static struct buf *
change(struct changes *c, size_t piece)
{
	struct change *v;
	size_t cap;

	if (c->n == c->cap) {
		cap = c->cap == 0 ? 16 : 2 * c->cap;
		v = realloc(c->v, cap * sizeof(*v));
		if (v == NULL) {
			c->bad = 1;
			return &c->text;
		}
		c->v = v;
		c->cap = cap;
	}
	c->v[c->n++] = (struct change){ piece, c->text.len, 0 };
	return &c->text;
}

static void
change_end(struct changes *c)
{
	if (c->n > 0)
		c->v[c->n - 1].n = c->text.len - c->v[c->n - 1].at;
}

/* Base64 of a text, long enough to hide one. */
static size_t
from_base64(const char *p, size_t n, struct buf *out)
{
	size_t i, got = 0;
	char *to;

	if (n < 12 || n % 4 != 0 || n > (size_t)8 << 20)
		return 0;
	for (i = 0; i < n; i++) {
		if (!((p[i] >= 'a' && p[i] <= 'z') || (p[i] >= 'A' &&
		    p[i] <= 'Z') || redact_is_digit(p[i]) || p[i] == '+' ||
		    p[i] == '/' || (p[i] == '=' && i + 2 >= n)))
			return 0;
	}
	to = buf_reserve(out, n + 1);
	if (to == NULL || hash_unb64(p, n, to, n, &got) != 0)
		return 0;
	for (i = 0; i < got; i += utf8_len(to + i, got - i)) {
		if (utf8_len(to + i, got - i) == 0)
			return 0;
	}
	return got;
}

/* Whether a text begins as JSON does that has strings. */
static int
may_be_json(const char *p, size_t n)
{
	size_t i = 0;

	while (i < n && strchr(" \t\r\n", p[i]) != NULL && p[i] != '\0')
		i++;
	return i < n && (p[i] == '{' || p[i] == '[' || p[i] == '"') &&
	    memchr(p + i, '"', n - i) != NULL;
}

static void
become(struct body *b, struct changes *c, size_t i, const char *p, size_t n)
{
	buf_add(change(c, i), p, n);
	change_end(c);
	b->v[i].done = 1;
}

/* One piece by itself: JSON within it, base64 within it. What is no JSON from
 * end to end may go on in the next piece of its path. */
static void
look_inside(struct body *b, struct changes *c, size_t i)
{
	struct piece *x = &b->v[i];
	const char *p = b->plain.p + x->at;
	int json = may_be_json(p, x->n), prose = 0;
	struct buf inner, out;
	size_t got;
	char *b64;

	buf_init(&inner, (size_t)16 << 20);
	buf_init(&out, (size_t)64 << 20);
	got = json ? 0 : from_base64(p, x->n, &inner);
	if ((json || got > 0) && b->depth == BODY_DEPTH_MAX) {
		become(b, c, i, too_deep, sizeof(too_deep) - 1);
	} else if (json) {
		if (!redact_depth(b->w, p, x->n, &out, NULL, b->depth + 1,
		    &prose))
			x->done = !prose;
		else if (out.len > GROWN_MAX(x->n))
			become(b, c, i, too_deep, sizeof(too_deep) - 1);
		else
			become(b, c, i, buf_str(&out), out.len);
	} else if (got > 0 && redact_depth(b->w, inner.p, got, &out, NULL,
	    b->depth + 1, &prose)) {
		b64 = malloc(HASH_B64_LEN(out.len));
		if (b64 != NULL) {
			hash_b64(buf_str(&out), out.len, b64,
			    HASH_B64_LEN(out.len));
			become(b, c, i, b64, strlen(b64));
		}
		b->bad |= b64 == NULL;
		free(b64);
	}
	b->bad |= out.bad != RC_OK;
	buf_fini(&inner);
	buf_fini(&out);
}

/* The pieces of one path as one text: where a hit spans several, the first
 * one gets what stands in its place. */
static void
redact_run(struct body *b, struct changes *c, const size_t *run, size_t n)
{
	const struct redact_hit *h;
	struct buf joined;
	const char *p = b->plain.p + b->v[run[0]].at;
	size_t i, k, n_hits, base = 0, from, to, at, end;

	buf_init(&joined, b->plain.len + 1);
	for (i = 0; n > 1 && i < n; i++)
		buf_add(&joined, b->plain.p + b->v[run[i]].at,
		    b->v[run[i]].n);
	if (n > 1)
		p = buf_str(&joined);
	h = redact_find(b->w, p, n > 1 ? joined.len : b->v[run[0]].n,
	    &n_hits);
	for (i = 0, k = 0; i < n && n_hits > 0; i++) {
		end = base + b->v[run[i]].n;
		while (k < n_hits && h[k].to <= base)
			k++;
		if (k < n_hits && h[k].from < end) {
			struct buf *out = change(c, run[i]);

			for (at = base; k < n_hits && h[k].from < end; k++) {
				from = h[k].from > base ? h[k].from : base;
				to = h[k].to < end ? h[k].to : end;
				if (from > at)
					buf_add(out, p + at, from - at);
				if (h[k].from >= base)
					redact_put(b->w, h[k].rule,
					    p + h[k].from,
					    h[k].to - h[k].from, out);
				at = to;
				if (h[k].to > end)
					break;
			}
			if (end > at)
				buf_add(out, p + at, end - at);
			change_end(c);
		}
		base = end;
	}
	b->bad |= joined.bad != RC_OK;
	buf_fini(&joined);
}

/* ---- pointers -------------------------------------------------------- */

/* Whether the path that leads to a piece is a pointer's; told by the same
 * hashes that walk() makes of it. */
static uint64_t
pointer_path(const char *ptr)
{
	uint64_t path = REDACT_MIX, key = 0;
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
		    redact_mix(REDACT_MIX, buf_str(&token), token.len);
		buf_fini(&token);
		s = e;
	}
	return path * 31 + key;
}

static void
by_pointers(struct body *b, struct changes *c)
{
	const char *ptr;
	uint64_t path;
	size_t i, k, rule;

	for (k = 0; (ptr = redact_pointer(b->w, k, &rule)) != NULL; k++) {
		path = pointer_path(ptr);
		for (i = 0; i < b->n_pieces; i++) {
			if (b->v[i].path != path || b->v[i].is_key ||
			    b->v[i].done)
				continue;
			redact_put(b->w, rule, b->plain.p + b->v[i].at,
			    b->v[i].n, change(c, i));
			change_end(c);
			b->v[i].done = 1;
		}
	}
}

/* ---- the body -------------------------------------------------------- */

static int
by_piece(const void *x, const void *y)
{
	const struct change *a = x, *b = y;

	return a->piece < b->piece ? -1 : a->piece > b->piece;
}

struct order {
	uint64_t path;
	size_t i;
};

static int
by_path(const void *x, const void *y)
{
	const struct order *a = x, *b = y;

	if (a->path != b->path)
		return a->path < b->path ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

/* Pieces of one path together, in their order; keys, numbers and what stands
 * between strings, which are no part of a longer text, each alone. */
static void
by_paths(struct body *b, struct changes *c)
{
	struct order *o = malloc((b->n_pieces + 1) * sizeof(*o));
	size_t *run = malloc((b->n_pieces + 1) * sizeof(*run));
	size_t n = 0, i, k;

	if (o == NULL || run == NULL) {
		b->bad = 1;
		free(o);
		free(run);
		return;
	}
	for (i = 0; i < b->n_pieces; i++) {
		if (b->v[i].done || b->v[i].n == 0)
			continue;
		if (b->v[i].is_key || b->v[i].is_number || b->v[i].path == 0)
			redact_run(b, c, &i, 1);
		else
			o[n++] = (struct order){ b->v[i].path, i };
	}
	qsort(o, n, sizeof(*o), by_path);
	for (i = 0; i < n; i = k) {
		for (k = i; k < n && o[k].path == o[i].path; k++)
			run[k - i] = o[k].i;
		redact_run(b, c, run, k - i);
	}
	free(o);
	free(run);
}

/* The changes in order, everything between as it was. */
static void
write_changes(struct body *b, struct changes *c, struct buf *out,
    struct redact_moves *moves)
{
	size_t i, at = 0, start;

	if (c->n > 1)
		qsort(c->v, c->n, sizeof(*c->v), by_piece);
	for (i = 0; i < c->n; i++) {
		const struct piece *x = &b->v[c->v[i].piece];

		buf_add(out, b->p + at, x->from - at);
		start = out->len;
		if (x->is_number)	/* a text stands in its place */
			buf_putc(out, '"');
		if (x->is_bare)
			buf_add(out, c->text.p + c->v[i].at, c->v[i].n);
		else
			(void)utf8_json(out, c->text.p + c->v[i].at,
			    c->v[i].n, 1);
		if (x->is_number)
			buf_putc(out, '"');
		add_move(moves, x->from, x->to, out->len - start);
		at = x->to;
	}
	buf_add(out, b->p + at, b->n - at);
}

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
			redact_bare(b, from, to, 0);
		return;
	}
	while (i < to && (b->p[i] == ' ' || b->p[i] == '\t'))
		i++;
	if (i < to && strchr("{[\"", b->p[i]) != NULL && b->p[i] != '\0')
		redact_walk(b, i, to);
	else	/* one blank is no part of it */
		redact_bare(b, from + 5 + (b->p[from + 5] == ' '), to,
		    REDACT_LINES);
}

/* Where the JSON of a body is: all of it, or what stands behind "data:". */
static int
collect(struct body *b)
{
	size_t i = 0, end;
	int some = 0;

	while (i < b->n && strchr(" \t\r\n\xef\xbb\xbf", b->p[i]) != NULL &&
	    b->p[i] != '\0')
		i++;
	if (i < b->n && (b->p[i] == '{' || b->p[i] == '[' ||
	    b->p[i] == '"')) {
		redact_walk(b, i, b->n);
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

static int
redact_plain(struct redact_work *w, const char *p, size_t n, struct buf *out,
    struct redact_moves *moves)
{
	const struct redact_hit *h;
	size_t i, n_hits, at = 0, start;

	h = redact_find(w, p, n, &n_hits);
	for (i = 0; i < n_hits; i++) {
		buf_add(out, p + at, h[i].from - at);
		start = out->len;
		redact_put(w, h[i].rule, p + h[i].from, h[i].to - h[i].from,
		    out);
		add_move(moves, h[i].from, h[i].to, out->len - start);
		at = h[i].to;
	}
	buf_add(out, p + at, n - at);
	return n_hits > 0;
}

static int
redact_depth(struct redact_work *w, const char *p, size_t n, struct buf *out,
    struct redact_moves *moves, int depth, int *is_prose)
{
	struct body b = { .w = w, .p = p, .n = n, .depth = depth };
	struct changes c;
	size_t i;
	int changed;

	buf_init(&b.plain, n + 1);
	*is_prose = 1;
	if (!collect(&b)) {
		buf_fini(&b.plain);
		free(b.v);
		return redact_plain(w, p, n, out, moves);
	}
	memset(&c, 0, sizeof(c));
	buf_init(&c.text, (size_t)256 << 20);
	by_pointers(&b, &c);
	for (i = 0; i < b.n_pieces; i++) {
		if (!b.v[i].done && !b.v[i].is_number && !b.v[i].is_bare &&
		    b.v[i].n >= 8)
			look_inside(&b, &c, i);
	}
	by_paths(&b, &c);
	*is_prose = b.is_prose;
	changed = c.n > 0;
	write_changes(&b, &c, out, moves);
	if (b.bad || c.bad || b.plain.bad != RC_OK || c.text.bad != RC_OK)
		buf_fail(out, RC_NOMEM);
	buf_fini(&b.plain);
	buf_fini(&c.text);
	free(b.v);
	free(c.v);
	return changed;
}

int
redact_body(struct redact_work *w, const char *p, size_t n, struct buf *out,
    struct redact_moves *moves)
{
	int is_prose;

	return redact_depth(w, p, n, out, moves, 0, &is_prose);
}
