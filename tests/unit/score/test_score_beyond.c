/*
 * What was asked beyond the plan: fresh answers are judged by themselves,
 * pairs for latency go into latencies, and nothing else changes.
 */
#include "tests/unit/score/score_world.h"

enum { CASES = 8, REPEATS = 5, PAIRS = 9 };

/* Case 3 is lost on the candidate in the plan. Asked again it is lost in all
 * but one answer; case 6, which was well, fails once on the baseline; an
 * answer of it does not come at all. */
static void
add_fresh(struct world *w)
{
	static const unsigned cases[] = { 3, 6 };
	struct made_obs m;
	uint32_t n;
	unsigned i;
	int a;

	for (n = 0; n < REPEATS; n++) {
		for (i = 0; i < 2; i++) {
			for (a = 0; a < 2; a++) {
				made_init(&m, cases[i], n % 6, (enum arm)a);
				m.round = ROUND_CONFIRM;
				m.n = n;
				m.sent_ns += 1000000000;
				if ((i == 0 && a == 1 && n > 0) ||
				    (i == 1 && a == 0 && n == 2)) {
					m.first++;
					m.cited++;
				}
				if (i == 1 && a == 1 && n == 4) {
					m.outcome = OUTCOME_RESET;
					m.status = 0;
				}
				world_add(w, &m);
			}
		}
	}
}

/* The candidate takes 3 ms more; pair 2 is half of one, pair 5 fails. */
static void
add_pairs(struct world *w, enum ex_round round)
{
	struct made_obs m;
	uint32_t n;
	int a;

	for (n = 0; n < PAIRS; n++) {
		for (a = 0; a < 2; a++) {
			made_init(&m, n % CASES, n % 6, (enum arm)a);
			m.round = round;
			m.n = n;
			m.sent_ns = 2000000000 + n * 10000000 + a * 1000;
			m.total_ns = 10000000 + a * 3000000;
			if (n == 5 && a == 1) {
				m.outcome = OUTCOME_HTTP_5XX;
				m.status = 500;
			}
			if (n != 2 || a == 0)
				world_add(w, &m);
		}
	}
}

static void
print(struct world *w, uint64_t order, int threads, struct buf *b)
{
	struct score_out *out;

	world_write(w, order);
	w->job.threads = threads;
	out = world_score(w);
	buf_reset(b);
	world_print(out, b);
	score_free(out);
}

static void
test_beyond(void **state)
{
	struct world w;
	struct score_out *out;
	struct score_arm plan_arm;
	size_t plan_pairs, i;
	uint64_t plan_seen;

	(void)state;
	world_init(&w, CASES, NULL, SIX, "");
	world_add_all(&w, loses);
	world_write(&w, 0);
	out = world_score(&w);
	plan_pairs = out->pairs.n;
	plan_seen = out->observations;
	plan_arm = out->arm[ARM_CANDIDATE];
	assert_int_equal(out->n_fresh, 0);
	assert_int_equal(out->pairs.planned, plan_pairs);
	score_free(out);

	add_fresh(&w);
	add_pairs(&w, ROUND_LATENCY);
	add_pairs(&w, ROUND_LATENCY_AGAIN);
	world_write(&w, 0);
	out = world_score(&w);
	assert_int_equal(out->observations, plan_seen + 4 * REPEATS +
	    2 * (2 * PAIRS - 1));
	assert_int_equal(out->duplicates, 0);
	assert_int_equal(out->arm[ARM_CANDIDATE].sent, plan_arm.sent);
	assert_near(out->arm[ARM_CANDIDATE].p95_ns, plan_arm.p95_ns, 0);

	assert_int_equal(out->n_fresh, 2);
	assert_int_equal(out->fresh[0].case_index, 3);
	assert_int_equal(out->fresh[0].good[0], REPEATS);
	assert_int_equal(out->fresh[0].good[1], 1);
	assert_int_equal(out->fresh[0].answered[1], REPEATS);
	assert_int_equal(out->fresh[1].case_index, 6);
	assert_int_equal(out->fresh[1].good[0], REPEATS - 1);
	assert_int_equal(out->fresh[1].asked[1], REPEATS);
	assert_int_equal(out->fresh[1].answered[1], REPEATS - 1);
	assert_int_equal(out->fresh[1].good[1], REPEATS - 1);

	assert_int_equal(out->more.pairs, 2 * (PAIRS - 2));
	assert_int_equal(out->more.again, PAIRS - 2);
	assert_int_equal(out->more.sent[0], 2 * PAIRS);
	assert_int_equal(out->more.sent[1], 2 * (PAIRS - 1));
	assert_int_equal(out->more.errors[1], 2);
	/* all within half a second */
	assert_int_equal(out->more.blocks, 1);
	assert_false(out->more.cached);
	assert_int_equal(out->more.worse[0], 0);
	assert_int_equal(out->more.worse[1], 1);
	assert_int_equal(out->more.asked, PAIRS);
	assert_int_equal(out->pairs.n, plan_pairs + 2 * (PAIRS - 2));
	assert_int_equal(out->pairs.planned, plan_pairs);
	for (i = plan_pairs; i < out->pairs.n; i++) {
		assert_near((double)out->pairs.base[i], 10e6, 1);
		assert_near((double)out->pairs.cand[i], 13e6, 1);
		assert_true(out->pairs.at_ns[i] >= 2000000000);
	}
	score_free(out);
	world_fini(&w);
}

