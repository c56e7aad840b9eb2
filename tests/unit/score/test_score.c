/* Scoring a run: what the cells and arms say of known faults. */
#include "harness/score/cells.h"
#include "tests/unit/score/score_world.h"

/* ---- known faults ------------------------------------------------------ */

static void
test_cells(void **state)
{
	struct world w;
	struct score_out *out;
	const struct cell *c;
	const struct cell_arm *a;

	(void)state;
	world_init(&w, 8, NULL, SIX, "");
	world_add_all(&w, loses);
	world_write(&w, 0);
	out = world_score(&w);
	assert_int_equal(cells_n(out->cells), 8);
	assert_int_equal(out->observations, w.n_lines);
	assert_int_equal(out->duplicates + out->unknown, 0);

	c = cells_get(out->cells, 1);	/* a healthy one */
	a = &c->arm[1];
	assert_int_equal(a->state, CASE_PASS);
	assert_int_equal(a->n, 6);
	assert_int_equal(a->lambda[LAMBDA_CONVERGENT], 6);
	assert_near((double)a->m[M_COVERAGE], 1, 0);
	assert_near((double)a->m[M_RECALL_AT_K], 1, 0);
	assert_near((double)a->m[M_MRR], 1, 0);
	assert_near((double)a->m[M_PRECISION_AT_K], 1.0 / 3, 1e-6);
	assert_near((double)a->m[M_CITATION_RECALL], 1, 0);
	assert_near((double)a->m[M_SCHEMA_OK], 1, 0);
	assert_near((double)a->m[M_DS_RETRIEVED_ANCHOR], 0, 1e-6);
	assert_near((double)a->m[M_EXPECT_OK], NAN, 0);
	assert_int_equal(a->answered, 6);
	assert_near((double)a->graded[GRADE_RANK], 1, 1e-6);
	assert_near((double)a->graded[GRADE_NED50], 0, 0);
	assert_near((double)a->graded[GRADE_ANSWER], 1, 1e-6);
	assert_near((double)a->graded[GRADE_GOLD_HIT], 1, 0);
	assert_near((double)a->graded[GRADE_CONTAIN], NAN, 0);
	assert_near((double)a->variance_ratio, 0, 1e-6);
	assert_true((double)a->m[M_DS_QUESTION_RETRIEVED] < .45);
	assert_near((double)c->drift, 0, 1e-6);
	assert_near((double)c->ds_answer, 0, 1e-6);
	assert_near((double)c->floor_b, 0, 1e-6);
	assert_near((double)c->order, 0, 1e-6);
	assert_int_equal(c->pairs, 6);

	c = cells_get(out->cells, 3);	/* a regression */
	a = &c->arm[1];
	assert_int_equal(c->arm[0].state, CASE_PASS);
	assert_int_equal(a->state, CASE_FAIL);
	assert_int_equal(a->reasons & (CASE_COVERAGE | CASE_CITATIONS |
	    CASE_QUESTION), CASE_COVERAGE | CASE_CITATIONS | CASE_QUESTION);
	assert_near((double)a->m[M_COVERAGE], 0, 0);
	assert_near((double)a->m[M_MAP], 0, 0);
	assert_near((double)a->m[M_CITATION_PRECISION], 0, 0);
	assert_true((double)c->drift > .3);
	assert_true((double)c->order > .3);
	assert_near((double)c->floor_c, 0, 1e-6);

	c = cells_get(out->cells, 5);	/* a baseline defect */
	assert_int_equal(c->arm[0].state, CASE_FAIL);
	assert_int_equal(c->arm[1].state, CASE_FAIL);
	assert_near((double)c->drift, 0, 1e-6);

	assert_int_equal(out->arm[ARM_BASELINE].sent, 48);
	assert_int_equal(out->arm[ARM_BASELINE2].sent, 24);
	assert_int_equal(out->arm[ARM_CANDIDATE2].sent, 24);
	assert_int_equal(out->pairs.n, 48);
	assert_int_equal(out->pairs.seen, 48);
	score_free(out);
	world_fini(&w);
}

/* ---- errors ------------------------------------------------------------ */

