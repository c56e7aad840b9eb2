/* Content codings: what packs a text comes back as it was, however it is cut;
 * what cannot be undone says why. */
#include "tests/lib/check.h"

#include <zlib.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/zst.h"

#define TEXT "{\"answer\":\"The refund period is 14 days.\"}"
#define BYTES(s) s, sizeof(s) - 1

/* TEXT by brotli's encoder; as its gzip, by the same. */
static const char br_text[] = "\x8b\x14\x80\x7b\x22\x61\x6e\x73\x77\x65\x72"
    "\x22\x3a\x22\x54\x68\x65\x20\x72\x65\x66\x75\x6e\x64\x20\x70\x65\x72\x69"
    "\x6f\x64\x20\x69\x73\x20\x31\x34\x20\x64\x61\x79\x73\x2e\x22\x7d\x03";
static const char br_gzip[] = "\x8b\x1e\x80\x1f\x8b\x08\x00\x00\x00\x00\x00"
    "\x02\x03\xab\x56\x4a\xcc\x2b\x2e\x4f\x2d\x52\xb2\x52\x0a\xc9\x48\x55\x28"
    "\x4a\x4d\x2b\xcd\x4b\x51\x28\x48\x2d\xca\xcc\x4f\x51\xc8\x2c\x56\x30\x34"
    "\x51\x48\x49\xac\x2c\xd6\x53\xaa\x05\x00\x0f\xce\x73\x90\x2a\x00\x00\x00"
    "\x03";
/* 70 MiB of one letter, by brotli's encoder. */
static const char br_bomb[] = "\xcb\xff\xff\x3f\xf8\x25\xc2\xe2\xb1\x40\x20"
    "\xf7\xfe\x8f\xff\xff\x7f\xf0\x4b\x00\xc4\x61\x11\x80\xee\xfd\x1f\xff\xff"
    "\xff\xe0\x97\x00\x88\xc3\x02\x00\xdd\xfb\x3f\xfe\xff\xff\xc1\x2f\x01\x10"
    "\x87\x05\x00\xba\xf7\x7f\xfc\xff\xff\x83\x5f\x02\x20\x0e\x0b\x00\x74\xef"
    "\xff\xf8\xff\xff\x07\xbf\x04\x40\x1c\x16\x00\xe8\xde\xff\xf1\xff\xff\x0f"
    "\x7e\x09\x80\x38\x2c\x00\xd0\xbd\xff\xe3\xff\xff\x1f\xfc\x12\x00\x71\x58"
    "\x00\xa0\x7b\xff\x97\xff\xff\x5f\xf8\x25\x00\xe2\xb0\x00\x40\xf7\xfe"
    "\x0b";

/* ---- packing ----------------------------------------------------------- */

enum { GZIP = 31, ZLIB = 15, RAW = -15 };

static void
zip(struct buf *out, int bits, const char *p, size_t n)
{
	char *to = buf_reserve(out, n + 1024);
	z_stream z;

	assert_non_null(to);
	memset(&z, 0, sizeof(z));
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, bits, 8,
	    Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)p;
	z.avail_in = (uInt)n;
	z.next_out = (Bytef *)to;
	z.avail_out = (uInt)n + 1024;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->len += n + 1024 - z.avail_out;
	(void)deflateEnd(&z);
}

static void
zst(struct buf *out, const char *p, size_t n)
{
	struct zst_enc *e = NULL;

	assert_int_equal(zst_enc_new(3, 20, &e, NULL), RC_OK);
	assert_int_equal(zst_enc_add(e, p, n, ZST_END, out, NULL), RC_OK);
	zst_enc_free(e);
}

