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
