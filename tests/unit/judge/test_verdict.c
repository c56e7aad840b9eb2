/* The verdict over a run: pins, runs not to be trusted, one stack alone. */
#include "tests/unit/judge/verdict_rules.h"

/* ---- ways to spoil a run ------------------------------------------------ */

static void
index_other(struct made *w)
{
	pins_other(w, "INDEX_VER");
}

static void
index_same(struct made *w)
{
	pins_same(w, "INDEX_VER");
}

static void
index_gone(struct made *w)
{
	made_pin(w, ARM_BASELINE, "INDEX_VER", "1", 600);
}

static void
index_some(struct made *w)
{
	made_pin(w, ARM_BASELINE, "INDEX_VER", "1", 600);
	made_pin(w, ARM_CANDIDATE, "INDEX_VER", "1", 599);
}

static void
index_some_base(struct made *w)
{
	made_pin(w, ARM_BASELINE, "INDEX_VER", "1", 599);
	made_pin(w, ARM_CANDIDATE, "INDEX_VER", "1", 600);
}

static void
pin_drift_base(struct made *w)
{
	made_pin(w, ARM_BASELINE, "INDEX_VER", "1", 300);
	made_pin(w, ARM_BASELINE, "INDEX_VER", "2", 300);
}

static void
pin_drift_cand(struct made *w)
{
	made_pin(w, ARM_CANDIDATE, "INDEX_VER", "1", 300);
	made_pin(w, ARM_CANDIDATE, "INDEX_VER", "2", 300);
}

static void
pin_drift_echo(struct made *w)
{
	made_pin(w, ARM_BASELINE, "INDEX_VER", "1", 600);
	made_pin(w, ARM_BASELINE2, "INDEX_VER", "2", 300);
}

static void
late_closed(struct made *w)
{
	w->in.replay.late_p99_ns = w->suite->late_max_ns + 1;
}

static void
lost(struct made *w)
{
	w->score.trace_lost = 1;
}

static void
lost_and_bad(struct made *w)
{
	lose_twenty(w);
	lost(w);
}

static void
empty_arm(struct made *w, enum arm a)
{
	unsigned i;

	memset(&w->score.arm[a], 0, sizeof(w->score.arm[a]));
	for (i = 0; i < w->n; i++) {
		memset(&w->cell[i].arm[a], 0, sizeof(w->cell[i].arm[a]));
		w->cell[i].drift = w->cell[i].order = NAN;
		w->cell[i].ln_latency = NAN;
	}
	w->score.pairs.n = 0;
}

static void
no_baseline_obs(struct made *w)
{
	empty_arm(w, ARM_BASELINE);
}

static void
no_candidate_obs(struct made *w)
{
	empty_arm(w, ARM_CANDIDATE);
}

static void
no_answers(struct made *w)
{
	empty_arm(w, ARM_BASELINE);
	empty_arm(w, ARM_CANDIDATE);
	w->score.arm[ARM_BASELINE].sent = 600;
	w->score.arm[ARM_CANDIDATE].sent = 600;
}

static void
unauthorized(struct made *w)
{
	empty_arm(w, ARM_CANDIDATE);
	w->score.arm[ARM_CANDIDATE].sent = 600;
	w->score.arm[ARM_CANDIDATE].status_401 = 600;
}

static void
gone(struct made *w)
{
	w->score.arm[ARM_CANDIDATE].tail_failures = 200;
}

/* What was sent after them for latency is answered. */
static void
gone_and_back(struct made *w)
{
	gone(w);
	w->score.arm[ARM_CANDIDATE2].tail_failures = 100;
	w->score.more.sent[1] = 50;
	w->score.more.errors[1] = 2;
}

static void
no_echo(struct made *w)
{
	memset(&w->score.arm[ARM_BASELINE2], 0, sizeof(w->score.arm[0]));
	memset(&w->score.arm[ARM_CANDIDATE2], 0, sizeof(w->score.arm[0]));
}

