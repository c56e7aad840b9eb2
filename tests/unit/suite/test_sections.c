/* Reading the sections file: what it accepts, and how it refuses. */
#include <unistd.h>

#include "harness/suite/sections.h"

#include "harness/base/buf.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

static int
open_text(const char *text, size_t n, struct sections **out, struct err *err)
{
	char path[] = "/tmp/sections.XXXXXX";
	int fd = mkstemp(path), rc;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, n), n);
	assert_int_equal(close(fd), 0);
	*err = (struct err)ERR_INIT;
	rc = sections_open(path, out, err);
	(void)unlink(path);
	return rc;
}

static void
test_reads(void **state)
{
	static const char text[] =
	    "{\"section_id\":\"a\",\"text\":\"one\",\"doc_id\":\"d\","
	    "\"title\":\"t\",\"source_url\":\"u\",\"more\":[1,2]}\r\n"
	    "\n"
	    "{\"id\":7,\"text\":\"zw\\u00f6lf\"}";
	struct sections *s;
	struct err err;

	(void)state;
	assert_int_equal(open_text(text, strlen(text), &s, &err), RC_OK);
	assert_int_equal(sections_n(s), 2);
	assert_string_equal(sections_at(s, 0)->id, "a");
	assert_string_equal(sections_at(s, 0)->doc_id, "d");
	assert_string_equal(sections_at(s, 0)->source_url, "u");
	assert_string_equal(sections_find(s, "7")->text, "zw\xc3\xb6lf");
	assert_int_equal(sections_find(s, "7")->text_n, 6);
	assert_null(sections_find(s, "7")->title);
	assert_null(sections_find(s, "b"));
	assert_null(sections_find(NULL, "a"));
	assert_int_equal(strlen(sections_hash(s)), 32);
	sections_close(&s);
	assert_null(s);
	sections_close(&s);
}

static void
test_many(void **state)
{
	struct sections *s;
	struct err err;
	struct buf b;
	char id[32];
	size_t i, n = 5000;

	(void)state;
	buf_init(&b, 1 << 22);
	for (i = 0; i < n; i++)
		buf_printf(&b, "{\"section_id\":\"s%zu\",\"text\":\"%zu\"}\n",
		    i, i * 3);
	assert_int_equal(open_text(buf_str(&b), b.len, &s, &err), RC_OK);
	for (i = 0; i < n; i++) {
		(void)snprintf(id, sizeof(id), "s%zu", i);
		assert_ptr_equal(sections_find(s, id), sections_at(s, i));
	}
	sections_close(&s);
	buf_fini(&b);
}

static void
test_refuses(void **state)
{
#define GOOD "{\"section_id\":\"a\",\"text\":\"one\"}\n"
	static const struct {
		const char *text, *says;
	} t[] = {
		{ "", "no sections" },
		{ "\n\n", "no sections" },
		{ GOOD "[1]", ":2: not a JSON object" },
		{ GOOD "{\"text\":\"x\"}", ":2: no section_id" },
		{ GOOD "{\"section_id\":\"\",\"text\":\"x\"}",
		    ":2: \"section_id\" is \"\"" },
		{ GOOD "{\"section_id\":\"b\"}", "\"b\" has no text" },
		{ GOOD "{\"section_id\":\"b\",\"text\":4}",
		    ":2: \"text\" is 4; it must be text" },
		{ GOOD "{\"section_id\":\"b\",\"text\":\" \\n\"}",
		    ":2: \"text\" is " },
		{ GOOD "{\"section_id\":[\"b\"],\"text\":\"x\"}",
		    ":2: \"section_id\" is [\"b\"]" },
		{ GOOD "{\"sectoin_id\":\"b\",\"text\":\"x\"}",
		    ":2: unknown member \"sectoin_id\"; did you mean "
		    "\"section_id\"?" },
		{ GOOD "{\"section_id\":\"b\",\"text\":\"x\",\"text\":"
		    "\"y\"}", ":2: \"text\" is there twice" },
		{ GOOD "{\"section_id\":\"b\",\"text\":\"\xff\"}",
		    ":2: byte 27 (0xff) is not UTF-8" },
		{ GOOD "{\"section_id\":\"a \",\"text\":\"x\"}",
		    ":2: section_id \"a \" looks the same as another" },
		{ "{\"section_id\":\"\xc3\xa9\",\"text\":\"x\"}\n"
		    "{\"section_id\":\"e\xcc\x81\",\"text\":\"x\"}",
		    ":2: section_id \"e\xcc\x81\" looks the same" },
		{ GOOD "\n" GOOD, ":3: section_id \"a\" is there twice" },
		{ GOOD "{\"section_id\":", ":2" },
	};
#undef GOOD
	struct sections *s;
	struct err err;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		assert_int_equal(open_text(t[i].text, strlen(t[i].text), &s,
		    &err), RC_FORMAT);
		assert_null(s);
		if (strstr(err.msg, t[i].says) == NULL)
			fail_msg("row %zu: %s", i, err.msg);
	}
	err = (struct err)ERR_INIT;
	assert_int_equal(sections_open("/nonexistent/s.jsonl", &s, &err),
	    RC_IO);
	assert_non_null(strstr(err.msg, "/nonexistent/s.jsonl"));
}

/* A line beyond the limit is refused before it is parsed. */
static void
test_long_line(void **state)
{
	size_t n = SECTIONS_LINE_MAX + 1000;
	char *text = malloc(n);
	struct sections *s;
	struct err err;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', n);
	assert_int_equal(open_text(text, n, &s, &err), RC_NOMEM);
	assert_non_null(strstr(err.msg, ":1: a line of more than 16 MiB"));
	free(text);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_refuses),
		cmocka_unit_test(test_long_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
