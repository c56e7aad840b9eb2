/* zstd, one frame or several; see coding_part.h. */
#include <stdlib.h>

#include "harness/traffic/coding_part.h"
#include "harness/traffic/zst.h"

struct unzstd {
	struct zst_dec *d;
	int within;		/* a frame */
};

static void *
open_zstd(void)
{
	struct unzstd *u = calloc(1, sizeof(*u));

	if (u == NULL || zst_dec_new(&u->d, NULL) != RC_OK) {
		free(u);
		return NULL;
	}
	return u;
}

static void
close_zstd(void *state)
{
	struct unzstd *u = state;

	zst_dec_free(u->d);
	free(u);
}

static int
step_zstd(void *state, struct coding_in *in, struct buf *out,
    struct err *err)
{
	struct unzstd *u = state;
	struct zst_in from = { in->p, in->n, in->used };
	struct err e = ERR_INIT;
	int ended = 0, rc;

	rc = zst_dec_add(u->d, &from, out, CODING_STEP, &ended, &e);
	if (rc == RC_FORMAT)
		return err_set(err, RC_FORMAT, "corrupt zstd data: %s",
		    e.msg);
	if (rc != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (ended)
		u->within = 0;
	else if (from.used > in->used)
		u->within = 1;
	in->used = from.used;
	return RC_OK;
}

static int
whole_zstd(void *state)
{
	return !((const struct unzstd *)state)->within;
}

const struct codec codec_zstd = {
	"zstd", open_zstd, step_zstd, whole_zstd, close_zstd
};