static void
echo_silent(struct made *w)
{
	w->score.arm[ARM_CANDIDATE2].answered = 0;
}

static void
echo_unauthorized(struct made *w)
{
	w->score.arm[ARM_BASELINE2].status_401 = 300;
	w->score.arm[ARM_BASELINE2].answered = 0;
}

static void
echo_gone(struct made *w)
{
	w->score.arm[ARM_BASELINE2].tail_failures = 100;
}

static void
echo_poor(struct made *w)
{
	w->score.arm[ARM_BASELINE2].answered = 149;
}

static void
torn(struct made *w)
{
	w->score.torn = 1;
}

static void
truncated(struct made *w)
{
	w->score.observations = 1799;
	w->in.replay.observations = 1800;
}

static void
all_there(struct made *w)
{
	w->score.observations = w->in.replay.observations = 1800;
}

static void
unfinished(struct made *w)
{
	w->in.replay.unfinished = 1;
}

static void
failures_at_end(struct made *w)
{
	w->score.arm[ARM_CANDIDATE].tail_failures = 5;
}

static void
unjudged(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++) {
		w->cell[i].arm[0].state = w->cell[i].arm[1].state =
		    CASE_UNJUDGED;
	}
}

static void
unjudge(struct made *w, unsigned k)
{
	unsigned i;

	for (i = 0; i < k; i++)
		w->cell[i].arm[0].state = CASE_UNJUDGED;
}

static void
half_unjudged(struct made *w)
{
	unjudge(w, 50);
}

static void
most_unjudged(struct made *w)
{
	unjudge(w, 51);
}

static void
sampled(struct made *w)
{
	unjudge(w, 90);
	w->in.replay.sample = 1;
}

/* Answers came, but not one number of them. */
static void
no_numbers(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		cell_init(&w->cell[i], i);
	w->score.pairs.n = 0;
}

static void
single(struct made *w)
{
	made_single(w);
}

static void
single_bad(struct made *w)
{
	made_single(w);
	lose(w, 15);
}

static void
single_band(struct made *w)
{
	unsigned i;

	made_single(w);
	for (i = 0; i < w->n; i++)
		w->cell[i].arm[1].m[M_DS_QUESTION_RETRIEVED] =
		    .46f + .10f * made_sign(i);
}

static void
single_empty(struct made *w)
{
	made_single(w);
	empty_arm(w, ARM_CANDIDATE);
}

/* ---- the table --------------------------------------------------------- */

#define ECHO_APART "targets:\n  baseline: {url: \"http://x:1\"}\n" \
	"  baseline2: {url: \"http://x:3\"}\n" \
	"  candidate: {url: \"http://x:2\"}\n"
#define ALONE "targets:\n  candidate: {url: \"http://x:2\"}\n"

/* As gold of another corpus does. */
static void
none_passes(struct made *w)
{
	unsigned i;
	int a;

	for (i = 0; i < w->n; i++) {
		for (a = 0; a < 2; a++) {
			w->cell[i].arm[a].state = CASE_FAIL;
			w->cell[i].arm[a].reasons = CASE_COVERAGE;
		}
	}
}

