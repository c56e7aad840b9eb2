/*
 * The texts of one case, each kept once: variants and arms mostly retrieve the
 * same snippets, and embedding, splitting and normalising are expensive.
 * Thread rule: the texts of a case belong to one thread at a time.
 */
#ifndef LOCKSTEP_CTEXT_H
#define LOCKSTEP_CTEXT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"
#include "harness/base/table.h"

struct embed_doc;
struct section;

/* The words of a text in order: hash of the folded word and its bytes. */
struct ctext_words {
	size_t n;
	const uint64_t *hash;
	const uint32_t *from, *to;	/* [from,to) in bytes */
};

enum { CTEXT_ASKED = 4 };

struct ctext {
	const char *p;		/* borrowed; n bytes of UTF-8 */
	size_t n;
	unsigned parts;		/* of its embedding, EMBED_*; 0: none wanted */
	const struct embed_doc *doc;	/* set by the scorer; NULL: none */
	const struct ctext_words *words;	/* NULL until asked for */
	const char *norm;	/* words joined by spaces; NULL until asked */
	size_t norm_n;
	/* distances to the questions met last: seeds, repeats and arms ask
	 * the same again */
	const struct embed_doc *asked[CTEXT_ASKED];
	double raw[CTEXT_ASKED];
	unsigned n_asked;
	/* where it was last said to stand, and whether it does */
	const struct section *anchor;
	int64_t anchor_from, anchor_to;
	int anchor_holds;
};

struct ctexts {
	struct arena *arena;	/* borrowed; holds everything */
	struct table table;	/* of v, by the bytes; in the arena, too */
	struct ctext **v;	/* in the order of adding */
	size_t cap;
};

/* An empty set whose memory is a's. */
void ctexts_init(struct ctexts *t, struct arena *a);

/* The text with these bytes, added if new; NULL when p is NULL or memory is
 * out (the arena remembers). */
struct ctext *ctexts_add(struct ctexts *t, const char *p, size_t n);

/* The words of a text, made once; an empty list when memory is out. */
const struct ctext_words *ctext_words(struct ctext *x, struct arena *a);

/* A word as ctext_words lists it; anything but 0 ends it. */
typedef int ctext_word_fn(void *ctx, uint64_t hash, uint32_t from,
    uint32_t to);

/* The words of a text one after the other; keeps none. */
void ctext_each(const struct ctext *x, ctext_word_fn *each, void *ctx);

/* The words, folded, with one space between and around: " a b c ". */
const char *ctext_norm(struct ctext *x, struct arena *a);

#endif
