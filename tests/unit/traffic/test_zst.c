/* Decompressing what was cut off, damaged or followed by what is no block: all
 * blocks before it are read, however the input is cut into pieces. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/traffic/zst.h"
#include "tests/lib/check.h"

enum { FLUSHES = 40, TEXT = 700, LARGE = 300000 };

/* Text that does not compress away, and differs by n. */
static void
put_text(struct buf *b, unsigned n, size_t bytes)
{
	unsigned x = n * 2654435761u + 1;

	for (size_t i = 0; i < bytes; i++) {
		x = x * 1664525u + 1013904223u;
		buf_putc(b, (char)('a' + (x >> 24) % 26));
	}
}

/* A frame of one block or more a flush that has no end; text: what it holds. */
static void
open_frame(struct buf *z, struct buf *text)
{
	struct zst_enc *e;
	size_t from;

	assert_int_equal(zst_enc_new(3, 20, &e, NULL), RC_OK);
	for (unsigned i = 0; i < FLUSHES; i++) {
		from = text->len;
		put_text(text, i, i == FLUSHES / 2 ? LARGE : TEXT);
		assert_int_equal(zst_enc_add(e, buf_str(text) + from,
		    text->len - from, ZST_FLUSH, z, NULL), RC_OK);
	}
	zst_enc_free(e);
}

/* Decodes z in pieces of so many bytes; returns what the last call did. */
static int
decode(const struct buf *z, size_t piece, struct buf *out, int *ended)
{
	struct zst_dec *d;
	struct err err = ERR_INIT;
	int rc = RC_OK;
	size_t at = 0;

	*ended = 0;
	assert_int_equal(zst_dec_new(&d, NULL), RC_OK);
	while (rc == RC_OK && !*ended && at < z->len) {
		struct zst_in in = { z->p + at,
		    z->len - at < piece ? z->len - at : piece, 0 };

		do
			rc = zst_dec_add(d, &in, out, out->len + 100000, ended,
			    &err);
		while (rc == RC_OK && !*ended && (in.used < in.n ||
		    zst_dec_more(d)));
		at += in.used;
	}
	zst_dec_free(d);
	return rc;
}

static void
test_tail(void **state)
{
	static const char block_of_no_type[] = "\xff\xff\xff rest";
	static const size_t pieces[] = { 1, 7, 4096, SIZE_MAX };
	struct buf z, text, out;
	char again[60];
	int ended, rc;

	(void)state;
	buf_init(&z, 1 << 24);
	buf_init(&text, 1 << 24);
	buf_init(&out, 1 << 24);
	open_frame(&z, &text);
	memcpy(again, z.p, sizeof(again));
	for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
		size_t whole = z.len;

		buf_reset(&out);
		assert_int_equal(decode(&z, pieces[i], &out, &ended), RC_OK);
		assert_false(ended);
		assert_int_equal(out.len, text.len);
		/* cut off within the next frame, and no block at all */
		for (int k = 0; k < 2; k++) {
			if (k == 0)
				buf_add(&z, again, sizeof(again));
			else
				buf_add(&z, block_of_no_type,
				    sizeof(block_of_no_type) - 1);
			buf_reset(&out);
			rc = decode(&z, pieces[i], &out, &ended);
			assert_true(rc == RC_OK || rc == RC_FORMAT);
			assert_true(k == 0 || rc == RC_FORMAT);
			if (out.len < text.len)
				fail_msg("piece %zu: %zu of %zu bytes",
				    pieces[i], out.len, text.len);
			assert_memory_equal(out.p, text.p, text.len);
			z.len = whole;
		}
	}
	buf_fini(&z);
	buf_fini(&text);
	buf_fini(&out);
}

/* A whole frame ends, and what comes behind it is not touched. */
static void
test_end(void **state)
{
	struct zst_enc *e;
	struct buf z, text, out;
	int ended;

	(void)state;
	buf_init(&z, 1 << 24);
	buf_init(&text, 1 << 24);
	buf_init(&out, 1 << 24);
	put_text(&text, 1, LARGE);
	assert_int_equal(zst_enc_new(3, 20, &e, NULL), RC_OK);
	assert_int_equal(zst_enc_add(e, text.p, text.len, ZST_END, &z, NULL),
	    RC_OK);
	zst_enc_free(e);
	buf_puts(&z, "behind");
	for (size_t piece = 1; piece < z.len * 2; piece *= 5) {
		buf_reset(&out);
		assert_int_equal(decode(&z, piece, &out, &ended), RC_OK);
		assert_true(ended);
		assert_int_equal(out.len, text.len);
		assert_memory_equal(out.p, text.p, text.len);
	}
	z.p[z.len - 7]++;	/* the checksum */
	buf_reset(&out);
	assert_int_equal(decode(&z, SIZE_MAX, &out, &ended), RC_FORMAT);
	buf_fini(&z);
	buf_fini(&text);
	buf_fini(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tail),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