static const struct rule rules[] = {
	{ "a pin that differs is information", 0, NULL, 0, index_other,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "pins.equal", 0, "pins: {equal: [INDEX_VER]}\n", 0, index_other,
	    VERDICT_FAIL, NULL, GATE_PASS, "must not" },
	{ "pins.equal, equal", 0, "pins: {equal: [INDEX_VER]}\n", 0,
	    index_same, VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "pins.equal, not sent by the candidate", 0,
	    "pins: {equal: [INDEX_VER]}\n", 0, index_gone, VERDICT_FAIL,
	    NULL, GATE_PASS, "must not" },
	{ "pins.equal, sent by nobody", 0, "pins: {equal: [INDEX_VER]}\n",
	    0, nothing, VERDICT_INCONCLUSIVE, NULL, GATE_PASS,
	    "no answer has INDEX_VER" },
	{ "pins.expect unchanged", 0, "pins: {expect: [INDEX_VER]}\n", 0,
	    index_same, VERDICT_FAIL, NULL, GATE_PASS, "did not" },
	{ "pins.expect not sent at all", 0, "pins: {expect: [INDEX_VER]}\n",
	    0, nothing, VERDICT_INCONCLUSIVE, NULL, GATE_PASS,
	    "no answer of the baseline has it" },
	{ "pins.expect, not sent by the candidate", 0,
	    "pins: {expect: [INDEX_VER]}\n", 0, index_gone,
	    VERDICT_INCONCLUSIVE, NULL, GATE_PASS,
	    "no answer of the candidate has it" },
	{ "pins.require on every answer", 0,
	    "pins: {require: [INDEX_VER]}\n", 0, index_same, VERDICT_PASS,
	    NULL, GATE_PASS, NULL },
	{ "pins.require, one answer without", 0,
	    "pins: {require: [INDEX_VER]}\n", 0, index_some, VERDICT_FAIL,
	    NULL, GATE_PASS, "1 of 600" },
	{ "pins.require, the baseline without", 0,
	    "pins: {require: [INDEX_VER]}\n", 0, index_some_base,
	    VERDICT_INVALID, NULL, GATE_PASS, "requires" },
	{ "the candidate's pins change", 0, NULL, 0, pin_drift_cand,
	    VERDICT_FAIL, NULL, GATE_PASS, "pin drift" },
	{ "the baseline's pins change", 0, NULL, 0, pin_drift_base,
	    VERDICT_INVALID, NULL, GATE_PASS, "baseline's INDEX_VER" },
	{ "the baseline's pins change in its echo", 0, NULL, 0,
	    pin_drift_echo, VERDICT_INVALID, NULL, GATE_PASS, NULL },
	{ "a second baseline has pins of its own", 0, ECHO_APART, 0,
	    pin_drift_echo, VERDICT_REVIEW, NULL, GATE_PASS,
	    "does not send INDEX_VER, which the baseline sends" },
	{ "pins that the candidate no longer sends", 0, NULL, 0, index_gone,
	    VERDICT_REVIEW, NULL, GATE_PASS,
	    "the candidate does not send INDEX_VER, which the baseline" },
	{ "a pin that some of the candidate's answers lack", 0, NULL, 0,
	    index_some, VERDICT_REVIEW, NULL, GATE_PASS,
	    "1 of 600 answers of the candidate do not have INDEX_VER, which" },
	{ "a pin that some of the baseline's answers lack", 0, NULL, 0,
	    index_some_base, VERDICT_REVIEW, NULL, GATE_PASS,
	    "1 of 600 answers of the baseline do not have INDEX_VER, which" },
	{ "no case passes on either stack", 40, NULL, 0, none_passes,
	    VERDICT_INCONCLUSIVE, "cases", GATE_PASS, "none of 40 cases" },
	{ "half of the cases may lack an answer", 0, NULL, 0, half_unjudged,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "few cases do not speak for the rest", 0, NULL, 0, most_unjudged,
	    VERDICT_INCONCLUSIVE, NULL, GATE_PASS, "only 49 of 100 cases" },
	{ "but of a sample they do", 0, NULL, 0, sampled, VERDICT_PASS, NULL,
	    GATE_PASS, NULL },
	{ "late", 0, NULL, 0, late, VERDICT_INVALID, NULL, GATE_PASS,
	    "late" },
	{ "a closed loop is never late", 0, NULL, 0, late_closed,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "a lost record", 0, NULL, 0, lost, VERDICT_INVALID, NULL,
	    GATE_PASS, "lost" },
	{ "INVALID before FAIL", 0, NULL, 0, lost_and_bad, VERDICT_INVALID,
	    "cases", GATE_FAIL, "was lost" },
	{ "an empty baseline", 0, NULL, 0, no_baseline_obs, VERDICT_INVALID,
	    NULL, GATE_PASS, "baseline" },
	{ "an empty candidate", 0, NULL, 0, no_candidate_obs,
	    VERDICT_INVALID, NULL, GATE_PASS, "candidate" },
	{ "nobody answered", 0, NULL, 0, no_answers, VERDICT_CANNOT_RUN,
	    NULL, GATE_PASS, NULL },
	{ "all 401", 0, NULL, 0, unauthorized, VERDICT_INVALID, NULL,
	    GATE_PASS, "401" },
	{ "an arm lost on the way", 0, NULL, 0, gone, VERDICT_INVALID, NULL,
	    GATE_PASS, "lost during the run" },
	{ "an arm that answers on", 0, NULL, 0, gone_and_back, VERDICT_PASS,
	    NULL, GATE_PASS, NULL },
	{ "five failures at the end", 0, NULL, 0, failures_at_end,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "a second baseline that was never asked", 0, ECHO_APART, 0,
	    no_echo, VERDICT_INVALID, NULL, GATE_PASS, "asked twice" },
	{ "echoes that were never asked", 0, NULL, 0, no_echo,
	    VERDICT_INVALID, NULL, GATE_PASS, "no noise floor" },
	{ "echoes without an answer", 0, NULL, 0, echo_silent,
	    VERDICT_INVALID, NULL, GATE_PASS, "answered nothing" },
	{ "echoes that are all 401", 0, NULL, 0, echo_unauthorized,
	    VERDICT_INVALID, NULL, GATE_PASS, "401" },
	{ "echoes lost on the way", 0, NULL, 0, echo_gone, VERDICT_INVALID,
	    NULL, GATE_PASS, "lost during the run" },
	{ "half of the echoes failed", 0, NULL, 0, echo_poor,
	    VERDICT_INVALID, NULL, GATE_PASS, "149 of 300" },
	{ "a torn trace", 0, NULL, 0, torn, VERDICT_INVALID, NULL,
	    GATE_PASS, "cut off" },
	{ "a trace that was cut between two frames", 0, NULL, 0, truncated,
	    VERDICT_INVALID, NULL, GATE_PASS, "1799 observations, but 1800" },
	{ "a whole trace", 0, NULL, 0, all_there, VERDICT_PASS, NULL,
	    GATE_PASS, NULL },
	{ "a run that could be resumed", 0, NULL, 0, unfinished,
	    VERDICT_INVALID, NULL, GATE_PASS, "resume" },
	{ "no case could be judged", 0, NULL, 0, unjudged,
	    VERDICT_INCONCLUSIVE, "cases", GATE_NOT_JUDGED, "no case" },
	{ "no numbers are no pass", 0, NULL, 0, no_numbers,
	    VERDICT_INCONCLUSIVE, "coverage", GATE_NOT_JUDGED, NULL },
	{ "alone, and well", 0, ALONE, 0, single, VERDICT_PASS, "pass_rate",
	    GATE_PASS, NULL },
	{ "alone: comparisons are not judged", 0, ALONE, 0, single,
	    VERDICT_PASS, "cases", GATE_NOT_JUDGED, NULL },
	{ "alone, 15 of 100 fail", 0, ALONE, 0, single_bad, VERDICT_FAIL,
	    "pass_rate", GATE_FAIL, NULL },
	{ "alone, a critical case fails", 0,
	    ALONE "cases: {file: gold.jsonl, critical: true}\n"
	    "gates: {pass_rate: 0.1}\n", 0, single_bad, VERDICT_FAIL,
	    "pass_rate", GATE_PASS, "critical case" },
	{ "alone, the mean in the review band", 0, ALONE, 0, single_band,
	    VERDICT_REVIEW, NULL, GATE_PASS, "review band" },
	{ "alone and strict, with enough cases", 400,
	    ALONE "gates: {strict: true}\n", 0, single, VERDICT_PASS,
	    "flip_rate", GATE_PASS, NULL },
	{ "alone and strict, with too few", 20,
	    ALONE "gates: {strict: true}\n", 0, single,
	    VERDICT_INCONCLUSIVE, "pass_rate", GATE_INCONCLUSIVE,
	    "strict" },
	{ "alone, and empty", 0, ALONE, 0, single_empty,
	    VERDICT_CANNOT_RUN, NULL, GATE_PASS, NULL },
};

