/* What a suite can see: what is called visible is seen that often. */
#include "tests/unit/judge/verdict_world.h"

#include "harness/base/rng.h"
#include "harness/judge/gate_part.h"
#include "harness/judge/plan_see.h"
#include "harness/judge/see.h"
#include "harness/stat/stat_blocks.h"
#include "harness/stat/stat_replicate.h"
#include "harness/stat/stat_dist.h"

enum { GATES_MAX = 64 };

struct seeing {
	struct made w;
	struct see_in in;
	struct see_gate gate[GATES_MAX];
	size_t n;
};

static void
see(struct seeing *x, unsigned n)
{
	struct err err = ERR_INIT;

	made_init(&x->w, n, "", 1);
	x->in = (struct see_in){ .suite = x->w.suite, .plan = &x->w.plan,
		.n_gold = n, .priced = 1, .paired = 1, .latency = 1,
		.family = gate_family(NULL, 0) };
	assert_int_equal(plan_see(&x->in, NULL, x->gate, &x->n, &err), RC_OK);
	assert_true(x->n > 10);
}

static const struct see_gate *
gate(const struct seeing *x, const char *name)
{
	size_t i;

	for (i = 0; i < x->n; i++) {
		if (strcmp(x->gate[i].row->name, name) == 0)
			return &x->gate[i];
	}
	fail_msg("no gate %s", name);
	return NULL;
}

static double
power(const struct seeing *x, const struct see_gate *s, double effect,
    double share)
{
	return plan_see_power(&x->in, s,
	    &(struct see_harm){ effect, share, 0 });
}

/* Power at the visible effect is what it is called visible for. */
static void
test_inverse(void **state)
{
	static struct seeing x;
	struct see_harm h = { 0, 1, 0 };
	double v;
	size_t i;
	int k;

	(void)state;
	see(&x, 100);
	for (i = 0; i < x.n; i++) {
		const struct see_gate *s = &x.gate[i];

		assert_true(s->n > 0 && s->n <= x.w.plan.n_items);
		if (strcmp(s->unit, "share") == 0)
			continue;
		for (k = 0; k < SEE_POWERS; k++) {
			v = s->visible[k];
			if (isfinite(s->slow[k]))
				assert_near(power(&x, s, 9, s->slow[k]),
				    see_power[k], 1e-6);
			if (!isfinite(v))
				continue;
			h.effect = v;
			assert_near(plan_see_power(&x.in, s, &h),
			    see_power[k], .01);
		}
	}
	made_fini(&x.w);
}

/* So many cases that lost it all, exactly. */
static double
lost(const struct seeing *x, const struct see_gate *s, double share)
{
	uint64_t k = (uint64_t)(share * (double)s->n + .5);
	struct see_harm h = { share, share, k };

	return plan_see_power(&x->in, s, &h);
}

/* Shares are all or nothing: the smallest number of cases that FAILs so
 * often, and one case less does not; what a PASS can hide is less. */
static void
test_cases(void **state)
{
	static const double sd[] = { 0, .02, .1, .3 };
	static struct seeing x;
	struct see_gate s;
	double v, before = 0;
	size_t i;
	unsigned n;

	(void)state;
	for (n = 20; n <= 100; n += 40) {
		see(&x, n);
		before = 0;
		for (i = 0; i < sizeof(sd) / sizeof(sd[0]); i++) {
			s = *gate(&x, "cases");
			s.sd = sd[i];
			v = see_visible_replicate(&x.in, &s, .98);
			assert_true(v >= before && v > s.margin);
			before = v;
			if (v > 1)
				continue;
			assert_true(lost(&x, &s, v) >= .98);
			assert_true(lost(&x, &s, v - 1.0 / n) < .98);
			assert_true(see_hidden_replicate(&x.in, &s, .05) < v);
		}
		/* steady: the first that is beyond two in a hundred */
		s.sd = 0;
		assert_near(see_visible_replicate(&x.in, &s, .98),
		    (floor(.02 * n) + 1) / n, 1e-9);
		made_fini(&x.w);
	}
}

/* Told, and seen in runs of the very test. */
static double
seen_in_runs(unsigned n, unsigned k, double flaky, double alpha)
{
	enum { RUNS = 150, V = 6 };
	struct stat_draw draw = { 5, 0, 1999 };
	struct stat_replicate_out out;
	struct stat_replicate *r;
	double x[3], by[STAT_TURNS], seen = 0;
	unsigned run, i, v, a;
	int twice, rc = RC_OK;

	for (run = 0; run < RUNS; run++) {
		draw.stream = run;
		assert_int_equal(stat_replicate_new(1, V, &draw, &r), RC_OK);
		for (i = 0; i < n * V && rc == RC_OK; i++) {
			const struct stat_unit u = { i / V, i % V };

			v = i % V;
			twice = (u.case_index + v) % 2 == 0 ? STAT_BASE :
			    STAT_CAND;
			for (a = 0; a < 3; a++)
				x[a] = rng_unit(run, a, i) >= flaky;
			if (u.case_index < k) {
				x[STAT_BASE] = 1;
				x[STAT_CAND] = 0;
				x[STAT_ECHO] = twice == STAT_BASE;
			}
			(void)stat_replicate_differ(x, twice, by);
			for (a = 0; a < STAT_TURNS; a++)
				by[a] = -by[a] / V;
			rc = stat_replicate_turn(r, 0, &u, by);
		}
		assert_int_equal(rc, RC_OK);
		assert_int_equal(stat_replicate_finish(r), RC_OK);
		stat_replicate_get(r, 0, &out);
		seen += out.sum / n > .02 && out.p <= alpha;
		stat_replicate_free(r);
	}
	return seen / RUNS;
}

