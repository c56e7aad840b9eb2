/* Drafts for users: how many questions they say are wrong. */
#include <string.h>

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
	};

	return cmocka_run_group_tests_name("messages", tests, NULL, NULL);
}
