/* What is undecided is asked again: latency round by round, and critical
 * cases. */
#include "harness/judge/confirm_ask.h"
#include "harness/suite/beyond.h"
#include "tests/unit/judge/verdict_rules.h"

/* Pairs of latency, those of rounds included. */
enum { CASES = 100, PAIRS = CASES * MADE_VARIANTS };

/* Never proven at such an alpha, and never explained by chance. */
static const char undecided[] = "gates: {alpha: 0.000001}\n";

static const struct {
	const char *says, *more;
	void (*spoil)(struct made *w);
	uint64_t again, asked;		/* pairs of rounds: that both
					   answered, that were begun */
	uint64_t left;			/* of the budget */
	uint64_t next;
} rows[] = {
	{ "equal stacks need none", undecided, NULL, 0, 0,
	    UINT64_MAX, 0 },
	{ "what is proven needs none", "", body, 0, 0,
	    UINT64_MAX, 0 },
	{ "the first round is as long as the plan", undecided, body, 0,
	    0, UINT64_MAX, PAIRS },
	{ "the second comes behind it", undecided, body, 300, 300,
	    UINT64_MAX, 600 },
	{ "a pair that failed was asked, too", undecided, body, 295,
	    305, UINT64_MAX, 610 },
	{ "the third is the last", undecided, body, 400, 400,
	    UINT64_MAX, 600 },
	{ "after it none is asked", undecided, body, 450, 450,
	    UINT64_MAX, 0 },
	{ "what was cut off is ended", undecided, body, 100, 101, UINT64_MAX,
	    500 },
	{ "unless it is decided by then", "", NULL, 100, 101, UINT64_MAX,
	    0 },
	{ "a budget ends it early", undecided, body, 0, 0, 201, 100 },
	{ "behind what is there", undecided, body, 100, 100, 20,
	    110 },
	{ "or leaves none", undecided, body, 100, 100, 1, 0 },
	{ "nor does `confirm: false`", "confirm: false\n", body, 0,
	    0, UINT64_MAX, 0 },
};

static void
test_rounds(void **state)
{
	const int live[ARM_N] = { 1, 1 };
	struct made w;
	struct result *r;
	uint64_t n;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		made_init(&w, CASES, rows[i].more, 1);
		if (rows[i].spoil != NULL)
			rows[i].spoil(&w);
		beyond_of(w.suite, &w.plan, live, &w.in.beyond);
		w.score.more.pairs = w.score.more.again = rows[i].again;
		w.score.more.asked = rows[i].asked;
		r = made_judge(&w);
		n = confirm_ask_pairs(r, rows[i].left);
		if (n != rows[i].next)
			fail_msg("%s: %llu, not %llu", rows[i].says,
			    (unsigned long long)n,
			    (unsigned long long)rows[i].next);
		result_free(r);
		made_fini(&w);
	}
}

/* A loss that a critical case's own p proves, and Holm over all critical ones
 * does not, is asked again; alone it is proven,
 * and asked for the gate on cases. */
static void
test_critical(void **state)
{
	static const char suite[] = "gates: {alpha: 0.2}\n"
	    "cases: {file: gold.jsonl, critical: true}\n";
	static const unsigned n[] = { CASES, 1 };
	const int live[ARM_N] = { 1, 1 };
	struct made w;
	struct result *r;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		made_init(&w, n[i], suite, 1);
		w.cell[0].arm[1].state = CASE_FAIL;
		w.cell[0].arm[1].reasons = CASE_COVERAGE;
		w.cell[0].arm[1].answered = MADE_VARIANTS;
		w.cell[0].arm[1].missed = 2;
		beyond_of(w.suite, &w.plan, live, &w.in.beyond);
		r = made_judge(&w);
		assert_int_equal(r->again.n, 1);
		assert_string_equal(r->again.cases[0].id, "c0");
		assert_int_equal(r->again.cases[0].critical, n[i] > 1);
		assert_int_equal(r->again.missing, 16);
		result_free(r);
		made_fini(&w);
	}
}

/* Of a critical case the variants that it lost come in turn, of any other one
 * all of them. */
static void
test_variants(void **state)
{
	static const struct {
		uint64_t variants;
		uint32_t v[8];
	} row[] = {
		{ 0, { 0, 1, 2, 3, 4, 5, 0, 1 } },
		{ 1, { 0, 0, 0, 0, 0, 0, 0, 0 } },
		{ 1 << 5, { 5, 5, 5, 5, 5, 5, 5, 5 } },
		{ 1 << 1 | 1 << 4, { 1, 4, 1, 4, 1, 4, 1, 4 } },
		{ 1 << 0 | 1 << 2 | 1 << 3, { 0, 2, 3, 0, 2, 3, 0, 2 } },
	};
	const struct plan plan = { .n_cases = 1, .per_case = 6 };
	const struct beyond b = { .repeats = 8 };
	struct result_again again = { .id = "c0" };
	struct err err = ERR_INIT;
	struct result *r = result_new();
	struct plan_ask *asks;
	uint64_t n, i;
	size_t k;

	(void)state;
	assert_non_null(r);
	r->again.cases = &again;
	r->again.n = r->again.missing = 1;
	for (k = 0; k < sizeof(row) / sizeof(row[0]); k++) {
		again.variants = row[k].variants;
		assert_int_equal(confirm_ask_cases(r, &plan, &b, UINT64_MAX,
		    &asks, &n, &err), RC_OK);
		assert_int_equal(n, 8);
		for (i = 0; i < n; i++) {
			assert_int_equal(asks[i].n, i);
			assert_int_equal(asks[i].v, row[k].v[i]);
		}
		free(asks);
	}
	result_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rounds),
		cmocka_unit_test(test_critical),
		cmocka_unit_test(test_variants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
