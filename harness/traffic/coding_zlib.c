/* gzip and deflate, by zlib; see coding_part.h. */
#define ZLIB_CONST
#include <stdlib.h>
#include <zlib.h>

#include "harness/traffic/coding_part.h"

enum { RAW = -15, ZLIB = 15, GZIP = 15 + 16 };

struct unzip {
	z_stream z;
	int bits;		/* 0: of deflate, not known yet */
	gz_header head;		/* of a member after the first */
	int begun, ended;	/* a member */
	int later;		/* it is not the first */
	int over;		/* what follows is ignored */
};

static struct unzip *
open_bits(int bits)
{
	struct unzip *u = calloc(1, sizeof(*u));

	/* deflate begins as zlib's until its first byte says otherwise */
	if (u != NULL && inflateInit2(&u->z, bits == 0 ? ZLIB : bits) !=
	    Z_OK) {
		free(u);
		return NULL;
	}
	if (u != NULL)
		u->bits = bits;
	return u;
}

static void *
open_gzip(void)
{
	return open_bits(GZIP);
}

static void *
open_deflate(void)
{
	return open_bits(0);
}

static void
close_zlib(void *state)
{
	struct unzip *u = state;

	(void)inflateEnd(&u->z);
	free(u);
}

/*
 * RFC 9110 means zlib's format by "deflate", and services send bare deflate
 * under that name.  The low half of zlib's first byte is 8; of bare deflate
 * that would be a stored block with rubbish in its padding.
 */
static int
choose(struct unzip *u, unsigned char first)
{
	u->bits = (first & 0x0f) == 8 ? ZLIB : RAW;
	return inflateReset2(&u->z, u->bits);
}

/* Behind a member: another one; anything else is ignored, as HTTP clients
 * do. */
static void
next_member(struct unzip *u, struct coding_in *in)
{
	if (u->bits == GZIP && (unsigned char)in->p[in->used] == 0x1f &&
	    inflateReset(&u->z) == Z_OK &&
	    inflateGetHeader(&u->z, &u->head) == Z_OK) {
		u->later = 1;
		u->begun = 0;
		u->ended = 0;
		return;
	}
	u->over = 1;
}

/* Whether what follows a member only begins like one: its head is none. */
static int
is_garbage(struct unzip *u, struct coding_in *in)
{
	if (!u->later || u->head.done == 1)
		return 0;
	in->used = in->n;
	u->ended = 1;
	u->over = 1;
	return 1;
}

static int
step_zlib(void *state, struct coding_in *in, struct buf *out,
    struct err *err)
{
	struct unzip *u = state;
	char *to = buf_reserve(out, CODING_STEP);
	int rc;

	if (to == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (u->ended && !u->over && in->used < in->n)
		next_member(u, in);
	if (u->over)
		in->used = in->n;
	if (u->ended)
		return RC_OK;
	if (u->bits == 0 && in->used < in->n &&
	    choose(u, (unsigned char)in->p[in->used]) != Z_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	u->begun |= in->used < in->n;
	u->z.next_in = (const Bytef *)in->p + in->used;
	u->z.avail_in = (uInt)(in->n - in->used < 1u << 30 ?
	    in->n - in->used : 1u << 30);
	in->used += u->z.avail_in;
	u->z.next_out = (Bytef *)to;
	u->z.avail_out = CODING_STEP;
	rc = inflate(&u->z, Z_NO_FLUSH);
	in->used -= u->z.avail_in;
	out->len += CODING_STEP - u->z.avail_out;
	if (rc == Z_MEM_ERROR)
		return err_set(err, RC_NOMEM, "out of memory");
	if (rc == Z_DATA_ERROR && is_garbage(u, in))
		return RC_OK;
	if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
		return err_set(err, RC_FORMAT, "corrupt %s data%s%s",
		    u->bits == GZIP ? "gzip" : "deflate",
		    u->z.msg != NULL ? ": " : "",
		    u->z.msg != NULL ? u->z.msg : "");
	u->ended = rc == Z_STREAM_END;
	return RC_OK;
}

static int
whole_zlib(void *state)
{
	const struct unzip *u = state;

	return !u->begun || u->ended;
}

const struct codec codec_gzip = {
	"gzip", open_gzip, step_zlib, whole_zlib, close_zlib
};
const struct codec codec_deflate = {
	"deflate", open_deflate, step_zlib, whole_zlib, close_zlib
};
