/* Replicas: each answer of a run as numbers, and what relabelings make of a
 * case. */
#include "harness/score/lambda_table.h"
#include "harness/score/replica.h"
#include "tests/unit/score/score_world.h"

/* ---- lambda under relabelings -------------------------------------------- */

static const char *const lists[][3] = { { "a", "b", "c" }, { "b", "a", "c" },
	{ "x", "y", "z" }, { "a", "x", "q" } };

enum { V_MAX = 8 };

static void
draw_case(uint64_t seed, size_t n, struct lambda_three *v)
{
	struct lambda_variant *o;
	size_t i;
	int a;

	memset(v, 0, n * sizeof(*v));
	for (i = 0; i < n; i++) {
		v[i].twice = i % 2 == 0 ? STAT_BASE : STAT_CAND;
		v[i].answered = 7;
		for (a = 0; a < 3; a++) {
			o = &v[i].of[a];
			o->asked = 1;
			o->contains = -1;
			/* some answers fail, some decline, some cite less */
			if (rng_below(seed, 1, i * 3 + (size_t)a, 9) == 0) {
				o->failed = 1;
				v[i].answered &= (uint8_t)~(1 << a);
				continue;
			}
			o->refused = rng_below(seed, 2, i * 3 + (size_t)a,
			    9) == 0;
			o->retrieved = lists[rng_below(seed, 3, i * 3 +
			    (size_t)a, LEN(lists))];
			o->n_retrieved = 3;
			o->cited = o->retrieved;
			o->n_cited = 1 + rng_below(seed, 4, i * 3 +
			    (size_t)a, 2);
		}
	}
}

/* The answers of an arm once its variants are turned, or their two answers
 * swapped. */
static void
arm_by_hand(const struct lambda_three *v, size_t n, const int *digit,
    int arm, struct lambda_variant *out)
{
	size_t i;
	int twice, lone;

	for (i = 0; i < n; i++) {
		twice = v[i].twice;
		lone = !twice;
		out[i] = v[i].of[arm];
		if (digit[i] == 0)
			continue;
		if (v[i].answered == 7)
			out[i] = v[i].of[(arm + digit[i]) % 3];
		else if (v[i].answered == 3)
			out[i] = v[i].of[!arm];
		else if (arm == lone)	/* with the echo */
			out[i] = v[i].of[STAT_ECHO];
	}
}

static double
judge_by_hand(const struct lambda_variant *v, size_t n,
    const struct lambda_case *c, int flip)
{
	enum lambda_state state[V_MAX];
	struct lambda l = { .state = state };

	lambda_judge(v, n, c, &l);
	return flip ? l.flip_rate : l.convergence;
}

static void
lambda_tables(void **state)
{
	static const char *const gold[] = { "a", "y" };
	const struct lambda_case kinds[] = {
		{ .gold = gold, .n_gold = 2, .by = LAMBDA_BY_CITATIONS },
		{ .gold = gold, .n_gold = 1, .by = LAMBDA_BY_RETRIEVED },
		{ .by = LAMBDA_BY_CITATIONS },
		{ .by = LAMBDA_BY_NOTHING } };
	struct lambda_three v[V_MAX];
	struct lambda_variant base[V_MAX], cand[V_MAX];
	struct stat_table t[2];
	struct arena arena;
	uint64_t seed;
	size_t n, at, rest, k;
	int f, digit[V_MAX];
	double want;

	(void)state;
	arena_init(&arena, 1 << 24);
	for (seed = 0; seed < 60; seed++) {
		const struct lambda_case *c = &kinds[seed % LEN(kinds)];
		struct lambda_relabel in = { .v = v, .c = c,
			.arena = &arena };

		in.n = n = 1 + seed % 4;
		draw_case(seed, n, v);
		lambda_relabel(&in, &t[0], &t[1]);
		for (at = 0; at < t[0].n; at++) {
			memset(digit, 0, sizeof(digit));
			rest = at;
			for (k = 0; k < t[0].n_digits; k++) {
				digit[t[0].v[k]] = (int)(rest %
				    t[0].choices[k]);
				rest /= t[0].choices[k];
			}
			arm_by_hand(v, n, digit, STAT_BASE, base);
			arm_by_hand(v, n, digit, STAT_CAND, cand);
			for (f = 0; f < 2; f++) {
				want = judge_by_hand(cand, n, c, f) -
				    judge_by_hand(base, n, c, f);
				if (t[f].value != NULL)
					assert_near((double)t[f].value[at],
					    isnan(want) ? 0 : want, 1e-6);
				else
					assert_true(isnan(want));
			}
		}
		arena_reset(&arena);
	}
	arena_fini(&arena);
}

