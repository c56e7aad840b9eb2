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

/* Moves, and what stands in their places, one after the other. */
struct edits {
	struct redact_moves moves;
	struct buf text;
};

static void
add_edit(struct edits *e, size_t from, size_t to, const char *p, size_t n)
{
	add_move(&e->moves, from, to, n);
	buf_add(&e->text, p, n);
}

/* Piece i becomes another text. */
static void
become(struct body *b, size_t i, const char *p, size_t n)
{
	b->v[i].at = b->plain.len;
	b->v[i].n = n;
	b->v[i].changed = 1;
	buf_add(&b->plain, p, n);
	if (b->plain.bad != RC_OK) {	/* nobody reads what is not there */
		b->v[i].n = 0;
		b->bad = 1;
	}
}

/* Some pieces as one text; `store` holds it unless there is only one. */
static const char *
join(struct body *b, const size_t *run, size_t n, struct buf *store,
    size_t *len)
{
	size_t i;

	*len = b->v[run[0]].n;
	if (n == 1)
		return buf_str(&b->plain) + b->v[run[0]].at;
	for (i = 0; i < n; i++)
		buf_add(store, b->plain.p + b->v[run[i]].at, b->v[run[i]].n);
	*len = store->len;
	b->bad |= store->bad != RC_OK;
	return buf_str(store);
}

/* Edits the text of some pieces: what replaces bytes of several stands in the
 * first of these.  A piece that was edited is still text that goes on in the
 * next one. */
static void
apply(struct body *b, const size_t *run, size_t n, const struct edits *e)
{
	const struct redact_move *m = e->moves.v, *last;
	struct buf old, now;
	size_t i, base = 0, end, at, len, put = 0;
	const char *p;
	int touched;

	b->bad |= e->moves.bad || e->text.bad != RC_OK;
	if (b->bad || e->moves.n == 0)
		return;
	last = m + e->moves.n;
	buf_init(&old, b->plain.len + 1);
	buf_init(&now, b->plain.len + e->text.len + 1);
	p = join(b, run, n, &old, &len);
	for (i = 0; i < n && !b->bad; i++, base = end) {
		end = base + b->v[run[i]].n;
		buf_reset(&now);
		touched = 0;
		for (at = base; m < last && (m->from < end || i + 1 == n);
		    m++) {
			touched = 1;
			if (m->from >= base) {
				buf_add(&now, p + at, m->from - at);
				buf_add(&now, buf_str(&e->text) + put,
				    m->len);
				put += m->len;
			}
			at = m->to < end ? m->to : end;
			if (m->to > end)
				break;
		}
		if (!touched)
			continue;
		buf_add(&now, p + at, end - at);
		b->bad |= now.bad != RC_OK;
		become(b, run[i], buf_str(&now), now.len);
		if (n == 1)
			break;	/* p was in b->plain */
	}
	buf_fini(&old);
	buf_fini(&now);
}

static void
edits_init(struct edits *e)
{
	memset(e, 0, sizeof(*e));
	buf_init(&e->text, (size_t)256 << 20);
}

