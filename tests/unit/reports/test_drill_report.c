/* Reports of drills: hostile texts stay text, and missing members are none. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "reports/drill_report.h"
#include "tests/lib/check.h"

#define EVIL "<script>alert(1)</script>&\\\"' |`@x\\u0001"

static const char doc_text[] =
    "{\"verdict\":\"FAIL\",\"exit_status\":1,\"suite\":\"" EVIL "\","
    "\"path\":\"" EVIL "\",\"id\":\"" EVIL "\",\"decision\":\"" EVIL "\","
    "\"started\":\"" EVIL "\",\"targets\":{\"" EVIL "\":\"" EVIL "\"},"
    "\"scenarios\":[{\"name\":\"" EVIL "\",\"verdict\":\"FAIL\","
    "\"headline\":\"" EVIL "\",\"cause\":\"" EVIL "\",\"prevented_by\":\""
    EVIL "\",\"build\":\"" EVIL "\",\"checks\":[{\"name\":\"" EVIL
    "\",\"verdict\":\"FAIL\",\"says\":\"" EVIL "\"},{\"verdict\":\""
    "NOT_JUDGED\",\"name\":\"n\",\"says\":\"" EVIL "\"}],\"levers\":["
    "{\"lever\":\"" EVIL "\",\"did\":\"" EVIL "\",\"error\":\"" EVIL
    "\"}],\"gates\":[{\"name\":\"asked later\",\"verdict\":\"NOT_JUDGED\","
    "\"why\":\"no baseline\"},{\"name\":\"" EVIL "\",\"verdict\":\""
    EVIL "\"}]},"
    "{\"name\":\"b\",\"verdict\":\"COULD NOT RUN\",\"headline\":\"" EVIL
    "\"}]}";
static const char rows_text[] =
    "[{\"guardrail\":1,\"title\":\"" EVIL "\",\"proves\":\"" EVIL "\","
    "\"command\":\"" EVIL "\",\"verdict\":\"" EVIL "\",\"when\":\"" EVIL
    "\",\"what\":\"" EVIL "\",\"build\":\"" EVIL "\",\"held\":{\"when\":\""
    EVIL "\"},\"missing\":[\"" EVIL "\",3]}]";

static void
check(struct buf *b, const char *of, const char *const *want)
{
	if (strstr(buf_str(b), "<script>alert") != NULL)
		fail_msg("%s: a recorded element is one", of);
	if (strchr(buf_str(b), 1) != NULL)
		fail_msg("%s: a control is in it", of);
	for (; *want != NULL; want++) {
		if (strstr(buf_str(b), *want) == NULL)
			fail_msg("%s: no %s", of, *want);
	}
	buf_reset(b);
}

static void
test_hostile(void **state)
{
	static const char *const html[] = { "id=\"guardrails\"", "#s1",
		"not judged", "default-src 'none'",
		/* what was judged comes first */
		"asked later</strong><p class=\"dim small\"><bdi>no baseline"
		"</bdi></p></td><td class=\"r\" data-l=\"value\"></td><td "
		"class=\"r\" data-l=\"limit\"></td></tr>\n</tbody>", NULL };
	static const char *const junit[] = { "tests=\"3\" failures=\"1\" "
	    "errors=\"1\"", "<error type=\"COULD NOT RUN\"", "not judged: ",
		NULL };
	static const char *const md[] = { "## ", "FAIL: 2 of 2 scenarios do "
	    "not hold", NULL };
	static const char *const page[] = { "0 of 1 guardrails hold", NULL };
	struct json *doc = json_parse(doc_text, strlen(doc_text), NULL);
	struct json *rows = json_parse(rows_text, strlen(rows_text), NULL);
	struct buf b;

	(void)state;
	assert_non_null(doc);
	assert_non_null(rows);
	buf_init(&b, 1 << 24);
	drill_html(doc, rows, &b);
	check(&b, "html", html);
	drill_junit(doc, &b);
	check(&b, "junit", junit);
	drill_md(doc, &b);
	check(&b, "md", md);
	guardrails_html(rows, "0", &b);
	check(&b, "page", page);
	buf_fini(&b);
	json_free(doc);
	json_free(rows);
}

