/* Gates: one row a rule of METRICS 4. */
#include "tests/unit/judge/verdict_rules.h"

#include "harness/judge/gate_part.h"

/* ---- ways to spoil a run ------------------------------------------------ */

static void
broken_on_both(struct made *w)
{
	unsigned i;

	lose(w, 30);
	for (i = 0; i < 30; i++) {
		w->cell[i].arm[0] = w->cell[i].arm[1];
		w->cell[i].drift = 0;
	}
}

static void
all_question(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].arm[1].m[M_DS_QUESTION_RETRIEVED] += .05f;
}

/* Six variants that all move alike: one in 64 by chance. */
static void
drift_maybe(struct made *w)
{
	w->cell[0].drift = .08f;
}

static void
lose_one(struct made *w)
{
	lose(w, 1);
}

static void
lose_two(struct made *w)
{
	lose(w, 2);
}

static void
lose_three(struct made *w)
{
	lose(w, 3);
}

/* Every third question fails two of its variants on one stack or the
 * other. */
static void
come_and_go(struct made *w)
{
	unsigned i;

	for (i = 0; i + 1 < w->n; i += 3) {
		struct cell_arm *x = &w->cell[i].arm[i & 1];

		x->state = CASE_FAIL;
		x->reasons = CASE_ANSWER;
		x->missed = 2;
	}
}

static void
come_and_go_two(struct made *w)
{
	unsigned i;

	come_and_go(w);
	for (i = 1; i < 6; i += 2) {
		w->cell[i].arm[1].state = CASE_FAIL;
		w->cell[i].arm[1].reasons = CASE_ANSWER;
		w->cell[i].arm[1].missed = 4;
	}
}

static void
drift_cached(struct made *w)
{
	drift(w);
	w->score.cached_echoes = w->n;
}

/* One echo of a hundred faster by the tail of latencies is no cache. */
static void
drift_few_fast(struct made *w)
{
	drift(w);
	w->score.cached_echoes = w->n * MADE_VARIANTS / 100;
}

/* In one case of twenty the offsets are those of another text. */
static void
anchors_off(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++) {
		w->cell[i].arm[0].m[M_ANCHORS] = 1;
		w->cell[i].arm[1].m[M_ANCHORS] = i % 20 != 0;
	}
}

static void
unstable(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].floor_c += .10f;
}

static void
order(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].order = .3f;
}

/* 20 % slower, but by .2 ms: nobody notices. */
static void
body_small(struct made *w)
{
	body(w);
	w->score.arm[ARM_BASELINE].p50_ns = 1e6;
	w->score.arm[ARM_CANDIDATE].p50_ns = 1.2e6;
}

/* So much in so little time may be one moment's load. */
static void
body_short(struct made *w)
{
	unsigned i;

	body(w);
	for (i = 0; i < w->n * MADE_VARIANTS; i++)
		w->at_ns[i] /= 4;
}

/* A third of the time, in one piece, is slow on the candidate. */
static void
body_moment(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cand[i] = w->base[i] * 3;
}

static void
tail_few(struct made *w)
{
	tail(w);
	w->score.pairs.n = 60;
}

static void
pairs_few(struct made *w)
{
	w->score.pairs.n = 18;
}

/* A few rankings turned round: beyond the margin, and undecided. */
static void
order_maybe(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].order = i % 4 == 0 ? .9f : i % 4 == 1 ? -.45f : 0;
}

/* What one arm alone sends. */
static void
cost_of(struct made *w, int arm)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].arm[arm].m[M_COST] = .01f;
}

static void
cost_baseline(struct made *w)
{
	cost_of(w, 0);
}

static void
cost_candidate(struct made *w)
{
	cost_of(w, 1);
}

/* Six cases in ten without a number on the candidate. */
static void
coverage_gone(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n * 6 / 10; i++)
		w->cell[i].arm[1].m[M_COVERAGE] = NAN;
}

static void
errors_many(struct made *w)
{
	errors(w, 20, 1, 0);
}

static void
errors_both(struct made *w)
{
	errors(w, 20, 1, 1);
	errors(w, 20, 0, 1);
}

static void
throttled(struct made *w)
{
	unsigned i;

	for (i = 0; i < 20; i++) {
		w->cell[i].http_429[1] = 1;
		w->cell[i].arm[1].n_429 = 1;
	}
}

