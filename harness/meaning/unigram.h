/*
 * Unigram tokenizer: the segmentation of the greatest probability.
 * source  Kudo, ACL 2018; ties and unknown characters as the `tokenizers`
 *         library resolves them (unknown: 10 below the least score)
 */
#ifndef LOCKSTEP_UNIGRAM_H
#define LOCKSTEP_UNIGRAM_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define UNIGRAM_TEXT_MAX 65536	/* bytes of one segmented text */
#define UNIGRAM_UNKNOWN UINT32_MAX

struct unigram;

/* NULL: memory is out. */
struct unigram *unigram_new(size_t n);
void unigram_free(struct unigram *u);

/* Adds piece number id; s borrowed, score finite. returns RC_OK, RC_NOMEM */
int unigram_add(struct unigram *u, const char *s, size_t n, uint32_t id,
    double score);

/* Room for one segmentation, per thread; free with free(). NULL: no memory */
struct unigram_scratch;
struct unigram_scratch *unigram_scratch_new(void);

typedef int unigram_fn(void *ctx, uint32_t id);

/*
 * Segments a text of at most UNIGRAM_TEXT_MAX bytes of UTF-8; calls fn once a
 * piece, in order, with UNIGRAM_UNKNOWN for a run of unknown characters.
 * fn's non-0 ends it. returns the last value of fn
 */
int unigram_each(const struct unigram *u, struct unigram_scratch *scratch,
    const char *s, size_t n, unigram_fn *fn, void *ctx);

#endif
