/* JSON: parsing with limits, pointers with `*`, merging, the writer. */
#include "tests/lib/check.h"

#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/json_split.h"

static struct json *
parse(const char *s)
{
	struct json *j = json_parse(s, strlen(s), NULL);

	assert_non_null(j);
	return j;
}

/* Whether j is written as want. */
static void
assert_text(const struct json *j, const char *want)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	json_write(&b, j);
	assert_string_equal(buf_str(&b), want);
	buf_fini(&b);
}

static void
errors_have_a_place(void **state)
{
	static const struct {
		const char *s, *said;
	} t[] = {
		{ "", "line 1, column 1" },
		{ "{\"a\": 1,\n  \"b\": }", "line 2" },
		{ "[1] x", "line 1, column 5" },
		{ "nul", "not valid JSON" },
		{ "{\"a\":1", "not valid JSON" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err err = ERR_INIT;

		assert_null(json_parse(t[i].s, strlen(t[i].s), &err));
		assert_int_equal(err.code, RC_FORMAT);
		if (strstr(err.msg, t[i].said) == NULL)
			fail_msg("%s: said \"%s\"", t[i].s, err.msg);
	}
}

static void
depth_is_bounded(void **state)
{
	char deep[20001];
	struct err err = ERR_INIT;
	struct json *j;

	(void)state;
	memset(deep, '[', 10000);
	memset(deep + 10000, ']', 10000);
	assert_null(json_parse(deep, 20000, &err));
	assert_int_equal(err.code, RC_FORMAT);
	j = json_parse(deep + 9500, 1000, NULL);
	assert_non_null(j);
	json_free(j);
}

static void
values_of_the_wrong_kind(void **state)
{
	static const char *const some[] = { "none", "b", "s", NULL };
	static const char *const none[] = { "none", NULL };
	struct json *j = parse("{\"n\": 1e300, \"s\": \"x\", \"b\": true}");

	(void)state;
	assert_ptr_equal(json_get_any(j, some), json_get(j, "b"));
	assert_null(json_get_any(j, none));
	assert_null(json_get_any(NULL, some));
	assert_int_equal(json_get_int(j, "n", 0), INT64_MAX);
	assert_int_equal(json_get_int(j, "s", 7), 7);
	assert_null(json_get_str(j, "n"));
	assert_int_equal(json_get_bool(j, "b", 0), 1);
	assert_int_equal(json_kind(json_get(j, "none")), JSON_NONE);
	assert_null(json_at(j, 0));
	assert_int_equal(json_size(NULL), 0);
	json_free(j);
}

static int
add_num(void *ctx, const struct json *v)
{
	*(double *)ctx += json_num(v, 0);
	return 0;
}

static void
pointers(void **state)
{
	static const struct {
		const char *ptr;
		double sum;
	} t[] = {
		{ "/a/0/x", 1 }, { "/a/*/x", 6 }, { "/a~1b", 10 },
		{ "/m~0n", 20 }, { "/*/0/x", 1 }, { "/a/3/x", 0 },
		{ "/a/00/x", 0 }, { "/a/-1/x", 0 }, { "/", 40 },
	};
	struct json *j = parse("{\"a\": [{\"x\":1},{\"x\":2},{\"x\":3}],"
	    "\"a/b\": 10, \"m~n\": 20, \"\": 40}");
	struct json_ptr *p;
	double sum;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		p = json_ptr_new(t[i].ptr, NULL);
		assert_non_null(p);
		sum = 0;
		(void)json_ptr_each(p, j, add_num, &sum);
		assert_near(sum, t[i].sum, 0);
		json_ptr_free(p);
	}
	p = json_ptr_new("", NULL);
	assert_ptr_equal(json_ptr_find(p, j), j);
	json_ptr_free(p);
	json_free(j);
}

static void
bad_pointers(void **state)
{
	static const char *const bad[] = { "a", "a/b", "/a~", "/a~2" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;

		assert_null(json_ptr_new(bad[i], &err));
		assert_int_equal(err.code, RC_FORMAT);
	}
}

