/* The plan: every variant once, echoes in turn, random order, keys. */
#include "tests/lib/check.h"

#include "harness/suite/plan.h"

static void
suite_of(struct suite *s, int base, int cand, int base2)
{
	memset(s, 0, sizeof(*s));
	s->paraphrases = 3;
	s->n_seeds = 2;
	s->repeats = 2;
	s->seed = 7;
	s->target[ARM_BASELINE].present = base;
	s->target[ARM_BASELINE].url = base ? "http://b" : NULL;
	s->target[ARM_CANDIDATE].present = cand;
	s->target[ARM_CANDIDATE].url = cand ? "http://c" : NULL;
	s->target[ARM_BASELINE2].present = base2;
}

static void
count(const struct plan *p, uint64_t n[ARM_N])
{
	struct plan_item it;
	uint64_t k;
	int i;

	memset(n, 0, ARM_N * sizeof(*n));
	for (k = 0; k < p->n_items; k++) {
		plan_item(p, k, &it);
		for (i = 0; i < it.n_arms; i++)
			n[it.arms[i]]++;
	}
}

static void
test_every_variant_once(void **state)
{
	unsigned char seen[5][3][2][2];
	struct suite s;
	struct plan_item it;
	struct plan p;
	uint64_t k;

	(void)state;
	suite_of(&s, 1, 1, 0);
	plan_init(&p, &s, 5);
	assert_int_equal(p.per_case, 12);
	assert_int_equal(p.n_items, 60);
	assert_int_equal(plan_requests(&p), 180);
	memset(seen, 0, sizeof(seen));
	for (k = 0; k < p.n_items; k++) {
		plan_item(&p, k, &it);
		assert_int_equal(seen[it.case_index][it.p][it.s][it.r]++, 0);
		assert_true(k > 0 || (it.p == 0 && it.s == 0 && it.v == 0));
	}
	assert_null(memchr(seen, 0, sizeof(seen)));
}

/* Both stacks carry the same load; within a case and overall. */
static void
test_echoes_in_turn(void **state)
{
	struct suite s;
	struct plan_item it;
	struct plan p;
	uint64_t n[ARM_N], k;
	int i, echo, last = -1;

	(void)state;
	suite_of(&s, 1, 1, 0);
	plan_init(&p, &s, 50);
	count(&p, n);
	assert_int_equal(n[ARM_BASELINE], 600);
	assert_int_equal(n[ARM_CANDIDATE], 600);
	assert_int_equal(n[ARM_BASELINE2], 300);
	assert_int_equal(n[ARM_CANDIDATE2], 300);
	for (k = 0; k < p.per_case; k++) {
		plan_item(&p, k, &it);
		assert_int_equal(it.n_arms, 3);
		for (i = 0, echo = -1; i < 3; i++) {
			if (it.arms[i] >= ARM_BASELINE2)
				echo = (int)it.arms[i];
		}
		assert_int_not_equal(echo, last);
		last = echo;
	}
}

static void
test_other_arms(void **state)
{
	struct suite s;
	struct plan p;
	uint64_t n[ARM_N];

	(void)state;
	suite_of(&s, 1, 1, 1);
	plan_init(&p, &s, 10);
	count(&p, n);
	assert_int_equal(n[ARM_BASELINE2], 120);
	assert_int_equal(n[ARM_CANDIDATE2], 0);
	assert_int_equal(plan_requests(&p), 360);

	suite_of(&s, 1, 1, 0);
	s.target[ARM_BASELINE].url = NULL;
	plan_init(&p, &s, 10);
	count(&p, n);
	assert_int_equal(n[ARM_BASELINE2], 0);
	assert_int_equal(n[ARM_CANDIDATE2], 120);
	assert_true(p.echo_candidate_only);

	suite_of(&s, 0, 1, 0);
	plan_init(&p, &s, 10);
	count(&p, n);
	assert_int_equal(n[ARM_CANDIDATE], 120);
	assert_int_equal(n[ARM_CANDIDATE2] + n[ARM_BASELINE2], 0);
	assert_int_equal(plan_requests(&p), 120);
}

/* Each of the three comes first about a third of the time, another seed
 * another order, the same seed the same. */
static void
test_order(void **state)
{
	struct suite s;
	struct plan_item a, b;
	struct plan p, q;
	int first[ARM_N] = { 0 }, differ = 0;
	uint64_t k;

	(void)state;
	suite_of(&s, 1, 1, 0);
	plan_init(&p, &s, 1000);
	s.seed = 8;
	plan_init(&q, &s, 1000);
	for (k = 0; k < p.n_items; k++) {
		plan_item(&p, k, &a);
		plan_item(&p, k, &b);
		assert_memory_equal(&a, &b, sizeof(a));
		first[a.arms[0]]++;
		plan_item(&q, k, &b);
		differ += a.arms[0] != b.arms[0];
	}
	/* 12,000 draws: sd of a third is 52 */
	assert_in_range(first[ARM_BASELINE], 3740, 4260);
	assert_in_range(first[ARM_CANDIDATE], 3740, 4260);
	assert_true(differ > 7500);
}

