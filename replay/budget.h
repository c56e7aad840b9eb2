/*
 * One bound for memory that many take from. Safe from any thread.
 */
#ifndef LOCKSTEP_BUDGET_H
#define LOCKSTEP_BUDGET_H

#include <stdatomic.h>
#include <stddef.h>

struct budget {
	atomic_size_t used;
	size_t max;
};

/* returns 0, or -1: it would be too much, nothing is taken */
static inline int
budget_take(struct budget *b, size_t n)
{
	size_t before = atomic_fetch_add(&b->used, n);

	if (n <= b->max && before <= b->max - n)
		return 0;
	(void)atomic_fetch_sub(&b->used, n);
	return -1;
}

static inline void
budget_give(struct budget *b, size_t n)
{
	(void)atomic_fetch_sub(&b->used, n);
}

#endif
