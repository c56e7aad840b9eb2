/* What a verdict says: its reasons, and what it cannot see. */
#include "tests/unit/judge/verdict_rules.h"

/* What came instead of an answer is said before what follows from it. */
static void
test_reason_order(void **state)
{
	static const char *const says[] = { "no answer was given", "declined",
		"coverage", "converge",
		"9 of 9 answers miss a limit, was 0 of 9: these alone" };
	const struct result_case *c;
	struct result_reader rd;
	struct made w;
	struct result *r;
	size_t i;

	(void)state;
	made_init(&w, 10, "", 1);
	w.cell[0].arm[1].state = CASE_FAIL;
	w.cell[0].arm[1].reasons = CASE_MUTE | CASE_REFUSED | CASE_COVERAGE |
	    CASE_CONVERGENCE;
	r = made_judge(&w);
	result_reader_init(&rd, r);
	c = result_case_at(&rd, 0);
	assert_non_null(c);
	assert_int_equal(c->n_why, 5);
	for (i = 0; i < 5; i++)
		assert_non_null(strstr(c->why[i], says[i]));
	assert_int_equal(result_reader_fini(&rd), RC_OK);
	result_free(r);
	made_fini(&w);
}

/* What a PASS can hide, and what is surely seen: two numbers. */
static void
test_blind(void **state)
{
	struct made w;
	struct result *r;
	const struct result_gate *g;

	(void)state;
	made_init(&w, 100, "", 1);
	r = made_judge(&w);
	g = made_gate(r, "cases");
	assert_near(g->hides, .02, 1e-9);
	assert_near(g->visible, .03, 1e-9);
	assert_non_null(strstr(r->blind, "A PASS can hide, one time in "
	    "twenty: the loss of 2 of 100 questions in every wording"));
	assert_non_null(strstr(r->blind, "Surely seen, 49 times in 50: the "
	    "loss of 3 of 100 questions"));
	result_free(r);
	made_fini(&w);
}

/* The worst verdict is said first; all reasons stay. */
static void
test_reasons(void **state)
{
	struct made w;
	struct result *r;

	(void)state;
	made_init(&w, 100, "", 1);
	band(&w);
	lose(&w, 20);
	late(&w);
	r = made_judge(&w);
	assert_int_equal(r->verdict, VERDICT_INVALID);
	assert_true(r->n_reasons >= 3);
	assert_int_equal(r->reasons[0].verdict, VERDICT_INVALID);
	assert_int_equal(r->reasons[1].verdict, VERDICT_FAIL);
	assert_int_equal(r->reasons[r->n_reasons - 1].verdict,
	    VERDICT_REVIEW);
	result_free(r);
	made_fini(&w);
}

/* A baseline that is the candidate is said: it passes whatever it is. */
static void
test_one_stack(void **state)
{
	static const struct {
		const char *candidate;
		int same;
	} t[] = {
		{ "{url: \"http://x:1\"}", 1 },
		{ "{url: \"http://x:2\"}", 0 },
		{ "{url: \"http://x:1\", path: /v2}", 0 },
		{ "{url: \"http://x:1\", headers: {X-Build: b}}", 0 },
		{ "{url: \"http://x:1\", body: {model: b}}", 0 },
	};
	char more[200];
	struct result *r;
	struct made w;
	size_t i, k;
	int said;

	(void)state;
	for (k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		(void)snprintf(more, sizeof(more), "targets:\n  baseline: "
		    "{url: \"http://x:1\"}\n  candidate: %s\n",
		    t[k].candidate);
		made_init(&w, 10, more, 1);
		r = made_judge(&w);
		for (i = 0, said = 0; i < r->n_notes; i++)
			said += strstr(r->notes[i], "with itself") != NULL;
		assert_int_equal(said, t[k].same);
		result_free(r);
		made_fini(&w);
	}
}

