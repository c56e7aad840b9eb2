/* The rate of false alarms: arms relabelled, every gate judged again. */
#include "tests/unit/judge/verdict_rules.h"

#include "harness/base/rng.h"
#include "harness/score/cells.h"
#include "tests/lib/threads.h"

/* Relabelled arms: gates fail on equal stacks no more than they promise, and
 * a stack that differs does not spoil the figure. */
static void
test_false_alarm(void **state)
{
	struct made w;
	struct result *r;

	(void)state;
	made_init(&w, 100, "", 1);
	tail(&w);
	r = made_judge(&w);
	assert_true(r->trust.aa_false_alarm >= 0);
	assert_true(r->trust.aa_false_alarm <= .05);
	result_free(r);
	made_fini(&w);
}

/* Of equal stacks: the rate that runs tell of themselves is the rate at which
 * such runs FAIL. */
static void
test_equal(void **state)
{
	enum { RUNS = 60 };
	struct made w;
	struct result *r;
	double told = 0, failed = 0;
	unsigned k;

	(void)state;
	for (k = 0; k < RUNS; k++) {
		made_init(&w, 20 + k, "gates: {latency: false}\n", 1);
		w.jitter = .2;
		use_threads(k % 2 == 0 ? 1 : 4);
		r = made_judge(&w);
		told += r->trust.aa_false_alarm / RUNS;
		failed += (r->verdict == VERDICT_FAIL) / (double)RUNS;
		result_free(r);
		made_fini(&w);
	}
	assert_true(told <= .02);
	assert_true(failed <= .035);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_false_alarm),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
