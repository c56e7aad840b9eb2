/* Sealed files: what they hold comes back, and whatever is changed in them is
 * found out. */
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/seal.h"
#include "tests/lib/check.h"

static const char hex[] =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";

enum { SEGMENTS = 4, PIECES = 3, PIECE = 20, UNITS = SEGMENTS * PIECES *
    PIECE };

static struct seal_key key;

/* Text whose every two bytes are there once. */
static void
unit(int i, unsigned char *to)
{
	to[0] = (unsigned char)(i >> 8);
	to[1] = (unsigned char)i;
}

/* at[i]: where segment i begins in the file. */
static void
make(struct buf *b, size_t at[SEGMENTS + 1])
{
	unsigned char text[PIECE * 2];
	struct seal_writer *w;
	struct err err = ERR_INIT;
	int s, p, i, n = 0;

	assert_int_equal(seal_key_parse(hex, "here", &key, &err), RC_OK);
	buf_init(b, 1 << 20);
	assert_int_equal(seal_writer_new(&key, b, &w, &err), RC_OK);
	for (s = 0; s < SEGMENTS; s++) {
		at[s] = b->len;
		for (p = 0; p < PIECES; p++) {
			for (i = 0; i < PIECE; i++)
				unit(n++, text + i * 2);
			seal_add(w, text, sizeof(text), p == PIECES - 1, b);
		}
	}
	at[SEGMENTS] = b->len;
	seal_writer_free(w);
	assert_int_equal(b->bad, RC_OK);
}

struct got {
	int opened;		/* rc of the opening */
	size_t bytes;		/* that could be read */
	uint64_t size;
	int bad;		/* some could not */
	char msg[512];
};

/* Reads all that can be read; what is read must be in order, and each once. */
static struct got
read_all(const void *p, size_t n, const struct seal_key *k)
{
	struct got g = { 0, 0, 0, 0, "" };
	struct err err = ERR_INIT;
	struct seal_cursor *c;
	struct seal_file *f;
	unsigned char b[2];
	int fd = memfd_create("sealed", MFD_CLOEXEC), last = -1, v;
	uint64_t at, bad;
	ssize_t r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, p, n), n);
	g.opened = seal_file_new(fd, k, "f", &f, &err);
	memcpy(g.msg, err.msg, sizeof(g.msg));
	if (g.opened != RC_OK) {
		(void)close(fd);
		return g;
	}
	assert_int_equal(seal_cursor_new(f, &c, &err), RC_OK);
	g.size = seal_file_size(f);
	for (at = 0; at < g.size; ) {
		r = seal_pread(c, b, 2, at, &bad, NULL);
		if (r == RC_FORMAT) {
			g.bad = 1;
			assert_true(bad > 0);
			at += bad;
			continue;
		}
		assert_true(r > 0);
		if (r == 1) {
			/* before a hole alone, and never half a unit */
			fail_msg("half a unit at %llu",
			    (unsigned long long)at);
		}
		v = b[0] << 8 | b[1];
		if (v <= last || v >= UNITS)
			fail_msg("%d after %d", v, last);
		last = v;
		g.bytes += 2;
		at += 2;
	}
	assert_int_equal(seal_pread(c, b, 2, g.size, &bad, NULL), 0);
	seal_cursor_free(c);
	seal_file_free(f);
	(void)close(fd);
	return g;
}

static void
comes_back(void **state)
{
	size_t at[SEGMENTS + 1];
	struct got g;
	struct buf b;

	(void)state;
	make(&b, at);
	assert_true(seal_is(b.p, b.len));
	assert_false(seal_is(b.p, 7));
	assert_false(seal_is("(\xb5/\xfd....", 8));
	g = read_all(b.p, b.len, &key);
	assert_int_equal(g.opened, RC_OK);
	assert_int_equal(g.bytes, UNITS * 2);
	assert_int_equal(g.size, UNITS * 2);
	assert_false(g.bad);
	buf_fini(&b);
}