/* A cache answers what is sent again: it says nothing of latency. */
static void
test_cached(void **state)
{
	struct world w;
	struct made_obs m;
	static const struct {
		int64_t base, cand;
		int cached;
	} t[] = {
		{ 1000000, 1000000, 1 }, { 1000000, 900000, 1 },
		/* only the baseline's; both were cold, and one is slower */
		{ 1000000, 22000000, 0 }, { 1000000, 2000000, 0 },
		{ 22000000, 22000000, 0 },
	};
	struct score_out *out;
	size_t k;
	uint32_t n;
	int a;

	(void)state;
	for (k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		world_init(&w, CASES, NULL, SIX, "");
		world_add_all(&w, loses);
		for (n = 0; n < PAIRS; n++) {
			for (a = 0; a < 2; a++) {
				made_init(&m, n % CASES, n % 6, (enum arm)a);
				m.round = ROUND_LATENCY;
				m.n = n;
				m.sent_ns = 2000000000 + n * 10000000 +
				    a * 1000;
				m.total_ns = a == 0 ? t[k].base : t[k].cand;
				world_add(&w, &m);
			}
		}
		world_write(&w, 0);
		out = world_score(&w);
		assert_int_equal(out->more.cached, t[k].cached);
		assert_int_equal(out->pairs.n - out->pairs.planned,
		    t[k].cached ? 0 : PAIRS);
		assert_int_equal(out->more.sent[1], PAIRS);
		score_free(out);
		world_fini(&w);
	}
}

/* The same bytes for any order of the records and any number of threads;
 * also where the trace is not as planned, which reads it twice. */
static void
test_order(void **state)
{
	struct world w;
	struct made_obs m;
	struct buf one, two;
	int twice;

	(void)state;
	buf_init(&one, 1 << 22);
	buf_init(&two, 1 << 22);
	for (twice = 0; twice < 2; twice++) {
		world_init(&w, CASES, NULL, SIX, "");
		world_add_all(&w, loses);
		add_fresh(&w);
		add_pairs(&w, ROUND_LATENCY);
		if (twice) {
			made_init(&m, 1, 0, ARM_BASELINE);
			m.sent_ns += 5;
			world_add(&w, &m);
		}
		print(&w, 0, 1, &one);
		assert_non_null(strstr(buf_str(&one), "again 3 5 5 5 5 5 1"));
		print(&w, 77, 4, &two);
		assert_string_equal(buf_str(&one), buf_str(&two));
		print(&w, 5, 2, &two);
		assert_string_equal(buf_str(&one), buf_str(&two));
		world_fini(&w);
	}
	buf_fini(&one);
	buf_fini(&two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_cached),
		cmocka_unit_test(test_order),
	};

	return cmocka_run_group_tests_name("score beyond the plan", tests,
	    NULL, NULL);
}