static void
edits_fini(struct edits *e)
{
	buf_fini(&e->text);
	free(e->moves.v);
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

static int
is_continuation(const char *p, size_t n, size_t i)
{
	return i < n && ((unsigned char)p[i] & 0xc0) == 0x80;
}

/* An edit of no more than what differs: the rest stays in its piece. */
static void
add_difference(struct edits *e, const char *old, size_t from, size_t to,
    const char *now, size_t n)
{
	size_t was = to - from, most = was < n ? was : n, head = 0, tail = 0;

	old += from;
	while (head < most && old[head] == now[head])
		head++;
	while (head > 0 && (is_continuation(old, was, head) ||
	    is_continuation(now, n, head)))
		head--;
	while (tail < most - head && old[was - 1 - tail] == now[n - 1 - tail])
		tail++;
	while (tail > 0 && is_continuation(now, n, n - tail))
		tail--;
	add_edit(e, from + head, to - tail, now + head, n - tail - head);
}

/* JSON within a text. returns whether it is that from end to end */
static int
json_inside(struct body *b, const char *p, size_t n, struct edits *e)
{
	struct redact_moves m = { NULL, 0, 0, 0 };
	struct buf out;
	size_t i, at = 0, old = 0;
	int prose = 0;

	buf_init(&out, (size_t)64 << 20);
	(void)redact_depth(b->w, p, n, &out, &m, b->depth + 1, &prose);
	b->bad |= out.bad != RC_OK || m.bad;
	if (out.len > GROWN_MAX(n)) {
		add_edit(e, 0, n, too_deep, sizeof(too_deep) - 1);
		prose = 0;
	} else {
		for (i = 0; i < m.n && !b->bad; i++) {
			at += m.v[i].from - old;
			old = m.v[i].to;
			add_difference(e, p, m.v[i].from, old,
			    buf_str(&out) + at, m.v[i].len);
			at += m.v[i].len;
		}
	}
	buf_fini(&out);
	free(m.v);
	return !prose;
}

/* Base64 within a text. returns whether something was found in it */
static int
base64_inside(struct body *b, const char *inner, size_t n, size_t whole,
    struct edits *e)
{
	struct buf out;
	char *b64 = NULL;
	int prose, found;

	buf_init(&out, (size_t)64 << 20);
	found = redact_depth(b->w, inner, n, &out, NULL, b->depth + 1,
	    &prose);
	if (found) {
		b64 = malloc(HASH_B64_LEN(out.len));
		b->bad |= b64 == NULL;
	}
	if (b64 != NULL) {
		hash_b64(buf_str(&out), out.len, b64, HASH_B64_LEN(out.len));
		add_edit(e, 0, whole, b64, strlen(b64));
	}
	b->bad |= out.bad != RC_OK;
	buf_fini(&out);
	free(b64);
	return found;
}

/*
 * Pieces as one text by itself: JSON within it, base64 within it.  They are
 * done with what is JSON from end to end; anything else may go on in the next
 * piece of their path.
 */
static void
look_inside(struct body *b, const size_t *run, size_t n)
{
	struct buf joined, inner;
	struct edits e;
	const char *p;
	size_t len, i, got = 0;
	int json, done = 0;

	buf_init(&joined, b->plain.len + 1);
	buf_init(&inner, (size_t)16 << 20);
	edits_init(&e);
	p = join(b, run, n, &joined, &len);
	json = len >= 8 && may_be_json(p, len);
	if (!json)
		got = from_base64(p, len, &inner);
	if ((json || got > 0) && b->depth == BODY_DEPTH_MAX) {
		add_edit(&e, 0, len, too_deep, sizeof(too_deep) - 1);
		done = 1;
	} else if (json) {
		done = json_inside(b, p, len, &e);
	} else if (got > 0) {
		done = base64_inside(b, inner.p, got, len, &e);
	}
	apply(b, run, n, &e);
	for (i = 0; i < n && done; i++)
		b->v[run[i]].done = 1;
	edits_fini(&e);
	buf_fini(&joined);
	buf_fini(&inner);
}

/* How far JSON has come: it ends in another piece than it began in. */
struct open {
	size_t depth;
	int in_string, escaped;
};

static int
is_open(struct open *o, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (o->escaped)
			o->escaped = 0;
		else if (o->in_string && p[i] == '\\')
			o->escaped = 1;
		else if (p[i] == '"')
			o->in_string = !o->in_string;
		else if (!o->in_string && (p[i] == '{' || p[i] == '['))
			o->depth++;
		else if (!o->in_string && o->depth > 0 &&
		    (p[i] == '}' || p[i] == ']'))
			o->depth--;
	}
	return o->in_string || o->depth > 0;
}

/* Whether some pieces are base64 together. */
static int
is_base64(struct body *b, const size_t *run, size_t n)
{
	struct buf joined, inner;
	const char *p;
	size_t len, got;

	buf_init(&joined, b->plain.len + 1);
	buf_init(&inner, (size_t)16 << 20);
	p = join(b, run, n, &joined, &len);
	got = from_base64(p, len, &inner);
	buf_fini(&joined);
	buf_fini(&inner);
	return got > 0;
}

/* Whether some pieces are JSON together, from end to end. */
static int
is_whole(struct body *b, const size_t *run, size_t n)
{
	struct body x = { .w = b->w };
	struct buf joined;
	int whole;

	buf_init(&joined, b->plain.len + 1);
	x.p = join(b, run, n, &joined, &x.n);
	buf_init(&x.plain, x.n + 1);
	whole = redact_collect(&x) && !x.is_prose;
	b->bad |= x.bad || x.plain.bad != RC_OK;
	buf_fini(&x.plain);
	buf_fini(&joined);
	free(x.v);
	return whole;
}

/* Whether JSON begins with a piece.  A quote in the midst of other text does
 * not begin any. */
static int
begins_json(const struct body *b, const struct piece *x, int after_text)
{
	const char *p = buf_str(&b->plain) + x->at;
	const char *in = after_text ? "{[" : "{[\"";
	size_t i = 0;

	while (i < x->n && strchr(" \t\r\n", p[i]) != NULL && p[i] != '\0')
		i++;
	return i < x->n && strchr(in, p[i]) != NULL && p[i] != '\0';
}

/*
 * The pieces of a path: those that JSON spreads over are looked into together,
 * to the end of the path where it does not close, so that nothing is taken for
 * an address that is only its beginning.  Each piece is looked into once: the
 * work is bounded however deep it is wrapped.
 */
