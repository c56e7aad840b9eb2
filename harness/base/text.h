/*
 * Unicode text: validity, normal forms, code points and words.
 *
 * All bytes may be hostile: every function takes a length, reads nothing
 * beyond it, and treats a malformed byte as one unit that is no character.
 * NUL is a character like any other.  Pure functions, safe from any thread;
 * none allocates except text_normalise().
 */
#ifndef LOCKSTEP_TEXT_H
#define LOCKSTEP_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

/* 1 when the bytes are well-formed UTF-8 (no surrogates, none overlong). */
int text_valid(const char *s, size_t n);

/*
 * The code point at *p, which is advanced past it; *p < end.
 * returns the code point, or -1 for a malformed byte (one byte is passed)
 */
int32_t text_next(const char **p, const char *end);

/* Writes a code point (0..0x10FFFF) as UTF-8; returns 1..4 bytes. */
size_t text_put(int32_t cp, char out[4]);

/*
 * Whether there is nothing to read: no letter, digit or symbol.  Blanks,
 * punctuation alone, characters that are not seen (zero-width, fillers, the
 * blank Braille pattern), NUL, U+FFFD and bytes that are no UTF-8 are none.
 */
int text_is_blank(const char *s, size_t n);

/* Number of code points, a malformed byte counting as one. */
size_t text_length(const char *s, size_t n);

enum text_form { TEXT_NFC, TEXT_NFD, TEXT_NFKC, TEXT_NFKC_FOLD };

/*
 * Appends the text in a Unicode normal form (UAX 15); TEXT_NFKC_FOLD also
 * folds case.
 * returns RC_OK; RC_FORMAT when the text is not UTF-8; RC_NOMEM when out
 *         would grow past its maximum
 */
int text_normalise(const char *s, size_t n, enum text_form form,
    struct buf *out, struct err *err);

/* ---- properties of one code point -------------------------------------- */

/* What may stand within a word and is not seen: where it may be broken, or how
 * its letters join. It is no part of the word. */
int text_is_inside(int32_t cp);

int32_t text_lower(int32_t cp);		/* simple lower case */
int text_is_space(int32_t cp);		/* White_Space of Unicode */
int text_is_punct(int32_t cp);		/* category P* */
int text_is_mark(int32_t cp);		/* category Mn */
int text_is_control(int32_t cp);	/* Cc, Cf, Co */
int text_is_letter(int32_t cp);		/* L*, N*, M*: what words are of */
int text_is_digit(int32_t cp);		/* Nd, No */
int text_is_upper(int32_t cp);		/* Lu, Lt */
int text_is_lower(int32_t cp);		/* Ll */
/* Scripts written without spaces between words: Han, Kana, Thai, Lao, Khmer,
 * Burmese. Each letter of theirs is a word of its own below. */
int text_is_spaceless(int32_t cp);
/* The blocks that BERT's tokenizer takes for Chinese. */
int text_is_han(int32_t cp);

/* Columns on a terminal: 0 of a mark or a format character, 2 of a wide one
 * (UAX 11), else 1. */
int text_width(int32_t cp);

#define TEXT_NFD_MAX 8
/* Canonical decomposition of one code point; returns how many (1..MAX). */
size_t text_decompose(int32_t cp, int32_t out[TEXT_NFD_MAX]);

/* ---- words -------------------------------------------------------------- */

#define TEXT_CHUNK 128		/* code points normalised at a time */
#define TEXT_CHUNK_CPS 2304	/* 18 each: the longest decomposition */
#define TEXT_WORD_BYTES 1024	/* a longer word comes in pieces */

/*
 * Iterates over the words of a text, NFKC and case folded: runs of letters,
 * digits and marks; a letter of a spaceless script, a symbol (emoji, degree)
 * and a currency sign are words of their own; everything else separates.
 * A word of more than TEXT_CHUNK code points comes in several pieces.
 *
 *	struct text_words it;
 *	text_words_init(&it, s, n);
 *	while (text_words_next(&it, &word, &len)) ...
 */
struct text_words {
	const char *p, *end;
	size_t i, n;			/* read and filled of cps */
	int32_t cps[TEXT_CHUNK_CPS];
	char word[TEXT_WORD_BYTES];
};

/* Borrows the text until the last call of text_words_next(). */
void text_words_init(struct text_words *it, const char *s, size_t n);

/*
 * *word   the next word, not NUL-terminated, until the next call
 * returns 1, or 0 at the end
 */
int text_words_next(struct text_words *it, const char **word, size_t *len);

/* Whether s holds a control character (C0, DEL, C1): what names a thing is
 * printed to terminals. */
int text_has_controls(const char *s);

#endif
