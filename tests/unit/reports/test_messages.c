/* Drafts for users: how many questions they say are wrong, since when. */
#include <string.h>

#include "harness/base/json.h"
#include "reports/reports.h"
#include "tests/lib/check.h"

static void
test_share(void **state)
{
	static const struct {
		uint64_t cases, worse;
		const char *says;
	} rows[] = {
		{ 300, 0, "Some answers are wrong, missing or late." },
		{ 300, 1, "Fewer than 1 in 100 questions are" },
		{ 200, 1, "About 1 in 100 questions are" },
		{ 100, 7, "About 7 in 100 questions are" },
	};
	const struct report_format *f = report_format_of("messages");
	struct report_opts opts = { 0 };
	struct result *r;
	struct buf b;
	size_t i;

	(void)state;
	assert_non_null(f);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = result_new();
		assert_non_null(r);
		r->verdict = VERDICT_FAIL;
		r->n_cases = rows[i].cases;
		r->count.worse = rows[i].worse;
		buf_init(&b, 1 << 16);
		f->write(r, &opts, &b);
		assert_int_equal(b.bad, RC_OK);
		if (strstr(buf_str(&b), rows[i].says) == NULL)
			fail_msg("%s not in %s", rows[i].says, buf_str(&b));
		r->n_cases = 0;
		buf_fini(&b);
		result_free(r);
	}
}

/* A run that does not say when it began: the times are to be filled in. */
static void
test_start(void **state)
{
	static const struct {
		char started[32];
		const char *says, *due;
	} rows[] = {
		{ "2025-11-26T12:00:00.123456789Z", "Since 2025-11-26 12:00 "
		    "UTC some of our answers are wrong or missing. We are "
		    "looking into it. Next message by 2025-11-26 12:30 UTC.",
		    "2025-11-26T12:10:00Z" },
		{ "1970-01-01T00:00:00Z", "Since 1970-01-01 00:00 UTC",
		    "1970-01-01T00:10:00Z" },
		{ "", "Since <time> UTC some of our answers are wrong or "
		    "missing. We are looking into it. Next message by <time> "
		    "UTC.", NULL },
		{ "yesterday", "Since <time> UTC", NULL },
		{ "9999-01-01T00:00:00Z", "Since <time> UTC", NULL },
		{ "1969-12-31T23:59:59Z", "Since <time> UTC", NULL },
	};
	const struct report_format *f = report_format_of("messages");
	struct report_opts opts = { 0 };
	struct result *r;
	struct json *j;
	struct buf b;
	size_t i;
	const char *due;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = result_new();
		assert_non_null(r);
		r->run.started = i == 2 ? NULL : rows[i].started;
		buf_init(&b, 1 << 16);
		f->write(r, &opts, &b);
		j = json_parse(buf_str(&b), strcspn(buf_str(&b), "\n"), NULL);
		assert_non_null(j);
		if (strstr(json_get_str(j, "text"), rows[i].says) == NULL)
			fail_msg("row %zu: %s", i, json_get_str(j, "text"));
		due = json_get_str(j, "due");
		assert_true((due == NULL) == (rows[i].due == NULL));
		if (due != NULL)
			assert_string_equal(due, rows[i].due);
		json_free(j);
		buf_fini(&b);
		r->run.started = NULL;
		result_free(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
		cmocka_unit_test(test_start),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