/* More variants than a table has digits: drawn, the observed one first. */
static void
lambda_drawn(void **state)
{
	static const char *const gold[] = { "a" };
	const struct lambda_case c = { .gold = gold, .n_gold = 1,
		.by = LAMBDA_BY_CITATIONS };
	struct lambda_three v[V_MAX];
	struct lambda_variant base[V_MAX], cand[V_MAX];
	struct stat_table t[2];
	struct arena arena;
	struct lambda_relabel in = { .v = v, .n = V_MAX, .c = &c,
		.arena = &arena, .seed = 5 };
	int none[V_MAX] = { 0 };
	size_t i, differ = 0;

	(void)state;
	arena_init(&arena, 1 << 24);
	draw_case(11, V_MAX, v);
	lambda_relabel(&in, &t[0], &t[1]);
	assert_int_equal(t[0].n, STAT_TABLE_MAX);
	assert_int_equal(t[0].n_digits, 0);
	arm_by_hand(v, V_MAX, none, STAT_BASE, base);
	arm_by_hand(v, V_MAX, none, STAT_CAND, cand);
	assert_near((double)t[0].value[0], judge_by_hand(cand, V_MAX, &c, 0) -
	    judge_by_hand(base, V_MAX, &c, 0), 1e-6);
	for (i = 1; i < t[0].n; i++)
		differ += t[0].value[i] != t[0].value[0];
	assert_true(differ > 100);
	/* three deployments: turned as one */
	in.whole = 1;
	lambda_relabel(&in, &t[0], &t[1]);
	assert_int_equal(t[0].n, 3);
	assert_int_equal(t[0].n_digits, 1);
	assert_int_equal(t[0].choices[0], 3);
	arena_fini(&arena);
}

/* ---- a run --------------------------------------------------------------- */

static void
get(const struct score_out *out, uint64_t i, struct replica_case *c)
{
	struct err err = ERR_INIT;

	assert_int_equal(replicas_get(out->replicas, i, c, &err), 1);
}

static double
effect(const struct replica_case *c, int what)
{
	struct replica_effect e;

	assert_int_equal(replica_effect(c, what, 1, NULL, 0, &e), RC_OK);
	return e.value;
}

static void
lost_question(void **state)
{
	struct stat_draw draw = { 3, 0, 0 };
	struct stat_replicate *r;
	struct stat_replicate_out p;
	struct stat_replicate_good good;
	struct replica_case c;
	struct replica_effect e;
	struct score_out *out;
	struct world w;
	uint64_t i;

	(void)state;
	replica_case_init(&c);
	world_init(&w, 8, NULL, SIX, "");
	world_add_all(&w, loses);
	world_write(&w, 0);
	out = world_score(&w);
	assert_int_equal(replicas_per_case(out->replicas), 6);

	get(out, 1, &c);	/* healthy: nothing is kept one by one */
	assert_int_equal(c.n, 0);
	assert_near(effect(&c, REPLICA_GOOD), 0, 0);
	assert_near(effect(&c, REPLICA_DRIFT), 0, 0);
	assert_near(effect(&c, REPLICA_ORDER), 0, 0);
	assert_near(effect(&c, REPLICA_INSTABILITY), 0, 0);
	assert_near(effect(&c, REPLICA_CONVERGENCE), 0, 0);
	assert_near(effect(&c, REPLICA_SCORER), NAN, 0);
	assert_int_equal(replica_effect(&c, REPLICA_ANCHORS, 1, NULL, 0, &e),
	    RC_OK);
	assert_near(e.base, 1, 1e-6);
	assert_near(e.cand, 1, 1e-6);
	assert_int_equal(e.n, 6);
	assert_int_equal(replica_evidence(&c, &good), RC_OK);
	assert_int_equal(good.good[0], 9);
	assert_int_equal(good.asked[1], 9);
	assert_near(good.drop, 0, 0);
	assert_near(good.p, 1, 0);

	get(out, 3, &c);	/* a regression */
	assert_int_equal(c.n, 6);
	assert_near(effect(&c, REPLICA_GOOD), -1, 1e-6);
	assert_near(effect(&c, REPLICA_COVERAGE), -1, 1e-6);
	assert_near(effect(&c, REPLICA_CONVERGENCE),
	    (double)cells_get(out->cells, 3)->arm[1].convergence -
	    (double)cells_get(out->cells, 3)->arm[0].convergence, 1e-6);
	assert_near(effect(&c, REPLICA_DRIFT),
	    (double)cells_get(out->cells, 3)->drift, 1e-6);
	assert_near(effect(&c, REPLICA_ORDER),
	    (double)cells_get(out->cells, 3)->order, 1e-6);
	assert_int_equal(replica_evidence(&c, &good), RC_OK);
	assert_int_equal(good.good[0], 9);
	assert_int_equal(good.good[1], 0);
	assert_int_equal(good.asked[1], 9);
	assert_near(good.p, 1 / 729., 1e-9);

	get(out, 5, &c);	/* wrong on both arms alike */
	assert_int_equal(c.n, 0);
	assert_near(effect(&c, REPLICA_GOOD), 0, 0);
	assert_int_equal(replica_evidence(&c, &good), RC_OK);
	assert_int_equal(good.good[0] + good.good[1], 0);

	assert_int_equal(stat_replicate_new(REPLICA_N,
	    replicas_per_case(out->replicas), &draw, &r), RC_OK);
	for (i = 0; i < 8; i++) {
		get(out, i, &c);
		for (int what = 0; what < REPLICA_N; what++)
			assert_int_equal(replica_effect(&c, what,
			    what < REPLICA_ANSWER_N ? -1 : 1, r, (size_t)what,
			    &e), RC_OK);
	}
	assert_int_equal(stat_replicate_finish(r), RC_OK);
	stat_replicate_get(r, REPLICA_GOOD, &p);
	assert_true(p.exact);
	assert_near(p.sum, 1, 1e-6);
	assert_near(p.p, 1 / 729., 1e-9);
	stat_replicate_get(r, REPLICA_COVERAGE, &p);
	assert_near(p.p, 1 / 729., 1e-9);
	stat_replicate_get(r, REPLICA_DRIFT, &p);	/* signs of six */
	assert_near(p.p, 1 / 64., 1e-9);
	stat_replicate_get(r, REPLICA_INSTABILITY, &p);
	assert_near(p.sum, 0, 1e-6);
	stat_replicate_free(r);
	replica_case_fini(&c);
	score_free(out);
	world_fini(&w);
}