static void
test_errors(void **state)
{
	static const struct ex_attempt retried = { OUTCOME_HTTP_5XX, 503,
		1000, 2000 };
	struct world w;
	struct score_out *out;
	const struct cell *c;
	struct made_obs m;
	unsigned i;

	(void)state;
	world_init(&w, 3, NULL, "{paraphrases: 2, seeds: [1, 2]}", "");
	for (i = 0; i < 3; i++) {
		for (unsigned v = 0; v < 4; v++) {
			for (int a = 0; a <= ARM_CANDIDATE; a++) {
				made_init(&m, i, v, (enum arm)a);
				if (i == 0 && a == ARM_CANDIDATE && v == 1) {
					/* answered at the second attempt:
					 * the first one is judged */
					m.attempts = &retried;
					m.n_attempts = 1;
				}
				if (i == 1 && a == ARM_CANDIDATE && v > 0) {
					m.outcome = OUTCOME_RESET;
					m.status = 0;
				}
				if (i == 2 && v == 0) {
					m.outcome = OUTCOME_HTTP_429;
					m.status = 429;
				}
				world_add(&w, &m);
			}
		}
	}
	world_write(&w, 0);
	out = world_score(&w);
	c = cells_get(out->cells, 0);
	assert_int_equal(c->arm[1].n_error, 1);
	assert_int_equal(c->arm[1].n_5xx, 1);
	assert_int_equal(c->arm[1].state, CASE_PASS);
	assert_int_equal(c->err[1], 1);
	assert_int_equal(c->http_5xx[1], 1);
	assert_int_equal(c->pairs, 4);
	c = cells_get(out->cells, 1);	/* 1 of 4 answered */
	assert_int_equal(c->arm[1].state, CASE_UNJUDGED);
	assert_int_equal(c->arm[0].state, CASE_PASS);
	assert_int_equal(c->arm[1].n_error, 3);
	assert_int_equal(c->err[1], 3);
	assert_int_equal(c->pairs, 1);
	assert_int_equal(c->arm[1].lambda[LAMBDA_COLLAPSED], 3);
	c = cells_get(out->cells, 2);	/* throttled on both arms */
	assert_int_equal(c->http_429[2], 1);
	assert_int_equal(c->err[2], 1);
	assert_int_equal(c->arm[1].state, CASE_PASS);
	assert_near((double)c->arm[1].convergence, 1, 0);
	assert_int_equal(out->arm[ARM_CANDIDATE].outcomes[OUTCOME_RESET], 3);
	/* each with its time, the first attempt's where it was not the last */
	assert_int_equal(out->errors.n, 1 + 3 + 2);
	assert_int_equal(out->errors.seen, 6);
	assert_int_equal(out->errors.v[0].case_index, 0);
	assert_int_equal(out->errors.v[0].v, 1);
	assert_int_equal(out->errors.v[0].arm, 1);
	assert_int_equal(out->errors.v[0].cause, OUTCOME_HTTP_5XX);
	assert_int_equal(out->errors.v[0].both, 0);
	assert_int_equal(out->errors.v[0].from_ns, 1000);
	assert_int_equal(out->errors.v[0].to_ns, 3000);
	assert_int_equal(out->errors.v[5].case_index, 2);
	assert_int_equal(out->errors.v[5].both, 1);
	/* the last of the candidate's answers came after its failures */
	assert_int_equal(out->arm[ARM_CANDIDATE].tail_failures, 0);
	score_free(out);
	world_fini(&w);
}

/* ---- limits of a case -------------------------------------------------- */

struct limits_row {
	const char *gold, *more;
	unsigned bad;		/* variants of 4 that have the fault */
	world_fault_fn *fault;
	enum case_state state;
	unsigned reasons;
	unsigned missed;	/* variants that fail it */
};

static void
refuses(struct made_obs *m)
{
	m->answer = "I don't know.";
	m->cited = UINT32_MAX;
}

static void
finds_nothing(struct made_obs *m)
{
	m->k = 0;
	m->cited = UINT32_MAX;
}

static void
says_nothing(struct made_obs *m)
{
	m->answer = "";
}

static void
cites_nothing(struct made_obs *m)
{
	m->cited = UINT32_MAX;
}

