/* Gates and verdict: one row a rule of METRICS 4. */
#include "tests/core/verdict_world.h"

#include "harness/gate.h"
#include "harness/rng.h"
#include "tests/core/threads.h"

/* ---- ways to spoil a run ------------------------------------------------ */

static void
nothing(struct made *w)
{
	(void)w;
}

/* The first share of the cases loses its passage. */
static void
lose(struct made *w, unsigned k)
{
	unsigned i;

	for (i = 0; i < k; i++) {
		struct cell_arm *x = &w->cell[i].arm[1];

		x->state = CASE_FAIL;
		x->reasons = CASE_COVERAGE;
		x->m[M_COVERAGE] = 0;
		w->cell[i].drift = .5f;
	}
}

static void
lose_twenty(struct made *w)
{
	lose(w, 20);
}

static void
lose_four(struct made *w)
{
	lose(w, 4);
}

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
critical_lost(struct made *w)
{
	lose(w, 1);
}

/* Of six variants of the first case, so many are no longer convergent. */
static void
diverge(struct made *w, uint16_t k, uint16_t reasons)
{
	struct cell_arm *x = &w->cell[0].arm[1];

	x->state = CASE_FAIL;
	x->reasons = reasons;
	x->lambda[LAMBDA_CONVERGENT] = (uint16_t)(MADE_VARIANTS - k);
	x->lambda[LAMBDA_SPLIT] = k;
	x->convergence = (float)(MADE_VARIANTS - k) / MADE_VARIANTS;
	x->answered = MADE_VARIANTS;
}

static void
diverge_one(struct made *w)
{
	diverge(w, 1, CASE_CONVERGENCE);
}

static void
diverge_two(struct made *w)
{
	diverge(w, 2, CASE_CONVERGENCE | CASE_CHAOS);
}

static void
diverge_half(struct made *w)
{
	diverge(w, 3, CASE_CONVERGENCE | CASE_CHAOS);
}

static void
diverge_all(struct made *w)
{
	diverge(w, MADE_VARIANTS, CASE_CHAOS);
}

static void
diverge_and_more(struct made *w)
{
	diverge(w, 1, CASE_CONVERGENCE | CASE_CITATIONS);
}

/* Three of six were in error, and one of those that answered diverged. */
static void
diverge_errors(struct made *w)
{
	struct cell_arm *x = &w->cell[0].arm[1];

	diverge(w, 1, CASE_CONVERGENCE);
	x->lambda[LAMBDA_CONVERGENT] = 2;
	x->lambda[LAMBDA_COLLAPSED] = 3;
	x->convergence = 2.f / 3;
	x->answered = 3;
}

/* Five of six were in error, and the one that answered diverged. */
static void
diverge_alone(struct made *w)
{
	struct cell_arm *x = &w->cell[0].arm[1];

	diverge(w, 1, CASE_CONVERGENCE);
	x->lambda[LAMBDA_CONVERGENT] = 0;
	x->lambda[LAMBDA_COLLAPSED] = 5;
	x->convergence = 0;
	x->answered = 1;
}

/* It had lost one on the baseline, too: no more than one was lost. */
static void
diverge_before(struct made *w)
{
	struct cell_arm *x = &w->cell[0].arm[0];

	diverge(w, 3, CASE_CONVERGENCE);
	x->lambda[LAMBDA_CONVERGENT] = 4;
	x->lambda[LAMBDA_SPLIT] = 2;
	x->convergence = 4.f / 6;
}

static void
all_question(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].arm[1].m[M_DS_QUESTION_RETRIEVED] += .05f;
}

/* Answers move by .06 in every case, a little differently. */
static void
drift(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].drift = .06f + .01f * made_sign(i);
}

/* A few answers move so much that the mean may be real, or chance. */
static void
drift_maybe(struct made *w)
{
	unsigned i;

	for (i = 0; i < 3; i++)
		w->cell[i].drift = 1.2f;
	w->cell[3].drift = -.1f;
}

static void
drift_tail(struct made *w)
{
	unsigned i;

	for (i = 0; i < 12; i++)
		w->cell[i].drift = .2f;
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

static void
body(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].ln_latency = .25f + .02f * made_sign(i);
}