/* How TEXT is packed: a letter a step, in order. */
static void
pack(const char *how, struct buf *out)
{
	struct buf from;

	buf_reset(out);
	buf_puts(out, TEXT);
	for (; *how != '\0'; how++) {
		from = *out;
		buf_init(out, 1 << 20);
		switch (*how) {
		case 'g':
			zip(out, GZIP, from.p, from.len);
			break;
		case 'm':		/* three members, one of them empty */
			zip(out, GZIP, from.p, 5);
			zip(out, GZIP, "", 0);
			zip(out, GZIP, from.p + 5, from.len - 5);
			break;
		case 'd':
			zip(out, ZLIB, from.p, from.len);
			break;
		case 'r':
			zip(out, RAW, from.p, from.len);
			break;
		case 'z':
			zst(out, from.p, from.len);
			break;
		case 'Z':		/* two frames */
			zst(out, from.p, 9);
			zst(out, from.p + 9, from.len - 9);
			break;
		case 'b':
			buf_add(out, br_text, sizeof(br_text) - 1);
			break;
		case 'B':
			buf_add(out, br_gzip, sizeof(br_gzip) - 1);
			break;
		case 'x':		/* what follows a last member */
			buf_add(out, from.p, from.len);
			buf_add(out, "\0\0\r\n", 4);
			break;
		case 'j':		/* what begins like another member */
			buf_add(out, from.p, from.len);
			buf_add(out, "\x1f junk", 6);
			break;
		case 'J':
			buf_add(out, from.p, from.len);
			buf_add(out, "\x1f\x8b\x08\xffjunk", 8);
			break;
		case 'c':		/* cut short */
			buf_add(out, from.p, from.len - 4);
			break;
		case 'f':		/* a bit in the middle is another */
			buf_add(out, from.p, from.len);
			out->p[from.len / 2] ^= 0x10;
			break;
		case 'e':		/* empty */
			break;
		default:
			fail_msg("no way to pack: %c", *how);
		}
		buf_fini(&from);
	}
}

/* ---- tests ------------------------------------------------------------- */

static const struct row {
	const char *list, *how, *why;	/* why NULL: TEXT comes back */
} rows[] = {
	{ "gzip", "g", NULL },
	{ "GZip", "g", NULL },
	{ "x-gzip", "g", NULL },
	{ "X-GZIP", "g", NULL },
	{ "gzip", "m", NULL },
	{ "gzip", "gx", NULL },
	{ "gzip", "gj", NULL },
	{ "gzip", "mJ", NULL },
	{ "gzip, gzip", "gJgj", NULL },
	{ "deflate", "d", NULL },
	{ "deflate", "r", NULL },
	{ "Deflate", "dx", NULL },
	{ "br", "b", NULL },
	{ "BR", "bx", NULL },
	{ "zstd", "z", NULL },
	{ "zstd", "Z", NULL },
	{ "gzip, br", "B", NULL },
	{ "gzip,br", "B", NULL },
	{ "identity", "", NULL },
	{ "identity, gzip ,identity", "g", NULL },
	{ "deflate, gzip", "dg", NULL },
	{ "gzip, gzip", "gg", NULL },
	{ "zstd,deflate\t, gzip", "zrg", NULL },
	{ ", gzip,", "g", NULL },
	{ "gzip", "ge", "" },
	{ "br", "e", "" },
	{ "zstd", "e", "" },
	{ "gzip", "gc", "truncated" },
	{ "gzip", "mc", "truncated" },
	{ "deflate", "dc", "truncated" },
	{ "br", "bc", "truncated" },
	{ "zstd", "zc", "truncated" },
	{ "gzip", "gf", "corrupt gzip" },
	{ "deflate", "df", "corrupt deflate" },
	{ "zstd", "zf", "corrupt zstd" },
	{ "gzip", "", "corrupt gzip" },
	{ "zstd", "", "corrupt zstd" },
	{ "gzip", "d", "corrupt gzip" },
	{ "gzip, br", "b", "corrupt gzip" },
	{ "compress", "g", "unknown content coding \"compress\"" },
	{ "gzip, aws-chunked", "g", "unknown content coding \"aws-chunked\"" },
	{ "gzip;q=1", "g", "unknown content coding" },
	{ "gzip, gzip, gzip, gzip, gzip", "g", "more than 4" },
};

static int
add(void *ctx, const char *p, size_t n, struct err *err)
{
	(void)err;
	buf_add(ctx, p, n);
	return RC_OK;
}

static int
undo_in_pieces(const char *list, const struct buf *packed, size_t piece,
    struct buf *out, struct err *err)
{
	struct coding *c = NULL;
	int rc = coding_new(list, 1 << 20, add, out, &c, err);
	size_t i, n;

	for (i = 0; i < packed->len && rc == RC_OK; i += n) {
		n = packed->len - i < piece ? packed->len - i : piece;
		rc = coding_feed(c, packed->p + i, n, err);
	}
	if (rc == RC_OK)
		rc = coding_end(c, err);
	coding_free(c);
	return rc;
}

