/* The calendar's times, windows and rules. */
#include <string.h>

#include "harness/drill/calendar.h"
#include "tests/lib/check.h"

static void
test_times(void **state)
{
	static const struct {
		const char *text;
		int end;
		int64_t want;	/* -1: none */
	} rows[] = {
		{ "1970-01-02T00:00:01Z", 0, 86401 },
		{ "1970-01-02T00:01Z", 0, 86460 },
		{ "1970-01-02", 0, 86400 },
		{ "1970-01-02", 1, 172799 },
		{ "1970-01-02T00:00:01Z", 1, 86401 },
		{ "2025-11-27T00:00:00Z", 0, 1764201600 },
		{ "yesterday", 0, -1 },
		{ "2025-11-27T00:00:00+01:00", 0, -1 },
		{ "", 0, -1 },
		{ NULL, 0, -1 },
	};
	int64_t got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = -1;
		assert_int_equal(calendar_time(rows[i].text, rows[i].end,
		    &got), rows[i].want < 0 ? -1 : 0);
		assert_int_equal(got, rows[i].want);
	}
}

static struct json *
parse(const char *text)
{
	struct json *j = json_parse(text, strlen(text), NULL);

	assert_non_null(j);
	return j;
}

static void
test_windows(void **state)
{
	static const char window[] = "{\"kind\": \"hard_freeze\", "
	    "\"start\": \"1970-01-02\", \"end\": \"1970-01-03\", "
	    "\"regions\": [\"eu\", \"us\"], \"scope\": [\"index\"]}";
	static const struct {
		struct change c;
		int want;
	} rows[] = {
		{ { 86399, NULL, NULL, NULL }, 0 },
		{ { 86400, NULL, NULL, NULL }, 1 },
		{ { 259199, "eu", "index", NULL }, 1 },
		{ { 259200, "eu", "index", NULL }, 0 },
		{ { 90000, "EU", NULL, NULL }, 1 },
		{ { 90000, "ap", NULL, NULL }, 0 },
		{ { 90000, "us", "llm", NULL }, 0 },
	};
	struct json *w = parse(window), *bad = parse("{\"start\": \"x\"}");
	struct json *turned = parse("{\"start\": \"1970-01-03\", "
	    "\"end\": \"1970-01-01\"}");
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(calendar_active(w, &rows[i].c),
		    rows[i].want);
	assert_int_equal(calendar_active(bad, &rows[0].c), -1);
	assert_int_equal(calendar_active(turned, &rows[0].c), -1);
	json_free(w);
	json_free(bad);
	json_free(turned);
}

static void
test_rules(void **state)
{
	static const struct {
		const char *rule, *window, *tier;
		int want, by_kind;
	} rows[] = {
		{ "{\"kind\": \"hard_freeze_active\"}",
		    "{\"kind\": \"hard_freeze\"}", "T0", 1, 0 },
		{ "{\"kind\": \"hard_freeze_active\"}",
		    "{\"kind\": \"soft_freeze\"}", "T3", 0, 1 },
		{ "{\"kind\": \"soft_freeze_active_and_tier_in\", "
		    "\"tiers\": [\"T2\", \"T3\"]}",
		    "{\"kind\": \"soft_freeze\"}", "T2", 1, 1 },
		{ "{\"kind\": \"soft_freeze_active_and_tier_in\", "
		    "\"tiers\": [\"T2\", \"T3\"]}",
		    "{\"kind\": \"soft_freeze\"}", "T1", 0, 0 },
		{ "{\"kind\": \"vendor_freeze_active\"}",
		    "{\"kind\": \"vendor_freeze\"}", "T1", 1, 1 },
		{ "{}", "{\"kind\": \"vendor_freeze\"}", NULL, 0, 1 },
	};
	struct change c = { 0, NULL, NULL, NULL };
	struct json *r, *w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = parse(rows[i].rule);
		w = parse(rows[i].window);
		c.tier = rows[i].tier;
		assert_int_equal(calendar_forbids(r, w, &c), rows[i].want);
		assert_int_equal(calendar_forbids_by_kind(w, &c),
		    rows[i].by_kind);
		json_free(r);
		json_free(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_windows),
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
