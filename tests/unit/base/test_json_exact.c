/* JSON is what was written: what is taken and refused, numbers of any length,
 * texts with NULs, keys that are there twice, patches that leave all other
 * bytes alone. */
#include "tests/lib/check.h"

#include "harness/base/json.h"
#include "harness/base/jscan.h"
#include "harness/base/number.h"
#include "tests/lib/kinds.h"
#include "tests/lib/random_json.h"

static struct json *
parse(const char *s)
{
	struct json *j = json_parse(s, strlen(s), NULL);

	if (j == NULL)
		fail_msg("%s is refused", s);
	return j;
}

static void
assert_bytes(const struct buf *b, const char *want, size_t n)
{
	if (b->bad != RC_OK || b->len != n || memcmp(b->p, want, n) != 0)
		fail_msg("\"%.*s\" is not \"%.*s\"", (int)b->len, b->p,
		    (int)n, want);
}

/* ---- what is JSON -------------------------------------------------------- */

/* Whether the scanner alone takes the text. */
static int
skips(const char *text, size_t n)
{
	struct jscan s;

	jscan_init(&s, text, n);
	jscan_skip(&s);
	return jscan_end(&s);
}

/* Written, read and written again it is the same. */
static void
assert_stable(const char *text, size_t n, const struct json *j)
{
	struct json *nothing = json_new(JSON_OBJECT), *again, *copy;
	struct buf a, b;

	buf_init(&a, 1 << 24);
	buf_init(&b, 1 << 24);
	json_write(&a, j);
	again = json_parse(a.p, a.len, NULL);
	copy = json_copy(j);
	assert_non_null(again);
	if (!json_equal(copy, j))
		fail_msg("%.*s: a copy differs", (int)n, text);
	json_write(&b, again);
	assert_bytes(&b, a.p, a.len);
	buf_reset(&b);
	json_write(&b, copy);
	assert_bytes(&b, a.p, a.len);
	buf_reset(&b);
	/* an empty patch makes an object of what is none */
	if (json_kind(j) == JSON_OBJECT) {
		assert_int_equal(json_patch(&b, text, n, nothing, NULL),
		    RC_OK);
		assert_bytes(&b, text, n);
	}
	json_free(nothing);
	json_free(again);
	json_free(copy);
	buf_fini(&a);
	buf_fini(&b);
}

static void
one_kind(void *ctx, const struct kind *k)
{
	int mark = k->n >= 3 && memcmp(k->text, "\xef\xbb\xbf", 3) == 0;
	struct json_doc *d = ctx;
	const struct json *doc;
	struct json *tree;
	/* of its own size, so that a sanitizer sees a step beyond it */
	char *text = malloc(k->n + 1);

	assert_non_null(text);
	memcpy(text, k->text, k->n);
	text[k->n] = '1';
	tree = json_parse(text, k->n, NULL);
	doc = json_doc_parse(d, text, k->n, NULL);
	if ((tree == NULL) != (doc == NULL) ||
	    (!mark && (tree != NULL) != skips(text, k->n)))
		fail_msg("%s: the readers differ", k->name);
	if (k->verdict != 'i' && (tree != NULL) != (k->verdict == 'y'))
		fail_msg("%s: %s", k->name, tree != NULL ? "taken" :
		    "refused");
	if (tree != NULL && !json_equal(tree, doc))
		fail_msg("%s: tree and document differ", k->name);
	if (tree != NULL)
		assert_stable(text, k->n, tree);
	json_free(tree);
	free(text);
}

static void
kinds(void **state)
{
	struct json_doc *d = json_doc_new();

	(void)state;
	assert_true(kinds_each(one_kind, d) > 200);
	json_doc_free(d);
}

/* No stack, however deep. */
static void
deep(void **state)
{
	enum { N = 100000 };
	char *text = malloc(N);
	size_t i;

	(void)state;
	assert_non_null(text);
	memset(text, '[', N);
	assert_null(json_parse(text, N, NULL));
	assert_false(skips(text, N));
	for (i = 0; i < N; i++)
		text[i] = "{\"\":"[i % 4];
	assert_null(json_parse(text, N, NULL));
	assert_false(skips(text, N));
	free(text);
}

/* ---- 100,000 documents --------------------------------------------------- */

