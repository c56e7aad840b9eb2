/* What a suite can see: what is called visible is seen that often. */
#include "tests/unit/judge/verdict_world.h"

#include "harness/base/rng.h"
#include "harness/judge/gate_test.h"
#include "harness/judge/plan_see.h"
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
		.n_gold = n, .priced = 1, .paired = 1, .latency = 1 };
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
	double v, more;
	size_t i;
	int k;

	(void)state;
	see(&x, 100);
	for (i = 0; i < x.n; i++) {
		const struct see_gate *s = &x.gate[i];
		/* shares are taken to be all or nothing */
		int hits = s->row->how->kind == KIND_TAIL || (strcmp(s->unit,
		    "share") == 0 && s->row->how->kind == KIND_MEAN);

		for (k = 0; k < SEE_POWERS; k++) {
			if (isfinite(s->slow[k]))
				assert_near(power(&x, s, 9, s->slow[k]),
				    see_power[k], 1e-6);
			v = s->visible[k];
			more = strcmp(s->unit, "ratio") == 0 ?
			    1 + (v - 1) * 1.1 : v * 1.1;
			if (!isfinite(v))
				continue;
			assert_near(power(&x, s, v, hits ? v : 1),
			    see_power[k], hits ? .1 : .01);
			assert_true(power(&x, s, more,
			    hits ? more : 1) > see_power[k]);
		}
	}
	made_fini(&x.w);
}

/* Told, and seen in runs: some cases lose it all, the others are noise. */
static void
test_hits(void **state)
{
	enum { N = 100, RUNS = 400 };
	static struct seeing x;
	static const struct { double share, sd; } t[] = {
		{ .12, .01 }, { .16, .01 }, { .2, .05 }, { .16, .2 },
		{ .3, .2 },
	};
	struct stat_draw draw = { 5, 0, 0 };
	struct stat_test out;
	struct see_gate s;
	double d[N];
	size_t i, run;
	unsigned k, seen;

	(void)state;
	see(&x, N);
	s = *gate(&x, "coverage");
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s.sd = t[i].sd;
		for (seen = 0, run = 0; run < RUNS; run++) {
			for (k = 0; k < N; k++)
				d[k] = t[i].sd * rng_normal(i, run, k) +
				    (rng_unit(i + 90, run, k) < t[i].share);
			draw.stream = run;
			assert_int_equal(stat_signflip_mean(d, N, &draw,
			    STAT_GREATER, &out), RC_OK);
			seen += out.estimate > s.margin &&
			    out.p <= .01 / gate_family(NULL, 0);
		}
		assert_near(power(&x, &s, t[i].share, t[i].share),
		    seen / (double)RUNS, .08);
	}
	made_fini(&x.w);
}

/* Of a known number of cases no more can be hit. */
static void
test_of(void **state)
{
	static struct seeing x;
	const struct see_gate *tail, *cases, *coverage;
	struct see_harm h = { .09, .09, 9 };

	(void)state;
	see(&x, 100);
	tail = gate(&x, "answer_drift_tail");
	cases = gate(&x, "cases");
	coverage = gate(&x, "coverage");
	/* eight are enough for the tail, eleven for a sign test of all */
	assert_near(plan_see_power(&x.in, tail, &h), 1, 1e-12);
	assert_true(plan_see_power(&x.in, coverage, &h) < .05);
	assert_true(plan_see_power(&x.in, cases, &h) < .2);
	h.of = 18;	/* each of which shows it every other time */
	assert_near(plan_see_power(&x.in, tail, &h),
	    dist_binom_upper(18, 8, .5), 1e-9);
	h = (struct see_harm){ .3, .3, 30 };
	assert_true(plan_see_power(&x.in, coverage, &h) > .99);
	assert_true(plan_see_power(&x.in, cases, &h) > .99);
	/* by chance, or exactly so many: the same in the mean */
	h = (struct see_harm){ .16, .16, 0 };
	assert_true(plan_see_power(&x.in, cases, &h) < .95);
	h.of = 99;
	assert_near(plan_see_power(&x.in, cases, &h),
	    power(&x, cases, .16, .16), .05);
	made_fini(&x.w);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inverse),
		cmocka_unit_test(test_hits),
		cmocka_unit_test(test_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