static void
errors_three(struct made *w)
{
	errors(w, 4, 1, 0);
}

static void
cost_same(struct made *w)
{
	cost(w, 1);
}

static void
drift_pins_same(struct made *w)
{
	drift(w);
	pins_same(w, "MODEL_VER");
}

static void
drift_model(struct made *w)
{
	drift(w);
	pins_other(w, "MODEL_VER");
}

/* The same harm, and the pin is no longer sent. */
static void
drift_pin_gone(struct made *w)
{
	drift(w);
	made_pin(w, ARM_BASELINE, "MODEL_VER", "1", 600);
	made_pin(w, ARM_CANDIDATE, "INDEX_VER", "1", 600);
}

static void
drift_index(struct made *w)
{
	drift(w);
	pins_other(w, "INDEX_VER");
}

/* What a recorded baseline gives: no latency, every echo on the candidate. */
static void
recorded(struct made *w)
{
	unsigned i;

	body(w);
	w->in.live[ARM_BASELINE] = 0;
	for (i = 0; i < w->n; i++)
		w->cell[i].floor_b = NAN;
}

/* Tenant c, every fourth case, loses all; the rest nothing. */
static void
lose_tenant(struct made *w)
{
	unsigned i;

	for (i = 3; i < w->n; i += 4) {
		w->cell[i].arm[1].state = CASE_FAIL;
		w->cell[i].arm[1].reasons = CASE_EXPECT;
	}
}

/* One slice of twenty loses most of its cases, and in all of them answers
 * move, which is for review and has the smaller p. */
static void
lose_and_drift(struct made *w)
{
	unsigned i;

	drift(w);
	for (i = 7; i < w->n && i < 7 + 14 * 20; i += 20) {
		w->cell[i].arm[1].state = CASE_FAIL;
		w->cell[i].arm[1].reasons = CASE_EXPECT;
	}
}

/* Eight lost, spread over the tenants: no slice has enough of them. */
static void
lose_spread(struct made *w)
{
	unsigned i;

	for (i = 0; i < 8; i++) {
		w->cell[i].arm[1].state = CASE_FAIL;
		w->cell[i].arm[1].reasons = CASE_EXPECT;
	}
}

/* ---- the table --------------------------------------------------------- */

#define STRICT "gates: {strict: true}\n"

/* The same level in every case, below the limit, and the baseline above it. */
static void
coverage_flat(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++) {
		w->cell[i].arm[0].m[M_COVERAGE] = .72f;
		w->cell[i].arm[1].m[M_COVERAGE] = .667f;
	}
}

