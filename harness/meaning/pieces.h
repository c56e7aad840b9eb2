/*
 * A vocabulary: pieces of text to their numbers, found by the running hash
 * of a prefix, so that all prefixes of a word cost one pass.
 */
#ifndef LOCKSTEP_PIECES_H
#define LOCKSTEP_PIECES_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define PIECES_BYTES_MAX 400	/* a longer piece matches nothing */

struct pieces;

/* An empty vocabulary for about n pieces; NULL: memory is out. */
struct pieces *pieces_new(size_t n);
void pieces_free(struct pieces *p);

/*
 * Adds a piece; of two equal ones the first stays.
 * s       borrowed as long as the vocabulary lives
 * tag     0 or 1: pieces of the same bytes under two tags differ
 * returns RC_OK; RC_NOMEM
 */
int pieces_add(struct pieces *p, const char *s, size_t n, unsigned tag,
    uint32_t id);

/* Bytes of the longest piece. */
size_t pieces_longest(const struct pieces *p);

static inline uint32_t
pieces_hash_start(unsigned tag)
{
	return 2166136261u ^ tag;
}

static inline uint32_t
pieces_hash_step(uint32_t h, char c)
{
	return (h ^ (unsigned char)c) * 16777619u;
}

/*
 * The number of the piece that s[0..n-1] is; h its running hash.
 * returns the number, or -1
 */
int64_t pieces_find(const struct pieces *p, const char *s, size_t n,
    unsigned tag, uint32_t h);

#endif
