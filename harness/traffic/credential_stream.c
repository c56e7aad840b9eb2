/*
 * Texts that a stream spreads over its events, each read as one: a token, or
 * JSON with a credential in it, may have come in any number of pieces; see
 * credential_walk_part.h.
 *
 * Which strings belong together is told by the names that lead to them,
 * whatever the place in lists; and again by what the objects around say of
 * their "index", since choices come by turns.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/credential_walk_part.h"

enum {
	LEVELS_MAX = 64,
	PARTS_MAX = 1 << 20,	/* held at once; then it begins anew */
	LINE_BLOCK = 512,
	PREFIX_MAX = 16		/* of a line, before its JSON */
};
#define MIX 0xcbf29ce484222325ULL
#define PLAIN 1			/* path of text that is not JSON */

struct part {
	size_t from, end, i;
	uint64_t path, index;
};

struct level {
	uint64_t path;		/* that leads here */
	uint64_t index;		/* 0: none was said */
	size_t first;		/* of the parts within */
	int is_object;
};

struct spread {
	struct walk *w;
	struct part *v;
	size_t n, cap;
	struct level level[LEVELS_MAX];
	size_t depth;
	uint64_t key;		/* of the value that comes, or 0 */
	int is_index, want_key;
	int plain;		/* some data lines are not JSON */
	int indexed;
};

static uint64_t
mix(uint64_t h, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 0x100000001b3ULL;
	return h | 2;
}

/* ---- together ----------------------------------------------------------- */

static int
by_path(const void *x, const void *y)
{
	const struct part *a = x, *b = y;

	if (a->path != b->path)
		return a->path < b->path ? -1 : 1;
	return a->i < b->i ? -1 : a->i > b->i;
}

static int
by_index(const void *x, const void *y)
{
	const struct part *a = x, *b = y;

	if (a->path == b->path && a->index != b->index)
		return a->index < b->index ? -1 : 1;
	return by_path(x, y);
}

static void
join(struct walk *w, const struct part *v, size_t n)
{
	struct walk_piece *piece = malloc(n * sizeof(*piece));
	enum credential_escape how = v->path == PLAIN ? ESCAPE_NONE :
	    ESCAPE_JSON;
	struct walk in = { .up = w, .how = how, .piece = piece,
	    .n_pieces = n, .depth = w->depth + 1 };
	struct buf text;
	size_t i;

	if (piece == NULL)
		return;
	buf_init(&text, 2 * w->n + 8);
	for (i = 0; i < n; i++) {
		piece[i] = (struct walk_piece){ v[i].from, v[i].end,
		    text.len };
		credential_undo(how, w->p + v[i].from, v[i].end - v[i].from,
		    &text);
	}
	in.p = buf_str(&text);
	in.n = text.bad == RC_OK ? text.len : 0;
	walk_text(&in);
	if (!walk_is_json(&in))
		walk_flat(&in, 0, in.n);
	buf_fini(&text);
	free(piece);
}

static void
join_all(struct spread *s, int indexed)
{
	size_t i, k;

	if (s->n > 1)
		qsort(s->v, s->n, sizeof(*s->v), indexed ? by_index : by_path);
	for (i = 0; i < s->n; i = k) {
		for (k = i + 1; k < s->n && s->v[k].path == s->v[i].path &&
		    (!indexed || s->v[k].index == s->v[i].index); k++)
			;
		if (k - i > 1)
			join(s->w, s->v + i, k - i);
	}
}

static void
flush(struct spread *s)
{
	size_t d;

	join_all(s, 0);
	if (s->indexed)
		join_all(s, 1);
	s->n = 0;
	for (d = 0; d < s->depth && d < LEVELS_MAX; d++)
		s->level[d].first = 0;
}

/* ---- parts -------------------------------------------------------------- */

static void
add(struct spread *s, size_t from, size_t end, uint64_t path)
{
	struct part *v;
	size_t cap;

	if (from >= end)
		return;
	if (s->n == PARTS_MAX)
		flush(s);
	if (s->n == s->cap) {
		cap = s->cap == 0 ? 256 : 2 * s->cap;
		v = realloc(s->v, cap * sizeof(*v));
		if (v == NULL)
			return;
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n] = (struct part){ from, end, s->n, path, 0 };
	s->n++;
}

static struct level *
level(struct spread *s)
{
	return s->depth == 0 || s->depth > LEVELS_MAX ? NULL :
	    &s->level[s->depth - 1];
}

static uint64_t
path_here(struct spread *s)
{
	const struct level *l = level(s);

	return ((l == NULL ? MIX : l->path) * 31 + s->key) | 2;
}

static void
open_level(struct spread *s, int is_object)
{
	uint64_t path = path_here(s);

	if (s->depth < LEVELS_MAX)
		s->level[s->depth] = (struct level){ path, 0, s->n,
		    is_object };
	s->depth++;
	s->key = 0;
	s->want_key = is_object;
}

/* What an object said of its index holds for all within it. */
static void
close_level(struct spread *s)
{
	const struct level *l = level(s);
	size_t i;

	for (i = l == NULL || l->index == 0 ? s->n : l->first; i < s->n; i++)
		s->v[i].index = s->v[i].index * 31 + l->index;
	s->indexed |= l != NULL && l->index != 0;
	s->depth -= s->depth > 0;
	s->key = 0;
	s->want_key = 0;
}

static int
ends_index(const char *p, size_t n)
{
	return n >= 5 && strncasecmp(p + n - 5, "index", 5) == 0;
}

