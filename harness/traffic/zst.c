/* zstd compression and decompression; see zst.h. The layout of frames in a
 * file is in zst_layout.c. */
#include "harness/traffic/zst.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { STEP_BYTES = 128 << 10 };

struct zst_enc {
	ZSTD_CCtx *c;
};

struct zst_dec {
	ZSTD_DCtx *d;
	int more;	/* output was full: more may wait inside */
	size_t hint;	/* what zstd said it wants next; 0: a frame begins */
};

static int
fail(size_t code, struct err *err)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation:
		return err_set(err, RC_NOMEM, "zstd: out of memory");
	case ZSTD_error_frameParameter_windowTooLarge:
		return err_set(err, RC_FORMAT, "its zstd window is wider than "
		    "the limit of 128 MiB; compress it again with --long=27 "
		    "or less");
	case ZSTD_error_checksum_wrong:
		return err_set(err, RC_FORMAT, "wrong checksum");
	default:
		return err_set(err, RC_FORMAT, "damaged (zstd: %s)",
		    ZSTD_getErrorName(code));
	}
}

int
zst_enc_new(int level, int window_log, struct zst_enc **out, struct err *err)
{
	struct zst_enc *e = calloc(1, sizeof(*e));
	size_t bad;

	if (e == NULL || (e->c = ZSTD_createCCtx()) == NULL) {
		free(e);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	bad = ZSTD_CCtx_setParameter(e->c, ZSTD_c_compressionLevel, level);
	if (!ZSTD_isError(bad))
		bad = ZSTD_CCtx_setParameter(e->c, ZSTD_c_checksumFlag, 1);
	if (!ZSTD_isError(bad))
		bad = ZSTD_CCtx_setParameter(e->c, ZSTD_c_windowLog,
		    window_log);
	if (ZSTD_isError(bad)) {
		zst_enc_free(e);
		return err_set(err, RC_USAGE, "zstd: %s",
		    ZSTD_getErrorName(bad));
	}
	*out = e;
	return RC_OK;
}

void
zst_enc_free(struct zst_enc *e)
{
	if (e == NULL)
		return;
	(void)ZSTD_freeCCtx(e->c);
	free(e);
}

int
zst_enc_add(struct zst_enc *e, const void *p, size_t n, enum zst_how how,
    struct buf *out, struct err *err)
{
	static const ZSTD_EndDirective ends[] = {
		[ZST_MORE] = ZSTD_e_continue,
		[ZST_FLUSH] = ZSTD_e_flush,
		[ZST_END] = ZSTD_e_end,
	};
	ZSTD_inBuffer in = { p, n, 0 };
	ZSTD_outBuffer to;
	size_t left;

	do {
		to.dst = buf_reserve(out, STEP_BYTES);
		to.size = STEP_BYTES;
		to.pos = 0;
		if (to.dst == NULL)
			return buf_check(out, "compressed data", err);
		left = ZSTD_compressStream2(e->c, &to, &in, ends[how]);
		if (ZSTD_isError(left))
			return err_set(err, RC_NOMEM, "zstd: %s",
			    ZSTD_getErrorName(left));
		out->len += to.pos;
		out->p[out->len] = '\0';
	} while (how == ZST_MORE ? in.pos < in.size : left != 0);
	return RC_OK;
}

int
zst_dec_new(struct zst_dec **out, struct err *err)
{
	struct zst_dec *d = calloc(1, sizeof(*d));
	size_t bad;

	if (d == NULL || (d->d = ZSTD_createDCtx()) == NULL) {
		free(d);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	bad = ZSTD_DCtx_setParameter(d->d, ZSTD_d_windowLogMax,
	    ZST_WINDOW_LOG_MAX);
	assert(!ZSTD_isError(bad));
	*out = d;
	return RC_OK;
}

void
zst_dec_free(struct zst_dec *d)
{
	if (d == NULL)
		return;
	(void)ZSTD_freeDCtx(d->d);
	free(d);
}

void
zst_dec_reset(struct zst_dec *d)
{
	(void)ZSTD_DCtx_reset(d->d, ZSTD_reset_session_only);
	d->more = 0;
	d->hint = 0;
}

/*
 * How much of the input is given at once: one block, or the header of one.
 * A call that fails says nothing of what it has written before, so a damaged
 * block would take those before it along that came in the same call.
 * A hint is a block's size and that of the next header (RFC 8878, 3.1.1.2).
 */
static size_t
portion(const struct zst_dec *d, size_t have)
{
	enum { HEADER = 3, FRAME_HEADER = 5 };
	size_t want = d->hint > 0 ? d->hint : FRAME_HEADER;

	if (want > HEADER)
		want -= HEADER;
	return want < have ? want : have;
}

int
zst_dec_add(struct zst_dec *d, struct zst_in *in, struct buf *out,
    size_t out_max, int *ended, struct err *err)
{
	ZSTD_inBuffer have = { in->p, in->used, in->used };
	ZSTD_outBuffer to;
	size_t left;

	*ended = 0;
	while (!*ended && out->len < out_max &&
	    (have.pos < in->n || d->more)) {
		to.size = out_max - out->len;
		if (to.size > STEP_BYTES)
			to.size = STEP_BYTES;
		to.pos = 0;
		to.dst = buf_reserve(out, to.size);
		if (to.dst == NULL)
			return buf_check(out, "decompressed data", err);
		have.size = have.pos + portion(d, in->n - have.pos);
		left = ZSTD_decompressStream(d->d, &to, &have);
		d->hint = ZSTD_isError(left) ? 0 : left;
		if (!ZSTD_isError(left))
			out->len += to.pos;
		out->p[out->len] = '\0';
		in->used = have.pos;
		d->more = 0;
		if (ZSTD_isError(left))
			return fail(left, err);
		*ended = left == 0;
		d->more = !*ended && to.pos == to.size;
	}
	return RC_OK;
}

int
zst_dec_more(const struct zst_dec *d)
{
	return d->more;
}

int
zst_dec_whole(struct zst_dec *d, const char *p, size_t n, size_t text_n,
    struct buf *out, struct err *err)
{
	char *to = buf_reserve(out, text_n);
	size_t got;

	if (to == NULL)
		return buf_check(out, "decompressed data", err);
	got = ZSTD_decompressDCtx(d->d, to, text_n, p, n);
	if (ZSTD_isError(got))
		return fail(got, err);
	if (got != text_n)
		return err_set(err, RC_FORMAT, "has %zu bytes, but the seek "
		    "table says %zu", got, text_n);
	out->len += got;
	out->p[out->len] = '\0';
	return RC_OK;
}
