/* Overlap, Jaccard and swaps of two lists; see rank.h. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "harness/score/rank.h"
#include "harness/score/rank_pos.h"

double
overlap_at(const char *const *a, size_t na, const char *const *b, size_t nb,
    size_t k)
{
	uint16_t pos[RANK_MAX];
	size_t i, common = 0;

	if (k == 0)
		return NAN;
	na = na < k ? na : k;
	nb = nb < k ? nb : k;
	na = rank_positions(a, na, b, nb, pos);
	for (i = 0; i < na; i++)
		common += pos[i] != RANK_NOWHERE;
	return (double)common / (double)k;
}

double
jaccard(const char *const *a, size_t na, const char *const *b, size_t nb)
{
	uint16_t pos[RANK_MAX];
	size_t i, common = 0;

	nb = nb < RANK_MAX ? nb : RANK_MAX;
	na = rank_positions(a, na, b, nb, pos);
	if (na == 0 && nb == 0)
		return NAN;
	for (i = 0; i < na; i++)
		common += pos[i] != RANK_NOWHERE;
	return (double)common / (double)(na + nb - common);
}

double
rank_swap_rate(const char *const *a, size_t na, const char *const *b,
    size_t nb)
{
	uint16_t pos[RANK_MAX];
	size_t i, j, common = 0, swapped = 0;

	na = rank_positions(a, na, b, nb, pos);
	for (i = 0; i < na; i++) {
		if (pos[i] != RANK_NOWHERE)
			pos[common++] = pos[i];
	}
	if (common < 2)
		return NAN;
	for (i = 0; i < common; i++) {
		for (j = i + 1; j < common; j++)
			swapped += pos[i] > pos[j];
	}
	return (double)swapped / ((double)common * (double)(common - 1) / 2);
}
