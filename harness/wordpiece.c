/* WordPiece over an open-addressed table of pieces. */
#include "harness/wordpiece.h"

#include <stdlib.h>
#include <string.h>

#include "harness/text.h"

#define WORD_BYTES (WORDPIECE_WORD_MAX * 4)

struct piece {
	const char *s;		/* without "##"; NULL: free */
	uint32_t n;		/* bytes, and CONTINUES */
	uint32_t id;
};
#define CONTINUES 0x80000000u

struct wordpiece {
	struct piece *table;
	size_t n, size;		/* size: a power of two */
	size_t longest;		/* bytes of the longest piece that counts */
	unsigned flags;
};

struct wordpiece *
wordpiece_new(size_t n, unsigned flags)
{
	struct wordpiece *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->flags = flags;
	for (w->size = 1024; w->size < n * 2; w->size *= 2)
		continue;
	w->table = calloc(w->size, sizeof(*w->table));
	if (w->table == NULL) {
		free(w);
		return NULL;
	}
	return w;
}

void
wordpiece_free(struct wordpiece *w)
{
	if (w == NULL)
		return;
	free(w->table);
	free(w);
}

static uint32_t
hash_byte(uint32_t h, unsigned char c)
{
	return (h ^ c) * 16777619u;
}

static uint32_t
hash_start(uint32_t continues)
{
	return 2166136261u ^ continues;
}

static size_t
slot_of(const struct wordpiece *w, uint32_t h)
{
	return ((h ^ (h >> 15)) * 0x9E3779B1u >> 3) & (w->size - 1);
}

/* The entry of a piece, or the free place where it would be. */
static struct piece *
find(const struct wordpiece *w, const char *s, uint32_t n, uint32_t h)
{
	size_t at = slot_of(w, h);
	struct piece *p;

	for (;; at = (at + 1) & (w->size - 1)) {
		p = &w->table[at];
		if (p->s == NULL || (p->n == n &&
		    memcmp(p->s, s, n & ~CONTINUES) == 0))
			return p;
	}
}

static int
grow(struct wordpiece *w)
{
	struct wordpiece bigger = *w;
	uint32_t h, k;
	size_t i;

	bigger.size = w->size * 2;
	bigger.table = calloc(bigger.size, sizeof(*w->table));
	if (bigger.table == NULL)
		return RC_NOMEM;
	for (i = 0; i < w->size; i++) {
		const struct piece *p = &w->table[i];

		if (p->s == NULL)
			continue;
		h = hash_start(p->n & CONTINUES);
		for (k = 0; k < (p->n & ~CONTINUES); k++)
			h = hash_byte(h, (unsigned char)p->s[k]);
		*find(&bigger, p->s, p->n, h) = *p;
	}
	free(w->table);
	*w = bigger;
	return RC_OK;
}

int
wordpiece_add(struct wordpiece *w, const char *s, size_t n, uint32_t id)
{
	uint32_t continues = 0, h;
	struct piece *p;
	size_t i;

	if (n > 2 && s[0] == '#' && s[1] == '#') {
		continues = CONTINUES;
		s += 2;
		n -= 2;
	}
	if (n == 0 || n > WORD_BYTES)	/* can match no word */
		return RC_OK;
	if (w->n * 2 >= w->size && grow(w) != RC_OK)
		return RC_NOMEM;
	for (i = 0, h = hash_start(continues); i < n; i++)
		h = hash_byte(h, (unsigned char)s[i]);
	p = find(w, s, (uint32_t)n | continues, h);
	if (p->s != NULL)
		return RC_OK;
	*p = (struct piece){ s, (uint32_t)n | continues, id };
	w->n++;
	if (n > w->longest)
		w->longest = n;
	return RC_OK;
}

/* ---- tokenising ------------------------------------------------------------- */

struct run {
	const struct wordpiece *w;
	wordpiece_fn *fn;
	void *ctx;
	int stop;
	size_t n, chars;	/* of the word under way */
	char word[WORD_BYTES];
};

/* The longest piece at s, of at most n bytes; its length or 0. */
static size_t
match(const struct wordpiece *w, const char *s, size_t n, uint32_t continues,
    uint32_t *id)
{
	uint32_t h[WORD_BYTES + 1];
	const struct piece *p;
	size_t i;

	if (n > w->longest)
		n = w->longest;
	h[0] = hash_start(continues);
	for (i = 0; i < n; i++)
		h[i + 1] = hash_byte(h[i], (unsigned char)s[i]);
	for (i = n; i > 0; i--) {
		p = find(w, s, (uint32_t)i | continues, h[i]);
		if (p->s != NULL) {
			*id = p->id;
			return i;
		}
	}
	return 0;
}

/* Cuts the word into pieces; a word that resists yields none. */
static void
flush(struct run *r)
{
	uint32_t ids[WORD_BYTES];
	size_t at = 0, n = 0, i, k;

	if (r->chars > WORDPIECE_WORD_MAX)
		r->n = 0;
	while (at < r->n) {
		k = match(r->w, r->word + at, r->n - at, at ? CONTINUES : 0,
		    &ids[n]);
		if (k == 0) {
			n = 0;
			break;
		}
		at += k;
		n++;
	}
	for (i = 0; i < n && !r->stop; i++)
		r->stop = r->fn(r->ctx, ids[i]);
	r->n = 0;
	r->chars = 0;
}

/* A normalised code point. */
static void
put(struct run *r, int32_t cp)
{
	int alone;

	if (text_is_space(cp)) {
		flush(r);
		return;
	}
	alone = cp < 0x80 ? (cp > ' ' && !((cp | 32) >= 'a' &&
	    (cp | 32) <= 'z') && !(cp >= '0' && cp <= '9') && cp != 0x7F) :
	    text_is_punct(cp);
	if (alone)
		flush(r);
	if (r->chars < WORDPIECE_WORD_MAX)
		r->n += text_put(cp, r->word + r->n);
	r->chars++;
	if (alone)
		flush(r);
}

static void
put_raw(struct run *r, int32_t cp)
{
	const unsigned flags = r->w->flags;
	int32_t part[TEXT_NFD_MAX];
	size_t n = 1, i;
	int han;

	if ((flags & WORDPIECE_CLEAN) && cp != '\t' && cp != '\n' &&
	    cp != '\r' && (cp == 0xFFFD || text_is_control(cp)))
		return;
	han = (flags & WORDPIECE_HAN) && cp >= 0x3400 && text_is_han(cp);
	if (han)
		flush(r);
	part[0] = cp;
	if (flags & WORDPIECE_STRIP)
		n = text_decompose(cp, part);
	for (i = 0; i < n; i++) {
		if ((flags & WORDPIECE_STRIP) && text_is_mark(part[i]))
			continue;
		put(r, flags & WORDPIECE_LOWER ? text_lower(part[i]) :
		    part[i]);
	}
	if (han)
		flush(r);
}

void
wordpiece_each(const struct wordpiece *w, const char *s, size_t n,
    wordpiece_fn *fn, void *ctx)
{
	const char *end = s + n;
	struct run r;
	int32_t cp;

	r.w = w;
	r.fn = fn;
	r.ctx = ctx;
	r.stop = 0;
	r.n = 0;
	r.chars = 0;
	while (s < end && !r.stop) {
		cp = text_next(&s, end);
		if (cp > ' ' && cp < 0x7F)
			put(&r, w->flags & WORDPIECE_LOWER ?
			    text_lower(cp) : cp);
		else if (cp >= 0)
			put_raw(&r, cp);
	}
	flush(&r);
}
