/* YAML as JSON: scalars of the core schema, places, anchors, bounds; places
 * of JSON texts. */
#include "tests/lib/check.h"

#include "harness/base/rng.h"
#include "harness/base/yaml.h"

static struct json *
parse(const char *text, size_t n, struct srcmap **m, struct err *err)
{
	*m = srcmap_new();
	assert_non_null(*m);
	assert_int_equal(srcmap_file(*m, "f.yml"), 0);
	return yaml_parse(text, n, *m, 0, err);
}

static void
test_values(void **state)
{
	static const struct {
		const char *yaml, *json;
	} rows[] = {
		{ "", "null" },
		{ "# only a comment\n", "null" },
		{ "a: 1\nb: [x, 'y', \"z\"]\n", "{\"a\":1,\"b\":[\"x\",\"y\","
		    "\"z\"]}" },
		{ "[true, True, TRUE, false, null, Null, NULL, ~, '', \"\"]",
		    "[true,true,true,false,null,null,null,null,\"\",\"\"]" },
		{ "[yes, no, on, off, y, n, 'true']",
		    "[\"yes\",\"no\",\"on\",\"off\",\"y\",\"n\",\"true\"]" },
		{ "[0, -7, +3, 0o17, 0xff, 1e3, 1.5, .5, 5., -1.5e-2]",
		    "[0,-7,3,15,255,1e3,1.5,0.5,5,-1.5e-2]" },
		{ "[1_000, 1:30, 12e, 0o8, 0xg, ., -, 1.2.3, 2026-01-31]",
		    "[\"1_000\",\"1:30\",\"12e\",\"0o8\",\"0xg\",\".\",\"-\","
		    "\"1.2.3\",\"2026-01-31\"]" },
		{ "[.inf, -.inf, .nan]", "[\".inf\",\"-.inf\",\".nan\"]" },
		{ "[007, 9007199254740993, -00.50, +1.0, 1.e5, 1e999]",
		    "[7,9007199254740993,-0.50,1.0,1e5,1e999]" },
		{ "[123456789012345678901234567890, 0xffffffffffffffff]",
		    "[123456789012345678901234567890,"
		    "18446744073709551615]" },
		{ "a:\nb: ~\nc:\n  - \n", "{\"a\":null,\"b\":null,"
		    "\"c\":[null]}" },
		{ "- !!str 12\n- !!int 3\n- ! x\n", "[\"12\",3,\"x\"]" },
		{ "a: &x {k: 1}\nb: *x\nc: [*x, *x]\n", "{\"a\":{\"k\":1},"
		    "\"b\":{\"k\":1},\"c\":[{\"k\":1},{\"k\":1}]}" },
		{ "d: &d {x: 1, y: 2}\ne: {<<: *d, y: 3}\n",
		    "{\"d\":{\"x\":1,\"y\":2},\"e\":{\"y\":3,\"x\":1}}" },
		{ "e: {<<: [{x: 1}, {x: 2, z: 3}]}\n",
		    "{\"e\":{\"x\":1,\"z\":3}}" },
		{ "e: {<<: &q {x: {v: 1}}, y: *q}\n",
		    "{\"e\":{\"y\":{\"x\":{\"v\":1}},\"x\":{\"v\":1}}}" },
		{ "e: {\"<<\": 1}\n", "{\"e\":{\"<<\":1}}" },
		{ "a: |\n  two\n  lines\nb: >-\n  folded\n  text\n",
		    "{\"a\":\"two\\nlines\\n\",\"b\":\"folded text\"}" },
		{ "1: a\ntrue: b\n", "{\"1\":\"a\",\"true\":\"b\"}" },
		{ "{\"a\": \"\\u00fc\", \"b\": [1, 2]}",
		    "{\"a\":\"\xc3\xbc\",\"b\":[1,2]}" },
		{ "---\na: 1\n...\n", "{\"a\":1}" },
	};
	struct srcmap *m;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct json *j = parse(rows[i].yaml, strlen(rows[i].yaml), &m,
		    &err);

		if (j == NULL)
			fail_msg("%s: %s", rows[i].yaml, err.msg);
		buf_init(&b, 1 << 16);
		json_write(&b, j);
		assert_string_equal(buf_str(&b), rows[i].json);
		buf_fini(&b);
		json_free(j);
		srcmap_free(m);
	}
}

static void
test_errors(void **state)
{
	static const struct {
		const char *yaml, *says;
	} rows[] = {
		{ "a: [1, 2\nb: 3\n", "f.yml:2:2: did not find expected ',' "
		    "or ']' while parsing a flow sequence that begins in "
		    "line 1" },
		{ "a: 1\n b: 2\n", "f.yml:2:3: mapping values are not "
		    "allowed in this context" },
		{ "a: 1\nb: 2\na: 3\n", "f.yml:3:1: key \"a\" is there twice, "
		    "first in line 1" },
		{ "a: 1\n---\nb: 2\n", "f.yml:2:1: a second document" },
		{ "? [1]\n: 2\n", "f.yml:1:3: a key must be plain text" },
		{ "a: *nobody\n", "f.yml:1:4: this alias has no finished "
		    "anchor" },
		{ "a: &a [*a]\n", "f.yml:1:8: this alias has no finished" },
		{ "a: !!python/object x\n", "f.yml:1:4: a tag that has no" },
		{ "a: !own x\n", "f.yml:1:4: a tag that has no" },
		{ "a: !own [x]\n", "f.yml:1:4: a tag that has no" },
		{ "a: !!set {x: y}\n", "f.yml:1:4: a tag that has no" },
		{ "a: \"x\\0y\"\n", "f.yml:1:4: a text has a NUL" },
		{ "a: {<<: 5}\n", "`<<` must be a mapping" },
		{ "a: {<<: {x: 1}, <<: {y: 1}}\n", "\"<<\" is there twice" },
		{ "\tb: 1\n", "f.yml:1:1: found character that cannot start "
		    "any token" },
		{ "a: \"b\n", "f.yml:2:1: found unexpected end of stream" },
	};
	struct srcmap *m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct json *j = parse(rows[i].yaml, strlen(rows[i].yaml), &m,
		    &err);

		assert_null(j);
		assert_int_equal(err.code, RC_FORMAT);
		if (strstr(err.msg, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].yaml, err.msg);
		srcmap_free(m);
	}
}

