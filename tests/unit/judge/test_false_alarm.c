/* The rate of false alarms: arms relabelled, every gate judged again. */
#include "tests/unit/judge/verdict_rules.h"

#include "harness/base/rng.h"
#include "harness/score/cells.h"
#include "tests/lib/threads.h"

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

static void
turn(uint16_t v[3])
{
	uint16_t kept = v[0];

	v[0] = v[1];
	v[1] = kept;
}

/* A case whose arms have changed places, with all that is told of both. */
static struct cell
turned(const struct cell *c)
{
	struct cell t = *c;

	t.arm[0] = c->arm[1];
	t.arm[1] = c->arm[0];
	memcpy(t.own[0], c->own[1], sizeof(t.own[0]));
	memcpy(t.own[1], c->own[0], sizeof(t.own[1]));
	t.floor_b = c->floor_c;
	t.floor_c = c->floor_b;
	t.drift = -c->drift;
	t.order = -c->order;
	t.ln_latency = -c->ln_latency;
	turn(t.err);
	turn(t.http_5xx);
	turn(t.http_429);
	return t;
}

/* Turns the cases of relabelling k, or back. */
static void
relabel(struct made *w, int k)
{
	struct err err = ERR_INIT;
	struct cell c;
	unsigned i, v;
	float kept;

	for (i = 0; i < w->n; i++) {
		if ((rng_u64(w->suite->seed, 900 + (uint64_t)k, i / 32) >>
		    (i % 32) & 1) == 0)
			continue;
		c = turned(cells_get(w->score.cells, i));
		assert_int_equal(cells_put(w->score.cells, &c, &err), RC_OK);
		for (v = i * MADE_VARIANTS; v < (i + 1) * MADE_VARIANTS;
		    v++) {
			kept = w->base[v];
			w->base[v] = w->cand[v];
			w->cand[v] = kept;
		}
	}
}

/*
 * The rate by its definition: the arms change places, and all is judged.
 * whole  every gate is tested, also where its effect is within its margin
 */
static double
judge_all(struct made *w, int whole)
{
	static const uint32_t none[32];
	struct result_gate g[64];
	struct err err = ERR_INIT;
	struct gate_in in = { .limits = &w->suite->limits,
		.score = &w->score, .seed = w->suite->seed, .paired = 1,
		.latency = 1, .drift = DRIFT_HARD, .has_gold = 1,
		.swap = whole ? NULL : none };
	int k, i, n, fails = 0;

	for (k = 0; k < 200; k++) {
		relabel(w, k);
		n = gates_judge(&in, NULL, g, &err);
		for (i = 0; i < n && g[i].verdict != GATE_FAIL; i++)
			continue;
		fails += i < n;
		relabel(w, k);
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
		assert_near(r->trust.aa_false_alarm,
		    judge_all(&w, runs[i].n <= 20), 0);
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