static void
documents_stay(void **state)
{
	struct json_doc *d = json_doc_new();
	struct buf text, out;
	const struct json *doc;
	struct json *tree, *nothing = json_new(JSON_OBJECT);
	uint64_t i;

	(void)state;
	buf_init(&text, 1 << 24);
	buf_init(&out, 1 << 24);
	for (i = 0; i < 100000; i++) {
		random_doc(i, 0, &text);
		doc = json_doc_parse(d, text.p, text.len, NULL);
		if (doc == NULL)
			fail_msg("%s is refused", buf_str(&text));
		buf_reset(&out);
		json_write(&out, doc);
		assert_bytes(&out, text.p, text.len);
		random_doc(i, 1, &text);
		tree = json_parse(text.p, text.len, NULL);
		if (tree == NULL)
			fail_msg("%s is refused", buf_str(&text));
		if (i % 10 == 0)
			assert_stable(text.p, text.len, tree);
		buf_reset(&out);
		if (json_kind(tree) == JSON_OBJECT) {
			assert_int_equal(json_patch(&out, text.p, text.len,
			    nothing, NULL), RC_OK);
			assert_bytes(&out, text.p, text.len);
		}
		json_free(tree);
	}
	json_free(nothing);
	json_doc_free(d);
	buf_fini(&text);
	buf_fini(&out);
}

/* ---- numbers ------------------------------------------------------------- */

static void
numbers_by_value(void **state)
{
	static const struct {
		const char *a, *b;
		int order;
	} t[] = {
		{ "9007199254740993", "9007199254740992", 1 },
		{ "-9007199254740993", "-9007199254740992", -1 },
		{ "18446744073709551615", "18446744073709551616", -1 },
		{ "1.0", "1", 0 }, { "1e2", "100", 0 }, { "100e-2", "1", 0 },
		{ "1E+2", "100.000", 0 }, { "0", "-0.0e9", 0 },
		{ "0.1", "0.1000000000000000055511151231257827", -1 },
		{ "0.00001e5", "1", 0 }, { "0.5e-3", "5e-4", 0 },
		{ "123456789012345678901234567890",
		    "1.2345678901234567890123456789e29", 0 },
		{ "1e400", "1e399", 1 }, { "-1e400", "1e-400", -1 },
		{ "1e-400", "0", 1 }, { "-1e-400", "0", -1 },
		{ "1e400", "10e399", 0 }, { "2", "10", -1 },
		{ "1e99999999999999999999", "1e5", 1 },
		{ "1e-99999999999999999999", "0", 1 },
		{ "0e99999999999999999999", "0", 0 },
		{ "10.01", "10.1", -1 }, { "10.10", "10.1", 0 },
		{ "-1", "1", -1 }, { "-2", "-10", 1 }, { "0.0", "0.01", -1 },
	};
	size_t i;
	int c;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		c = number_compare(t[i].a, strlen(t[i].a), t[i].b,
		    strlen(t[i].b));
		if ((c > 0) - (c < 0) != t[i].order)
			fail_msg("%s and %s: %d", t[i].a, t[i].b, c);
		c = number_compare(t[i].b, strlen(t[i].b), t[i].a,
		    strlen(t[i].a));
		if ((c < 0) - (c > 0) != t[i].order)
			fail_msg("%s and %s: %d", t[i].b, t[i].a, c);
	}
}

/* DIGITSe(x+k) with the point k places to the left is the same number. */
static void
spellings_are_equal(void **state)
{
	struct random_json r = { 1, 2, 0, 0 };
	struct buf a, b;
	uint64_t n, k, i;
	int c;

	(void)state;
	buf_init(&a, 1 << 20);
	buf_init(&b, 1 << 20);
	for (i = 0; i < 20000; i++) {
		buf_reset(&a);
		buf_reset(&b);
		random_digits(&r, &a, 50);
		n = a.len;
		k = random_below(&r, 60);
		buf_puts(&b, "0.");
		for (c = 0; c < (int)k; c++)
			buf_putc(&b, '0');
		buf_add(&b, a.p, n);
		buf_printf(&b, "e%d", (int)(n + k));
		/* JSON allows no zeros in front; the comparison minds none */
		c = number_compare(a.p, a.len, b.p, b.len);
		if (c != 0)
			fail_msg("%s and %s: %d", buf_str(&a), buf_str(&b), c);
		b.p[1 + k + n] = b.p[1 + k + n] == '9' ? '8' : '9';
		c = number_compare(a.p, a.len, b.p, b.len);
		if ((c < 0) != (a.p[n - 1] != '9'))
			fail_msg("%s and %s: %d", buf_str(&a), buf_str(&b), c);
	}
	buf_fini(&a);
	buf_fini(&b);
}

