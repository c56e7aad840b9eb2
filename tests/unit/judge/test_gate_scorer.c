/* Gates on what a suite's scorers return, and what missing answers do. */
#include "tests/unit/judge/verdict_world.h"

#include "harness/judge/gate_scorer.h"

static const char suite[] = "scorers:\n"
    "  - exec: a\n    name: judge\n    metrics:\n"
    "      faithfulness: {margin: 0.02, limit: 0.6}\n"
    "      rude: {better: lower, gate: hard, limit: 0.5}\n"
    "      length: {gate: info}\n";
enum { FAITHFUL, RUDE, LENGTH, METRICS };

/* All cases judged alike on both arms, but for a little of their own. */
static void
judged(struct made *w)
{
	unsigned i, k;
	int a;

	for (i = 0; i < w->n; i++) {
		for (a = 0; a < 2; a++) {
			w->cell[i].scored[a][FAITHFUL] = .8f +
			    (a == 0 ? .01f : -.01f) * made_sign(i);
			w->cell[i].scored[a][RUDE] = .2f +
			    (a == 0 ? .01f : -.01f) * made_sign(i);
			w->cell[i].scored[a][LENGTH] = 3;
		}
	}
	for (k = 0; k < METRICS; k++)
		w->score.scored[k] = (struct score_scored){
			.judged = w->n * MADE_VARIANTS * 2,
			.here = w->n * MADE_VARIANTS * 2,
			.arm_judged = { w->n * MADE_VARIANTS,
			    w->n * MADE_VARIANTS } };
}

static void
shift(struct made *w, int k, float by)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].scored[1][k] += by;
}

static void
fail_some(struct made *w, int k, uint64_t n)
{
	struct score_scored *o = &w->score.scored[k];

	o->here -= n;
	o->arm_failed[0] = n / 2;
	o->arm_failed[1] = n - n / 2;
	o->n_reasons = 1;
	o->reason[0] = (struct score_scored_reason){ "no answer within 60 s",
		n };
}

static void
equal(struct made *w)
{
	(void)w;
}

static void
less_faithful(struct made *w)
{
	shift(w, FAITHFUL, -.1f);
}

static void
more_faithful(struct made *w)
{
	shift(w, FAITHFUL, .1f);
}

static void
ruder(struct made *w)
{
	shift(w, RUDE, .4f);
}

static void
shorter(struct made *w)
{
	shift(w, LENGTH, -2);
}

/* One answer in twenty may fail; more is no pass. */
static void
few_failed(struct made *w)
{
	fail_some(w, FAITHFUL, w->score.scored[FAITHFUL].judged / 20);
}

static void
many_failed(struct made *w)
{
	fail_some(w, FAITHFUL, w->score.scored[FAITHFUL].judged / 20 + 1);
}

/* Few of all, but all of the candidate's. */
static void
candidate_failed(struct made *w)
{
	few_failed(w);
	w->score.scored[FAITHFUL].arm_failed[0] = 0;
	w->score.scored[FAITHFUL].arm_failed[1] =
	    w->score.scored[FAITHFUL].judged / 20;
}

/* A scorer that has nothing to say of one arm. */
static void
declines(struct made *w, int arm)
{
	struct score_scored *o = &w->score.scored[FAITHFUL];
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].scored[arm][FAITHFUL] = NAN;
	o->declined = o->judged / 2;
	o->here = o->judged / 2;
}

static void
candidate_declined(struct made *w)
{
	declines(w, 1);
}

static void
baseline_declined(struct made *w)
{
	declines(w, 0);
}

/* Beyond a hard limit, and the baseline has nothing to compare with. */
static void
rude_alone(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++) {
		w->cell[i].scored[0][RUDE] = NAN;
		w->cell[i].scored[1][RUDE] = .9f;
	}
}

static void
many_failed_and_worse(struct made *w)
{
	many_failed(w);
	less_faithful(w);
}

static void
none_here(struct made *w)
{
	unsigned i;

	fail_some(w, FAITHFUL, w->score.scored[FAITHFUL].judged);
	for (i = 0; i < w->n; i++)
		w->cell[i].scored[0][FAITHFUL] =
		    w->cell[i].scored[1][FAITHFUL] = NAN;
}

static void
all_declined(struct made *w)
{
	none_here(w);
	w->score.scored[FAITHFUL].declined = w->score.scored[FAITHFUL].judged;
	w->score.scored[FAITHFUL].n_reasons = 0;
}

static void
not_asked(struct made *w)
{
	none_here(w);
	w->score.scored[FAITHFUL] = (struct score_scored){ 0 };
}