static void
cites_elsewhere(struct made_obs *m)
{
	m->cited = 7;	/* what it did not retrieve */
}

static void
says_no_such_thing(struct made_obs *m)
{
	m->answer = "forty-two";
}

static void
says_it(struct made_obs *m)
{
	m->answer = "It takes 90 days, they say.";
}

static void
answers_404(struct made_obs *m)
{
	m->outcome = OUTCOME_HTTP_4XX;
	m->status = 404;
}

static void
test_limits(void **state)
{
#define WITH ",\"section_ids\":[\"s0\"]"
	static const struct limits_row t[] = {
		{ NULL, "", 0, NULL, CASE_PASS, 0, 0 },
		{ NULL, "", 1, loses, CASE_PASS, 0, 0 },
		{ NULL, "", 1, refuses, CASE_FAIL, CASE_REFUSED |
		    CASE_CONVERGENCE, 1 },
		{ NULL, "", 1, finds_nothing, CASE_FAIL, CASE_EMPTY |
		    CASE_CITATIONS | CASE_CONVERGENCE, 1 },
		{ NULL, "", 4, says_nothing, CASE_FAIL, CASE_MUTE |
		    CASE_CONVERGENCE, 4 },
		{ NULL, "", 1, cites_nothing, CASE_FAIL, CASE_CITATIONS |
		    CASE_CHAOS | CASE_CONVERGENCE, 1 },
		{ NULL, "", 4, cites_elsewhere, CASE_FAIL, CASE_CITATIONS |
		    CASE_SCHEMA | CASE_CONVERGENCE, 4 },
		{ WITH ",\"answers\":[\"90 days\"]", "", 4,
		    says_no_such_thing, CASE_FAIL, CASE_ANSWER, 4 },
		{ WITH ",\"answers\":[\"ninety\",\"90 Days\"]", "", 4,
		    says_it, CASE_PASS, 0, 0 },
		{ ",\"unanswerable\":true", "", 4, refuses, CASE_PASS, 0, 0 },
		{ ",\"unanswerable\":true", "", 3, refuses, CASE_FAIL,
		    CASE_UNANSWERABLE, 1 },
		{ WITH ",\"expect\":[{\"at\":\"/status\",\"op\":\"eq\","
		    "\"value\":404}]", "", 4, answers_404, CASE_PASS, 0, 0 },
		{ NULL, "gates: {k_of_m: 3}\n", 1, finds_nothing, CASE_PASS,
		    0, 0 },
		{ NULL, "gates: {k_of_m: 3}\n", 2, finds_nothing, CASE_FAIL,
		    CASE_EMPTY | CASE_CITATIONS | CASE_CONVERGENCE, 2 },
	};
#undef WITH
	struct world w;
	struct score_out *out;
	const struct cell *c;
	struct made_obs m;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		world_init(&w, 1, t[i].gold, "{paraphrases: 2, seeds: [1, 2]}",
		    t[i].more);
		for (unsigned v = 0; v < 4; v++) {
			made_init(&m, 0, v, ARM_BASELINE);
			world_add(&w, &m);
			m.arm = ARM_CANDIDATE;
			if (v >= 4 - t[i].bad)
				t[i].fault(&m);
			world_add(&w, &m);
		}
		world_write(&w, 0);
		out = world_score(&w);
		c = cells_get(out->cells, 0);
		if (c->arm[1].state != t[i].state ||
		    c->arm[1].reasons != t[i].reasons ||
		    c->arm[1].missed != t[i].missed)
			fail_msg("row %zu: state %d reasons %x missed %u", i,
			    c->arm[1].state, c->arm[1].reasons,
			    c->arm[1].missed);
		score_free(out);
		world_fini(&w);
	}
}

/* ---- pairs ------------------------------------------------------------- */

static int64_t echo_sent_ns, echo_total_ns;

static void
echoes_at(struct made_obs *m)
{
	m->sent_ns += 100000000;	/* room for earlier ones */
	if (m->arm != ARM_BASELINE2 && m->arm != ARM_CANDIDATE2)
		return;
	m->sent_ns += echo_sent_ns;
	m->total_ns = echo_total_ns;
}

