/* See rank_pos.h. */
#include "harness/score/rank_pos.h"

#include <string.h>

#include "harness/score/rank.h"

/* FNV-1a: ids are short, and a collision only costs a comparison. */
static uint32_t
id_hash(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h;
}

static uint16_t
find(const char *id, const char *const *b, const uint32_t *hash, size_t nb)
{
	uint32_t h = id_hash(id);
	size_t j;

	for (j = 0; j < nb; j++) {
		if (hash[j] == h && strcmp(id, b[j]) == 0)
			return (uint16_t)j;
	}
	return RANK_NOWHERE;
}

size_t
rank_positions(const char *const *a, size_t na, const char *const *b,
    size_t nb, uint16_t *pos)
{
	uint32_t hash[RANK_MAX];
	size_t i;

	na = na < RANK_MAX ? na : RANK_MAX;
	nb = nb < RANK_MAX ? nb : RANK_MAX;
	for (i = 0; i < nb; i++)
		hash[i] = id_hash(b[i]);
	for (i = 0; i < na; i++)
		pos[i] = find(a[i], b, hash, nb);
	return na;
}
