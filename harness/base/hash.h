/*
 * Hashes: BLAKE2b of libsodium, in hex. For identity (suites, traces, texts,
 * weights) and for keyed pseudonyms.  Safe from any thread.
 */
#ifndef LOCKSTEP_HASH_H
#define LOCKSTEP_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define HASH_HEX 33	/* 128 bits in hex and a NUL */

/* BLAKE2b-128 of n bytes as 32 hex digits. */
void hash_hex(const void *p, size_t n, char out[HASH_HEX]);

/* The same under a key of 32 bytes: for pseudonyms. */
void hash_keyed(const unsigned char key[32], const void *p, size_t n,
    char out[HASH_HEX]);

/* The first 64 bits of the same. */
uint64_t hash_u64(const void *p, size_t n);

/*
 * SipHash-2-4 (Aumasson & Bernstein 2012) under a key that every process
 * draws anew, of 64 or 128 bits: several times faster, and whoever writes the
 * texts cannot make two collide. For 64 bits, long texts are folded first. For
 * tables in memory alone: nothing that is kept, ordered or drawn may follow
 * from it.
 */
#define HASH_TABLE_BYTES 16
uint64_t hash_table(const void *p, size_t n);
void hash_table128(const void *p, size_t n,
    unsigned char out[HASH_TABLE_BYTES]);

/*
 * BLAKE2b-128 of a file's bytes, read as a stream.
 * returns RC_OK or RC_IO
 */
int hash_file(const char *path, char out[HASH_HEX], struct err *err);

/* SHA-256 of n bytes, where a foreign format wants it. */
void hash_sha256(const void *p, size_t n, unsigned char out[32]);

/* n bytes of the operating system's randomness. */
void hash_random(void *p, size_t n);

/* Base64 (RFC 4648, padded); out_cap >= HASH_B64_LEN(n). */
#define HASH_B64_LEN(n) (((n) + 2) / 3 * 4 + 1)
void hash_b64(const void *p, size_t n, char *out, size_t out_cap);

/* Decodes; *out_n bytes written, at most out_cap. returns 0 or -1. */
int hash_unb64(const char *s, size_t n, void *out, size_t out_cap,
    size_t *out_n);

#endif