/* Faster and later is a cache; faster and earlier is what tails do, and so
 * is faster and over before the other; all within a millisecond says
 * nothing. */
static void
test_cached_echo(void **state)
{
	static const struct {
		int64_t later_ns, total_ns;
		unsigned cached;
	} t[] = {
		{ 50000000, 1000000, 12 }, { -50000000, 1000000, 0 },
		{ 50000000, 90000000, 0 }, { -89000000, 90000000, 12 },
		{ 50000000, 19000000, 0 }, { -30000000, 90000000, 0 },
		{ 10000, 1000000, 0 },
	};
	struct world w;
	struct score_out *out;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		world_init(&w, 2, NULL, SIX, "");
		echo_sent_ns = t[i].later_ns;
		echo_total_ns = t[i].total_ns;
		world_add_all(&w, echoes_at);
		world_write(&w, 0);
		out = world_score(&w);
		assert_int_equal(out->cached_echoes, t[i].cached);
		assert_int_equal(cells_get(out->cells, 0)->cached_echo,
		    t[i].cached > 0);
		score_free(out);
		world_fini(&w);
	}
}

/* A refusal where the baseline answers is drift; where both decline alike,
 * it is none. */
static void
candidate_refuses(struct made_obs *m)
{
	int candidate = m->arm == ARM_CANDIDATE || m->arm == ARM_CANDIDATE2;

	if ((m->case_n == 0 && candidate) || m->case_n == 1)
		refuses(m);
}

static void
test_refusal_is_drift(void **state)
{
	struct world w;
	struct score_out *out;
	const struct cell *c;

	(void)state;
	world_init(&w, 3, NULL, SIX, "");
	world_add_all(&w, candidate_refuses);
	world_write(&w, 0);
	out = world_score(&w);
	c = cells_get(out->cells, 0);
	assert_true((double)c->drift > .4);
	assert_near((double)c->arm[1].refusal, 1, 0);
	assert_near((double)c->arm[0].refusal, 0, 0);
	assert_int_equal(c->arm[1].lambda[LAMBDA_COLLAPSED], 6);
	c = cells_get(out->cells, 1);
	assert_near((double)c->drift, 0, 1e-6);
	assert_int_equal(c->arm[0].state, CASE_FAIL);
	score_free(out);
	world_fini(&w);
}

/* Times count from the intended start when paced, from the first attempt
 * otherwise. */
static void
test_latency(void **state)
{
	static const struct ex_attempt retried = { OUTCOME_HTTP_5XX, 503,
		4000000, 1000000 };
	static const struct {
		int paced, retried;
		double total;
	} t[] = { { 0, 0, 30e6 }, { 1, 0, 37e6 }, { 0, 1, 36e6 },
		{ 1, 1, 37e6 } };
	struct world w;
	struct score_out *out;
	struct made_obs m;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		world_init(&w, 1, NULL, "{paraphrases: 1}", "");
		made_init(&m, 0, 0, ARM_BASELINE);
		m.total_ns = 15000000;
		m.sent_ns = 1;
		world_add(&w, &m);
		m.arm = ARM_CANDIDATE;
		m.sent_ns = 10000000;
		m.due_ns = 3000000;
		m.total_ns = 30000000;
		m.attempts = &retried;
		m.n_attempts = (size_t)t[i].retried;
		world_add(&w, &m);
		world_write(&w, 0);
		w.job.paced = t[i].paced;
		out = world_score(&w);
		assert_near((double)cells_get(out->cells,
		    0)->arm[1].m[M_TOTAL_NS], t[i].total, 10);
		assert_near((double)cells_get(out->cells, 0)->ln_latency,
		    log(t[i].total / 15e6), 1e-6);
		assert_near((double)out->pairs.cand[0], t[i].total, 10);
		assert_int_equal(out->pairs.at_ns[0], 1);
		assert_near((double)out->pairs.ttft_cand[0], NAN, 0);
		score_free(out);
		world_fini(&w);
	}
}