static void
test_rules(void **state)
{
	(void)state;
	CHECK_RULES(rules);
}

/* What is too small is named; who is in quarantine is told. */
static void
test_named(void **state)
{
	const struct result_case *c;
	struct result_reader rd;
	struct made w;
	struct result *r;
	size_t i;
	int small = 0, apart = 0;

	(void)state;
	made_init(&w, 36, "slices: [tags.tenant, tags.nth]\nquarantine:\n"
	    "  - {case: c1, owner: kim, until: 2026-03-01, reason: flaky}\n",
	    1);
	w.cell[1].arm[1].state = CASE_FAIL;
	r = made_judge(&w);
	for (i = 0; i < r->n_notes; i++) {
		small += strstr(r->notes[i], "of tags.nth too small to "
		    "judge: 0 (1), 10 (1)") != NULL;
		apart += strstr(r->notes[i], "Case c1 is in quarantine until "
		    "2026-03-01 (kim) and not counted: flaky") != NULL;
	}
	assert_int_equal(small, 1);
	assert_int_equal(apart, 1);
	result_reader_init(&rd, r);
	c = result_case_at(&rd, 1);
	assert_non_null(c);
	assert_int_equal(c->verdict, CASE_V_UNJUDGED);
	assert_non_null(strstr(c->why[0], "quarantine"));
	assert_int_equal(result_reader_fini(&rd), RC_OK);
	assert_int_equal(made_gate(r, "cases")->n, 35);
	result_free(r);
	made_fini(&w);
}