/* What a number is written as does not tell how it was spelt. */
static void
equal_numbers_read_alike(void **state)
{
	static const char *const t[][3] = {
		{ "0.2", "0.20", "2e-1" }, { "0", "-0.0", "0e7" },
		{ "9007199254740993", "9007199254740993.0",
		    "9.007199254740993e15" },
		{ "-1e400", "-10e399", "-0.1e401" },
		{ "0.1000000000000000055", "0.10000000000000000550",
		    "1000000000000000055e-19" }, { "1200", "12e2", "1200.00" },
	};
	struct json *j;
	struct buf a, b;
	size_t i, k;

	(void)state;
	buf_init(&a, 1000);
	buf_init(&b, 1000);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (k = 0; k < 3; k++) {
			buf_reset(k == 0 ? &a : &b);
			j = parse(t[i][k]);
			json_write_alike(k == 0 ? &a : &b, j);
			json_free(j);
			if (k > 0)
				assert_bytes(&b, a.p, a.len);
			/* and it is that number still */
			assert_int_equal(number_compare(a.p, a.len, t[i][k],
			    strlen(t[i][k])), 0);
		}
	}
	buf_fini(&a);
	buf_fini(&b);
}

static void
integers_are_exact(void **state)
{
	static const struct {
		const char *text;
		int64_t down, near;
	} t[] = {
		{ "0", 0, 0 }, { "-0.0", 0, 0 }, { "0.4999", 0, 0 },
		{ "0.5", 0, 1 }, { "-0.5", 0, -1 }, { "0.05", 0, 0 },
		{ "9007199254740993", 9007199254740993, 9007199254740993 },
		{ "9223372036854775807", INT64_MAX, INT64_MAX },
		{ "9223372036854775808", INT64_MAX, INT64_MAX },
		{ "-9223372036854775808", INT64_MIN, INT64_MIN },
		{ "-9223372036854775807", INT64_MIN + 1, INT64_MIN + 1 },
		{ "1e3", 1000, 1000 }, { "12345e-2", 123, 123 },
		{ "12355e-1", 1235, 1236 }, { "1e400", INT64_MAX, INT64_MAX },
		{ "-1e400", INT64_MIN, INT64_MIN }, { "1e-400", 0, 0 },
		{ "9223372036854775806.9", INT64_MAX - 1, INT64_MAX },
	};
	struct json *j;
	struct jscan s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		jscan_init(&s, t[i].text, strlen(t[i].text));
		if (jscan_i64(&s, 7) != t[i].down)
			fail_msg("%s, down", t[i].text);
		j = parse(t[i].text);
		if (json_int(j, 7) != t[i].near)
			fail_msg("%s, near", t[i].text);
		json_free(j);
	}
	assert_null(json_new_digits("01"));
	assert_null(json_new_digits("1 "));
	assert_null(json_new_digits(""));
}

/* ---- equality, texts, keys ----------------------------------------------- */

static void
equality(void **state)
{
	static const struct {
		const char *a, *b;
		int equal;
	} t[] = {
		{ "9007199254740993", "9007199254740992", 0 },
		{ "[1.0, 1e2]", "[1, 100]", 1 },
		{ "{\"a\":1,\"b\":[{}]}", "{\"b\":[{}],\"a\":1.00}", 1 },
		{ "{\"a\":1}", "{\"a\":1,\"b\":null}", 0 },
		{ "{\"a\":1,\"b\":2}", "{\"a\":1,\"c\":2}", 0 },
		{ "\"a\\u0000b\"", "\"a\\u0000c\"", 0 },
		{ "\"a\\u0000b\"", "\"a\"", 0 },
		{ "\"\\u0041\"", "\"A\"", 1 },
		{ "\"\\ud800\"", "\"\\ud801\"", 0 },
		{ "\"\\ud800\"", "\"\\uD800\"", 1 },
		{ "\"\\ud800\"", "\"\\ufffd\"", 0 },
		{ "{\"k\\u0000x\":1}", "{\"k\":1}", 0 },
		{ "{\"k\":1,\"k\":2}", "{\"k\":2}", 1 },
		{ "{\"k\":1,\"k\":2}", "{\"k\":1}", 0 },
		{ "{\"k\":1,\"\\u006b\":2}", "{\"k\":2}", 1 },
		{ "[1,2]", "[2,1]", 0 }, { "null", "false", 0 },
		{ "true", "false", 0 }, { "1", "\"1\"", 0 },
	};
	struct json *a, *b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		a = parse(t[i].a);
		b = parse(t[i].b);
		if (json_equal(a, b) != t[i].equal ||
		    json_equal(b, a) != t[i].equal)
			fail_msg("%s and %s", t[i].a, t[i].b);
		json_free(a);
		json_free(b);
	}
}