/* 20 % slower, but by .2 ms: nobody notices. */
static void
body_small(struct made *w)
{
	body(w);
	w->score.arm[ARM_BASELINE].p50_ns = 1e6;
	w->score.arm[ARM_CANDIDATE].p50_ns = 1.2e6;
}

static void
tail(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n * MADE_VARIANTS; i += 10)
		w->cand[i] = 300e6f + 2e6f * (float)i;
}

static void
tail_few(struct made *w)
{
	tail(w);
	w->score.pairs.n = 60;
}

static void
errors(struct made *w, unsigned k, uint16_t cell_arm, int is_5xx)
{
	unsigned i;

	for (i = 0; i < k; i++) {
		w->cell[i].err[cell_arm] = 1;
		w->cell[i].arm[cell_arm].n_error = 1;
		if (!is_5xx)
			continue;
		w->cell[i].http_5xx[cell_arm] = 1;
		w->cell[i].arm[cell_arm].n_5xx = 1;
	}
}

static void
errors_many(struct made *w)
{
	errors(w, 20, 1, 0);
}

static void
errors_5xx(struct made *w)
{
	errors(w, 20, 1, 1);
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
cost(struct made *w, float more)
{
	unsigned i;

	for (i = 0; i < w->n; i++) {
		w->cell[i].arm[0].m[M_COST] = .01f + .001f * made_sign(i);
		w->cell[i].arm[1].m[M_COST] = more *
		    (.01f + .001f * made_sign(i / 2));
	}
}

static void
cost_up(struct made *w)
{
	cost(w, 1.3f);
}

static void
cost_same(struct made *w)
{
	cost(w, 1);
}

static void
flips(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].arm[1].flip_rate = .4f;
}

static void
flips_both(struct made *w)
{
	unsigned i;

	flips(w);
	for (i = 0; i < w->n; i++)
		w->cell[i].arm[0].flip_rate = .4f;
}

static void
band(struct made *w)
{
	unsigned i;

	for (i = 40; i < 60; i++)
		w->cell[i].arm[1].in_band = 1;
}

/* ---- pins -------------------------------------------------------------- */

static void
pins_same(struct made *w, const char *name)
{
	made_pin(w, ARM_BASELINE, name, "1", 600);
	made_pin(w, ARM_CANDIDATE, name, "1", 600);
}

