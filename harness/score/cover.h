/*
 * How much of a section a set of spans or texts covers (METRICS 2,
 * `coverage`). Pure functions, safe from any thread.
 */
#ifndef LOCKSTEP_COVER_H
#define LOCKSTEP_COVER_H

#include <stddef.h>
#include <stdint.h>

#include "harness/score/ctext.h"

/* [from,to) */
struct cover_span {
	int64_t from, to;
};

/*
 * Sorts spans, clips them to [0,len) and merges what touches.
 * returns how many are left, in order
 */
size_t cover_merge(struct cover_span *v, size_t n, int64_t len);

/* Length of all of them, merged ones. */
int64_t cover_length(const struct cover_span *v, size_t n);

/* How many words are wholly within one of the merged spans (bytes). */
size_t cover_words(const struct ctext_words *w, const struct cover_span *v,
    size_t n);

/*
 * Clipped unigrams: the sum over words of min(count in section, count in all
 * of the texts).
 * returns the words of the section that are matched; 0 when memory is out
 */
size_t cover_unigrams(const struct ctext_words *section,
    const struct ctext_words *const *texts, size_t n, struct arena *a);

/* The byte offset of code point at in n bytes of UTF-8; -1 beyond the end. */
int64_t cover_byte_of(const char *p, size_t n, int64_t at);

#endif