/* Case 0: the candidate is silent. Case 1: nobody says anything, passages
 * differ. Case 2: the candidate's echoes fail. Case 3: offsets that miss. */
static void
one_sided(struct made_obs *m)
{
	int candidate = m->arm == ARM_CANDIDATE || m->arm == ARM_CANDIDATE2;

	if (m->case_n == 1 || (m->case_n == 0 && candidate))
		m->answer = "";
	m->first += m->case_n == 1 && candidate;
	if (m->case_n == 2 && m->arm == ARM_CANDIDATE2) {
		m->outcome = OUTCOME_TIMEOUT;
		m->status = 0;
	}
}

static void
lacking(void **state)
{
	struct stat_replicate_good good;
	struct replica_case c;
	struct score_out *out;
	struct world w;

	(void)state;
	replica_case_init(&c);
	world_init(&w, 3, NULL, SIX, "");
	world_add_all(&w, one_sided);
	world_write(&w, 0);
	out = world_score(&w);
	get(out, 0, &c);	/* a loss, and no drift */
	assert_near(effect(&c, REPLICA_DRIFT), NAN, 0);
	assert_near((double)cells_get(out->cells, 0)->drift, NAN, 0);
	assert_near(effect(&c, REPLICA_GOOD), -1, 1e-6);
	get(out, 1, &c);	/* passages stand in for answers */
	assert_true(effect(&c, REPLICA_DRIFT) > .3);
	assert_near(effect(&c, REPLICA_INSTABILITY), NAN, 0);
	get(out, 2, &c);	/* errors are another gate's */
	assert_near(effect(&c, REPLICA_GOOD), 0, 0);
	assert_int_equal(replica_evidence(&c, &good), RC_OK);
	assert_int_equal(good.asked[0], 9);
	assert_int_equal(good.asked[1], 6);
	assert_int_equal(good.n, 6);
	replica_case_fini(&c);
	score_free(out);
	world_fini(&w);
}

