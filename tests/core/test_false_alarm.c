/* The rate of false alarms: arms relabelled, every gate judged again. */
#include "tests/core/verdict_rules.h"

#include "harness/rng.h"
#include "tests/core/threads.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_false_alarm),
		cmocka_unit_test(test_false_alarm_agrees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
