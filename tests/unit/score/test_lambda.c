/* States, rates and graded stability over the variants of a case. */
#include "harness/score/lambda.h"
#include "harness/score/rank.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

enum { V = 6 };

/* Letters stand for ids: "ab" retrieves or cites a, then b. "!" is an error,
 * "?" a refusal, "-" was not asked, "" retrieved nothing. */
struct made {
	struct lambda_variant v[V];
	char text[V][16][2];
	const char *ids[V][16];
	enum lambda_state state[V];
	size_t n;
};

static void
make(const char *const *ids, struct made *m)
{
	size_t i, k;

	memset(m, 0, sizeof(*m));
	for (i = 0; i < V && ids[i] != NULL; i++) {
		struct lambda_variant *v = &m->v[i];

		v->asked = strcmp(ids[i], "-") != 0;
		v->failed = strcmp(ids[i], "!") == 0;
		v->refused = strcmp(ids[i], "?") == 0;
		v->contains = -1;
		v->retrieved = m->ids[i];
		m->n++;
		if (!v->asked || v->failed || v->refused)
			continue;
		for (k = 0; ids[i][k] != '\0'; k++) {
			m->text[i][k][0] = ids[i][k];
			m->ids[i][k] = m->text[i][k];
		}
		v->n_retrieved = k;
	}
}

static void
test_states(void **state)
{
	static const char *const gold_a[] = { "a" };
	static const struct {
		const char *ids[V + 1];
		int gold;
		const char *states;	/* c split: s, collapsed: l, chaos: x */
		double convergence, flips;
	} t[] = {
		{ { "abc", "abc", "abc" }, 1, "ccc", 1, 0 },
		{ { "abc", "bac", "xyz" }, 1, "ccx", 2.0 / 3, 1 },
		/* hits the expected section, yet unlike the reference */
		{ { "abc", "axyz", "abd" }, 1, "csc", 2.0 / 3, 0 },
		/* misses it, but overlaps another variant */
		{ { "abc", "bc", "ab" }, 1, "csc", 2.0 / 3, .5 },
		/* errors are not judged, and no part of any rate */
		{ { "ab", "!", "ab", "ba" }, 1, "clcc", 1, .5 },
		{ { "!", "!", NULL }, 1, "ll", NAN, NAN },
		/* the medoid stands in for a reference that collapsed */
		{ { "?", "axy", "abc", "abc" }, 1, "lscc", .5, 1.0 / 3 },
		{ { "", "ab", "ab" }, 1, "lcc", 2.0 / 3, .5 },
		/* so it does for one that misses what another hits */
		{ { "xyz", "abc", "abd", "axy" }, 1, "sccs", .5, 1.0 / 3 },
		{ { "bcd", "abc", "xyz", "abc" }, 1, "scxc", .5, 2.0 / 3 },
		/* where none hits, nothing is put in its place */
		{ { "xyz", "bcd", "xyb" }, 1, "sss", 0, .5 },
		/* no gold: what most agree on */
		{ { "xy", "ab", "ab", "ab" }, 0, "xsss", 0, 1 },
		{ { "ab", "ab", "xy" }, 0, "ccx", 2.0 / 3, .5 },
		{ { "ab", "-", "ab" }, 0, "c c", 1, 0 },
	};
	static const char letter[] = "cslx ";
	struct made m;
	struct lambda_case c = { .by = LAMBDA_BY_RETRIEVED };
	struct lambda out;
	size_t i, k;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		make(t[i].ids, &m);
		c.gold = gold_a;
		c.n_gold = t[i].gold ? 1 : 0;
		out.state = m.state;
		lambda_judge(m.v, m.n, &c, &out);
		for (k = 0; k < m.n; k++) {
			if (letter[m.state[k]] != t[i].states[k])
				fail_msg("row %zu variant %zu is %c, not %c",
				    i, k, letter[m.state[k]], t[i].states[k]);
		}
		assert_near(out.convergence, t[i].convergence, 1e-12);
		assert_near(out.flip_rate, t[i].flips, 1e-12);
	}
}

