/* Private to coding*.c: one coding of a list. */
#ifndef LOCKSTEP_CODING_PART_H
#define LOCKSTEP_CODING_PART_H

#include "harness/base/buf.h"
#include "harness/base/err.h"

enum { CODING_STEP = 64 << 10 };	/* bytes that a step makes at most */

/* Packed bytes, and how many of them have been used. */
struct coding_in {
	const char *p;
	size_t n, used;
};

/*
 * How a coding is undone.  A step uses input and appends to out, which has
 * room for CODING_STEP bytes; it is called again while it made that many or
 * input is left.
 */
struct codec {
	const char *name;
	void *(*open)(void);		/* NULL: out of memory */
	int (*step)(void *state, struct coding_in *in, struct buf *out,
	    struct err *err);
	int (*whole)(void *state);	/* whether the input may end here */
	void (*close)(void *state);
};

extern const struct codec codec_gzip, codec_deflate;	/* coding_zlib.c */
extern const struct codec codec_br;			/* coding_br.c */
extern const struct codec codec_zstd;			/* coding_zstd.c */

#endif
