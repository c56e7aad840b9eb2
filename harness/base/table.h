/*
 * The one hash table: numbers found by a hash.  A number is an index into an
 * array of the caller's; the table knows no keys, the caller says whether
 * that number is the one looked for.
 *
 * Open addressing with a line of slots, at most half of them taken.  A slot
 * is 8 bytes: 32 bits of the hash, so that a look at the caller's array is
 * nearly always the right one and growing asks for no key, and the number.
 * The look-ups are inline: the caller's comparison becomes part of the loop.
 * Measured beside uthash 2.3 with the same hash, ids of 10 to 20 bytes, the
 * least of nine rounds, ns to add and to find (half of them there):
 *
 *        100 ids    10,000 ids   1,000,000 ids
 *   here  20, 25       50, 35         87, 216
 *   uthash 37, 25      85, 57        342, 349
 *
 * Hashes of what comes from outside are hash_table()'s, which nobody can
 * make collide; a weak one (an address) will do where nobody chooses it.
 * Thread rule: one owner at a time; looking up alone is safe from any.
 */
#ifndef LOCKSTEP_TABLE_H
#define LOCKSTEP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define TABLE_NONE UINT32_MAX		/* no number */
#define TABLE_MAX ((uint32_t)1 << 30)	/* numbers in one table */

struct table {
	uint64_t *slot;		/* the hash's bits, then 1 + number; 0: free */
	size_t mask;		/* slots - 1, a power of two of them */
	uint32_t shift, n;
	int borrowed;		/* slots are the caller's: it does not grow */
};

/* Whether number `at` is what key is. */
typedef int table_same_fn(const void *ctx, const void *key, uint32_t at);

/* An empty table; allocates nothing yet. */
void table_init(struct table *t);
/* Frees the slots, unless they are borrowed; the table is empty again. */
void table_fini(struct table *t);
/* Forgets all numbers, keeps the slots. */
void table_clear(struct table *t);

/* How many slots n numbers need: a power of two, 16 at least. */
size_t table_slots(size_t n);

/*
 * A table in memory of the caller's (a stack's, an arena's): it holds half as
 * many numbers as there are slots.
 * slot    all 0; borrowed
 * slots   a power of two, at most 2 * TABLE_MAX
 */
void table_over(struct table *t, uint64_t *slot, size_t slots);

/* Puts all numbers of one table into an empty one that has room. */
void table_copy(struct table *to, const struct table *from);

/*
 * Makes room for n numbers in all.
 * returns 0; -1 when memory is out, or a borrowed table is too small
 */
int table_room(struct table *t, size_t n);

/*
 * Makes room in both, the table and the array that its numbers are of: twice
 * what there was, 64 at first.
 * v       the array, of elements of size bytes, or NULL
 * *cap    how many it holds
 * returns the array, in its new place; NULL when memory is out: v stays as it
 *         was
 */
void *table_grow(struct table *t, void *v, size_t *cap, size_t size);

/* Takes a number out. returns 1, or 0 when it was not there */
int table_del(struct table *t, uint64_t hash, uint32_t at);

static inline uint32_t
table_bits(uint64_t hash)
{
	return (uint32_t)(hash ^ hash >> 32);
}

/* Where the search for these bits begins: their product's high bits, for
 * hashes whose low ones are poor. */
static inline size_t
table_home(const struct table *t, uint32_t bits)
{
	return (uint32_t)(bits * 2654435769U) >> t->shift;
}

/*
 * The number that is the key, or TABLE_NONE.
 * same    a function that the compiler can see; ctx and key go to it
 */
static inline uint32_t
table_find(const struct table *t, uint64_t hash, table_same_fn *same,
    const void *ctx, const void *key)
{
	uint32_t bits = table_bits(hash), at;
	uint64_t s;
	size_t i;

	if (t->n == 0)
		return TABLE_NONE;
	for (i = table_home(t, bits); (s = t->slot[i]) != 0;
	    i = (i + 1) & t->mask) {
		at = (uint32_t)s - 1;
		if ((uint32_t)(s >> 32) == bits && same(ctx, key, at))
			return at;
	}
	return TABLE_NONE;
}

/* Puts in a number that is not there; table_room() has made room for it. */
static inline void
table_put(struct table *t, uint64_t hash, uint32_t at)
{
	uint32_t bits = table_bits(hash);
	size_t i = table_home(t, bits);

	while (t->slot[i] != 0)
		i = (i + 1) & t->mask;
	t->slot[i] = (uint64_t)bits << 32 | (at + 1);
	t->n++;
}

#endif