static void
look_inside_run(struct body *b, const size_t *run, size_t n)
{
	const struct piece *x;
	struct open o;
	size_t i, k;
	int after_text = 0;

	if (n == 1 || is_base64(b, run, n)) {
		look_inside(b, run, n);
		return;
	}
	for (i = 0; i < n && !b->bad; i = k) {
		k = i + 1;
		x = &b->v[run[i]];
		if (!begins_json(b, x, after_text)) {
			after_text = 1;
			if (is_base64(b, run + i, 1))
				look_inside(b, run + i, 1);
			continue;
		}
		memset(&o, 0, sizeof(o));
		while (is_open(&o, b->plain.p + x->at, x->n) && k < n)
			x = &b->v[run[k++]];
		after_text = !is_whole(b, run + i, k - i);
		if (after_text)
			k = n;
		look_inside(b, run + i, k - i);
	}
}

/* The pieces of one path as one text. */
static void
redact_run(struct body *b, const size_t *run, size_t n)
{
	const struct redact_hit *h;
	struct buf joined;
	struct edits e;
	const char *p;
	size_t i, len, n_hits, start;

	buf_init(&joined, b->plain.len + 1);
	p = join(b, run, n, &joined, &len);
	h = redact_find(b->w, p, len, &n_hits);
	if (n_hits > 0) {
		edits_init(&e);
		for (i = 0; i < n_hits; i++) {
			start = e.text.len;
			redact_put(b->w, h[i].rule, p + h[i].from,
			    h[i].to - h[i].from, &e.text);
			add_move(&e.moves, h[i].from, h[i].to,
			    e.text.len - start);
		}
		apply(b, run, n, &e);
		edits_fini(&e);
	}
	buf_fini(&joined);
}

/* ---- pointers -------------------------------------------------------- */

static void
by_pointers(struct body *b)
{
	struct buf out;
	const char *ptr;
	uint64_t path;
	size_t i, k, rule;

	for (k = 0; (ptr = redact_pointer(b->w, k, &rule)) != NULL; k++) {
		path = redact_path(ptr);
		for (i = 0; i < b->n_pieces; i++) {
			if (b->v[i].path != path || b->v[i].is_key ||
			    b->v[i].done)
				continue;
			buf_init(&out, 4096);
			redact_put(b->w, rule, b->plain.p + b->v[i].at,
			    b->v[i].n, &out);
			become(b, i, buf_str(&out), out.len);
			b->bad |= out.bad != RC_OK;
			b->v[i].done = 1;
			buf_fini(&out);
		}
	}
}

/* ---- the body -------------------------------------------------------- */

/* A run is looked into, then what is left of it is read as one text. */
static void
take_run(struct body *b, size_t *run, size_t n)
{
	const struct piece *x = &b->v[run[0]];
	size_t i, left = 0;

	if (!x->is_number && !x->is_bare)
		look_inside_run(b, run, n);
	for (i = 0; i < n; i++) {
		if (!b->v[run[i]].done && b->v[run[i]].n > 0)
			run[left++] = run[i];
	}
	if (left > 0)
		redact_run(b, run, left);
}

static void
by_runs(struct body *b)
{
	struct runs r;
	size_t k, from = 0;

	redact_runs(b, &r);
	for (k = 0; k < r.n && !b->bad; from = r.end[k++])
		take_run(b, r.i + from, r.end[k] - from);
	redact_runs_free(&r);
}

/* The pieces that changed, everything between as it was.
 * returns whether any did */
static int
write_changes(struct body *b, struct buf *out, struct redact_moves *moves)
{
	const struct piece *x;
	size_t i, at = 0, start;
	int changed = 0;

	for (i = 0; i < b->n_pieces && !b->bad; i++) {
		x = &b->v[i];
		if (!x->changed)
			continue;
		changed = 1;
		buf_add(out, b->p + at, x->from - at);
		start = out->len;
		if (x->is_number)	/* a text stands in its place */
			buf_putc(out, '"');
		if (x->is_bare)
			buf_add(out, b->plain.p + x->at, x->n);
		else
			(void)utf8_json(out, b->plain.p + x->at, x->n, 1);
		if (x->is_number)
			buf_putc(out, '"');
		add_move(moves, x->from, x->to, out->len - start);
		at = x->to;
	}
	buf_add(out, b->p + at, b->n - at);
	return changed;
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
	int changed;

	/* the texts, and what they become */
	buf_init(&b.plain, n + ((size_t)256 << 20));
	*is_prose = 1;
	if (!redact_collect(&b)) {
		buf_fini(&b.plain);
		free(b.v);
		return redact_plain(w, p, n, out, moves);
	}
	b.bad |= b.plain.bad != RC_OK;
	if (!b.bad)
		by_pointers(&b);
	if (!b.bad)
		by_runs(&b);
	*is_prose = b.is_prose;
	b.bad |= b.plain.bad != RC_OK;
	changed = write_changes(&b, out, moves);
	if (b.bad)
		buf_fail(out, RC_NOMEM);
	buf_fini(&b.plain);
	free(b.v);
	return changed;
}

int
redact_body(struct redact_work *w, const char *p, size_t n, struct buf *out,
    struct redact_moves *moves)
{
	int is_prose;

	return redact_depth(w, p, n, out, moves, 0, &is_prose);
}