static const struct rule rules[] = {
	{ "a level of two cases alike proves nothing", 2,
	    "gates: {coverage: false, coverage_floor: false}\n", 0,
	    coverage_flat, VERDICT_PASS, "coverage_min", GATE_PASS, NULL },
	{ "of twelve it does", 12,
	    "gates: {coverage: false, coverage_floor: false}\n", 0,
	    coverage_flat, VERDICT_FAIL, "coverage_min", GATE_FAIL, "" },
	{ "equal stacks pass", 0, NULL, 0, nothing, VERDICT_PASS, "cases",
	    GATE_PASS, NULL },
	{ "twenty of a hundred lost", 0, NULL, 0, lose_twenty, VERDICT_FAIL,
	    "cases", GATE_FAIL, "" },
	{ "steady stacks: three of a hundred lost", 0,
	    "gates: {coverage: false, answer_drift: false}\n", 0,
	    lose_three, VERDICT_FAIL, "cases", GATE_FAIL, NULL },
	{ "steady stacks: one of forty lost", 40,
	    "gates: {coverage: false, answer_drift: false}\n", 0,
	    lose_one, VERDICT_FAIL, "cases", GATE_FAIL, NULL },
	{ "steady stacks: one of twenty lost", 20,
	    "gates: {coverage: false, answer_drift: false}\n", 0,
	    lose_one, VERDICT_FAIL, "cases", GATE_FAIL, NULL },
	{ "the only question of a suite is lost", 1, "gates: {coverage: false,"
	    " answer_drift: false}\n", 0, lose_one, VERDICT_FAIL, "cases",
	    GATE_FAIL, NULL },
	{ "two of a hundred are within the margin", 0, "gates: {coverage: "
	    "false, answer_drift: false}\n", 0, lose_two, VERDICT_PASS,
	    "cases", GATE_PASS, NULL },
	{ "a third comes and goes: two of forty lost are undecided", 40,
	    "gates: {coverage: false, answer_drift: false}\n", 0,
	    come_and_go_two, VERDICT_INCONCLUSIVE, "cases",
	    GATE_INCONCLUSIVE, "needed to decide" },
	{ "a third comes and goes, and nothing else", 40,
	    "gates: {coverage: false, answer_drift: false}\n", 0,
	    come_and_go, VERDICT_PASS, "cases", GATE_PASS, NULL },
	{ "broken on both is a defect of the baseline", 0, NULL, 0,
	    broken_on_both, VERDICT_PASS, "coverage_min", GATE_PASS, NULL },
	{ "an absolute level is not judged where the baseline is no better",
	    0, "gates: {coverage_min: 0.8}\n", 0, broken_on_both,
	    VERDICT_PASS, "coverage_min", GATE_NOT_JUDGED, NULL },
	{ "question drift", 0, NULL, 0, all_question, VERDICT_FAIL,
	    "question_drift", GATE_FAIL, "question drift" },
	{ "a gate switched off", 0,
	    "gates: {question_drift: false}\n", 0, all_question,
	    VERDICT_PASS, "question_drift", GATE_NOT_JUDGED, NULL },
	{ "answer drift, no pins sent", 0, NULL, 0, drift, VERDICT_FAIL,
	    "answer_drift", GATE_FAIL, NULL },
	{ "answer drift, pins equal", 0, NULL, 0, drift_pins_same,
	    VERDICT_FAIL, "answer_drift", GATE_FAIL, NULL },
	{ "answer drift, another model", 0, NULL, 0, drift_model,
	    VERDICT_REVIEW, "answer_drift", GATE_REVIEW, "MODEL_VER" },
	{ "answer drift, the model's pin is gone", 0, NULL, 0,
	    drift_pin_gone, VERDICT_FAIL, "answer_drift", GATE_FAIL, NULL },
	{ "answer drift, a pin that says nothing about answers", 0, NULL, 0,
	    drift_index, VERDICT_FAIL, "answer_drift", GATE_FAIL, NULL },
	{ "answer drift, that pin expected to change", 0,
	    "pins: {expect: [INDEX_VER]}\n", 0, drift_index, VERDICT_REVIEW,
	    "answer_drift", GATE_REVIEW, "INDEX_VER" },
	{ "answer drift without expectations", 0, NULL, 1, drift,
	    VERDICT_REVIEW, "answer_drift", GATE_REVIEW,
	    "no expectations" },
	{ "gates.drift: hard overrides", 0, "gates: {drift: hard}\n", 1,
	    drift, VERDICT_FAIL, "answer_drift", GATE_FAIL, NULL },
	{ "gates.drift: info overrides", 0, "gates: {drift: info}\n", 0,
	    drift, VERDICT_PASS, "answer_drift", GATE_PASS, NULL },
	{ "drift over a cached floor is not believed", 0, NULL, 0,
	    drift_cached, VERDICT_INCONCLUSIVE, "answer_drift",
	    GATE_INCONCLUSIVE, "cache" },
	{ "a few fast echoes are no cache", 0, NULL, 0, drift_few_fast,
	    VERDICT_FAIL, "answer_drift", GATE_FAIL, NULL },
	{ "drift that may be chance", 1, "gates: {answer_drift_tail: false}\n",
	    0, drift_maybe, VERDICT_INCONCLUSIVE, "answer_drift",
	    GATE_INCONCLUSIVE, NULL },
	{ "the tail of drift stops hard", 0, "gates: {answer_drift: false}\n",
	    0, drift_tail, VERDICT_FAIL, "answer_drift_tail", GATE_FAIL,
	    NULL },
	{ "offsets that do not hold their text", 0, NULL, 0, anchors_off,
	    VERDICT_FAIL, "anchors", GATE_FAIL, "anchor drop" },
	{ "instability", 0, NULL, 0, unstable, VERDICT_FAIL, "instability",
	    GATE_FAIL, NULL },
	{ "order with gold is for review", 0, NULL, 0, order,
	    VERDICT_REVIEW, "order", GATE_REVIEW, NULL },
	{ "order that may be chance is for review, too", 0, NULL, 0,
	    order_maybe, VERDICT_REVIEW, "order", GATE_REVIEW, NULL },
	{ "order without gold gates", 0, NULL, 1, order, VERDICT_FAIL,
	    "order", GATE_FAIL, NULL },
	{ "latency of the body", 0, NULL, 0, body, VERDICT_FAIL,
	    "latency_body", GATE_FAIL, NULL },
	{ "a rise below a millisecond", 0, "gates: {latency_p95: false}\n",
	    0, body_small, VERDICT_PASS, "latency_body", GATE_PASS, NULL },
	{ "latency of the tail", 0, NULL, 0, tail, VERDICT_FAIL,
	    "latency_p95", GATE_FAIL, NULL },
	{ "fewer than 72 pairs judge no tail", 0, NULL, 0, tail_few,
	    VERDICT_PASS, "latency_p95", GATE_NOT_JUDGED, NULL },
	{ "so few within the margin are not judged", 0, NULL, 0, pairs_few,
	    VERDICT_PASS, "latency_p95", GATE_NOT_JUDGED, NULL },
	{ "strict: so few prove nothing", 400, STRICT, 0, pairs_few,
	    VERDICT_INCONCLUSIVE, "latency_p95", GATE_INCONCLUSIVE,
	    "least 16 blocks" },
	{ "a run of five seconds proves no latency", 0, NULL, 0, body_short,
	    VERDICT_INCONCLUSIVE, "latency_body", GATE_INCONCLUSIVE,
	    "least 16 blocks" },
	{ "all pairs of one moment are one", 0, NULL, 0, body_moment,
	    VERDICT_PASS, "latency_body", GATE_NOT_JUDGED, NULL },
	{ "smoke does not judge time", 0, "profile: smoke\n", 0, body,
	    VERDICT_PASS, "latency_body", GATE_NOT_JUDGED, NULL },
	{ "a recorded baseline has no latency", 0, NULL, 0, recorded,
	    VERDICT_PASS, "latency_body", GATE_NOT_JUDGED, NULL },
	{ "errors", 0, NULL, 0, errors_many, VERDICT_FAIL, "errors",
	    GATE_FAIL, NULL },
	{ "errors that may be chance", 0, NULL, 0, errors_three,
	    VERDICT_INCONCLUSIVE, "errors", GATE_INCONCLUSIVE,
	    "needed to decide" },
	{ "5xx stop hard", 0, "gates: {errors: {rate_max: 1}}\n", 0,
	    errors_5xx, VERDICT_FAIL, "http_5xx", GATE_FAIL, NULL },
	{ "errors on both arms alike", 0, NULL, 0, errors_both,
	    VERDICT_PASS, "errors", GATE_PASS, NULL },
	{ "throttling", 0, NULL, 0, throttled, VERDICT_FAIL, "http_429",
	    GATE_FAIL, NULL },
	{ "cost", 0, NULL, 0, cost_up, VERDICT_FAIL, "cost", GATE_FAIL,
	    NULL },
	{ "equal cost", 0, NULL, 0, cost_same, VERDICT_PASS, "cost",
	    GATE_PASS, NULL },
	{ "cost that the candidate does not send", 0, NULL, 0,
	    cost_baseline, VERDICT_INCONCLUSIVE, "cost", GATE_INCONCLUSIVE,
	    "in 0 cases, the baseline in 100" },
	{ "cost that the baseline does not send", 0, NULL, 0,
	    cost_candidate, VERDICT_PASS, "cost", GATE_NOT_JUDGED, NULL },
	{ "most of the candidate has no coverage", 0, NULL, 0,
	    coverage_gone, VERDICT_INCONCLUSIVE, "coverage",
	    GATE_INCONCLUSIVE, "in 40 cases, the baseline in 100" },
	{ "flip rate stops hard", 0, "gates: {lambda_flip: false}\n", 0,
	    flips, VERDICT_FAIL, "flip_rate", GATE_FAIL, NULL },
	{ "flip rate alike on both", 0, NULL, 0, flips_both, VERDICT_PASS,
	    "flip_rate", GATE_PASS, NULL },
	{ "cases moved into the review band", 0, NULL, 0, band,
	    VERDICT_REVIEW, NULL, GATE_PASS, "review band" },
	{ "a slice within its margin", 100, "slices: [tags.tenant]\n"
	    "gates: {cases: 1}\n", 0, lose_tenant, VERDICT_PASS,
	    "slice:tags.tenant=c/cases", GATE_PASS, NULL },
	{ "a slice that is lost, named", 100, "slices: [tags.tenant]\n", 0,
	    lose_tenant, VERDICT_FAIL, "slice:tags.tenant=c/cases",
	    GATE_FAIL, NULL },
	{ "a slice that FAILs is not crowded out", 400,
	    "slices: [tags.twenty]\n", 1, lose_and_drift, VERDICT_FAIL,
	    "slice:tags.twenty=7/cases", GATE_FAIL, NULL },
	{ "slices that share a loss", 100, "slices: [tags.tenant]\n"
	    "gates: {answer_drift: false}\n", 0, lose_spread,
	    VERDICT_FAIL, "slice:tags.tenant=b/cases", GATE_FAIL, NULL },
	{ "strict proves it with enough cases", 400, STRICT, 0, nothing,
	    VERDICT_PASS, "coverage", GATE_PASS, NULL },
	{ "strict: forty cases prove nothing", 40, STRICT, 0, nothing,
	    VERDICT_INCONCLUSIVE, "coverage", GATE_INCONCLUSIVE,
	    "strict" },
	{ "strict: 100 requests prove no error rate", 20, STRICT, 0, nothing,
	    VERDICT_INCONCLUSIVE, "errors", GATE_INCONCLUSIVE, NULL },
	{ "strict: four lost of 300 may be 2 %", 300, STRICT, 0,
	    lose_four, VERDICT_INCONCLUSIVE, "cases", GATE_INCONCLUSIVE,
	    NULL },
	{ "strict still fails", 400, STRICT, 0, all_question, VERDICT_FAIL,
	    "question_drift", GATE_FAIL, NULL },
	{ "the same four lost pass without strict", 300, NULL, 0,
	    lose_four, VERDICT_PASS, "cases", GATE_PASS, NULL },
	{ "migration has half the margin of drift", 400,
	    "profile: migration\n", 0, drift, VERDICT_FAIL, "answer_drift",
	    GATE_FAIL, NULL },
};

