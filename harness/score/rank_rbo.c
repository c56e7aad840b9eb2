/* Rank-biased overlap and average overlap; see rank.h. */
#include <math.h>
#include <stdint.h>

#include "harness/score/rank.h"
#include "harness/score/rank_pos.h"

/*
 * found[d] = how many ids lists a and b have in common at depth d, for d in
 * 1..depth; a list that is shorter than d takes part with all it has.
 * returns depth: the longer length
 */
static size_t
common_by_depth(const char *const *a, size_t na, const char *const *b,
    size_t nb, uint16_t found[RANK_MAX + 1])
{
	uint16_t pos[RANK_MAX];
	size_t i, at, depth;

	nb = nb < RANK_MAX ? nb : RANK_MAX;
	na = rank_positions(a, na, b, nb, pos);
	depth = na > nb ? na : nb;
	for (i = 0; i <= depth; i++)
		found[i] = 0;
	for (i = 0; i < na; i++) {
		if (pos[i] == RANK_NOWHERE)
			continue;
		at = i > pos[i] ? i : pos[i];
		found[at + 1]++;
	}
	for (i = 1; i <= depth; i++)
		found[i] = (uint16_t)(found[i] + found[i - 1]);
	return depth;
}

double
rbo_ext(const char *const *a, size_t na, const char *const *b, size_t nb,
    double p)
{
	uint16_t found[RANK_MAX + 1];
	size_t d, longer = common_by_depth(a, na, b, nb, found);
	size_t shorter = na < nb ? na : nb;
	double sum = 0, weight = 1, at_short, at_long;

	if (shorter > longer)
		shorter = longer;
	if (longer == 0)
		return NAN;
	if (shorter == 0)
		return 0;
	at_short = found[shorter];
	at_long = found[longer];
	for (d = 1; d <= longer; d++) {
		weight *= p;
		sum += found[d] / (double)d * weight;
		if (d > shorter)
			sum += at_short * (double)(d - shorter) /
			    ((double)shorter * (double)d) * weight;
	}
	return (1 - p) / p * sum + ((at_long - at_short) / (double)longer +
	    at_short / (double)shorter) * weight;
}

double
rbo_min(const char *const *a, size_t na, const char *const *b, size_t nb,
    double p)
{
	uint16_t found[RANK_MAX + 1];
	size_t d, k = na < nb ? na : nb;
	double sum = 0, weight = 1, last;

	if (common_by_depth(a, na, b, nb, found) == 0)
		return NAN;
	k = k < RANK_MAX ? k : RANK_MAX;
	last = found[k];
	for (d = 1; d <= k; d++) {
		weight *= p;
		sum += (found[d] - last) * weight / (double)d;
	}
	return (1 - p) / p * (sum - last * log1p(-p));
}

double
average_overlap(const char *const *a, size_t na, const char *const *b,
    size_t nb, size_t k)
{
	uint16_t found[RANK_MAX + 1];
	size_t d, depth;
	double sum = 0;

	if (k == 0)
		return NAN;
	depth = common_by_depth(a, na < k ? na : k, b, nb < k ? nb : k, found);
	for (d = 1; d <= k; d++)
		sum += found[d < depth ? d : depth] / (double)d;
	return sum / (double)k;
}
