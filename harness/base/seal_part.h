/* What the two files of seal.h share: the layout of a sealed file. */
#ifndef LOCKSTEP_SEAL_PART_H
#define LOCKSTEP_SEAL_PART_H

#include <sodium.h>
#include <stdint.h>

#include "harness/base/seal.h"

enum {
	SEAL_KEY = 32,
	SEAL_ID = 16,
	SEAL_CHECK = 16,
	SEAL_BEGIN = SEAL_MAGIC + SEAL_ID + SEAL_CHECK,
	SEAL_STREAM = 24,	/* bytes of a secretstream's header */
	SEAL_SEGMENT = SEAL_MAGIC + 8 + SEAL_STREAM,
	SEAL_LENGTH = 4,
	SEAL_EXTRA = 17,	/* a message is so much longer than its text */
	SEAL_BOUND = SEAL_ID + 8,
	SEAL_PIECE = 256 << 10,	/* of text in a message that we write */
	SEAL_PIECE_MAX = 1 << 20	/* and that we read */
};
#define SEAL_LAST 0x80000000u

static const char seal_file_magic[SEAL_MAGIC + 1] = "LSTSEAL1";
static const char seal_segment_magic[SEAL_MAGIC + 1] = "\xf5LSTSEG1";

_Static_assert(SEAL_KEY == crypto_secretstream_xchacha20poly1305_KEYBYTES,
    "the size of a key");
_Static_assert(SEAL_STREAM ==
    crypto_secretstream_xchacha20poly1305_HEADERBYTES, "of a header");
_Static_assert(SEAL_EXTRA == crypto_secretstream_xchacha20poly1305_ABYTES,
    "of what is added");

static inline void
seal_put_le(unsigned char *out, uint64_t v, int n)
{
	int i;

	for (i = 0; i < n; i++, v >>= 8)
		out[i] = (unsigned char)(v & 255);
}

static inline uint64_t
seal_get_le(const unsigned char *p, int n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

/* What tells that a key is a file's. */
void seal_check(const struct seal_key *k, const unsigned char *id,
    unsigned char out[SEAL_CHECK]);

/* What is authenticated with each message. */
void seal_bind(const unsigned char *id, uint64_t number,
    unsigned char out[SEAL_BOUND]);

#endif
