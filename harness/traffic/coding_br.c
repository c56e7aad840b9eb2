/* br, by libbrotlidec; see coding_part.h. */
#include <brotli/decode.h>
#include <stdlib.h>

#include "harness/traffic/coding_part.h"

struct unbr {
	BrotliDecoderState *d;
	int begun, ended;
};

static void *
open_br(void)
{
	struct unbr *u = calloc(1, sizeof(*u));

	if (u == NULL)
		return NULL;
	u->d = BrotliDecoderCreateInstance(NULL, NULL, NULL);
	if (u->d == NULL) {
		free(u);
		return NULL;
	}
	return u;
}

static void
close_br(void *state)
{
	struct unbr *u = state;

	BrotliDecoderDestroyInstance(u->d);
	free(u);
}

static int
step_br(void *state, struct coding_in *in, struct buf *out, struct err *err)
{
	struct unbr *u = state;
	size_t left = in->n - in->used, room = CODING_STEP;
	const uint8_t *from = (const uint8_t *)in->p + in->used;
	uint8_t *to = (uint8_t *)buf_reserve(out, CODING_STEP);
	BrotliDecoderResult got;

	if (to == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (u->ended) {
		/* what follows is ignored, as HTTP clients do */
		in->used = in->n;
		return RC_OK;
	}
	u->begun |= left > 0;
	got = BrotliDecoderDecompressStream(u->d, &left, &from, &room, &to,
	    NULL);
	in->used = in->n - left;
	out->len += CODING_STEP - room;
	if (got == BROTLI_DECODER_RESULT_ERROR)
		return err_set(err, RC_FORMAT, "corrupt br data: %s",
		    BrotliDecoderErrorString(
		    BrotliDecoderGetErrorCode(u->d)));
	u->ended = got == BROTLI_DECODER_RESULT_SUCCESS;
	return RC_OK;
}

static int
whole_br(void *state)
{
	const struct unbr *u = state;

	return !u->begun || u->ended;
}

const struct codec codec_br = { "br", open_br, step_br, whole_br, close_br };
