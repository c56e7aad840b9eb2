/*
 * Latency: what is not proven by a run, and how much longer it is measured
 * than the plan takes.
 */
#include "tests/unit/judge/verdict_rules.h"

static void
five_seconds(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n * MADE_VARIANTS; i++)
		w->at_ns[i] /= 4;
}

static void
body_short(struct made *w)
{
	body(w);
	five_seconds(w);
}

/* Slower by 11.5 % for as long as it lives, give or take from one half second
 * to the next: what equal processes do. */
static void
body_placed(struct made *w)
{
	uint64_t block;
	unsigned i;

	for (i = 0; i < w->n * MADE_VARIANTS; i++) {
		block = (uint64_t)(w->at_ns[i] / 500000000);
		w->cand[i] = w->base[i] * (float)(1.115 * exp(.13 *
		    rng_normal(3, 1, block)));
		w->base[i] *= (float)exp(.13 * rng_normal(3, 2, block));
	}
}

/* Five of six were sent for latency alone; all are slower, in a few blocks. */
static void
again_short(struct made *w)
{
	body_short(w);
	w->score.more.again = w->n * MADE_VARIANTS * 5 / 6;
}

/* The same with answers of many seconds. */
static void
again_long(struct made *w)
{
	unsigned i;

	body(w);
	w->score.more.again = w->n * MADE_VARIANTS * 5 / 6;
	for (i = 0; i < w->n * MADE_VARIANTS; i++) {
		w->at_ns[i] *= 20;
		w->base[i] *= 250;
		w->cand[i] *= 250;
	}
}

static const struct rule rules[] = {
	{ "equal processes that differ for good are undecided", 0, NULL, 0,
	    body_placed, VERDICT_INCONCLUSIVE, "latency_body",
	    GATE_INCONCLUSIVE, NULL },
};

static void
test_rules(void **state)
{
	(void)state;
	CHECK_RULES(rules);
}

/* Latency that is undecided, or has too few blocks of time, is measured on
 * with so many pairs. */
static void
test_measured_on(void **state)
{
	static const struct {
		const char *name, *more;
		void (*spoil)(struct made *);
		uint32_t rounds;
		uint64_t want;
	} rows[] = {
		{ "equal for twenty seconds", "", nothing, 3, 0 },
		{ "ten blocks of 0.5 s: 21 would do", "", five_seconds, 3,
		    675 },
		{ "no more than a round", "", five_seconds, 1, 600 },
		{ "not to be measured on", "", five_seconds, 0, 0 },
		{ "arrivals are over when they are over",
		    "pace: {mode: recorded}\n", five_seconds, 3, 0 },
		{ "all of ten blocks are slower", "", body_short, 3, 675 },
		{ "and get more rounds for it", "", body_short, 1, 675 },
		{ "up to eight times as many", "", again_short, 1, 800 },
		{ "four times where that takes long", "", again_long, 1,
		    400 },
	};
	struct made w;
	struct result *r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		made_init(&w, 100, rows[i].more, 1);
		rows[i].spoil(&w);
		w.in.beyond.rounds = rows[i].rounds;
		r = made_judge(&w);
		if (r->again.latency != rows[i].want)
			fail_msg("%s: %llu pairs", rows[i].name,
			    (unsigned long long)r->again.latency);
		result_free(r);
		made_fini(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_measured_on),
	};

	return cmocka_run_group_tests_name("measured on", tests, NULL, NULL);
}
