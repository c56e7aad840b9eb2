/* WordPiece: the longest match, piece by piece. */
#include "harness/meaning/wordpiece.h"

#include <stdlib.h>

#include "harness/base/text.h"
#include "harness/meaning/pieces.h"

#define WORD_BYTES (WORDPIECE_WORD_MAX * 4)

struct wordpiece {
	struct pieces *pieces;	/* tag 1: continues a word */
	unsigned flags;
};

struct wordpiece *
wordpiece_new(size_t n, unsigned flags)
{
	struct wordpiece *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->flags = flags;
	w->pieces = pieces_new(n);
	if (w->pieces == NULL) {
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
	pieces_free(w->pieces);
	free(w);
}

int
wordpiece_add(struct wordpiece *w, const char *s, size_t n, uint32_t id)
{
	if (n > 2 && s[0] == '#' && s[1] == '#')
		return pieces_add(w->pieces, s + 2, n - 2, 1, id);
	return pieces_add(w->pieces, s, n, 0, id);
}

/* ---- tokenising -------------------------------------------------------- */

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
match(const struct pieces *p, const char *s, size_t n, unsigned tag,
    uint32_t *id)
{
	uint32_t h[WORD_BYTES + 1];
	int64_t found;
	size_t i;

	if (n > pieces_longest(p))
		n = pieces_longest(p);
	h[0] = pieces_hash_start(tag);
	for (i = 0; i < n; i++)
		h[i + 1] = pieces_hash_step(h[i], s[i]);
	for (i = n; i > 0; i--) {
		found = pieces_find(p, s, i, tag, h[i]);
		if (found >= 0) {
			*id = (uint32_t)found;
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
		k = match(r->w->pieces, r->word + at, r->n - at, at > 0,
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

size_t
wordpiece_char(unsigned flags, int32_t cp, int32_t out[WORDPIECE_CHAR_MAX])
{
	int32_t part[TEXT_NFD_MAX] = { cp };
	size_t n = 1, k = 0, i;
	int han;

	if ((flags & WORDPIECE_CLEAN) && cp != '\t' && cp != '\n' &&
	    cp != '\r' && (cp == 0xFFFD || text_is_control(cp)))
		return 0;
	han = (flags & WORDPIECE_HAN) && cp >= 0x3400 && text_is_han(cp);
	if (han)
		out[k++] = ' ';
	if (flags & WORDPIECE_STRIP)
		n = text_decompose(cp, part);
	for (i = 0; i < n; i++) {
		if ((flags & WORDPIECE_STRIP) && text_is_mark(part[i]))
			continue;
		out[k++] = flags & WORDPIECE_LOWER ? text_lower(part[i]) :
		    part[i];
	}
	if ((flags & WORDPIECE_CLEAN) && k == 1 && text_is_space(out[0]))
		out[0] = ' ';
	if (han)
		out[k++] = ' ';
	return k;
}

void
wordpiece_each(const struct wordpiece *w, const char *s, size_t n,
    wordpiece_fn *fn, void *ctx)
{
	const char *end = s + n;
	int32_t part[WORDPIECE_CHAR_MAX], cp;
	struct run r;
	size_t i, k;

	r.w = w;
	r.fn = fn;
	r.ctx = ctx;
	r.stop = 0;
	r.n = 0;
	r.chars = 0;
	while (s < end && !r.stop) {
		cp = text_next(&s, end);
		if (cp > ' ' && cp < 0x7F) {
			put(&r, w->flags & WORDPIECE_LOWER ?
			    text_lower(cp) : cp);
			continue;
		}
		k = cp < 0 ? 0 : wordpiece_char(w->flags, cp, part);
		for (i = 0; i < k; i++)
			put(&r, part[i]);
	}
	flush(&r);
}
