/* Private to hash*.c: long texts made short before a hash of theirs is
 * taken. */
#ifndef LOCKSTEP_HASH_PART_H
#define LOCKSTEP_HASH_PART_H

#include <stddef.h>
#include <stdint.h>

enum {
	FOLD_BLOCK = 128,		/* bytes folded at once */
	FOLD_KEYS = FOLD_BLOCK / 8 + 4	/* random numbers they need */
};

/*
 * 61 bits of n bytes under random keys.  Two texts of the same length become
 * the same number with a chance of about n / 2^67, whoever writes them, as
 * long as nobody sees the keys or the number.
 */
uint64_t hash_fold(const uint64_t key[FOLD_KEYS], const void *p, size_t n);

#endif
