/* Where the ids of one list are in another: what rank_*.c share. */
#ifndef LOCKSTEP_RANK_POS_H
#define LOCKSTEP_RANK_POS_H

#include <stddef.h>
#include <stdint.h>

#define RANK_NOWHERE UINT16_MAX

/*
 * pos[i] = index of a[i] in b, or RANK_NOWHERE; pos holds RANK_MAX.
 * returns how many of a were looked at: na, at most RANK_MAX
 */
size_t rank_positions(const char *const *a, size_t na, const char *const *b,
    size_t nb, uint16_t *pos);

#endif
