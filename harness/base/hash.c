/* Hashes by libsodium; see hash.h. */
#include "harness/base/hash.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash_part.h"

enum { LONG_BYTES = 256 };	/* worth folding first */
enum { HASH_BYTES = (HASH_HEX - 1) / 2 };

void
hash_hex(const void *p, size_t n, char out[HASH_HEX])
{
	unsigned char h[HASH_BYTES];

	(void)crypto_generichash(h, sizeof(h), p, n, NULL, 0);
	(void)sodium_bin2hex(out, HASH_HEX, h, sizeof(h));
}

void
hash_keyed(const unsigned char key[32], const void *p, size_t n,
    char out[HASH_HEX])
{
	unsigned char h[HASH_BYTES];

	(void)crypto_generichash(h, sizeof(h), p, n, key, 32);
	(void)sodium_bin2hex(out, HASH_HEX, h, sizeof(h));
}

uint64_t
hash_u64(const void *p, size_t n)
{
	unsigned char h[HASH_BYTES];
	uint64_t v = 0;
	int i;

	(void)crypto_generichash(h, sizeof(h), p, n, NULL, 0);
	for (i = 0; i < 8; i++)
		v = v << 8 | h[i];
	return v;
}

static unsigned char table_key[crypto_shorthash_siphashx24_KEYBYTES];
static uint64_t fold_key[FOLD_KEYS];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void
draw_key(void)
{
	randombytes_buf(table_key, sizeof(table_key));
	randombytes_buf(fold_key, sizeof(fold_key));
}

uint64_t
hash_table(const void *p, size_t n)
{
	uint64_t v, folded[2];

	(void)pthread_once(&table_once, draw_key);
	if (n >= LONG_BYTES) {
		folded[0] = hash_fold(fold_key, p, n);
		folded[1] = n;
		p = folded;
		n = sizeof(folded);
	}
	(void)crypto_shorthash((unsigned char *)&v, p, n, table_key);
	return v;
}

void
hash_table128(const void *p, size_t n, unsigned char out[HASH_TABLE_BYTES])
{
	(void)pthread_once(&table_once, draw_key);
	(void)crypto_shorthash_siphashx24(out, p, n, table_key);
}

int
hash_file(const char *path, char out[HASH_HEX], struct err *err)
{
	unsigned char h[HASH_BYTES];
	unsigned char chunk[65536];
	crypto_generichash_state st;
	FILE *f = fopen(path, "rb");
	size_t n;
	int bad;

	if (f == NULL)
		return err_errno(err, RC_IO, "%s: cannot open", path);
	(void)crypto_generichash_init(&st, NULL, 0, sizeof(h));
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		(void)crypto_generichash_update(&st, chunk, n);
	bad = ferror(f);
	(void)fclose(f);
	if (bad)
		return err_set(err, RC_IO, "%s: cannot read", path);
	(void)crypto_generichash_final(&st, h, sizeof(h));
	(void)sodium_bin2hex(out, HASH_HEX, h, sizeof(h));
	return RC_OK;
}

void
hash_sha256(const void *p, size_t n, unsigned char out[32])
{
	(void)crypto_hash_sha256(out, p, n);
}

void
hash_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

void
hash_b64(const void *p, size_t n, char *out, size_t out_cap)
{
	(void)sodium_bin2base64(out, out_cap, p, n,
	    sodium_base64_VARIANT_ORIGINAL);
}

int
hash_unb64(const char *s, size_t n, void *out, size_t out_cap, size_t *out_n)
{
	return sodium_base642bin(out, out_cap, s, n, NULL, out_n, NULL,
	    sodium_base64_VARIANT_ORIGINAL);
}