/* Every bit of the file: its beginning, numbers, streams' headers, lengths,
 * texts, tags. */
static void
every_bit(void **state)
{
	size_t at[SEGMENTS + 1], i;
	struct got g;
	struct buf b;
	int bit;

	(void)state;
	make(&b, at);
	for (i = 0; i < b.len; i++) {
		for (bit = 0; bit < 8; bit++) {
			b.p[i] = (char)(b.p[i] ^ 1 << bit);
			g = read_all(b.p, b.len, &key);
			b.p[i] = (char)(b.p[i] ^ 1 << bit);
			if (i < at[0] && i >= 8)
				assert_int_equal(g.opened, RC_USAGE);
			else if (i >= 8 && !g.bad && g.bytes == UNITS * 2)
				fail_msg("bit %d of byte %zu is not missed",
				    bit, i);
			/* the other segments are not touched by it */
			if (i >= at[0] && g.bytes < (SEGMENTS - 1) * PIECES *
			    PIECE * 2)
				fail_msg("bit %d of byte %zu leaves %zu bytes",
				    bit, i, g.bytes);
		}
	}
	buf_fini(&b);
}

/* Wherever it is cut, whole messages are read. */
static void
every_length(void **state)
{
	enum { MESSAGE = 4 + 17 + PIECE * 2, HEAD = 8 + 8 + 24 };
	size_t at[SEGMENTS + 1], n, s, want;
	struct got g;
	struct buf b;

	(void)state;
	make(&b, at);
	for (n = at[0]; n < b.len; n++) {
		for (s = 0; at[s + 1] <= n; s++)
			continue;
		want = s * PIECES + (n < at[s] + HEAD ? 0 :
		    (n - at[s] - HEAD) / MESSAGE);
		g = read_all(b.p, n, &key);
		assert_int_equal(g.opened, RC_OK);
		assert_int_equal(g.bytes, want * PIECE * 2);
		assert_false(g.bad);
	}
	for (n = 8; n < at[0]; n++)
		assert_int_equal(read_all(b.p, n, &key).opened, RC_USAGE);
	buf_fini(&b);
}

/* Segments in another order, left out, there twice, of another file. */
static void
moved(void **state)
{
	static const struct {
		int order[6], n;
		size_t reads;	/* segments */
	} t[] = {
		{ { 0, 1, 3 }, 3, 3 },
		{ { 1, 2, 3 }, 3, 3 },
		{ { 0, 2, 1, 3 }, 4, 3 },
		{ { 3, 0, 1, 2 }, 4, 1 },
		{ { 0, 1, 1, 2, 3 }, 5, 4 },
		{ { 0, 1, 2, 3, 0 }, 5, 4 },
		{ { 0, 1, 2, 3, 1 }, 5, 4 },
	};
	size_t at[SEGMENTS + 1], other_at[SEGMENTS + 1], i, j, s;
	struct buf b, other, made;
	struct got g;

	(void)state;
	make(&b, at);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_init(&made, 1 << 20);
		buf_add(&made, b.p, at[0]);
		for (j = 0; j < (size_t)t[i].n; j++) {
			s = (size_t)t[i].order[j];
			buf_add(&made, b.p + at[s], at[s + 1] - at[s]);
		}
		g = read_all(made.p, made.len, &key);
		if (!g.bad || g.bytes != t[i].reads * PIECES * PIECE * 2)
			fail_msg("order %zu: %zu bytes", i, g.bytes);
		buf_fini(&made);
	}
	make(&other, other_at);
	memcpy(b.p + at[2], other.p + at[2], at[3] - at[2]);
	g = read_all(b.p, b.len, &key);
	assert_true(g.bad);
	assert_int_equal(g.bytes, (SEGMENTS - 1) * PIECES * PIECE * 2);
	buf_fini(&other);
	buf_fini(&b);
}