static void
pins_other(struct made *w, const char *name)
{
	made_pin(w, ARM_BASELINE, name, "1", 600);
	made_pin(w, ARM_CANDIDATE, name, "2", 600);
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

static void
drift_index(struct made *w)
{
	drift(w);
	pins_other(w, "INDEX_VER");
}

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

/* ---- runs that are not to be trusted ----------------------------------- */

static void
late(struct made *w)
{
	w->in.replay.paced = 1;
	w->in.replay.late_p99_ns = w->suite->late_max_ns + 1;
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

/* Ten lost, spread over the tenants: no slice has enough of them. */
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

struct rule {
	const char *name;
	unsigned n;		/* 0: 100 */
	const char *more;	/* of the suite, or NULL */
	int no_gold;
	void (*spoil)(struct made *);
	enum verdict want;
	const char *gate;	/* NULL: none in particular */
	enum gate_verdict gate_want;
	const char *says;	/* within the first reason, or NULL */
};

#define STRICT "gates: {strict: true}\n"
#define ALONE "targets:\n  candidate: {url: \"http://x:2\"}\n"

static const struct rule rules[] = {
	{ "equal stacks pass", 0, NULL, 0, nothing, VERDICT_PASS, "cases",
	    GATE_PASS, NULL },
	{ "twenty of a hundred lost", 0, NULL, 0, lose_twenty, VERDICT_FAIL,
	    "cases", GATE_FAIL, "" },
	{ "four of a hundred: beyond the margin, undecided", 0,
	    "gates: {coverage: false}\n", 0, lose_four,
	    VERDICT_INCONCLUSIVE, "cases", GATE_INCONCLUSIVE,
	    "would decide" },
	{ "broken on both is a defect of the baseline", 0, NULL, 0,
	    broken_on_both, VERDICT_PASS, "coverage_min", GATE_PASS, NULL },
	{ "an absolute level is not judged where the baseline is no better",
	    0, "gates: {coverage_min: 0.8}\n", 0, broken_on_both,
	    VERDICT_PASS, "coverage_min", GATE_NOT_JUDGED, NULL },
	{ "one critical regression, whatever n", 0,
	    "cases: {file: gold.jsonl, critical: true}\n"
	    "gates: {coverage: false}\n", 0, critical_lost, VERDICT_FAIL,
	    "cases", GATE_PASS, "critical case c0" },
	{ "critical, one of six diverged", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_one, VERDICT_REVIEW, NULL, GATE_PASS,
	    "1 of 6 answered" },
	{ "critical, two of six diverged", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_two, VERDICT_REVIEW, NULL, GATE_PASS,
	    "2 of 6 answered" },
	{ "critical, half diverged", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_half, VERDICT_FAIL, NULL, GATE_PASS,
	    "critical case c0" },
	{ "critical, all diverged", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_all, VERDICT_FAIL, NULL, GATE_PASS,
	    "critical case c0" },
	{ "critical, one diverged and its citation is wrong", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_and_more, VERDICT_FAIL, NULL, GATE_PASS,
	    "critical case c0" },
	{ "critical, errors take no convergence", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_errors, VERDICT_REVIEW, NULL, GATE_PASS,
	    "1 of 3 answered" },
	{ "critical, nor do they where none converged", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_alone, VERDICT_REVIEW, NULL, GATE_PASS,
	    "1 of 1 answered" },
	{ "critical, unstable before", 0,
	    "cases: {file: gold.jsonl, critical: true}\n", 0,
	    diverge_before, VERDICT_REVIEW, NULL, GATE_PASS,
	    "1 of 6 answered" },
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
	{ "drift that may be chance", 0, NULL, 0, drift_maybe,
	    VERDICT_INCONCLUSIVE, "answer_drift", GATE_INCONCLUSIVE, NULL },
	{ "the tail of drift stops hard", 0, "gates: {answer_drift: false}\n",
	    0, drift_tail, VERDICT_FAIL, "answer_drift_tail", GATE_FAIL,
	    NULL },
	{ "instability", 0, NULL, 0, unstable, VERDICT_FAIL, "instability",
	    GATE_FAIL, NULL },
	{ "order with gold is for review", 0, NULL, 0, order,
	    VERDICT_REVIEW, "order", GATE_REVIEW, NULL },
	{ "order without gold gates", 0, NULL, 1, order, VERDICT_FAIL,
	    "order", GATE_FAIL, NULL },
	{ "latency of the body", 0, NULL, 0, body, VERDICT_FAIL,
	    "latency_body", GATE_FAIL, NULL },
	{ "a rise below a millisecond", 0, NULL, 0, body_small, VERDICT_PASS,
	    "latency_body", GATE_PASS, NULL },
	{ "latency of the tail", 0, NULL, 0, tail, VERDICT_FAIL,
	    "latency_p95", GATE_FAIL, NULL },
	{ "fewer than 72 pairs judge no tail", 0, NULL, 0, tail_few,
	    VERDICT_INCONCLUSIVE, "latency_p95", GATE_INCONCLUSIVE,
	    "72" },
	{ "smoke does not judge time", 0, "profile: smoke\n", 0, body,
	    VERDICT_PASS, "latency_body", GATE_NOT_JUDGED, NULL },
	{ "a recorded baseline has no latency", 0, NULL, 0, recorded,
	    VERDICT_PASS, "latency_body", GATE_NOT_JUDGED, NULL },
	{ "errors", 0, NULL, 0, errors_many, VERDICT_FAIL, "errors",
	    GATE_FAIL, NULL },
	{ "errors that may be chance", 0, NULL, 0, errors_three,
	    VERDICT_INCONCLUSIVE, "errors", GATE_INCONCLUSIVE,
	    "would decide" },
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
	{ "flip rate stops hard", 0, "gates: {lambda_flip: false}\n", 0,
	    flips, VERDICT_FAIL, "flip_rate", GATE_FAIL, NULL },
	{ "flip rate alike on both", 0, NULL, 0, flips_both, VERDICT_PASS,
	    "flip_rate", GATE_PASS, NULL },
	{ "cases moved into the review band", 0, NULL, 0, band,
	    VERDICT_REVIEW, NULL, GATE_PASS, "review band" },

	{ "a pin that differs is information", 0, NULL, 0, index_other,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "pins.equal", 0, "pins: {equal: [INDEX_VER]}\n", 0, index_other,
	    VERDICT_FAIL, NULL, GATE_PASS, "must not" },
	{ "pins.equal, equal", 0, "pins: {equal: [INDEX_VER]}\n", 0,
	    index_same, VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "pins.equal, not sent by the candidate", 0,
	    "pins: {equal: [INDEX_VER]}\n", 0, index_gone, VERDICT_FAIL,
	    NULL, GATE_PASS, "must not" },
	{ "pins.expect unchanged", 0, "pins: {expect: [INDEX_VER]}\n", 0,
	    index_same, VERDICT_FAIL, NULL, GATE_PASS, "did not" },
	{ "pins.expect not sent at all", 0, "pins: {expect: [INDEX_VER]}\n",
	    0, nothing, VERDICT_FAIL, NULL, GATE_PASS, "did not" },
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

	{ "late", 0, NULL, 0, late, VERDICT_INVALID, NULL, GATE_PASS,
	    "late" },
	{ "a closed loop is never late", 0, NULL, 0, late_closed,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "a lost record", 0, NULL, 0, lost, VERDICT_INVALID, NULL,
	    GATE_PASS, "lost" },
	{ "INVALID before FAIL", 0, NULL, 0, lost_and_bad, VERDICT_INVALID,
	    "cases", GATE_FAIL, "INVALID" },
	{ "an empty baseline", 0, NULL, 0, no_baseline_obs, VERDICT_INVALID,
	    NULL, GATE_PASS, "baseline" },
	{ "an empty candidate", 0, NULL, 0, no_candidate_obs,
	    VERDICT_INVALID, NULL, GATE_PASS, "candidate" },
	{ "nobody answered", 0, NULL, 0, no_answers, VERDICT_CANNOT_RUN,
	    NULL, GATE_PASS, NULL },
	{ "all 401", 0, NULL, 0, unauthorized, VERDICT_INVALID, NULL,
	    GATE_PASS, "401" },
	{ "an arm lost on the way", 0, NULL, 0, gone, VERDICT_INVALID, NULL,
	    GATE_PASS, "lost on the way" },
	{ "five failures at the end", 0, NULL, 0, failures_at_end,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
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
	{ "alone, and empty", 0, ALONE, 0, single_empty,
	    VERDICT_CANNOT_RUN, NULL, GATE_PASS, NULL },

	{ "a slice within its margin", 100, "slices: [tags.tenant]\n"
	    "gates: {cases: 1}\n", 0, lose_tenant, VERDICT_PASS,
	    "slice:tags.tenant=c/cases", GATE_PASS, NULL },
	{ "a slice that is lost, named", 100, "slices: [tags.tenant]\n", 0,
	    lose_tenant, VERDICT_FAIL, "slice:tags.tenant=c/cases",
	    GATE_FAIL, NULL },
	{ "slices that share a loss", 100, "slices: [tags.tenant]\n"
	    "gates: {pass_rate: 0.1}\n", 0, lose_spread,
	    VERDICT_INCONCLUSIVE, "cases", GATE_INCONCLUSIVE, NULL },
	{ "slices of one case each", 100, "slices: [tags.nth]\n", 0,
	    nothing, VERDICT_PASS, "cases", GATE_PASS, NULL },
	{ "a slice that no case has", 100, "slices: [tags.none]\n", 0,
	    nothing, VERDICT_PASS, "cases", GATE_PASS, NULL },

	{ "a quarantined case does not count", 0,
	    "cases: {file: gold.jsonl, critical: true}\n"
	    "gates: {coverage: false}\nquarantine:\n"
	    "  - {case: c0, owner: kim, until: 2026-02-01}\n", 0,
	    critical_lost, VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "an expired quarantine fails", 0, "quarantine:\n"
	    "  - {case: c0, owner: kim, until: 2026-01-01}\n", 0, nothing,
	    VERDICT_FAIL, NULL, GATE_PASS, "quarantine of case c0" },
	{ "the day before it does not", 0, "quarantine:\n"
	    "  - {case: c0, owner: kim, until: 2026-01-02}\n", 0, nothing,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },

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

/* returns 1 when a rule does not hold, and says so */
static int
broken_rule(const struct rule *x, const struct result *r)
{
	const struct result_gate *g = x->gate == NULL ? NULL :
	    made_gate(r, x->gate);

	if (r->verdict != x->want || r->exit_status != (int)x->want) {
		print_error("%s: %s, not %s (%s)\n", x->name,
		    verdict_name(r->verdict), verdict_name(x->want),
		    r->n_reasons > 0 ? r->reasons[0] : r->headline);
		return 1;
	}
	if (g != NULL && g->verdict != x->gate_want) {
		print_error("%s: gate %s %s, not %s (%s; p %g)\n", x->name,
		    x->gate, gate_verdict_name(g->verdict),
		    gate_verdict_name(x->gate_want), g->why, g->p);
		return 1;
	}
	if (x->says != NULL && (r->n_reasons == 0 ||
	    strstr(r->reasons[0], x->says) == NULL)) {
		print_error("%s: \"%s\" does not say \"%s\"\n", x->name,
		    r->n_reasons > 0 ? r->reasons[0] : "", x->says);
		return 1;
	}
	return 0;
}

static void
test_rules(void **state)
{
	struct made w;
	struct result *r;
	int broken = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		made_init(&w, rules[i].n == 0 ? 100 : rules[i].n,
		    rules[i].more == NULL ? "" : rules[i].more,
		    !rules[i].no_gold);
		rules[i].spoil(&w);
		r = made_judge(&w);
		broken += broken_rule(&rules[i], r);
		result_free(r);
		made_fini(&w);
	}
	assert_int_equal(broken, 0);
}

/* A lone p of .008 passes Holm alone, and not among twenty others. */
static void
test_holm(void **state)
{
	struct made w;
	struct result *r;
	const struct result_gate *g;
	unsigned i;

	(void)state;
	made_init(&w, 100, "gates: {coverage: false}\n", 1);
	for (i = 0; i < 7; i++) {
		w.cell[i].arm[1].state = CASE_FAIL;
		w.cell[i].arm[1].reasons = CASE_EXPECT;
	}
	r = made_judge(&w);
	g = made_gate(r, "cases");
	assert_near(g->p, 1 / 128.0, 1e-9);
	assert_true(g->p_holm > .01);
	assert_int_equal(g->verdict, GATE_INCONCLUSIVE);
	assert_true(g->n_needed > 100);
	result_free(r);
	made_fini(&w);
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
		small += strstr(r->notes[i], "too small to judge: a (9), "
		    "c (9)") != NULL;
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
	assert_ptr_equal(strstr(r->reasons[0], "INVALID:"), r->reasons[0]);
	assert_ptr_equal(strstr(r->reasons[1], "FAIL:"), r->reasons[1]);
	assert_ptr_equal(strstr(r->reasons[r->n_reasons - 1], "REVIEW:"),
	    r->reasons[r->n_reasons - 1]);
	result_free(r);
	made_fini(&w);
}

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

/* What differs between the arms is chance, and some of it is much. */
static void
noisy(struct made *w)
{
	unsigned i, a;

	for (i = 0; i < w->n; i++) {
		struct cell *c = &w->cell[i];

		c->drift = (float)(.1 * rng_normal(w->n, 1, i));
		c->floor_c += (float)(.2 * rng_normal(w->n, 2, i));
		c->ln_latency = (float)(.5 * rng_normal(w->n, 3, i));
		for (a = 0; a < 2; a++) {
			c->arm[a].m[M_COVERAGE] =
			    (float)rng_unit(w->n, 10 + a, i);
			c->arm[a].convergence =
			    (float)rng_below(w->n, 12 + a, i, 7) / 6;
			c->arm[a].flip_rate = (float)rng_unit(w->n, 14 + a, i);
			c->arm[a].m[M_DS_QUESTION_RETRIEVED] = .45f +
			    (float)(.1 * rng_normal(w->n, 16 + a, i));
			c->arm[a].m[M_COST] =
			    (float)(1 + rng_unit(w->n, 18 + a, i));
		}
	}
}

static void
noisy_gaps(struct made *w)
{
	unsigned i;

	noisy(w);
	for (i = 0; i < w->n; i += 3) {
		w->cell[i].arm[i % 2].m[M_COVERAGE] = NAN;
		w->cell[i].arm[i % 2].convergence = NAN;
		w->cell[i].drift = NAN;
		w->cell[i].ln_latency = NAN;
	}
}

/* A third of the cases is much worse on one arm or the other. */
static void
noisy_few(struct made *w)
{
	unsigned i;

	noisy(w);
	for (i = 0; i < w->n; i += 3) {
		w->cell[i].arm[i & 1].state = CASE_FAIL;
		w->cell[i].drift *= 6;
	}
	tail(w);
	errors(w, 12, 1, 1);
}

/* The rate by its definition: every relabelling judged. */
static double
judge_all(struct made *w)
{
	struct result_gate g[64];
	struct err err = ERR_INIT;
	uint32_t swap[32];
	struct gate_in in = { .limits = &w->suite->limits,
		.score = &w->score, .seed = w->suite->seed, .paired = 1,
		.latency = 1, .drift = DRIFT_HARD, .has_gold = 1,
		.swap = swap };
	int k, i, n, fails = 0;

	for (k = 0; k < 200; k++) {
		for (i = 0; i < 32; i++)
			swap[i] = (uint32_t)rng_u64(in.seed,
			    900 + (uint64_t)k, (uint64_t)i);
		n = gates_judge(&in, NULL, g, &err);
		for (i = 0; i < n && g[i].verdict != GATE_FAIL; i++)
			continue;
		fails += i < n;
	}
	return fails / 200.0;
}

static void
test_false_alarm_agrees(void **state)
{
	static const struct {
		void (*spoil)(struct made *);
		unsigned n;
	} runs[] = {
		{ lose_twenty, 50 }, { drift_tail, 100 }, { body, 20 },
		{ tail, 100 }, { errors_5xx, 50 }, { cost_up, 20 },
		{ flips, 20 }, { flips_both, 100 }, { noisy, 20 },
		{ noisy, 60 }, { noisy, 100 }, { noisy_gaps, 30 },
		{ noisy_gaps, 70 }, { noisy_few, 40 }, { noisy_few, 90 },
		{ noisy_few, 150 },
	};
	struct made w;
	struct result *r;
	int alarms = 0;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(runs) / sizeof(runs[0]); i++) {
		made_init(&w, runs[i].n, "", 1);
		runs[i].spoil(&w);
		use_threads(i % 2 == 0 ? 1 : 4);
		r = made_judge(&w);
		assert_near(r->trust.aa_false_alarm, judge_all(&w), 0);
		alarms += r->trust.aa_false_alarm > 0;
		result_free(r);
		made_fini(&w);
	}
	assert_true(alarms >= 3);
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

static void
test_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; gate_rows[i].name != NULL; i++) {
		assert_string_equal(gate_rows[i].name, limits_gates[i]);
		assert_int_equal(gate_find(gate_rows[i].name), (int)i);
		if (gate_rows[i].pair != NULL)
			assert_true(gate_find(gate_rows[i].pair) >= 0);
		if (gate_rows[i].kind == KIND_MEAN)
			assert_true(gate_rows[i].worst > 0);
	}
	assert_null(limits_gates[i]);
	assert_int_equal(gate_find("nonsense"), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_holm),
		cmocka_unit_test(test_named),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_false_alarm),
		cmocka_unit_test(test_false_alarm_agrees),
		cmocka_unit_test(test_fail_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
