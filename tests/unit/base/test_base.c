/* The foundation: errors, buffers, clocks, hashes, random numbers, options. */
#include "tests/lib/check.h"

#include <errno.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/hash.h"
#include "harness/base/hash_part.h"
#include "harness/base/mono.h"
#include "harness/base/opt.h"
#include "harness/base/rng.h"

static void
first_error_wins(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(err_set(&err, RC_IO, "first %d", 1), RC_IO);
	assert_int_equal(err_set(&err, RC_DB, "second"), RC_DB);
	assert_int_equal(err.code, RC_IO);
	assert_string_equal(err.msg, "first 1");
	err_prefix(&err, "in %s", "a file");
	assert_string_equal(err.msg, "in a file: first 1");
	assert_int_equal(err_set(NULL, RC_NET, "nobody listens"), RC_NET);
}

static void
errno_is_said(void **state)
{
	struct err err = ERR_INIT;

	(void)state;
	errno = ENOENT;
	assert_int_equal(err_errno(&err, RC_IO, "x.yml"), RC_IO);
	assert_string_equal(err.msg, "x.yml: No such file or directory");
}

static void
buffer_grows_to_its_maximum(void **state)
{
	struct err err = ERR_INIT;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 100);
	assert_string_equal(buf_str(&b), "");
	for (i = 0; i < 99; i++)
		buf_putc(&b, 'x');
	assert_int_equal(buf_check(&b, "b", &err), RC_OK);
	assert_int_equal(strlen(buf_str(&b)), 99);
	buf_putc(&b, 'y');
	buf_puts(&b, "more");
	assert_int_equal(b.len, 99);
	assert_int_equal(buf_check(&b, "b", &err), RC_NOMEM);
	buf_reset(&b);
	buf_printf(&b, "%d-%s", 7, "z");
	assert_string_equal(buf_str(&b), "7-z");
	buf_fini(&b);
}

static void
buffer_writes_integers(void **state)
{
	struct buf b;
	char *s;

	(void)state;
	buf_init(&b, 1000);
	buf_i64(&b, INT64_MIN);
	buf_putc(&b, ' ');
	buf_i64(&b, -1);
	buf_putc(&b, ' ');
	buf_u64(&b, UINT64_MAX);
	s = buf_dup("a\0b", 3);
	assert_memory_equal(s, "a\0b", 4);
	free(s);
	s = buf_dup(NULL, 0);
	assert_string_equal(s, "");
	free(s);
	s = buf_steal(&b);
	assert_string_equal(s,
	    "-9223372036854775808 -1 18446744073709551615");
	assert_int_equal(b.len, 0);
	free(s);
}

static void
durations(void **state)
{
	static const struct {
		const char *s;
		int64_t ns;	/* -1: no duration */
	} t[] = {
		{ "250ms", 250 * MONO_MS }, { "1.5s", 1500 * MONO_MS },
		{ "4m", 240 * MONO_S }, { "3", 3 * MONO_S },
		{ "2h", 7200 * MONO_S }, { "1d", 86400 * MONO_S },
		{ "0", 0 }, { "", -1 }, { "s", -1 }, { "-1s", -1 },
		{ "5 s", -1 }, { "1e30s", -1 }, { "nan", -1 },
		{ "10us", 10000 }, { "7x", -1 },
		{ "2h10m", 7800 * MONO_S }, { "1m30", -1 }, { "2h10", -1 },
		{ "1m1.5s", 61500 * MONO_MS }, { "2h-10m", -1 },
	};
	int64_t ns;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		ns = -1;
		(void)mono_parse_duration(t[i].s, &ns);
		assert_int_equal(ns, t[i].ns);
	}
}

static void
wall_clock_text(void **state)
{
	char s[MONO_UTC_MAX];

	(void)state;
	mono_utc(1767225600123000000LL, s);
	assert_string_equal(s, "2026-01-01T00:00:00.123Z");
}

