/* Several results become one. */
#include "harness/judge/result_merge.h"

#include "tests/lib/many.h"

/* The texts of a worst case come after it, and go where it goes. */
static void
test_worst_sides(void **state)
{
	static const struct result_side sides[2] = {
		{ .answer = "before" }, { .answer = "after" },
	};
	struct result *v[2] = { many(), many() }, *r;
	const struct result_case *c;
	struct result_reader rd;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		v[i]->run.suite_name = i == 0 ? "a" : "b";
		v[i]->worst[v[i]->n_worst++] = 12345;
		v[i]->worst_sides[0] = sides;
		result_reader_init(&rd, v[i]);
		c = result_case_at(&rd, 12345);
		assert_int_equal(c->has_sides, 1);
		assert_string_equal(c->side[1].answer, "after");
		assert_int_equal(result_case_at(&rd, 12346)->has_sides, 0);
		(void)result_reader_fini(&rd);
	}
	assert_int_equal(result_merge(v, 2, 0, &r, NULL), RC_OK);
	assert_int_equal(r->n_cases, 2 * MANY);
	assert_int_equal(r->worst[1], MANY + 12345);
	result_reader_init(&rd, r);
	c = result_case_at(&rd, r->worst[1]);
	assert_string_equal(c->id, "b/c12345");
	assert_string_equal(c->side[0].answer, "before");
	(void)result_reader_fini(&rd);
	result_free(r);
	result_free(v[0]);
	result_free(v[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worst_sides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
