/* Batches cut into requests of one, and ids called otherwise. */
#include "tests/lib/check.h"

#include "harness/suite/batch.h"
#include "harness/suite/id_map.h"

static void
test_batches(void **state)
{
	static const struct {
		const char *ptrs, *body;
		size_t n, k;
		const char *want;
	} rows[] = {
		{ "\"/q\"", "{\"q\":[\"a\",\"b\"],\"k\":3.0}", 2, 1,
		    "{\"q\":[\"b\"],\"k\":3.0}" },
		{ "[\"/q\",\"/x/v\"]", "{\"q\":[1,2],\"x\":{\"v\":[[3],[4]]}}",
		    2, 0, "{\"q\":[1],\"x\":{\"v\":[[3]]}}" },
		{ "[\"/q\",\"/x\"]", "{\"q\":[1,2],\"x\":[1]}", 0, 0, NULL },
		{ "[\"/q\",\"/gone\"]", "{\"q\":[1,2]}", 2, 1, "{\"q\":[2]}" },
		{ "\"/q\"", "{\"q\":[]}", 0, 0, NULL },
		{ "\"/q\"", "{\"q\":\"a\"}", 0, 0, NULL },
		{ "\"\"", "[{\"q\":1},{\"q\":2}]", 2, 1, "[{\"q\":2}]" },
		{ "\"/0/q\"", "[{\"q\":[12345678901234567890,2]}]", 2, 0,
		    "[{\"q\":[12345678901234567890]}]" },
		{ "null", "{\"q\":[1,2]}", 0, 0, NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json *p = json_parse(rows[i].ptrs,
		    strlen(rows[i].ptrs), NULL);
		struct json *body = json_parse(rows[i].body,
		    strlen(rows[i].body), NULL);
		struct batch b;
		struct buf out;

		assert_int_equal(batch_init(&b, p, NULL), RC_OK);
		assert_int_equal(batch_look(&b, body), rows[i].n);
		buf_init(&out, 1 << 16);
		if (rows[i].want != NULL) {
			batch_cut(&b, body, rows[i].k, &out);
			assert_string_equal(buf_str(&out), rows[i].want);
		}
		buf_fini(&out);
		batch_fini(&b);
		json_free(body);
		json_free(p);
	}
}

static void
test_ids(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "/c/0ea1-22f0-x/query", "/c/NEW/query" },
		{ "0ea1-22f0-x", "NEW" }, { "0ea1-22f0-x0ea1-22f0-x",
		    "0ea1-22f0-x0ea1-22f0-x" },
		{ "a0ea1-22f0-x", "a0ea1-22f0-x" },
		{ "0ea1-22f0-x-1", "0ea1-22f0-x-1" },
		{ "{\"c\":\"0ea1-22f0-x\",\"d\":\"x 0ea1-22f0-x y\"}",
		    "{\"c\":\"NEW\",\"d\":\"x NEW y\"}" },
		{ "/s/7/q?k=7", "/s/9/q?k=7" }, { "/s/7?x", "/s/9?x" },
		{ "/s/7", "/s/9" },
		{ "{\"s\":\"7\",\"k\":7,\"t\":\"7 days\"}",
		    "{\"s\":\"9\",\"k\":7,\"t\":\"7 days\"}" },
		/* one pass: what was put in is not looked at again */
		{ "/s/9/", "/s/7/" }, { "", "" },
	};
	struct id_map *m = id_map_new();
	struct buf out;
	size_t i;

	(void)state;
	assert_int_equal(id_map_add(m, "0ea1-22f0-x", "NEW"), RC_OK);
	assert_int_equal(id_map_add(m, "7", "9"), RC_OK);
	assert_int_equal(id_map_add(m, "9", "7"), RC_OK);
	assert_int_equal(id_map_add(m, "7", "8"), RC_OK);
	assert_int_equal(id_map_add(m, "same", "same"), RC_OK);
	assert_int_equal(id_map_n(m), 3);
	buf_init(&out, 1 << 16);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_reset(&out);
		id_map_put(m, rows[i].text, strlen(rows[i].text), &out);
		assert_string_equal(buf_str(&out), rows[i].want);
	}
	buf_fini(&out);
	id_map_free(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_batches),
		cmocka_unit_test(test_ids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
