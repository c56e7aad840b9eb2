/* A number divided among groups in proportion to their sizes. */
#ifndef LOCKSTEP_SHARE_H
#define LOCKSTEP_SHARE_H

#include <stddef.h>

struct share {
	size_t from, n;		/* the caller's name of the group; its size */
	size_t take;		/* its part */
	double rest;
};

/*
 * Largest remainders: the shares of the whole, as near as whole ones go; of
 * equal remainders the group with the lower `from`. The order of v changes.
 * total   of all sizes, not 0
 * want    at most total
 */
void share_divide(struct share *v, size_t n, size_t total, size_t want);

#endif
