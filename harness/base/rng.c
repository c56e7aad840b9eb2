/* Counter-based random numbers; see rng.h. */
#include "harness/base/rng.h"

#include <math.h>

uint64_t
rng_u64(uint64_t seed, uint64_t stream, uint64_t counter)
{
	return rng_at(rng_key(seed, stream), counter);
}

double
rng_unit(uint64_t seed, uint64_t stream, uint64_t counter)
{
	return (double)(rng_u64(seed, stream, counter) >> 11) * 0x1p-53;
}

uint64_t
rng_below(uint64_t seed, uint64_t stream, uint64_t counter, uint64_t n)
{
	return (uint64_t)(((unsigned __int128)rng_u64(seed, stream, counter) *
	    n) >> 64);
}

double
rng_normal(uint64_t seed, uint64_t stream, uint64_t counter)
{
	double u = 1.0 - rng_unit(seed, stream, 2 * counter);
	double v = rng_unit(seed, stream, 2 * counter + 1);

	return sqrt(-2.0 * log(u)) * cos(6.283185307179586476925 * v);
}

uint64_t
rng_seed_from(const void *p, size_t n)
{
	const unsigned char *b = p;
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ b[i]) * 0x100000001b3ULL;
	return rng_mix(h);
}

void
rng_permute(uint64_t seed, uint64_t stream, uint32_t *perm, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		j = (size_t)rng_below(seed, stream, i, i + 1);
		perm[i] = perm[j];
		perm[j] = (uint32_t)i;
	}
}