static void
check_place(const struct srcmap *m, const struct json *j, uint32_t line,
    uint32_t column, uint32_t key_line, uint32_t key_column)
{
	const struct src_pos *p = srcmap_get(m, j);

	assert_non_null(p);
	assert_int_equal(p->line, line);
	assert_int_equal(p->column, column);
	assert_int_equal(p->key_line, key_line);
	assert_int_equal(p->key_column, key_column);
}

static void
test_places(void **state)
{
	static const char text[] = "a: 1\nb:\n  - x\n  - {c: y}\n";
	struct srcmap *m;
	struct json *j = parse(text, strlen(text), &m, NULL);

	(void)state;
	check_place(m, j, 1, 1, 0, 0);
	check_place(m, json_get(j, "a"), 1, 4, 1, 1);
	check_place(m, json_at(json_get(j, "b"), 0), 3, 5, 0, 0);
	check_place(m, json_get(json_at(json_get(j, "b"), 1), "c"), 4, 9, 4,
	    6);
	assert_null(srcmap_get(m, NULL));
	json_free(j);
	srcmap_free(m);
}

static void
test_json_places(void **state)
{
	static const char text[] = "{\n \"\xc3\xbc\": [1,\n  {\"k\": \"a\\\"b\""
	    "}], \"z\":{}, \"e\":[ ], \"n\": -1.5e3\n}";
	static const char twice[] = "{\"a\": 1,\n \"a\": 2}";
	struct srcmap *m = srcmap_new();
	struct err err = ERR_INIT;
	struct json *j;

	(void)state;
	assert_int_equal(srcmap_file(m, "f.json"), 0);
	j = json_pos_parse(m, 0, text, strlen(text), NULL);
	assert_non_null(j);
	check_place(m, j, 1, 1, 0, 0);
	check_place(m, json_at(json_get(j, "\xc3\xbc"), 0), 2, 8, 0, 0);
	check_place(m, json_get(json_at(json_get(j, "\xc3\xbc"), 1), "k"), 3,
	    9, 3, 4);
	check_place(m, json_get(j, "z"), 3, 23, 3, 19);
	check_place(m, json_get(j, "n"), 3, 41, 3, 36);
	json_free(j);
	assert_null(json_pos_parse(m, 0, twice, strlen(twice), &err));
	assert_int_equal(err.code, RC_FORMAT);
	assert_string_equal(err.msg, "f.json:2:2: key \"a\" is there twice, "
	    "first in line 1");
	err = (struct err)ERR_INIT;
	assert_null(json_pos_parse(m, 0, "[1,\n 2", 7, &err));
	assert_string_equal(err.msg, "f.json:2:3: not valid JSON: a comma or "
	    "a closing bracket is missing");
	srcmap_free(m);
}

/* Whether the text is refused so; empties it. */
static void
refused(struct buf *b, const char *says)
{
	struct err err = ERR_INIT;
	struct srcmap *m;

	assert_null(parse(b->p, b->len, &m, &err));
	assert_non_null(strstr(err.msg, says));
	srcmap_free(m);
	buf_reset(b);
}

/* Aliases that grow tenfold a line, nesting without end, and size. */
static void
test_bounds(void **state)
{
	struct buf b;
	int i, k;

	(void)state;
	buf_init(&b, 16 << 20);
	buf_puts(&b, "l0: &l0 [x]\n");
	for (i = 1; i < 12; i++) {
		buf_printf(&b, "l%d: &l%d [", i, i);
		for (k = 0; k < 10; k++)
			buf_printf(&b, "%s*l%d", k > 0 ? "," : "", i - 1);
		buf_puts(&b, "]\n");
	}
	refused(&b, "more than 500000 values");
	for (i = 0; i < 100000; i++)
		buf_putc(&b, '[');
	refused(&b, "nested more than 100 deep");
	while (b.len <= YAML_BYTES_MAX)
		buf_puts(&b, "# a comment that goes on\n");
	refused(&b, "larger than 4 MiB");
	for (i = 0; i < 1100; i++)
		buf_printf(&b, "k%d: &a%d x\n", i, i);
	refused(&b, "more than 1000 anchors");
	buf_fini(&b);
}

/* Texts cut and changed at random: an answer or an error, never a crash. */
static void
test_damage(void **state)
{
	static const char text[] = "a: &x [1, {b: 'c', \"d\": |\n  t\n }, ~]\n"
	    "e: *x\nf: {<<: {g: 0x1f}, h: !!str 5}\n? i\n: - j\n";
	char copy[sizeof(text)];
	struct srcmap *m;
	uint64_t i;
	size_t n;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct err err = ERR_INIT;
		struct json *j;

		memcpy(copy, text, sizeof(text));
		n = (size_t)rng_below(1, i, 0, sizeof(text));
		copy[rng_below(1, i, 1, sizeof(text))] =
		    (char)rng_below(1, i, 2, 256);
		copy[rng_below(1, i, 3, sizeof(text))] =
		    "[]{}:,&*-|>'\" \n"[rng_below(1, i, 4, 15)];
		j = parse(copy, n, &m, &err);
		assert_true((j == NULL) == (err.code != RC_OK));
		json_free(j);
		srcmap_free(m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_json_places),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