/* Citations decide when the case is judged by them; never both. */
static void
test_by_citations(void **state)
{
	static const char *const ids[] = { "abc", "xyz", "abc", NULL };
	static const char *const cited[] = { "a" }, *const other[] = { "q" };
	static const char *const gold[] = { "a" };
	struct lambda_case c = { .gold = gold, .n_gold = 1,
		.by = LAMBDA_BY_CITATIONS };
	struct lambda out;
	struct made m;

	(void)state;
	make(ids, &m);
	m.v[0].cited = m.v[1].cited = cited;
	m.v[0].n_cited = m.v[1].n_cited = 1;
	m.v[2].cited = other;
	m.v[2].n_cited = 1;
	out.state = m.state;
	lambda_judge(m.v, m.n, &c, &out);
	assert_int_equal(m.state[0], LAMBDA_CONVERGENT);
	assert_int_equal(m.state[1], LAMBDA_CONVERGENT);
	assert_int_equal(m.state[2], LAMBDA_CHAOS);
	assert_near(out.graded[GRADE_GOLD_HIT], 2.0 / 3, 1e-12);
	assert_near(out.graded[GRADE_CITE], 1.0 / 3, 1e-12);
	assert_near(out.graded[GRADE_CSS], 0, 0);
	/* the top-ranked id is still that of the retrieved list */
	assert_near(out.flip_rate, .5, 1e-12);
	m.v[2].n_cited = 0;	/* it cites nothing: its ids do not stand in */
	lambda_judge(m.v, m.n, &c, &out);
	assert_int_equal(m.state[2], LAMBDA_CHAOS);
}

/* An API that tells no ids: only what broke down can be told. */
static void
test_by_nothing(void **state)
{
	static const char *const ids[] = { "", "?", "!", NULL };
	struct lambda_case c = { .by = LAMBDA_BY_NOTHING };
	struct lambda out;
	struct made m;

	(void)state;
	make(ids, &m);
	out.state = m.state;
	lambda_judge(m.v, m.n, &c, &out);
	assert_int_equal(m.state[0], LAMBDA_NONE);
	assert_int_equal(m.state[1], LAMBDA_COLLAPSED);
	assert_int_equal(m.state[2], LAMBDA_COLLAPSED);
	assert_near(out.convergence, NAN, 0);
	assert_near(out.flip_rate, NAN, 0);
	assert_near(out.graded[GRADE_REFUSAL], .5, 0);
}

static void
test_graded(void **state)
{
	static const char *const ids[] = { "123", "132", "123", NULL };
	static const char *const answers[] = { " a b ", " a c ", " a b " };
	struct lambda_case c = { .by = LAMBDA_BY_RETRIEVED };
	const char *const *x, *const *y;
	struct lambda out;
	struct made m;
	size_t i;

	(void)state;
	make(ids, &m);
	for (i = 0; i < 3; i++) {
		m.v[i].answer = answers[i];
		m.v[i].answer_n = strlen(answers[i]);
		m.v[i].contains = i != 1;
	}
	out.state = m.state;
	lambda_judge(m.v, m.n, &c, &out);
	x = m.v[0].retrieved;
	y = m.v[1].retrieved;
	assert_near(out.graded[GRADE_RANK],
	    (1 + 2 * rbo_ext(x, 3, y, 3, .9)) / 3, 1e-12);
	assert_near(out.graded[GRADE_SWAP], (1.0 / 3 + 0 + 1.0 / 3) / 3, 1e-12);
	assert_near(out.graded[GRADE_CITE], 1, 0);
	assert_near(out.graded[GRADE_CSS], 1, 0);
	/* 0.2, 0, 0.2 */
	assert_near(out.graded[GRADE_NED50], .2, 1e-6);
	assert_near(out.graded[GRADE_ANSWER], NAN, 0);	/* no embeddings */
	assert_near(out.graded[GRADE_CONTAIN], 2.0 / 3, 1e-12);
	assert_near(out.graded[GRADE_GOLD_HIT], NAN, 0);
	assert_near(out.graded[GRADE_REFUSAL], 1, 0);
	assert_int_equal(out.reference, 0);
	assert_int_equal(out.answered, 3);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_by_citations),
		cmocka_unit_test(test_by_nothing),
		cmocka_unit_test(test_graded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