/* A string whose first byte is at i. returns where it ends */
static size_t
string(struct spread *s, size_t i)
{
	const struct walk *w = s->w;
	size_t end = walk_string_end(w, i);

	if (s->want_key) {
		s->key = mix(MIX, w->p + i, end - i);
		s->is_index = ends_index(w->p + i, end - i);
		s->want_key = 0;
	} else {
		add(s, i, end, path_here(s));
	}
	return end;
}

/* The number that an index is, as a hash of how it is written; 0: none. */
static uint64_t
number(const struct walk *w, size_t i)
{
	size_t k;

	i = walk_blanks(w, i);
	for (k = i; k < w->n && w->p[k] >= '0' && w->p[k] <= '9'; k++)
		;
	return k == i ? 0 : mix(MIX, w->p + i, k - i);
}

/* JSON in bytes [i,end); what was open stays open. */
static void
tokens(struct spread *s, size_t i, size_t end)
{
	struct level *l;

	for (; i < end; i++) {
		l = level(s);
		switch (s->w->p[i]) {
		case '"':
			i = string(s, i + 1);
			break;
		case '{':
		case '[':
			open_level(s, s->w->p[i] == '{');
			break;
		case '}':
		case ']':
			close_level(s);
			break;
		case ',':
			s->want_key = l != NULL && l->is_object;
			s->is_index = 0;
			if (s->want_key)
				s->key = 0;
			break;
		case ':':
			/* "output_index" and "content_index": of both */
			if (s->is_index && l != NULL)
				l->index = l->index * 31 +
				    number(s->w, i + 1);
			s->is_index = 0;
			break;
		default:
			break;
		}
	}
}

/* ---- bodies ------------------------------------------------------------- */

/* In blocks, so that no byte is read often: lines may end in either. */
static size_t
line_end(const struct walk *w, size_t i)
{
	const char *p, *lf, *cr;
	size_t n;

	for (; i < w->n; i += n) {
		p = w->p + i;
		n = w->n - i < LINE_BLOCK ? w->n - i : (size_t)LINE_BLOCK;
		lf = memchr(p, '\n', n);
		cr = memchr(p, '\r', lf == NULL ? n : (size_t)(lf - p));
		if (cr != NULL || lf != NULL)
			return i + (size_t)((cr != NULL ? cr : lf) - p);
	}
	return w->n;
}

/* The payload of a "data:" line at i, or 0 */
static size_t
payload(const struct walk *w, size_t i, size_t end)
{
	if (end - i < 5 || memcmp(w->p + i, "data:", 5) != 0)
		return 0;
	return i + 5 < end && w->p[i + 5] == ' ' ? i + 6 : i + 5;
}

static int
begins_json(const struct walk *w, size_t i)
{
	i = walk_blanks(w, i);
	return i < w->n && (w->p[i] == '{' || w->p[i] == '[' ||
	    w->p[i] == '"' || w->p[i] == '}' || w->p[i] == ']');
}

static void
restart(struct spread *s)
{
	s->depth = 0;
	s->key = 0;
	s->want_key = 0;
}

/* Every event by itself: one that is broken spoils none behind it. */
static int
events(struct spread *s)
{
	const struct walk *w = s->w;
	size_t i, end, at;
	int any = 0, pretty = 0;

	if (memchr(w->p, '\n', w->n) == NULL && memchr(w->p, '\r', w->n) ==
	    NULL)
		return 0;
	for (i = 0; i < w->n; i = end + 1) {
		end = line_end(w, i);
		at = payload(w, i, end);
		if (end == i) {
			restart(s);
			pretty = 0;
		}
		if (at == 0)
			continue;
		any = 1;
		s->plain |= !pretty && !begins_json(w, at);
		pretty = 1;
		tokens(s, at, end);
	}
	for (i = 0; s->plain && i < w->n; i = end + 1) {
		end = line_end(w, i);
		at = payload(w, i, end);
		if (at != 0)
			add(s, at, end, PLAIN);
	}
	return any;
}

/* Documents one after another, or a list of them. */
static int
documents(struct spread *s)
{
	const struct walk *w = s->w;
	size_t i = walk_blanks(w, w->n >= 3 && memcmp(w->p, "\xef\xbb\xbf",
	    3) == 0 ? 3 : 0), k;

	i += i < w->n && w->p[i] == '\x1e';	/* of a JSON sequence */
	if (i >= w->n || (w->p[i] != '{' && w->p[i] != '['))
		return 0;
	for (k = w->n; k > i && strchr(" \t\r\n", w->p[k - 1]) != NULL; k--)
		;
	/* one document alone spreads a text over its tokens at most */
	if (w->p[i] == '{' && memchr(w->p + i, '\n', k - i) == NULL &&
	    !w->in_tokens)
		return 1;
	tokens(s, i, w->n);
	return 1;
}

/* Lines of another making that hold JSON each: 0:"text" */
static int
lines(struct spread *s)
{
	const struct walk *w = s->w;
	size_t i, end, k;

	if (memchr(w->p, '"', w->n) == NULL)
		return 0;
	for (i = 0; i < w->n; i = end + 1) {
		end = line_end(w, i);
		for (k = i; k < end && k - i < PREFIX_MAX && w->p[k] != '"' &&
		    w->p[k] != '{' && w->p[k] != '['; k++)
			;
		restart(s);
		s->key = mix(MIX, w->p + i, k - i);
		tokens(s, k, end);
	}
	return 1;
}

void
walk_stream(struct walk *w)
{
	struct spread s = { .w = w };

	if (events(&s) || documents(&s) || lines(&s))
		flush(&s);
	free(s.v);
}