static void
last_key_counts(void **state)
{
	struct json *j = parse("{\"a\":1,\"b\":{\"x\":[{\"q\":1,\"q\":2}]},"
	    "\"a\":3,\"a\":4}");
	const char *in;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(json_get_int(j, "a", 0), 4);
	assert_int_equal(json_size(j), 2);
	assert_string_equal(json_key(json_first(j)), "b");
	assert_string_equal(json_twice(j, &in), "a");
	assert_null(in);
	json_write(&b, j);
	assert_string_equal(buf_str(&b), "{\"b\":{\"x\":[{\"q\":2}]},"
	    "\"a\":4}");
	json_free(json_take(j, "a"));
	assert_null(json_get(j, "a"));
	assert_int_equal(json_set(j, "a", json_new_num(5)), RC_OK);
	assert_int_equal(json_get_int(j, "a", 0), 5);
	json_free(j);
	j = parse("[{\"b\":{\"q\":1,\"q\":2}}]");
	assert_string_equal(json_twice(j, &in), "q");
	assert_string_equal(in, "b");
	json_free(j);
	j = parse("{\"a\":{\"b\":1},\"c\":[{\"b\":1}]}");
	assert_null(json_twice(j, &in));
	json_free(j);
	buf_fini(&b);
}

/* Many members of a few names, and of one hash: no square of their number. */
static void
many_keys(void **state)
{
	enum { N = 60000 };
	struct json *j;
	struct buf b;
	int i;

	(void)state;
	buf_init(&b, 1 << 24);
	buf_putc(&b, '{');
	for (i = 0; i < N; i++)
		buf_printf(&b, "%s\"12345678%05d12345678\":%d", i > 0 ? "," :
		    "", i % (N / 2), i);
	buf_putc(&b, '}');
	j = json_parse(b.p, b.len, NULL);
	assert_non_null(j);
	assert_int_equal(json_size(j), N / 2);
	assert_int_equal(json_get_int(j, "123456780000712345678", 0),
	    N / 2 + 7);
	json_free(j);
	buf_fini(&b);
}

static void
texts_keep_nul(void **state)
{
	struct json *j = parse("[\"a\\u0000b\", \"\\u0000\", 5, \"x\"]");
	struct buf b;
	const char *s;
	size_t n;

	(void)state;
	buf_init(&b, 1000);
	s = json_text(json_at(j, 0), &n);
	assert_int_equal(n, 3);
	assert_memory_equal(s, "a\0b", 4);
	assert_null(json_text(json_at(j, 2), &n));
	assert_int_equal(n, 0);
	json_write(&b, j);
	assert_string_equal(buf_str(&b), "[\"a\\u0000b\",\"\\u0000\",5,"
	    "\"x\"]");
	/* words are C strings: two that differ behind a NUL stay apart */
	assert_string_equal(json_word(json_at(j, 0), &b), "\"a\\u0000b\"");
	assert_string_equal(json_word(json_at(j, 2), &b), "5");
	assert_string_equal(json_word(json_at(j, 3), &b), "x");
	assert_null(json_word(j, &b));
	json_free(j);
	j = json_new_strn("p\0q", 3);
	buf_reset(&b);
	json_write(&b, j);
	assert_string_equal(buf_str(&b), "\"p\\u0000q\"");
	json_free(j);
	buf_fini(&b);
}

/* ---- patches ------------------------------------------------------------- */