/* Every other case is asked as the one before it, the arms exchanged. */
static void
test_mirror(void **state)
{
	static const enum arm other[ARM_N] = { ARM_CANDIDATE, ARM_BASELINE,
		ARM_CANDIDATE2, ARM_BASELINE2 };
	struct suite s;
	struct plan_item a, b;
	struct plan p;
	uint64_t k;
	int i;

	(void)state;
	suite_of(&s, 1, 1, 0);
	plan_init(&p, &s, 10);
	for (k = 0; k < p.n_items; k++) {
		if (k / p.per_case % 2 == 1)
			continue;
		plan_item(&p, k, &a);
		plan_item(&p, k + p.per_case, &b);
		assert_int_equal(a.n_arms, b.n_arms);
		for (i = 0; i < a.n_arms; i++)
			assert_int_equal(b.arms[i], other[a.arms[i]]);
	}
}

static void
test_keys(void **state)
{
	struct ex_key key = { "a", 1, 2, 3, ARM_BASELINE, ROUND_PLAN,
	    0 };
	char one[40], two[40];

	(void)state;
	plan_idem_key("run", &key, one);
	plan_idem_key("run", &key, two);
	assert_string_equal(one, two);
	assert_int_equal(strlen(one), 35);
	key.arm = ARM_BASELINE2;
	plan_idem_key("run", &key, two);
	assert_string_not_equal(one, two);
	key.arm = ARM_BASELINE;
	key.case_id = "a/1";
	plan_idem_key("run", &key, one);
	key.case_id = "1";
	plan_idem_key("run/a", &key, two);
	assert_string_not_equal(one, two);
	/* asked once more is another request */
	key.round = ROUND_CONFIRM;
	plan_idem_key("run/a", &key, one);
	assert_string_not_equal(one, two);
	key.n = 1;
	plan_idem_key("run/a", &key, two);
	assert_string_not_equal(one, two);
	key.round = ROUND_LATENCY;
	plan_idem_key("run/a", &key, one);
	assert_string_not_equal(one, two);
}

/* Every variant once before any comes again, cases mixed, in any size. */
static void
test_latency_asks(void **state)
{
	static const uint64_t cases[] = { 1, 2, 3, 7, 100 };
	unsigned char seen[700];
	struct plan p = { .paraphrases = 3, .seeds = 2, .repeats = 1,
		.per_case = 6, .seed = 5 };
	struct plan_ask a, before;
	size_t i;
	uint64_t k, turn, neighbours;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		p.n_cases = cases[i];
		p.n_items = cases[i] * p.per_case;
		for (turn = 0; turn < 3; turn++) {
			memset(seen, 0, sizeof(seen));
			memset(&before, 0, sizeof(before));
			neighbours = 0;
			for (k = 0; k < p.n_items; k++) {
				plan_latency_ask(&p, ROUND_LATENCY,
				    turn * p.n_items + k, &a);
				assert_true(a.case_index < p.n_cases);
				assert_true(a.v < p.per_case);
				assert_int_equal(a.n, turn * p.n_items + k);
				assert_int_equal(seen[a.case_index *
				    p.per_case + a.v]++, 0);
				neighbours += k > 0 &&
				    a.case_index == before.case_index;
				before = a;
			}
			if (cases[i] == 100)
				assert_true(neighbours < p.n_items / 2);
		}
	}
}

/* Both arms in either order; what is no stack is left out. */
static void
test_confirm_asks(void **state)
{
	struct plan p = { .n_cases = 10, .paraphrases = 3, .seeds = 2,
		.repeats = 1, .per_case = 6, .n_items = 60, .seed = 5 };
	const int both[ARM_N] = { 1, 1 }, one[ARM_N] = { 0, 1 };
	struct plan_ask ask = { 4, 5, 0 };
	struct plan_item item;
	unsigned first = 0;

	(void)state;
	for (ask.n = 0; ask.n < 400; ask.n++) {
		plan_ask_item(&p, ROUND_CONFIRM, &ask, both, &item);
		assert_int_equal(item.case_index, 4);
		assert_int_equal(item.p, 2);
		assert_int_equal(item.s, 1);
		assert_int_equal(item.round, ROUND_CONFIRM);
		assert_int_equal(item.n, ask.n);
		assert_int_equal(item.n_arms, 2);
		assert_int_equal(item.arms[0] + item.arms[1],
		    ARM_BASELINE + ARM_CANDIDATE);
		first += item.arms[0] == ARM_BASELINE;
	}
	assert_in_range(first, 150, 250);
	plan_ask_item(&p, ROUND_CONFIRM, &ask, one, &item);
	assert_int_equal(item.n_arms, 1);
	assert_int_equal(item.arms[0], ARM_CANDIDATE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_variant_once),
		cmocka_unit_test(test_echoes_in_turn),
		cmocka_unit_test(test_other_arms),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_mirror),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_latency_asks),
		cmocka_unit_test(test_confirm_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