static void
test_runs(void **state)
{
	static const struct { unsigned n, k; double flaky; } t[] = {
		{ 40, 1, 0 }, { 40, 2, .05 }, { 40, 3, .15 }, { 100, 4, .1 },
	};
	static struct seeing x;
	struct see_gate s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		see(&x, t[i].n);
		s = *gate(&x, "cases");
		/* of one variant: its three answers differ by chance */
		s.sd = sqrt(t[i].flaky * (1 - t[i].flaky) * 1.5 /
		    MADE_VARIANTS);
		assert_near(lost(&x, &s, t[i].k / (double)t[i].n),
		    seen_in_runs(t[i].n, t[i].k, t[i].flaky, .005), .13);
		made_fini(&x.w);
	}
}

/* Of a known number of cases no more can be hit. */
static void
test_of(void **state)
{
	static struct seeing x;
	const struct see_gate *tail, *coverage;
	struct see_harm h = { .09, .09, 9 };

	(void)state;
	see(&x, 100);
	tail = gate(&x, "answer_drift_tail");
	coverage = gate(&x, "coverage");
	/* eight are enough for the tail */
	assert_near(plan_see_power(&x.in, tail, &h), 1, 1e-12);
	h.of = 18;	/* each of which shows it every other time */
	assert_near(plan_see_power(&x.in, tail, &h),
	    dist_binom_upper(18, 8, .5), 1e-9);
	h = (struct see_harm){ .3, .3, 30 };
	assert_true(plan_see_power(&x.in, coverage, &h) > .99);
	made_fini(&x.w);
}

/* What a PASS can hide is told of latency, rates and cost, too: more than the
 * margin, and less than what surely FAILs. */
static void
test_hides(void **state)
{
	static const char *const names[] = { "latency_body", "latency_p95",
		"errors", "http_429", "http_5xx", "cost",
		"answer_drift_tail" };
	static struct seeing x;
	const struct see_gate *s;
	size_t i;

	(void)state;
	see(&x, 100);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		s = gate(&x, names[i]);
		if (!isfinite(s->hides) || s->hides <= 0 ||
		    s->hides >= s->visible[SEE_SURE] ||
		    (strcmp(s->unit, "share") != 0 && s->hides <= s->margin))
			fail_msg("%s: margin %g, hides %g, surely seen %g",
			    names[i], s->margin, s->hides,
			    s->visible[SEE_SURE]);
	}
	made_fini(&x.w);
}

/* An earlier run of this suite that passed, and what it saw of latency. */
static void
remember(struct seeing *x, struct store *store, const char *home,
    double se)
{
	struct store_run run = { .n_cases = 0 };
	struct err err = ERR_INIT;
	struct result *r = result_new();
	struct result_gate *g;

	(void)snprintf(run.suite_name, sizeof(run.suite_name), "%s",
	    x->w.suite->name);
	assert_int_equal(store_run_new(store, home, &run, &err), RC_OK);
	r->run.id = result_str(r, run.id);
	r->verdict = VERDICT_PASS;
	r->gates = g = result_alloc(r, sizeof(*g));
	r->n_gates = 1;
	*g = (struct result_gate){ .name = "latency_body", .title = "",
		.metric = "", .unit = "ratio", .test = "", .why = "",
		.verdict = GATE_PASS, .limit = 1.1, .value = 1, .base = 20e6,
		.cand = 20e6, .noise = 1 + 1.959964 * se, .n = 1400 };
	assert_int_equal(store_result_put(store, r, &err), RC_OK);
	result_free(r);
}

/* A short plan is measured on for as long as the runs before it: what it sees
 * of latency is what they saw, by as many blocks of time. */
static void
test_history(void **state)
{
	static const double se = .05;
	static struct seeing x;
	const struct see_gate *s;
	const struct stat_blocks_design d = { STAT_BLOCKS_MIN, se, 1.1,
		log(1.05),
		.01 * .5 / gate_family(NULL, 0) };
	struct err err = ERR_INIT;
	char home[] = "/tmp/see.XXXXXX", cmd[64];
	struct store *store;
	int on;

	(void)state;
	assert_non_null(mkdtemp(home));
	see(&x, 20);
	assert_int_equal(store_open(home, &store, &err), RC_OK);
	remember(&x, store, home, se);
	for (on = 0; on < 2; on++) {
		x.in.measure_on = on;
		assert_int_equal(plan_see(&x.in, store, x.gate, &x.n, &err),
		    RC_OK);
		s = gate(&x, "latency_body");
		assert_int_equal(s->runs, 1);
		assert_int_equal(s->n, on ? 1400 : 20 * MADE_VARIANTS);
		assert_int_equal(s->blocks, STAT_BLOCKS_MIN);
		if (on)
			assert_near(s->visible[SEE_SURE],
			    stat_blocks_visible(&d, .98), 1e-9);
	}
	/* a longer run sees a smaller change */
	x.in.seconds = 60;
	assert_int_equal(plan_see(&x.in, store, x.gate, &x.n, &err), RC_OK);
	assert_int_equal(gate(&x, "latency_body")->blocks, 80);
	assert_true(gate(&x, "latency_body")->visible[SEE_SURE] <
	    stat_blocks_visible(&d, .98));
	store_close(&store);
	(void)snprintf(cmd, sizeof(cmd), "rm -rf %s", home);
	assert_int_equal(system(cmd), 0);
	made_fini(&x.w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inverse),
		cmocka_unit_test(test_hides),
		cmocka_unit_test(test_history),
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
