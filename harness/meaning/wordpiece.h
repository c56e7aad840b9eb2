/*
 * BERT's tokenizer: normalised words, each cut into the longest pieces of a
 * vocabulary.
 *
 * White space to one space; NUL, U+FFFD and control characters dropped;
 * spaces around Han; NFD and marks dropped; lower case per code point; split
 * at white space, every punctuation character a word of its own.  A word of
 * more than 100 code points, or with a part that no piece matches, yields
 * nothing.
 * source  Devlin et al., NAACL 2019; Wu et al., arXiv 1609.08144 (pieces)
 */
#ifndef LOCKSTEP_WORDPIECE_H
#define LOCKSTEP_WORDPIECE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define WORDPIECE_WORD_MAX 100	/* code points of a word */

struct wordpiece;

/* What a tokenizer.json may switch off. All on in BERT uncased. */
enum {
	WORDPIECE_CLEAN = 1,	/* drop control characters */
	WORDPIECE_HAN = 2,	/* spaces around Han */
	WORDPIECE_STRIP = 4,	/* drop marks */
	WORDPIECE_LOWER = 8,
	WORDPIECE_BERT = 15
};

/* An empty vocabulary for about n pieces; flags as above. NULL: memory is
 * out. */
struct wordpiece *wordpiece_new(size_t n, unsigned flags);
void wordpiece_free(struct wordpiece *w);

/*
 * Adds a piece; "##x" continues a word.
 * s       borrowed as long as the vocabulary lives
 * returns RC_OK; RC_NOMEM. Of two equal pieces the first stays.
 */
int wordpiece_add(struct wordpiece *w, const char *s, size_t n, uint32_t id);

/* Called once a token. Non-0 ends the tokenising. */
typedef int wordpiece_fn(void *ctx, uint32_t id);

/* Any bytes; malformed ones are dropped. Safe from any thread. */
void wordpiece_each(const struct wordpiece *w, const char *s, size_t n,
    wordpiece_fn *fn, void *ctx);

#define WORDPIECE_CHAR_MAX 10
/* What becomes of one code point under the flags; returns how many. */
size_t wordpiece_char(unsigned flags, int32_t cp,
    int32_t out[WORDPIECE_CHAR_MAX]);

#endif