/* Cases without expectations are compared, not judged by limits of gold. */
static void
test_no_gold(void **state)
{
	struct world w;
	struct score_out *out;
	const struct cell *c;

	(void)state;
	world_init(&w, 5, "", SIX, "");
	world_add_all(&w, loses);
	world_write(&w, 0);
	out = world_score(&w);
	c = cells_get(out->cells, 3);
	assert_near((double)c->arm[1].m[M_COVERAGE], NAN, 0);
	assert_near((double)c->arm[1].m[M_RECALL_AT_K], NAN, 0);
	assert_near((double)c->arm[1].convergence, 1, 0);
	assert_true((double)c->drift > .3);
	c = cells_get(out->cells, 1);
	assert_int_equal(c->arm[1].state, CASE_PASS);
	score_free(out);
	world_fini(&w);
}

/* Bare texts: coverage by words, order and lambda by the texts themselves. */
static void
only_texts(struct made_obs *m)
{
	m->by_text = 1;
	m->cited = UINT32_MAX;
	loses(m);
	m->cited = UINT32_MAX;
}

static void
test_bare_texts(void **state)
{
	struct world w;
	struct score_out *out;
	const struct cell *c;

	(void)state;
	world_init(&w, 5, NULL, SIX, "");
	world_add_all(&w, only_texts);
	world_write(&w, 0);
	out = world_score(&w);
	c = cells_get(out->cells, 1);
	assert_int_equal(c->arm[1].state, CASE_PASS);
	assert_near((double)c->arm[1].m[M_COVERAGE], 1, 0);
	assert_near((double)c->arm[1].m[M_RECALL_AT_K], NAN, 0);
	assert_near((double)c->arm[1].m[M_SCHEMA_OK], NAN, 0);
	c = cells_get(out->cells, 3);
	assert_true((c->arm[1].reasons & CASE_COVERAGE) != 0);
	assert_true((double)c->arm[1].m[M_COVERAGE] < .3);
	assert_true((double)c->order > .3);
	score_free(out);
	world_fini(&w);
}

/* ---- arms -------------------------------------------------------------- */

static void
goes_away(struct made_obs *m)
{
	static char pins[256][64];
	unsigned n = m->case_n * 8 + m->v;

	(void)snprintf(pins[n % 256], sizeof(pins[0]),
	    "{\"REQUEST\":\"%u\",\"MODEL_VER\":\"m\"}", n);
	m->pins = pins[n % 256];
	m->cost = .001;
	if (m->arm == ARM_CANDIDATE && m->case_n >= 7) {
		m->outcome = OUTCOME_RESET;
		m->status = 0;
	} else if (m->case_n == 1) {
		m->outcome = OUTCOME_HTTP_4XX;
		m->status = 401;
	}
}

static void
test_arms(void **state)
{
	struct world w;
	struct score_out *out;
	const struct score_arm *a;

	(void)state;
	world_init(&w, 10, NULL, SIX, "");
	world_add_all(&w, goes_away);
	world_write(&w, 9);
	out = world_score(&w);
	a = &out->arm[ARM_CANDIDATE];
	assert_int_equal(a->sent, 60);
	assert_int_equal(a->answered, 36);
	assert_int_equal(a->tail_failures, 18);
	assert_int_equal(a->status_401, 6);
	assert_int_equal(a->outcomes[OUTCOME_RESET], 18);
	assert_int_equal(out->arm[ARM_BASELINE].tail_failures, 0);
	assert_near(a->cost_usd, .036, 1e-12);
	/* a pin that never repeats keeps a few values, the other all */
	assert_int_equal(a->n_pins, 9);
	assert_string_equal(a->pins[0].name, "MODEL_VER");
	assert_true(a->pins[0].n >= 36);
	assert_true(a->p50_ns >= 20e6 && a->max_ns <= 22e6);
	assert_true(a->p50_ns <= a->p95_ns && a->p95_ns <= a->p99_ns);
	assert_near(out->arm[ARM_BASELINE2].ttft_p50_ns, NAN, 0);
	score_free(out);
	world_fini(&w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_cached_echo),
		cmocka_unit_test(test_refusal_is_drift),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_no_gold),
		cmocka_unit_test(test_bare_texts),
		cmocka_unit_test(test_arms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