static void
patches(void **state)
{
	static const struct {
		const char *text, *patch, *want;
	} t[] = {
		/* RFC 7396, appendix A */
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"b\":\"c\"}",
		    "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
		{ "{\"a\":\"b\",\"b\":\"c\"}", "{\"a\":null}",
		    "{\"b\":\"c\"}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"c\"}", "{\"a\":[\"b\"]}", "{\"a\":[\"b\"]}" },
		{ "{\"a\":{\"b\":\"c\"}}", "{\"a\":{\"b\":\"d\",\"c\":null}}",
		    "{\"a\":{\"b\":\"d\"}}" },
		{ "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[1]}", "{\"a\":[1]}" },
		{ "[\"a\",\"b\"]", "[\"c\",\"d\"]", "[\"c\",\"d\"]" },
		{ "{\"a\":\"b\"}", "[\"c\"]", "[\"c\"]" },
		{ "{\"a\":\"foo\"}", "null", "null" },
		{ "{\"a\":\"foo\"}", "\"bar\"", "\"bar\"" },
		{ "{\"e\":null}", "{\"a\":1}", "{\"e\":null,\"a\":1}" },
		{ "[1,2]", "{\"a\":\"b\",\"c\":null}", "{\"a\":\"b\"}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}",
		    "{\"a\":{\"bb\":{}}}" },
		/* and no other byte */
		{ " { \"a\" : 1.0 ,\n\t\"b\":\"\\u00e9\\/\" }\r\n",
		    "{\"a\":2}", " { \"a\" : 2 ,\n\t\"b\":\"\\u00e9\\/\" }"
		    "\r\n" },
		{ "{ \"a\" : 1e2 , \"b\" : 2 , \"c\" : 3 }", "{\"b\":null}",
		    "{ \"a\" : 1e2 , \"c\" : 3 }" },
		{ "{ \"a\" : 1 , \"b\" : 2 }", "{\"b\":null}",
		    "{ \"a\" : 1  }" },
		{ "{ \"a\" : 1 , \"b\" : 2 }", "{\"a\":null,\"b\":null}",
		    "{ }" },
		{ "{ }", "{\"n\":9007199254740993}",
		    "{\"n\":9007199254740993 }" },
		{ "{\"x\":{ \"y\":[ 1,2 ], \"z\":0.10 }}",
		    "{\"x\":{\"z\":0.20,\"w\":{\"v\":null}}}",
		    "{\"x\":{ \"y\":[ 1,2 ], \"z\":0.20,\"w\":{} }}" },
		{ "{\"k\":1,\"k\":2}", "{\"k\":3}", "{\"k\":3,\"k\":3}" },
		{ "{\"k\":1,\"j\":0,\"k\":2}", "{\"k\":null}", "{\"j\":0}" },
		{ "{\"\\u006b\" :1}", "{\"k\":3}", "{\"\\u006b\" :3}" },
		{ "{\"a\\u0000\":1,\"a\":2}", "{\"a\":\"\\u0000\"}",
		    "{\"a\\u0000\":1,\"a\":\"\\u0000\"}" },
		{ "\xef\xbb\xbf{\"a\":1}", "{\"a\":2}",
		    "\xef\xbb\xbf{\"a\":2}" },
	};
	struct err err = ERR_INIT;
	struct json *p;
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 16);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p = parse(t[i].patch);
		buf_reset(&b);
		assert_int_equal(json_patch(&b, t[i].text, strlen(t[i].text),
		    p, NULL), RC_OK);
		assert_bytes(&b, t[i].want, strlen(t[i].want));
		json_free(p);
	}
	p = parse("{\"a\":1}");
	buf_reset(&b);
	assert_int_equal(json_patch(&b, "{\"b\":2,\n \"c\" 3}", 15, p, &err),
	    RC_FORMAT);
	assert_string_equal(err.msg, "line 2, column 6: not valid JSON: a "
	    "colon is missing");
	assert_int_equal(json_patch(&b, "{} x", 4, p, NULL), RC_FORMAT);
	json_free(p);
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(deep),
		cmocka_unit_test(documents_stay),
		cmocka_unit_test(numbers_by_value),
		cmocka_unit_test(spellings_are_equal),
		cmocka_unit_test(equal_numbers_read_alike),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(equality),
		cmocka_unit_test(last_key_counts),
		cmocka_unit_test(many_keys),
		cmocka_unit_test(texts_keep_nul),
		cmocka_unit_test(patches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