/* What a case's own answers prove stands beside it, and in the numbers. */
static void
test_answers(void **state)
{
	const struct result_case *c;
	struct result_reader rd;
	struct made w;
	struct result *r;

	(void)state;
	made_init(&w, 40, "", 1);
	lose(&w, 1);
	w.cell[1].arm[1].state = CASE_FAIL;
	w.cell[1].arm[1].reasons = CASE_ANSWER;
	w.cell[1].arm[1].missed = 1;
	r = made_judge(&w);
	result_reader_init(&rd, r);
	c = result_case_at(&rd, 0);
	assert_non_null(c);
	assert_true(c->has_answers);
	assert_near(c->bad[1], 9, 0);
	assert_near(c->asked[1], 9, 0);
	assert_near(c->bad[0], 0, 0);
	assert_near(c->p, 1 / 729.0, 1e-6);
	assert_non_null(strstr(c->why[c->n_why - 1], "9 of 9 answers miss a "
	    "limit, was 0 of 9: these alone prove it"));
	c = result_case_at(&rd, 1);
	assert_non_null(c);
	assert_non_null(strstr(c->why[c->n_why - 1],
	    "these alone do not prove it (p = 0.33)"));
	c = result_case_at(&rd, 2);
	assert_non_null(c);
	assert_false(c->has_answers);
	assert_int_equal(result_reader_fini(&rd), RC_OK);
	result_free(r);
	made_fini(&w);
}