/* Against the same sums in Python's integers. */
static void
long_texts_fold(void **state)
{
	static const struct {
		size_t n;
		uint64_t want;
	} rows[] = {
		{ 0, 0 }, { 1, 0x148ec39c20c21818 },
		{ 128, 0x1c75abbf5b797cf1 }, { 129, 0x8e418aa63acaae8 },
		{ 1000, 0x142ce41463d4165d },
	};
	unsigned char text[4096];
	uint64_t key[FOLD_KEYS];
	size_t i;

	(void)state;
	for (i = 0; i < FOLD_KEYS; i++)
		key[i] = (i + 1) * 0x9e3779b97f4a7c15;
	for (i = 0; i < sizeof(text); i++)
		text[i] = (unsigned char)(i * 7 + 3);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(hash_fold(key, text, rows[i].n),
		    rows[i].want);
	memset(text, 0xff, sizeof(text));
	assert_int_equal(hash_fold(key, text, sizeof(text)),
	    0xdc7628eb0198b4f);
}

/* Whatever byte is another, and however many there are. */
static void
table_hashes_differ(void **state)
{
	char text[700] = { 0 }, same[700] = { 0 };
	uint64_t h;
	size_t n, i;

	(void)state;
	for (n = 1; n < sizeof(text); n += 37) {
		h = hash_table(text, n);
		assert_int_equal(h, hash_table(same, n));
		assert_int_not_equal(h, hash_table(text, n - 1));
		for (i = 0; i < n; i += 5) {
			text[i] = 1;
			assert_int_not_equal(h, hash_table(text, n));
			text[i] = 0;
		}
	}
}

static void
hashes(void **state)
{
	char h[HASH_HEX], b64[64], back[64];
	size_t n;

	(void)state;
	/* BLAKE2b-128 of the empty string */
	hash_hex("", 0, h);
	assert_string_equal(h, "cae66941d9efbd404e4d88758ea67670");
	hash_b64("a\0b", 3, b64, sizeof(b64));
	assert_string_equal(b64, "YQBi");
	assert_int_equal(hash_unb64(b64, 4, back, sizeof(back), &n), 0);
	assert_int_equal(n, 3);
	assert_memory_equal(back, "a\0b", 3);
	assert_int_equal(hash_unb64("!!!!", 4, back, sizeof(back), &n), -1);
	assert_int_equal(hash_unb64(b64, 4, back, 2, &n), -1);
}

/* Uniform: mean 1/2 and variance 1/12; neighbours are not correlated. */
static void
random_numbers(void **state)
{
	enum { N = 100000 };
	double sum = 0, square = 0, cross = 0, u, last = .5;
	uint32_t perm[100];
	int seen[100] = { 0 };
	int i;

	(void)state;
	for (i = 0; i < N; i++) {
		u = rng_unit(1, 2, (uint64_t)i);
		assert_true(u >= 0 && u < 1);
		sum += u;
		square += u * u;
		cross += (u - .5) * (last - .5);
		last = u;
	}
	assert_near(sum / N, .5, .004);
	assert_near(square / N, 1.0 / 3, .004);
	assert_near(cross / N, 0, .002);
	assert_int_not_equal(rng_u64(1, 2, 3), rng_u64(1, 3, 2));
	rng_permute(5, 6, perm, 100);
	for (i = 0; i < 100; i++)
		seen[perm[i]]++;
	for (i = 0; i < 100; i++)
		assert_int_equal(seen[i], 1);
}

struct opts {
	int flag;
	const char *word;
	int64_t count, time, size;
	double share;
	struct opt_list list;
};

#define O(f) offsetof(struct opts, f)
static const struct opt table[] = {
	{ "flag", 'f', OPT_FLAG, O(flag), 0, 0, NULL, "a flag" },
	{ "word", 'w', OPT_STR, O(word), 0, 0, "W", "a word" },
	{ "count", 0, OPT_INT, O(count), 1, 10, "N", "a number" },
	{ "share", 0, OPT_NUM, O(share), 0, 1, "X", "a share" },
	{ "time", 0, OPT_TIME, O(time), 0, 0, "T", "a time" },
	{ "size", 0, OPT_BYTES, O(size), 1, 1e13, "S", "a size" },
	{ "list", 0, OPT_LIST, O(list), 0, 0, "L", "some words" },
	{ NULL, 0, OPT_FLAG, 0, 0, 0, NULL, NULL }
};
static const struct opt_cmd cmd = { "try", "X", "about", table };

