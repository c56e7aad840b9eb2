/* Writing sealed files, and keys; see seal.h. */
#include "harness/base/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/seal_part.h"

/* ---- keys ------------------------------------------------------------- */

static void
derive(const unsigned char key[SEAL_KEY], const char *use,
    unsigned char out[SEAL_KEY])
{
	(void)crypto_generichash(out, SEAL_KEY, (const unsigned char *)use,
	    strlen(use), key, SEAL_KEY);
}

int
seal_key_parse(const char *hex, const char *from, struct seal_key *out,
    struct err *err)
{
	unsigned char key[SEAL_KEY];
	size_t n = strspn(hex, "0123456789abcdefABCDEF"), got;

	/* picks the fast code of this processor */
	if (sodium_init() < 0)
		return err_set(err, RC_NOMEM, "libsodium does not start");
	if (n != (size_t)SEAL_KEY * 2 ||
	    hex[n + strspn(hex + n, " \t\r\n")] != '\0' ||
	    sodium_hex2bin(key, sizeof(key), hex, n, NULL, &got, NULL) != 0)
		return err_set(err, RC_USAGE, "%s: not a key: it must be 64 "
		    "hex digits, as `openssl rand -hex 32` makes them", from);
	derive(key, "lockstep seal 1 stream", out->stream);
	derive(key, "lockstep seal 1 check", out->check);
	derive(key, "lockstep seal 1 name", out->name);
	sodium_memzero(key, sizeof(key));
	return RC_OK;
}

int
seal_key_load(const char *path, struct seal_key *out, struct err *err)
{
	char text[256];
	ssize_t got;
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return err_errno(err, RC_IO, "%s: cannot open the key", path);
	do {
		got = read(fd, text, sizeof(text) - 1);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		rc = err_errno(err, RC_IO, "%s: cannot read the key", path);
	(void)close(fd);
	if (got < 0)
		return rc;
	text[got] = '\0';
	rc = seal_key_parse(text, path, out, err);
	sodium_memzero(text, sizeof(text));
	return rc;
}

void
seal_key_wipe(struct seal_key *k)
{
	sodium_memzero(k, sizeof(*k));
}

void
seal_name(const struct seal_key *k, const char *name, char out[33])
{
	unsigned char h[16];

	(void)crypto_generichash(h, sizeof(h), (const unsigned char *)name,
	    strlen(name), k->name, sizeof(k->name));
	(void)sodium_bin2hex(out, 33, h, sizeof(h));
}

void
seal_check(const struct seal_key *k, const unsigned char *id,
    unsigned char out[SEAL_CHECK])
{
	(void)crypto_generichash(out, SEAL_CHECK, id, SEAL_ID, k->check,
	    sizeof(k->check));
}

void
seal_bind(const unsigned char *id, uint64_t number,
    unsigned char out[SEAL_BOUND])
{
	memcpy(out, id, SEAL_ID);
	seal_put_le(out + SEAL_ID, number, 8);
}

/* ---- writing ---------------------------------------------------------- */

struct seal_writer {
	unsigned char key[SEAL_KEY], id[SEAL_ID];
	crypto_secretstream_xchacha20poly1305_state state;
	uint64_t number;	/* of the segment that is open, or the next */
	int open;
};

int
seal_writer_new(const struct seal_key *k, struct buf *out,
    struct seal_writer **wp, struct err *err)
{
	struct seal_writer *w = calloc(1, sizeof(*w));
	unsigned char check[SEAL_CHECK];

	*wp = w;
	if (w == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	memcpy(w->key, k->stream, sizeof(w->key));
	randombytes_buf(w->id, sizeof(w->id));
	seal_check(k, w->id, check);
	buf_add(out, seal_file_magic, SEAL_MAGIC);
	buf_add(out, w->id, sizeof(w->id));
	buf_add(out, check, sizeof(check));
	return RC_OK;
}

void
seal_writer_free(struct seal_writer *w)
{
	if (w == NULL)
		return;
	sodium_memzero(w, sizeof(*w));
	free(w);
}

static void
begin(struct seal_writer *w, struct buf *out)
{
	unsigned char head[SEAL_SEGMENT];

	memcpy(head, seal_segment_magic, SEAL_MAGIC);
	seal_put_le(head + SEAL_MAGIC, w->number, 8);
	(void)crypto_secretstream_xchacha20poly1305_init_push(&w->state,
	    head + SEAL_MAGIC + 8, w->key);
	buf_add(out, head, sizeof(head));
	w->open = 1;
}

static void
put_message(struct seal_writer *w, const unsigned char *p, size_t n,
    int last, struct buf *out)
{
	unsigned char bound[SEAL_BOUND], len[SEAL_LENGTH];
	char *to;

	seal_bind(w->id, w->number, bound);
	seal_put_le(len, (n + SEAL_EXTRA) | (last ? SEAL_LAST : 0),
	    SEAL_LENGTH);
	buf_add(out, len, sizeof(len));
	to = buf_reserve(out, n + SEAL_EXTRA);
	if (to == NULL)
		return;
	(void)crypto_secretstream_xchacha20poly1305_push(&w->state,
	    (unsigned char *)to, NULL, p, n, bound, sizeof(bound),
	    last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL :
	    crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
	out->len += n + SEAL_EXTRA;
	out->p[out->len] = '\0';
}

void
seal_add(struct seal_writer *w, const void *p, size_t n, int ends,
    struct buf *out)
{
	const unsigned char *from = p;
	size_t piece;

	if (n == 0 && !(ends && w->open))
		return;
	if (!w->open)
		begin(w, out);
	do {
		piece = n < SEAL_PIECE ? n : SEAL_PIECE;
		put_message(w, from, piece, ends && piece == n, out);
		from += piece;
		n -= piece;
	} while (n > 0);
	if (ends) {
		w->open = 0;
		w->number++;
	}
}