/* A case in quarantine weighs in nothing, however bad it is. */
static void
test_quarantine(void **state)
{
	static const char *const gates[] = { "cases", "answer_drift",
		"coverage", "coverage_min", "order" };
	struct made w;
	struct result *r;
	size_t i;

	(void)state;
	made_init(&w, 100, "quarantine:\n"
	    "  - {case: c1, owner: kim, until: 2026-03-01, reason: flaky}\n"
	    "gates: {answer_drift: 0.005, latency_body: 0.001}\n", 1);
	w.cell[1].arm[1].state = CASE_FAIL;
	w.cell[1].arm[1].m[M_COVERAGE] = 0;
	w.cell[1].arm[1].in_band = 1;
	w.cell[1].drift = 1.5f;
	w.cell[1].order = 1;
	w.cell[1].ln_latency = 5;
	w.cell[1].err[1] = MADE_VARIANTS;
	w.cell[1].arm[1].n_error = MADE_VARIANTS;
	for (i = 0; i < MADE_VARIANTS; i++)
		w.cand[MADE_VARIANTS + i] = 1e12f;
	r = made_judge(&w);
	assert_int_equal(r->verdict, VERDICT_PASS);
	for (i = 0; i < sizeof(gates) / sizeof(gates[0]); i++)
		assert_int_equal(made_gate(r, gates[i])->n, 99);
	assert_int_equal(made_gate(r, "latency_p95")->n, 99 * MADE_VARIANTS);
	assert_int_equal(made_gate(r, "latency_body")->n, 99 * MADE_VARIANTS);
	assert_int_equal(made_gate(r, "errors")->n, 99 * MADE_VARIANTS);
	assert_near(made_gate(r, "errors")->value, 0, 0);
	assert_true(made_gate(r, "answer_drift")->value < .004);
	assert_int_equal(r->n_worst, 0);
	assert_int_equal(r->count.review, 0);
	assert_near(r->trust.aa_false_alarm, 0, 0);
	result_free(r);
	made_fini(&w);
}

/* However many weak reasons there are, a graver one is not lost. */
static void
test_many_reasons(void **state)
{
	struct made w;
	struct result *r;
	unsigned i;
	int more = 0;

	(void)state;
	made_init(&w, 100, "cases: {file: gold.jsonl, critical: true}\n"
	    "gates: {cases: 1, lambda: 1}\n", 1);
	for (i = 0; i < w.n; i++) {
		w.cell[i].arm[1].state = CASE_FAIL;
		w.cell[i].arm[1].reasons = CASE_CONVERGENCE;
		w.cell[i].arm[1].answered = MADE_VARIANTS;
		w.cell[i].arm[1].lambda[LAMBDA_CONVERGENT] = MADE_VARIANTS - 1;
	}
	errors_5xx(&w);
	r = made_judge(&w);
	assert_int_equal(r->verdict, VERDICT_FAIL);
	assert_int_equal(r->reasons[0].verdict, VERDICT_FAIL);
	assert_int_equal(r->n_reasons, 64);
	for (i = 0; i < r->n_notes; i++)
		more += strstr(r->notes[i], "more reasons of the same") !=
		    NULL;
	assert_int_equal(more, 1);
	result_free(r);
	made_fini(&w);

	made_init(&w, 100, "cases: {file: gold.jsonl, critical: true}\n", 1);
	unjudged(&w);
	r = made_judge(&w);
	assert_int_equal(r->verdict, VERDICT_INCONCLUSIVE);
	for (i = 0, more = 0; i < r->n_reasons; i++)
		more += strstr(r->reasons[i].text, "100 critical cases could "
		    "not be judged: c0, c1, c2, c3, c4, c5, c6, c7, ...") !=
		    NULL;
	assert_int_equal(more, 1);
	assert_true(r->n_reasons < 4);
	result_free(r);
	made_fini(&w);
}

/* --fail-on changes the exit status and not the verdict. */
static void
test_fail_on(void **state)
{
	struct made w;
	struct result *r;

	(void)state;
	made_init(&w, 100, "", 1);
	band(&w);
	w.in.fail_on = 1u << VERDICT_FAIL;
	r = made_judge(&w);
	assert_int_equal(r->verdict, VERDICT_REVIEW);
	assert_int_equal(r->exit_status, 0);
	result_free(r);
	made_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_quarantine),
		cmocka_unit_test(test_many_reasons),
		cmocka_unit_test(test_fail_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
