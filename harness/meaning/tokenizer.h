/*
 * The tokenizer.json of the `tokenizers` library, as far as static models
 * use it: WordPiece behind BERT's normaliser and splitter, and Unigram behind
 * Metaspace, with the normalisers Bert, Replace, Strip, Lowercase,
 * StripAccents and the Unicode forms.  Anything else in the file is refused
 * by name rather than half understood.
 */
#ifndef LOCKSTEP_TOKENIZER_H
#define LOCKSTEP_TOKENIZER_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define TOKENIZER_BYTES_MAX (64u << 20)	/* of the file */
#define TOKENIZER_IDS_MAX (4u << 20)	/* tokens of a vocabulary */

struct tokenizer;

/*
 * returns RC_OK, caller closes; RC_FORMAT (what is not understood), RC_IO,
 *         RC_NOMEM
 */
int tokenizer_open(const char *path, struct tokenizer **out,
    struct err *err);
/* The same of n bytes in memory. */
int tokenizer_parse(const char *text, size_t n, struct tokenizer **out,
    struct err *err);
void tokenizer_close(struct tokenizer **t);

/* One more than the greatest token number. */
size_t tokenizer_ids(const struct tokenizer *t);

/* Room for one text at a time, per thread. NULL: memory is out. */
struct tokenizer_scratch;
struct tokenizer_scratch *tokenizer_scratch_new(const struct tokenizer *t);
void tokenizer_scratch_free(struct tokenizer_scratch *s);

/* Called once a token; non-0 ends it. */
typedef int tokenizer_fn(void *ctx, uint32_t id);

/*
 * Tokenises valid UTF-8; unknown tokens are left out.  Unigram reads at most
 * the first UNIGRAM_TEXT_MAX bytes of a normalised text.
 * returns RC_OK or RC_NOMEM
 */
int tokenizer_each(const struct tokenizer *t, struct tokenizer_scratch *s,
    const char *text, size_t n, tokenizer_fn *fn, void *ctx);

#endif