static void
test_rows(void **state)
{
	static const size_t pieces[] = { 1, 2, 3, 7, 16, 1 << 20 };
	struct buf packed, out;
	size_t i, k;

	(void)state;
	buf_init(&packed, 1 << 20);
	buf_init(&out, 1 << 20);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		pack(rows[i].how, &packed);
		for (k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			struct err e = ERR_INIT;
			int rc;

			buf_reset(&out);
			rc = undo_in_pieces(rows[i].list, &packed, pieces[k],
			    &out, &e);
			if (rows[i].why != NULL && *rows[i].why != '\0') {
				assert_int_equal(rc, RC_FORMAT);
				if (strstr(e.msg, rows[i].why) == NULL)
					fail_msg("%s %s: %s", rows[i].list,
					    rows[i].how, e.msg);
				continue;
			}
			if (rc != RC_OK)
				fail_msg("%s %s by %zu: %s", rows[i].list,
				    rows[i].how, pieces[k], e.msg);
			assert_string_equal(buf_str(&out),
			    rows[i].why == NULL ? TEXT : "");
		}
	}
	buf_fini(&packed);
	buf_fini(&out);
}

/* What was unpacked before a failure is there: a stream's first events. */
static void
test_cut_keeps_head(void **state)
{
	struct err e = ERR_INIT;
	struct buf packed, out;

	(void)state;
	buf_init(&packed, 1 << 20);
	buf_init(&out, 1 << 20);
	pack("gc", &packed);
	assert_int_equal(coding_undo("gzip", packed.p, packed.len, 1 << 20,
	    &out, &e), RC_FORMAT);
	assert_string_equal(buf_str(&out), TEXT);
	buf_fini(&packed);
	buf_fini(&out);
}

static void
too_large(const char *list, const char *p, size_t n, size_t max)
{
	struct err e = ERR_INIT;
	struct buf out;

	buf_init(&out, (size_t)100 << 20);
	assert_int_equal(coding_undo(list, p, n, max, &out, &e), RC_FORMAT);
	if (strstr(e.msg, "too large") == NULL)
		fail_msg("%s: %s", list, e.msg);
	assert_true(out.len <= max && out.cap < (size_t)40 << 20);
	buf_fini(&out);
}

static void
test_bounds(void **state)
{
	char *zeros = calloc(1, (size_t)16 << 20);
	struct buf once, twice;

	(void)state;
	assert_non_null(zeros);
	buf_init(&once, (size_t)32 << 20);
	buf_init(&twice, (size_t)32 << 20);
	zip(&once, GZIP, zeros, (size_t)16 << 20);
	too_large("gzip", once.p, once.len, (size_t)1 << 20);
	too_large("gzip", once.p, once.len, (size_t)12 << 20);
	zip(&twice, GZIP, once.p, once.len);
	too_large("gzip, gzip", twice.p, twice.len, (size_t)2 << 20);
	/* a ratio that no text has */
	too_large("br", BYTES(br_bomb), CODING_TEXT_MAX);
	buf_reset(&once);
	zst(&once, zeros, (size_t)16 << 20);
	too_large("zstd", once.p, once.len, CODING_TEXT_MAX);
	free(zeros);
	buf_fini(&once);
	buf_fini(&twice);
}

static void
test_headers(void **state)
{
	static const struct {
		struct ex_header h[3];
		const char *list;
	} of[] = {
		{ { { "a", "gzip" }, { "b", "" }, { "c", "" } }, NULL },
		{ { { "Content-Encoding", "identity" }, { "b", "" },
		    { "c", "" } }, NULL },
		{ { { "content-encoding", "" }, { "b", "" }, { "c", "" } },
		    NULL },
		{ { { "CONTENT-ENCODING", " Gzip" }, { "b", "" },
		    { "content-encoding", "br" } }, " Gzip,br" },
		{ { { "Content-Encoding", "Identity, IDENTITY" },
		    { "b", "" }, { "Content-Encoding", "x" } },
		    "Identity, IDENTITY,x" },
	};
	struct ex_header h = { "Content-Encoding", NULL };
	char list[128], many[400];
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		got = coding_of(of[i].h, 3, list);
		if (of[i].list == NULL)
			assert_null(got);
		else
			assert_string_equal(got, of[i].list);
	}
	memset(many, ',', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	h.value = many;
	assert_null(coding_of(&h, 1, list));
	memset(many, 'a', sizeof(many) - 1);
	assert_int_equal(strlen(coding_of(&h, 1, list)), 127);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cut_keeps_head),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