static void
test_verdicts(void **state)
{
	static const struct {
		void (*spoil)(struct made *);
		enum verdict verdict;
		const char *gate;
		enum gate_verdict of;
		const char *why;	/* within the gate's */
	} t[] = {
		{ equal, VERDICT_PASS, "faithfulness", GATE_PASS, "within" },
		{ equal, VERDICT_PASS, "faithfulness_limit", GATE_PASS, "" },
		{ equal, VERDICT_PASS, "rude_limit", GATE_PASS, "" },
		{ less_faithful, VERDICT_FAIL, "faithfulness", GATE_FAIL,
		    "0.100 over 100 cases, beyond 0.020" },
		{ more_faithful, VERDICT_PASS, "faithfulness", GATE_PASS, "" },
		{ ruder, VERDICT_FAIL, "rude", GATE_FAIL, "0.400" },
		{ ruder, VERDICT_FAIL, "rude_limit", GATE_FAIL, "0.600" },
		{ shorter, VERDICT_PASS, "length", GATE_PASS, "" },
		{ few_failed, VERDICT_PASS, "faithfulness", GATE_PASS, "" },
		{ many_failed, VERDICT_INCONCLUSIVE, "faithfulness",
		    GATE_INCONCLUSIVE, "no answer within 60 s" },
		{ candidate_failed, VERDICT_INCONCLUSIVE, "faithfulness",
		    GATE_INCONCLUSIVE, "no answer within 60 s" },
		{ candidate_declined, VERDICT_INCONCLUSIVE, "faithfulness",
		    GATE_INCONCLUSIVE, "in 0 cases, the baseline in 100" },
		{ candidate_declined, VERDICT_INCONCLUSIVE,
		    "faithfulness_limit", GATE_INCONCLUSIVE, "in 0 cases" },
		{ baseline_declined, VERDICT_INCONCLUSIVE, "faithfulness",
		    GATE_INCONCLUSIVE, "in 100 cases, the baseline in 0" },
		{ rude_alone, VERDICT_INCONCLUSIVE, "rude_limit",
		    GATE_INCONCLUSIVE, "the baseline in 0" },
		{ many_failed, VERDICT_INCONCLUSIVE, "faithfulness_limit",
		    GATE_INCONCLUSIVE, "no answer within 60 s" },
		{ many_failed_and_worse, VERDICT_FAIL, "faithfulness",
		    GATE_FAIL, "" },
		{ none_here, VERDICT_INCONCLUSIVE, "faithfulness",
		    GATE_INCONCLUSIVE, "1200 of 1200 answers have no "
		    "faithfulness (no answer within 60 s)" },
		{ all_declined, VERDICT_INCONCLUSIVE, "faithfulness",
		    GATE_INCONCLUSIVE, "declined" },
		{ not_asked, VERDICT_PASS, "faithfulness", GATE_NOT_JUDGED,
		    "" },
	};
	const struct result_gate *g;
	struct err err = ERR_INIT;
	struct result *r;
	struct made w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		made_init(&w, 100, suite, 1);
		judged(&w);
		t[i].spoil(&w);
		r = made_judge(&w);
		g = made_gate(r, t[i].gate);
		if (g->verdict != t[i].of || strstr(g->why, t[i].why) == NULL)
			fail_msg("%zu: %s: %s: %s", i, g->name,
			    gate_verdict_name(g->verdict), g->why);
		if (r->verdict != t[i].verdict)
			fail_msg("%zu: %s", i, verdict_name(r->verdict));
		assert_int_equal(result_check(r, &err), RC_OK);
		result_free(r);
		made_fini(&w);
	}
}

static void
test_classes(void **state)
{
	struct result *r;
	struct made w;

	(void)state;
	made_init(&w, 100, suite, 1);
	judged(&w);
	r = made_judge(&w);
	assert_int_equal(made_gate(r, "faithfulness")->class, GATE_GATE);
	assert_int_equal(made_gate(r, "rude")->class, GATE_HARD);
	assert_int_equal(made_gate(r, "length")->class, GATE_INFO);
	assert_int_equal(made_gate(r, "faithfulness")->higher_is_worse, 1);
	assert_int_equal(made_gate(r, "faithfulness_limit")->higher_is_worse,
	    0);
	assert_int_equal(made_gate(r, "rude_limit")->higher_is_worse, 1);
	assert_string_equal(made_gate(r, "rude")->title, "rude rise");
	assert_string_equal(made_gate(r, "faithfulness")->title,
	    "faithfulness drop");
	/* in the family that Holm adjusts together, hard stops are not */
	assert_true(isfinite(made_gate(r, "faithfulness")->p_holm));
	assert_true(isnan(made_gate(r, "rude")->p_holm));
	assert_int_equal(r->n_scored, METRICS);
	assert_string_equal(r->scored[RUDE].scorer, "judge");
	assert_int_equal(r->scored[RUDE].higher_is_better, 0);
	result_free(r);
	made_fini(&w);
}

/* Each metric has functions of its own. */
static void
test_functions(void **state)
{
	struct suite s = { .n_scored = SCORER_METRICS_MAX, .n_scorers = 1 };
	struct gate_scorer scored;
	struct cell c;
	size_t k;

	(void)state;
	s.scorer[0].name = "judge";
	for (k = 0; k < SCORER_METRICS_MAX; k++)
		s.scored[k] = (struct scorer_metric){ .name = "m",
			.higher_is_better = k % 2 == 0, .limit = 1 };
	gate_scorer_init(&scored, &s);
	assert_int_equal(scored.n, 2 * SCORER_METRICS_MAX);
	for (k = 0; k < SCORER_METRICS_MAX; k++) {
		cell_init(&c, 0);
		assert_true(isnan(scored.row[2 * k].how->level(&c, 1)));
		c.scored[0][k] = 1;
		c.scored[1][k] = 3;
		assert_int_equal(scored.row[2 * k].how->what,
		    REPLICA_SCORER + k);
		assert_int_equal(scored.row[2 * k].how->harm,
		    k % 2 == 0 ? -1 : 1);
		assert_near(scored.row[2 * k].how->level(&c, 0), 1, 0);
		assert_near(scored.row[2 * k + 1].how->level(&c, 1), 3, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_functions),
	};

	return cmocka_run_group_tests_name("gate_own", tests, NULL, NULL);
}