static int
parse(struct opts *o, struct err *err, const char **rest, size_t *n,
    const char *const *words)
{
	char *argv[16];
	int argc = 0;

	argv[argc++] = strdup("try");
	while (words[argc - 1] != NULL) {
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
		argc++;
	}
	memset(o, 0, sizeof(*o));
	memset(err, 0, sizeof(*err));
	argc = opt_parse(&cmd, argc, argv, o, rest, n, err);
	free(argv[0]);
	return argc;
}

static void
options(void **state)
{
	static const char *const good[] = { "a", "-f", "--count=3", "-wfoo",
	    "--share", "0.5", "--list", "x", "--time=2m", "--list=y", "--",
	    "--flag", NULL };
	const char *rest[16];
	struct err err;
	struct opts o;
	size_t n;

	(void)state;
	assert_int_equal(parse(&o, &err, rest, &n, good), RC_OK);
	assert_int_equal(n, 2);
	assert_string_equal(rest[0], "a");
	assert_string_equal(rest[1], "--flag");
	assert_int_equal(o.flag, 1);
	assert_int_equal(o.count, 3);
	assert_string_equal(o.word, "foo");
	assert_near(o.share, .5, 0);
	assert_int_equal(o.time, 120 * MONO_S);
	assert_int_equal(o.list.n, 2);
	assert_string_equal(o.list.v[1], "y");
}

static void
sizes(void **state)
{
	static const struct {
		const char *word;
		int64_t bytes;
	} t[] = {
		{ "--size=1", 1 },
		{ "--size=4096", 4096 },
		{ "--size=64K", 65536 },
		{ "--size=1.5M", 1572864 },
		{ "--size=1G", 1073741824 },
		{ "--size=2T", 2199023255552 },
	};
	const char *words[] = { NULL, NULL };
	const char *rest[16];
	struct err err;
	struct opts o;
	size_t n, i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		words[0] = t[i].word;
		assert_int_equal(parse(&o, &err, rest, &n, words), RC_OK);
		assert_int_equal(o.size, t[i].bytes);
	}
}

static void
bad_options(void **state)
{
	static const struct {
		const char *word, *said;
	} t[] = {
		{ "--conut=3", "did you mean --count?" },
		{ "--count=x", "\"x\" is not a number" },
		{ "--count=11", "11 is outside 1 to 10" },
		{ "--count", "--count needs an argument: N" },
		{ "--share=nan", "is not a number" },
		{ "--flag=1", "--flag takes no argument" },
		{ "--size=", "\"\" is not a size such as" },
		{ "--size=1GB", "not a size" },
		{ "--size=-1", "not a size" },
		{ "--size=nan", "not a size" },
		{ "--size=1e30", "not a size" },
		{ "--size=0", "0 is outside 1 to" },
		{ "--size=100T", "is outside" },
		{ "--time=soon", "is not a duration" },
		{ "-z", "no option -z" },
		{ "--zzzzzz", "see lockstep try --help" },
	};
	const char *words[] = { NULL, NULL };
	const char *rest[16];
	struct err err;
	struct opts o;
	size_t n, i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		words[0] = t[i].word;
		assert_int_equal(parse(&o, &err, rest, &n, words), RC_USAGE);
		if (strstr(err.msg, t[i].said) == NULL)
			fail_msg("%s: said \"%s\"", t[i].word, err.msg);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_error_wins),
		cmocka_unit_test(errno_is_said),
		cmocka_unit_test(buffer_grows_to_its_maximum),
		cmocka_unit_test(buffer_writes_integers),
		cmocka_unit_test(durations),
		cmocka_unit_test(wall_clock_text),
		cmocka_unit_test(hashes),
		cmocka_unit_test(long_texts_fold),
		cmocka_unit_test(table_hashes_differ),
		cmocka_unit_test(random_numbers),
		cmocka_unit_test(options),
		cmocka_unit_test(sizes),
		cmocka_unit_test(bad_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