static void
keys(void **state)
{
	static const struct {
		const char *text;
		int rc;
	} t[] = {
		{ "", RC_USAGE },
		{ "00", RC_USAGE },
		{ "000102030405060708090a0b0c0d0e0f"
		    "101112131415161718191a1b1c1d1e1", RC_USAGE },
		{ "000102030405060708090a0b0c0d0e0f"
		    "101112131415161718191a1b1c1d1e1f0", RC_USAGE },
		{ "000102030405060708090a0b0c0d0e0f"
		    "101112131415161718191a1b1c1d1e1g", RC_USAGE },
		{ "000102030405060708090A0B0C0D0E0F"
		    "101112131415161718191a1b1c1d1e1f \r\n", RC_OK },
	};
	char one[33], two[33];
	struct seal_key k;
	struct err err;
	size_t at[SEGMENTS + 1], i;
	struct got g;
	struct buf b;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&err, 0, sizeof(err));
		assert_int_equal(seal_key_parse(t[i].text, "F", &k, &err),
		    t[i].rc);
		if (t[i].rc != RC_OK)
			assert_non_null(strstr(err.msg, "F: not a key"));
	}
	make(&b, at);
	assert_int_equal(read_all(b.p, b.len, &k).bytes, UNITS * 2);
	g = read_all(b.p, b.len, NULL);
	assert_int_equal(g.opened, RC_USAGE);
	assert_non_null(strstr(g.msg, "f: encrypted: give its key"));
	seal_name(&k, "a", one);
	k.check[0] ^= 1;
	k.name[0] ^= 1;
	g = read_all(b.p, b.len, &k);
	assert_int_equal(g.opened, RC_USAGE);
	assert_non_null(strstr(g.msg, "another key"));
	seal_name(&k, "a", two);
	assert_string_not_equal(one, two);
	buf_fini(&b);
}

/* What is longer than a message, read at any place and backwards. */
static void
long_ones(void **state)
{
	enum { N = 900000 };
	unsigned char *text = malloc(N), *back = malloc(N);
	struct err err = ERR_INIT;
	struct seal_writer *w;
	struct seal_cursor *c;
	struct seal_file *f;
	struct buf b;
	uint64_t bad;
	size_t at;
	int fd = memfd_create("sealed", MFD_CLOEXEC), i;

	(void)state;
	assert_int_equal(seal_key_parse(hex, "here", &key, &err), RC_OK);
	for (i = 0; i < N; i++)
		text[i] = (unsigned char)((unsigned)i * 2654435761u >> 13);
	buf_init(&b, 2 << 20);
	assert_int_equal(seal_writer_new(&key, &b, &w, &err), RC_OK);
	seal_add(w, text, N / 2, 1, &b);
	seal_add(w, NULL, 0, 1, &b);		/* nothing is no segment */
	seal_add(w, text + N / 2, N - N / 2, 0, &b);
	seal_add(w, NULL, 0, 1, &b);		/* but ends one */
	seal_writer_free(w);
	assert_int_equal(write(fd, b.p, b.len), b.len);
	assert_int_equal(seal_file_new(fd, &key, "f", &f, &err), RC_OK);
	assert_int_equal(seal_file_size(f), N);
	assert_int_equal(seal_file_at(f, 0), 40);
	assert_true(seal_file_at(f, N / 2) > N / 2);
	assert_int_equal(seal_cursor_new(f, &c, &err), RC_OK);
	assert_int_equal(seal_pread(c, back, N, 0, &bad, &err), N);
	assert_memory_equal(text, back, N);
	for (at = N - 10; at > 100000; at -= 99991) {
		assert_int_equal(seal_pread(c, back, 10, at, &bad, &err), 10);
		assert_memory_equal(text + at, back, 10);
	}
	seal_cursor_free(c);
	seal_file_free(f);
	(void)close(fd);
	buf_fini(&b);
	free(text);
	free(back);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back),
		cmocka_unit_test(every_bit),
		cmocka_unit_test(every_length),
		cmocka_unit_test(moved),
		cmocka_unit_test(keys),
		cmocka_unit_test(long_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
