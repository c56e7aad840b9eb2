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
	for (i = 0; i < CASE_V_N; i++)
		assert_int_equal(r->count.of[i], 2 * v[0]->count.of[i]);
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

/* Suites of one name, or of names that ids could mix up. */
static void
test_alike(void **state)
{
	static const struct {
		const char *name[2], *id[2];
	} t[] = {
		{ { "a", "b" }, { "a/x", "b/x" } },
		{ { "a", "ab" }, { "a/x", "ab/x" } },
		{ { "a", "a" }, { "a (one/s.yml)/x", "a (two/s.yml)/x" } },
		{ { "a", "a/b" }, { "a (one/s.yml)/x", "a/b (two/s.yml)/x" } },
	};
	struct err err = ERR_INIT;
	struct result *v[2], *r;
	struct result_case c;
	struct result_reader rd;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		for (k = 0; k < 2; k++) {
			v[k] = result_new();
			assert_non_null(v[k]);
			v[k]->headline = "";
			v[k]->run.suite_name = t[i].name[k];
			v[k]->run.suite_path = k == 0 ? "one/s.yml" :
			    "two/s.yml";
			result_case_init(&c);
			c.id = "x";
			assert_int_equal(result_case_add(v[k], &c, &err),
			    RC_OK);
		}
		assert_int_equal(result_merge(v, 2, 0, &r, NULL), RC_OK);
		result_reader_init(&rd, r);
		for (k = 0; k < 2; k++)
			assert_string_equal(result_case_at(&rd,
			    (size_t)k)->id, t[i].id[k]);
		/* what was merged is as it was */
		for (k = 0; k < 2; k++)
			assert_string_equal(v[k]->run.suite_name,
			    t[i].name[k]);
		(void)result_reader_fini(&rd);
		result_free(r);
		result_free(v[0]);
		result_free(v[1]);
	}
}

/* What was asked again is told of each suite by its name. */
static void
test_again(void **state)
{
	struct result_again cases[2] = {
		{ .id = "x", .index = 0, .good = { 8, 0 },
		    .answered = { 8, 8 }, .p = .0001, .is = AGAIN_LOST },
		{ .id = "y", .index = 0, .good = { 8, 8 },
		    .answered = { 8, 8 }, .p = 1, .is = AGAIN_NOISE },
	};
	static const char *const says[] = { "1 lost", "1 noise", NULL };
	struct err err = ERR_INIT;
	struct result *v[3], *r;
	struct result_case c;
	int k;

	(void)state;
	for (k = 0; k < 3; k++) {
		v[k] = result_new();
		assert_non_null(v[k]);
		v[k]->run.suite_name = k == 0 ? "a" : k == 1 ? "b" : "c";
		result_case_init(&c);
		c.id = k == 0 ? "x" : "y";
		assert_int_equal(result_case_add(v[k], &c, &err), RC_OK);
		v[k]->again.known = k < 2;
		v[k]->again.say = says[k];
		v[k]->again.cases = k < 2 ? &cases[k] : NULL;
		v[k]->again.n = k < 2;
		v[k]->again.p = k < 2 ? cases[k].p : NAN;
		v[k]->again.repeats = k < 2 ? 8 : 0;
		v[k]->again.lost = k == 0;
		v[k]->again.noise = k == 1;
		v[k]->run.cpu_idle = k == 0 ? .5 : k == 1 ? .25 : NAN;
		v[k]->again.pairs = 100;
		v[k]->again.errors[1] = 1;
	}
	assert_int_equal(result_merge(v, 3, 0, &r, NULL), RC_OK);
	assert_int_equal(r->again.known, 1);
	assert_string_equal(r->again.say, "a: 1 lost; b: 1 noise");
	assert_int_equal(r->again.n, 2);
	assert_non_null(result_again_find(r, "a/x"));
	assert_null(result_again_find(r, "x"));
	assert_int_equal(result_again_find(r, "b/y")->is, AGAIN_NOISE);
	assert_int_equal(result_again_find(r, "b/y")->index, 1);
	assert_int_equal(r->again.lost, 1);
	assert_int_equal(r->again.noise, 1);
	assert_int_equal(r->again.repeats, 8);
	assert_int_equal(r->again.pairs, 300);
	assert_int_equal(r->again.errors[1], 3);
	assert_true(isnan(r->again.p));
	assert_true(r->run.cpu_idle == .25);	/* the busiest of those known */
	result_free(r);
	for (k = 0; k < 3; k++)
		result_free(v[k]);
}

/* A single one stays what it is. */
static void
test_single(void **state)
{
	struct result *v[1] = { result_new() }, *was = v[0], *r;

	(void)state;
	assert_non_null(was);
	was->run.suite_name = "a";
	was->run.suite_path = "one/s.yml";
	assert_int_equal(result_merge(v, 1, 0, &r, NULL), RC_OK);
	assert_ptr_equal(r, was);
	assert_null(v[0]);
	assert_string_equal(r->run.suite_name, "a");
	result_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_worst_sides),
		cmocka_unit_test(test_alike),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_single),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