/* One scenario, and several, as people say it. */
static void
test_sentence(void **state)
{
#define PASSED "{\"verdict\":\"PASS\"}"
#define FAILED "{\"verdict\":\"FAIL\"}"
	static const struct {
		const char *list, *want;
	} rows[] = {
		{ "", "0 of 0 scenarios hold" },
		{ PASSED, "1 of 1 scenario holds" },
		{ PASSED "," PASSED, "2 of 2 scenarios hold" },
		{ FAILED, "1 of 1 scenario does not hold" },
		{ FAILED "," PASSED, "1 of 2 scenarios does not hold" },
		{ FAILED "," FAILED "," PASSED,
		    "2 of 3 scenarios do not hold" },
	};
	void (*const in[])(const struct json *, struct buf *) = { drill_md,
		drill_sentence };
	struct json *doc;
	struct buf b;
	char text[256];
	size_t i, k;

	(void)state;
	buf_init(&b, 1 << 24);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		(void)snprintf(text, sizeof(text), "{\"scenarios\":[%s]}",
		    rows[i].list);
		doc = json_parse(text, strlen(text), NULL);
		assert_non_null(doc);
		for (k = 0; k < 3; k++) {
			buf_reset(&b);
			if (k == 2)
				drill_html(doc, NULL, &b);
			else
				in[k](doc, &b);
			if (strstr(buf_str(&b), rows[i].want) == NULL)
				fail_msg("row %zu: %.300s", i, buf_str(&b));
		}
		json_free(doc);
	}
	buf_fini(&b);
}

/* The title, too. */
static void
test_hostile_verdict(void **state)
{
	static const char text[] = "{\"verdict\":\"" EVIL "\"}";
	static const char *const html[] = { "<title>&lt;script&gt;", NULL };
	struct json *doc = json_parse(text, strlen(text), NULL);
	struct buf b;

	(void)state;
	assert_non_null(doc);
	buf_init(&b, 1 << 24);
	drill_html(doc, NULL, &b);
	check(&b, "html", html);
	buf_fini(&b);
	json_free(doc);
}

/* A folder deeper than 4,000 bytes: the files are in it, not above it. */
static void
test_deep(void **state)
{
	char dir[4060] = "/tmp/lockstep-test.drill_report.XXXXXX", path[4096];
	struct err err = ERR_INIT;
	struct json *doc = json_new(JSON_OBJECT);
	size_t root, n;

	(void)state;
	assert_non_null(mkdtemp(dir));
	root = strlen(dir);
	for (n = root; n < 4000; n++)	/* "/" at 4,000, too */
		dir[n] = (4000 - n) % 100 == 0 || n == root ? '/' : 'x';
	(void)snprintf(dir + n, sizeof(dir) - n, "/below");
	assert_int_equal(drill_report_all(doc, NULL, dir, &err), RC_OK);
	(void)snprintf(path, sizeof(path), "%s/junit.xml", dir);
	assert_int_equal(access(path, F_OK), 0);
	(void)snprintf(path, sizeof(path), "%.4000s/junit.xml", dir);
	assert_int_not_equal(access(path, F_OK), 0);
	dir[root] = '\0';
	(void)snprintf(path, sizeof(path), "rm -rf '%.200s'", dir);
	assert_int_equal(system(path), 0);
	json_free(doc);
}

static void
test_empty(void **state)
{
	struct json *doc = json_new(JSON_OBJECT);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 24);
	drill_html(doc, NULL, &b);
	drill_junit(doc, &b);
	drill_md(doc, &b);
	guardrails_html(NULL, NULL, &b);
	assert_int_equal(b.bad, RC_OK);
	buf_fini(&b);
	json_free(doc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_sentence),
		cmocka_unit_test(test_hostile_verdict),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_empty) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