/* A baseline2 of its own: the case is turned as a whole. */
static void
three_deployments(void **state)
{
	struct stat_draw draw = { 3, 0, 0 };
	struct stat_replicate_out p;
	struct stat_replicate_good good;
	struct stat_replicate *r;
	struct replica_case c;
	struct replica_effect e;
	struct score_out *out;
	struct world w;
	float d[6];
	uint32_t v[6], of;

	(void)state;
	replica_case_init(&c);
	world_init(&w, 6, NULL, SIX, "");
	w.plan.arm_on[ARM_BASELINE2] = 1;
	world_add_all(&w, loses);
	world_write(&w, 0);
	out = world_score(&w);
	assert_int_equal(replicas_per_case(out->replicas), 1);
	get(out, 3, &c);
	assert_true(c.whole);
	assert_int_equal(replica_evidence(&c, &good), RC_OK);
	assert_int_equal(good.asked[0], 12);
	assert_int_equal(good.asked[1], 6);
	assert_near(good.p, 1 / 3., 1e-9);
	assert_int_equal(stat_replicate_new(2, 1, &draw, &r), RC_OK);
	assert_int_equal(replica_effect(&c, REPLICA_GOOD, -1, r, 0, &e),
	    RC_OK);
	assert_int_equal(replica_effect(&c, REPLICA_CONVERGENCE, -1, r, 1,
	    &e), RC_OK);
	assert_int_equal(stat_replicate_finish(r), RC_OK);
	stat_replicate_get(r, 0, &p);
	assert_near(p.p, 1 / 3., 1e-9);
	assert_int_equal(p.n, 1);
	stat_replicate_free(r);
	assert_int_equal(replica_drifts(&c, d, v, &of), 1);
	assert_int_equal(of, 6);
	replica_case_fini(&c);
	score_free(out);
	world_fini(&w);
}

/* ---- memory -------------------------------------------------------------- */

static void
make_case(uint64_t i, struct replica_case *c, struct replica_variant *v,
    float *table)
{
	size_t k, at;
	int w;

	memset(c, 0, sizeof(*c));
	c->case_index = i;
	c->per_case = 4;
	c->v = v;
	c->n = i % 5;
	for (w = 0; w < REPLICA_ANSWER_N; w++)
		c->still[w] = (struct replica_still){ w < 9, (float)i };
	for (k = 0; k < c->n; k++) {
		memset(&v[k], 0, sizeof(v[k]));
		v[k].v = (uint32_t)k;
		v[k].twice = (uint8_t)(i % 2);
		v[k].answered = 7;
		for (w = 0; w < REPLICA_ANSWER_N; w++)
			for (at = 0; at < 3; at++)
				v[k].x[w][at] = w < 9 ? (float)(i + at) : NAN;
		v[k].drift = (float)k;
	}
	for (at = 0; at < 9; at++)
		table[at] = (float)(i * at);
	if (i % 3 != 0)
		return;
	c->tables.flip = (struct stat_table){ .value = table, .n = 9,
		.n_digits = 2, .v = { 0, 3 }, .choices = { 3, 3 } };
}

/* Written in any order, read back whole, beyond what stays in memory. */
static void
round_trip(void **state)
{
	enum { CASES = 9000 };
	struct replica_variant v[4];
	struct replica_case in, out;
	struct replicas *r;
	struct err err = ERR_INIT;
	uint32_t *order = malloc(CASES * sizeof(*order));
	float table[9];
	uint64_t i;
	size_t k;

	(void)state;
	assert_non_null(order);
	rng_permute(3, 0, order, CASES);
	world_must(replicas_new(CASES + 1, &r, &err), err);
	for (i = 0; i < CASES; i++) {
		make_case(order[i], &in, v, table);
		world_must(replicas_put(r, &in, &err), err);
	}
	replica_case_init(&out);
	assert_int_equal(replicas_get(r, CASES, &out, &err), 0);
	for (i = 0; i < CASES; i++) {
		make_case(i, &in, v, table);
		assert_int_equal(replicas_get(r, i, &out, &err), 1);
		assert_int_equal(out.n, in.n);
		assert_memory_equal(out.still, in.still, 9 *
		    sizeof(in.still[0]));
		for (k = 0; k < in.n; k++)
			assert_memory_equal(out.v[k].x, in.v[k].x, 9 *
			    sizeof(in.v[k].x[0]));
		assert_null(out.tables.convergence.value);
		assert_int_equal(out.tables.flip.n, i % 3 == 0 ? 9 : 0);
		if (i % 3 == 0)
			assert_memory_equal(out.tables.flip.value, table,
			    sizeof(table));
	}
	replica_case_fini(&out);
	replicas_free(r);
	free(order);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lambda_tables),
		cmocka_unit_test(lambda_drawn),
		cmocka_unit_test(lost_question),
		cmocka_unit_test(lacking),
		cmocka_unit_test(three_deployments),
		cmocka_unit_test(round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