/* RFC 7396, appendix A, the cases that concern objects. */
static void
merge_patch(void **state)
{
	static const struct {
		const char *target, *patch, *want;
	} t[] = {
		{ "{\"a\":\"b\"}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"b\":\"c\"}",
		    "{\"a\":\"b\",\"b\":\"c\"}" },
		{ "{\"a\":\"b\"}", "{\"a\":null}", "{}" },
		{ "{\"a\":[\"b\"]}", "{\"a\":\"c\"}", "{\"a\":\"c\"}" },
		{ "{\"a\":{\"b\":\"c\"}}",
		    "{\"a\":{\"b\":\"d\",\"c\":null}}",
		    "{\"a\":{\"b\":\"d\"}}" },
		{ "{}", "{\"a\":{\"bb\":{\"ccc\":null}}}",
		    "{\"a\":{\"bb\":{}}}" },
		{ "{\"a\":[1]}", "{\"a\":{\"b\":[null],\"c\":null}}",
		    "{\"a\":{\"b\":[null]}}" },
	};
	struct json *j, *p;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		j = parse(t[i].target);
		p = parse(t[i].patch);
		assert_int_equal(json_merge(j, p), RC_OK);
		assert_text(j, t[i].want);
		json_free(j);
		json_free(p);
	}
}

static void
strings_are_escaped(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_write_str(&b, "a\"\\\n\x01\x7f\xc3\xa9\xff\xed\xa0\x80", 12);
	assert_string_equal(buf_str(&b), "\"a\\\"\\\\\\n\\u0001\\u007f\xc3\xa9"
	    "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
	buf_fini(&b);
}

static void
numbers_read_back(void **state)
{
	static const struct {
		double v;
		const char *want;
	} t[] = {
		{ 0, "0" }, { .1, "0.1" }, { 1e21, "1e+21" },
		{ -3, "-3" }, { 1.0 / 3, "0.3333333333333333" },
		{ 9007199254740991.0, "9007199254740991" },
		{ NAN, "null" }, { INFINITY, "null" },
	};
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		buf_init(&b, 100);
		json_write_num(&b, t[i].v);
		assert_string_equal(buf_str(&b), t[i].want);
		if (isfinite(t[i].v))
			assert_true(strtod(buf_str(&b), NULL) == t[i].v);
		buf_fini(&b);
	}
}

static void
pretty_and_compact(void **state)
{
	struct json_out o;
	struct buf b;
	int pretty;

	(void)state;
	for (pretty = 0; pretty < 2; pretty++) {
		buf_init(&b, 1000);
		json_out_init(&o, &b, pretty);
		json_out_obj(&o);
		json_out_key(&o, "a");
		json_out_arr(&o);
		json_out_int(&o, 1);
		json_out_str(&o, NULL);
		json_out_end(&o, ']');
		json_out_key(&o, "b");
		json_out_obj(&o);
		json_out_end(&o, '}');
		json_out_end(&o, '}');
		assert_string_equal(buf_str(&b), pretty ?
		    "{\n  \"a\": [\n    1,\n    null\n  ],\n  \"b\": {}\n}" :
		    "{\"a\":[1,null],\"b\":{}}");
		buf_fini(&b);
	}
}

static void
members(void **state)
{
	struct json *j = json_new(JSON_ARRAY);
	struct json_out o;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	json_out_init(&o, &b, 0);
	json_out_obj(&o);
	json_put_str(&o, "s", "x");
	json_put_str(&o, "none", NULL);
	json_put_num(&o, "num", .5);
	json_put_num(&o, "nan", NAN);
	json_put_int(&o, "int", INT64_MIN);
	json_put_count(&o, "count", 3);
	json_put_bool(&o, "bool", 1);
	json_put_json(&o, "json", j);
	json_out_end(&o, '}');
	assert_string_equal(buf_str(&b), "{\"s\":\"x\",\"none\":null,"
	    "\"num\":0.5,\"nan\":null,\"int\":-9223372036854775808,"
	    "\"count\":3,\"bool\":true,\"json\":[]}");
	buf_fini(&b);
	json_free(j);
}

/* Whether both parsers say the same of n bytes. */
static void
assert_same(struct json_doc *d, const char *s, size_t n)
{
	struct err e1 = ERR_INIT, e2 = ERR_INIT;
	struct json *slow = json_parse(s, n, &e1);
	const struct json *fast = json_doc_parse(d, s, n, &e2);
	struct buf b;

	if ((slow == NULL) != (fast == NULL) || strcmp(e1.msg, e2.msg) != 0)
		fail_msg("%.*s: \"%s\" and \"%s\"", (int)n, s, e1.msg, e2.msg);
	if (slow == NULL)
		return;
	buf_init(&b, 1 << 20);
	json_write(&b, slow);
	assert_text(fast, buf_str(&b));
	buf_fini(&b);
	json_free(slow);
}