static void
test_rules(void **state)
{
	(void)state;
	CHECK_RULES(rules);
}

/* More cases do not make a cached floor one that can be trusted. */
static void
test_cached_n(void **state)
{
	const struct result_gate *g;
	struct result *r;
	struct made w;

	(void)state;
	made_init(&w, 100, "", 1);
	drift_cached(&w);
	r = made_judge(&w);
	g = result_gate_find(r, "answer_drift");
	assert_int_equal(g->verdict, GATE_INCONCLUSIVE);
	assert_false(isfinite(g->n_needed));
	assert_non_null(strstr(r->headline, "cache"));
	result_free(r);
	made_fini(&w);
}

/* Slices that cannot be judged, or that are none, add no gate. */
static void
test_slices_none(void **state)
{
	static const char *const keys[] = { "slices: [tags.nth]\n",
		"slices: [tags.none]\n" };
	struct result *r;
	struct made w;
	size_t i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		made_init(&w, 100, keys[k], 1);
		lose_tenant(&w);
		r = made_judge(&w);
		for (i = 0; i < r->n_gates; i++)
			assert_null(strstr(r->gates[i].name, "slice:"));
		assert_int_equal(r->verdict, VERDICT_FAIL);
		result_free(r);
		made_fini(&w);
	}
}

/* Of few echoes some are fast by chance. */
static void
test_cached(void **state)
{
	static const struct {
		uint64_t fast, echoes;
		int cached;
	} rows[] = {
		{ 0, 12, 0 }, { 1, 12, 0 }, { 4, 4, 0 }, { 5, 5, 1 },
		{ 5, 6, 0 }, { 6, 6, 1 }, { 6, 12, 0 }, { 7, 12, 1 },
		{ 7, 140, 0 }, { 8, 140, 1 }, { 30, 600, 0 },
		{ 31, 600, 1 },
	};
	struct score_out s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&s, 0, sizeof(s));
		s.cached_echoes = rows[i].fast;
		s.arm[ARM_BASELINE2].sent = rows[i].echoes / 2;
		s.arm[ARM_CANDIDATE2].sent = rows[i].echoes -
		    rows[i].echoes / 2;
		if (gate_floor_cached(&s) != rows[i].cached)
			fail_msg("%u of %u", (unsigned)rows[i].fast,
			    (unsigned)rows[i].echoes);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_cached_n),
		cmocka_unit_test(test_slices_none),
		cmocka_unit_test(test_cached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
