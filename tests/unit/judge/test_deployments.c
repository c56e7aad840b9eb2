/*
 * A baseline2 of its own is the noise floor of a new deployment: an index
 * built anew answers some questions otherwise in every variant, on whichever
 * stack.  Turned as whole stacks that is chance; turned variant by variant,
 * as echoes of one stack are, it would be proof.
 */
#include "tests/unit/judge/verdict_rules.h"

enum { CASES = 40, RUNS = 60 };

#define APART "targets:\n  baseline: {url: \"http://x:1\"}\n" \
	"  baseline2: {url: \"http://x:3\"}\n" \
	"  candidate: {url: \"http://x:2\"}\n" \
	"gates: {latency: false}\n"

/* What deployment `arm` (0, 1, 2) makes of case i. */
struct deployed {
	uint64_t run;
	unsigned lost;		/* cases that the candidate lost */
	int whole;		/* turned as whole stacks */
};

static void
put_case(struct made *w, const struct deployed *d, unsigned i)
{
	struct replica_variant v[MADE_VARIANTS] = { { .v = 0 } };
	struct replica_case c = { .case_index = i, .v = v,
		.per_case = MADE_VARIANTS, .n = MADE_VARIANTS,
		.whole = (uint8_t)d->whole };
	struct err err = ERR_INIT;
	float question;
	unsigned j;
	size_t k;
	int arm;

	for (j = 0; j < MADE_VARIANTS; j++) {
		v[j].v = j;
		v[j].twice = STAT_BASE;
		v[j].answered = 7;
		for (k = 0; k < REPLICA_ANSWER_N; k++)
			v[j].x[k][0] = v[j].x[k][1] = v[j].x[k][2] = NAN;
		for (arm = 0; arm < 3; arm++) {
			question = (float)(.30 + .15 * rng_normal(d->run, i,
			    (uint64_t)arm));
			if (arm == STAT_CAND && i < d->lost)
				question = .95f;
			v[j].x[REPLICA_QUESTION][arm] = question;
			v[j].x[REPLICA_GOOD][arm] = question < .60f;
			v[j].ds[arm] = 0;
			v[j].order[arm] = 0;
		}
		v[j].drift = 0;
	}
	assert_int_equal(replicas_put(w->score.replicas, &c, &err), RC_OK);
}

static struct result *
judge(struct made *w, const struct deployed *d)
{
	struct err err = ERR_INIT;
	unsigned i;

	replicas_free(w->score.replicas);
	assert_int_equal(replicas_new(w->n, &w->score.replicas, &err), RC_OK);
	for (i = 0; i < w->n; i++) {
		assert_int_equal(cells_put(w->score.cells, &w->cell[i], &err),
		    RC_OK);
		put_case(w, d, i);
	}
	return made_build(w);
}

/* How often a gate rejects at .05, and FAILs. */
static void
count(int whole, unsigned lost, unsigned rejects[2], unsigned fails[2])
{
	static const char *const names[2] = { "question_drift", "cases" };
	const struct result_gate *g;
	struct result *r;
	struct made w;
	unsigned run;
	int k;

	made_init(&w, CASES, APART, 1);
	made_arm(&w, ARM_BASELINE2, CASES * MADE_VARIANTS);
	memset(&w.score.arm[ARM_CANDIDATE2], 0, sizeof(w.score.arm[0]));
	w.in.live[ARM_BASELINE2] = 1;
	for (run = 0; run < RUNS; run++) {
		const struct deployed d = { 1000 + run, lost, whole };

		r = judge(&w, &d);
		for (k = 0; k < 2; k++) {
			g = made_gate(r, names[k]);
			rejects[k] += g->p <= .05;
			fails[k] += g->verdict == GATE_FAIL;
		}
		result_free(r);
	}
	made_fini(&w);
}

static void
test_floor(void **state)
{
	unsigned whole[2] = { 0, 0 }, each[2] = { 0, 0 };
	unsigned fails[2] = { 0, 0 }, none[2] = { 0, 0 };

	(void)state;
	/* equal deployments: .05 of 60 are 3, and 9 are 3 sd more */
	count(1, 0, whole, fails);
	assert_true(whole[0] <= 9 && whole[1] <= 9);
	assert_int_equal(fails[0] + fails[1], 0);
	/* the same answers, as if each were a draw by itself */
	count(0, 0, each, none);
	assert_true(each[0] >= 15);
}

/* What the candidate lost beyond that is seen all the same. */
static void
test_loss(void **state)
{
	unsigned rejects[2] = { 0, 0 }, fails[2] = { 0, 0 };

	(void)state;
	count(1, 12, rejects, fails);
	assert_true(fails[0] >= RUNS * 95 / 100);
	assert_true(fails[1] >= RUNS * 95 / 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_floor),
		cmocka_unit_test(test_loss),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