static const char *const documents[] = {
	"{\"answer\": \"a\\n\\\"b\\\" \\\\ \\/ \\u00e9 \\ud83d\\ude00 c\", "
	    "\"n\": [1, -2.5, "
	    "1e3, 0.1, 123456789012345, 1234567890123456789, -0, 3.14159], "
	    "\"t\": [true, false, null, {}, [], "
	    "{\"\\u0061b\": {\"c\": [[]]}}]}",
	"[\"\\ud800\", \"x\\u0000y\"]", "[01, 1., .5, +1, 1e, --1]", "[1.]",
	"[-]", "[1.5.2]", "[1e400, -1e400, 1e-400]", "\"\\q\"", "\"open",
	"\"back\\", "{\"a\":1,\"a\":2}", "{\"a\"}", "{1:2}", "[1,]", "{,}",
	"\xef\xbb\xbf[1]", "[\x01]", "nulls", "truth", "\"\xff\xfe\"", " 7 ",
	"[1234567890.12345678901234567]", "99999999999999999999",
	"0.000000000000001", "123456789.123456789",
	"[0.30000000000000004, 2.2250738585072014e-308, 100000000000000.5]",
};

static void
documents_read_as_trees_do(void **state)
{
	struct json_doc *d = json_doc_new();
	char text[512];
	uint32_t x = 7;
	size_t i, n;
	int k;

	(void)state;
	assert_non_null(d);
	for (i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
		assert_same(d, documents[i], strlen(documents[i]));
	for (k = 0; k < 20000; k++) {
		x = x * 1664525 + 1013904223;
		n = strlen(documents[0]);
		memcpy(text, documents[0], n);
		text[(x >> 8) % n] = "\"\\{}[],:u0e.-\n\0x"[x >> 4 & 15];
		assert_same(d, text, n - (x >> 28));
	}
	json_doc_free(d);
}

/* A doc is used again and again: what it holds must not pile up. */
static void
documents_give_back(void **state)
{
	struct json_doc *d = json_doc_new();
	char *big = malloc(3 << 20);
	const struct json *j;
	int i;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', 3 << 20);
	big[0] = '"';
	big[(3 << 20) - 1] = '"';
	for (i = 0; i < 50; i++) {
		j = json_doc_parse(d, big, 3 << 20, NULL);
		assert_int_equal(strlen(json_str(j)), (3 << 20) - 2);
		assert_int_equal(json_int(json_at(json_doc_parse(d, "[4, 5]",
		    6, NULL), 1), 0), 5);
		assert_null(json_doc_parse(d, "[", 1, NULL));
	}
	json_doc_free(d);
	free(big);
}

/* ---- split -------------------------------------------------------------- */

/* Elements of `cases` as text, a line each. */
static int
take_element(void *ctx, const struct json *j, struct err *err)
{
	struct buf *b = ctx;

	(void)err;
	json_write(b, j);
	buf_putc(b, '\n');
	return RC_OK;
}

static void
save_text(const char *path, const char *text, size_t n)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

/* Split and whole, a document is the same, or wrong at the same place. */
static void
split_as_whole(const char *path, const char *text, size_t n)
{
	struct err a = ERR_INIT, b = ERR_INIT;
	struct json *whole, *rest, *j;
	struct buf got, want;

	buf_init(&got, 1 << 24);
	buf_init(&want, 1 << 24);
	save_text(path, text, n);
	whole = json_load(path, 1 << 24, &a);
	rest = json_split(path, "cases", 1 << 24, take_element, &got, &b);
	if ((whole == NULL) != (rest == NULL))
		fail_msg("%.*s: \"%s\" and \"%s\"", (int)n, text, a.msg,
		    b.msg);
	if (whole == NULL) {
		assert_int_equal(b.code, RC_FORMAT);
		/* of a torn text it is the end, or the last line's */
		if (text[n - (n > 0)] != '\n' &&
		    strncmp(a.msg, b.msg, strcspn(a.msg, ",")) != 0)
			fail_msg("%.*s: \"%s\" and \"%s\"", (int)n, text,
			    a.msg, b.msg);
	}
	for (j = json_first(json_get(whole, "cases")); j != NULL;
	    j = json_next(j))
		(void)take_element(&want, j, NULL);
	for (j = json_first(json_get(rest, "cases")); j != NULL;
	    j = json_next(j))
		(void)take_element(&got, j, NULL);
	if (whole != NULL)
		assert_string_equal(buf_str(&got), buf_str(&want));
	buf_fini(&got);
	buf_fini(&want);
	json_free(whole);
	json_free(rest);
}

/* Every prefix and every change of one byte. */
static void
split_of_what_is_broken(void **state)
{
	static const char doc[] = "{\"a\":[1,{\"cases\":[3]}],\"k\":\"cases\","
	    "\n \"cases\" : [ {\"x\":\"[}\\\"\\\\\"} ,[1],\n\n\"s,]\", 7,\n"
	    "null] ,\"z\":{}\n}\n";
	static const char bytes[] = "{}[]\",:\\\n 0x";
	char path[] = "/tmp/test_json.XXXXXX", text[sizeof(doc)];
	size_t i, k;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	for (i = 0; i <= sizeof(doc) - 1; i++)
		split_as_whole(path, doc, i);
	for (i = 0; i < sizeof(doc) - 1; i++) {
		for (k = 0; k < sizeof(bytes) - 1; k++) {
			memcpy(text, doc, sizeof(doc));
			text[i] = bytes[k];
			split_as_whole(path, text, sizeof(doc) - 1);
		}
	}
	(void)unlink(path);
}

/* Across the pieces in which a file is read, wherever they end. */
static void
split_of_what_is_long(void **state)
{
	char path[] = "/tmp/test_json.XXXXXX";
	struct buf b;
	size_t pad, i;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	buf_init(&b, 1 << 24);
	for (pad = 65500; pad < 65560; pad++) {
		buf_reset(&b);
		buf_printf(&b, "{\"p\":\"%*d\",\"cases\":[", (int)pad, 1);
		for (i = 0; i < 3; i++)
			buf_printf(&b, "%s\n{\"i\":-1.25e-%zu,\"t\":\"%*d\"}",
			    i > 0 ? "," : "", i, i == 1 ? 70000 : 3, 2);
		buf_puts(&b, ",12345\n],\"last\":true}");
		split_as_whole(path, b.p, b.len);
		b.p[b.len - 20] = '?';
		split_as_whole(path, b.p, b.len);
	}
	buf_fini(&b);
	(void)unlink(path);
}

static void
split_has_places_and_limits(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "{\"cases\":[1,\n  {\"a\":1},\n  {\"b\" 2}]}",
		    "line 3, column 8: not" },
		{ "{\"cases\":[1,\n {\"a\":\n1}\n, {\"b\":1} {}]}",
		    "line 4, column " },
		{ "{\"x\":1,\n\"cases\":[[]\n]}\n}", "line 4, column 1: not" },
		{ "{\"cases\":[\"0123456789012345678901234567890123456789\"]}",
		    "larger than 40 bytes" },
	};
	char path[] = "/tmp/test_json.XXXXXX";
	struct err err;
	struct buf b;
	size_t i;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	buf_init(&b, 1 << 16);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		memset(&err, 0, sizeof(err));
		save_text(path, bad[i].text, strlen(bad[i].text));
		assert_null(json_split(path, "cases", i == 3 ? 40 : 1 << 16,
		    take_element, &b, &err));
		assert_int_equal(err.code, RC_FORMAT);
		if (strstr(err.msg, bad[i].says) == NULL ||
		    strstr(err.msg, path) == NULL)
			fail_msg("%s: %s", bad[i].text, err.msg);
	}
	buf_fini(&b);
	(void)unlink(path);
	memset(&err, 0, sizeof(err));
	assert_null(json_split(path, "cases", 40, take_element, &b, &err));
	assert_int_equal(err.code, RC_IO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(errors_have_a_place),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(values_of_the_wrong_kind),
		cmocka_unit_test(pointers),
		cmocka_unit_test(bad_pointers),
		cmocka_unit_test(merge_patch),
		cmocka_unit_test(strings_are_escaped),
		cmocka_unit_test(numbers_read_back),
		cmocka_unit_test(pretty_and_compact),
		cmocka_unit_test(members),
		cmocka_unit_test(documents_read_as_trees_do),
		cmocka_unit_test(documents_give_back),
		cmocka_unit_test(split_of_what_is_broken),
		cmocka_unit_test(split_of_what_is_long),
		cmocka_unit_test(split_has_places_and_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