/* A header that names a coding which the candidate's bytes do not have. */
static void
test_codings(void **state)
{
	static const struct {
		uint64_t base, cand;
		enum verdict verdict;
	} t[] = {
		{ 0, 0, VERDICT_PASS }, { 60, 60, VERDICT_PASS },
		{ 1, 60, VERDICT_PASS }, { 60, 0, VERDICT_PASS },
		{ 0, 60, VERDICT_INCONCLUSIVE }, { 0, 2, VERDICT_PASS },
	};
	struct made w;
	struct result *r;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		made_init(&w, 10, "", 1);
		w.score.arm[ARM_BASELINE].uncoded = t[k].base;
		w.score.arm[ARM_CANDIDATE].uncoded = t[k].cand;
		r = made_judge(&w);
		assert_int_equal(r->verdict, t[k].verdict);
		assert_true(r->verdict == VERDICT_PASS ||
		    strstr(r->reasons[0].text, "Content-Encoding") != NULL);
		result_free(r);
		made_fini(&w);
	}
}

static void
ends(struct made *w, enum arm a, const uint64_t n[2])
{
	w->score.arm[a].ended = n[0];
	w->score.arm[a].endless = n[1];
}

/* Why answers ended, which only the candidate's do not say. */
static void
test_ends(void **state)
{
	static const struct {
		uint64_t base[2], base2[2], cand[2], cand2[2];
		enum verdict verdict;
		int said;
	} t[] = {
		/* nobody ever says it; nobody maps it */
		{ { 0, 60 }, { 0, 30 }, { 0, 60 }, { 0, 30 }, VERDICT_PASS,
		    0 },
		{ { 0, 0 }, { 0, 0 }, { 0, 0 }, { 0, 0 }, VERDICT_PASS, 0 },
		/* both always do; it is new */
		{ { 60, 0 }, { 30, 0 }, { 60, 0 }, { 30, 0 }, VERDICT_PASS,
		    0 },
		{ { 0, 60 }, { 0, 30 }, { 60, 0 }, { 30, 0 }, VERDICT_PASS,
		    0 },
		/* lost, in all answers or in seven */
		{ { 60, 0 }, { 30, 0 }, { 0, 60 }, { 0, 30 },
		    VERDICT_INCONCLUSIVE, 1 },
		{ { 60, 0 }, { 30, 0 }, { 56, 4 }, { 27, 3 },
		    VERDICT_INCONCLUSIVE, 1 },
		/* by chance, perhaps; the baseline lacks it, too, at times */
		{ { 60, 0 }, { 30, 0 }, { 58, 2 }, { 29, 1 }, VERDICT_PASS,
		    1 },
		{ { 59, 1 }, { 30, 0 }, { 0, 60 }, { 0, 30 }, VERDICT_PASS,
		    0 },
		{ { 60, 0 }, { 29, 1 }, { 50, 10 }, { 30, 0 }, VERDICT_PASS,
		    0 },
	};
	struct made w;
	struct result *r;
	size_t i, k;
	int said;

	(void)state;
	for (k = 0; k < sizeof(t) / sizeof(t[0]); k++) {
		made_init(&w, 10, "", 1);
		ends(&w, ARM_BASELINE, t[k].base);
		ends(&w, ARM_BASELINE2, t[k].base2);
		ends(&w, ARM_CANDIDATE, t[k].cand);
		ends(&w, ARM_CANDIDATE2, t[k].cand2);
		r = made_judge(&w);
		for (i = 0, said = 0; i < r->n_notes; i++)
			said += strstr(r->notes[i], "why they ended") != NULL;
		for (i = 0; i < r->n_reasons; i++)
			said += strstr(r->reasons[i].text, "why they ended")
			    != NULL;
		if (r->verdict != t[k].verdict || said != t[k].said)
			fail_msg("%zu: verdict %d, said %d", k,
			    (int)r->verdict, said);
		result_free(r);
		made_fini(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blind),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_reason_order),
		cmocka_unit_test(test_one_stack),
		cmocka_unit_test(test_codings),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
