/*
 * Counter-based random numbers: a value is a pure function of (seed, stream,
 * counter), so that any thread may draw any number and the result does not
 * depend on the order of drawing.
 * source  Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
 *         SC 2011 (the idea); the mixing is SplitMix64's finalizer
 *         (Steele, Lea & Flood, OOPSLA 2014) applied three times.
 */
#ifndef LOCKSTEP_RNG_H
#define LOCKSTEP_RNG_H

#include <stddef.h>
#include <stdint.h>

/* One 64-bit value. Pure; safe from any thread. */
uint64_t rng_u64(uint64_t seed, uint64_t stream, uint64_t counter);

/* SplitMix64's step from one state. */
static inline uint64_t
rng_mix(uint64_t z)
{
	z += 0x9e3779b97f4a7c15ULL;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/*
 * A stream of a seed for many draws: rng_at(rng_key(seed, stream), counter)
 * is rng_u64(seed, stream, counter) at a third of the price.
 */
static inline uint64_t
rng_key(uint64_t seed, uint64_t stream)
{
	return rng_mix(rng_mix(seed) ^ stream);
}

static inline uint64_t
rng_at(uint64_t key, uint64_t counter)
{
	return rng_mix(key ^ counter);
}

/* Uniform in [0,1), 53 bits. */
double rng_unit(uint64_t seed, uint64_t stream, uint64_t counter);

/* Uniform in [0,n); n > 0. The bias is below n / 2^64. */
uint64_t rng_below(uint64_t seed, uint64_t stream, uint64_t counter,
    uint64_t n);

/* A standard normal value (Box & Muller 1958). Uses counters 2c and 2c+1. */
double rng_normal(uint64_t seed, uint64_t stream, uint64_t counter);

/* A seed from any bytes (FNV-1a, then mixed). */
uint64_t rng_seed_from(const void *p, size_t n);

/* Fills perm with a random permutation of 0..n-1 (Fisher & Yates). */
void rng_permute(uint64_t seed, uint64_t stream, uint32_t *perm, size_t n);

#endif
