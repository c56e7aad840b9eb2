/*
 * Likely causes where the suite expects nothing, by what the worst questions
 * found before and find now.
 */
#include "harness/judge/cause.h"

#include <string.h>

#include "tests/lib/check.h"

enum { WORST = 3 };

/* A result whose one gate, g, is beyond its limit. */
static struct result *
beyond(struct result_gate *g, const char *name, enum gate_verdict v,
    enum verdict verdict)
{
	struct result *r = result_new();

	assert_non_null(r);
	result_gate_init(g);
	g->name = name;
	g->verdict = v;
	g->value = .3;
	g->limit = .1;
	g->higher_is_worse = 1;
	r->gates = g;
	r->n_gates = 1;
	r->verdict = verdict;
	return r;
}

static void
test_passages(void **state)
{
	static const struct {
		const char *name, *old, *now;	/* lists of ids */
		const char *class;
		int none_before;	/* the first of them found nothing */
	} rows[] = {
		{ "the first is gone", "a, b, c", "b, c, d", "data loss", 0 },
		{ "and the second", "a, b, c", "c, d, e", "data loss", 0 },
		{ "of all but one that had none", "a, b, c", "b, c, d",
		    "reranker instability", 1 },
		{ "nothing is left to tell by", "a, b, c", "d, e, f",
		    "reranker instability", 0 },
		{ "the first is still there", "a, b, c", "b, a, c",
		    "reranker instability", 0 },
		{ "only the last is gone", "a, b, c", "a, b, d",
		    "reranker instability", 0 },
		{ "the rest is in another order", "a, b, c", "c, b, d",
		    "reranker instability", 0 },
		{ "something else came in front", "a, b, c", "d, b, c",
		    "reranker instability", 0 },
		{ "an id in another one", "a, aa, c", "aa, c, d",
		    "data loss", 0 },
		{ "texts are not known", NULL, NULL, "reranker instability",
		    0 },
		{ "nothing is found", "a, b, c", "", "index swap error", 0 },
	};
	struct result_side side[WORST][2];
	struct result_gate order;
	struct err err = ERR_INIT;
	struct result *r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = beyond(&order, "order", GATE_FAIL, VERDICT_FAIL);
		memset(side, 0, sizeof(side));
		for (k = 0; k < WORST; k++) {
			side[k][0].retrieved = rows[i].none_before && k == 0 ?
			    "" : rows[i].old;
			side[k][1].retrieved = rows[i].now;
			r->worst_sides[k] = side[k];
		}
		r->n_worst = WORST;
		assert_int_equal(causes_name(r, &err), RC_OK);
		if (r->n_causes == 0 ||
		    strcmp(r->causes[0].class, rows[i].class) != 0)
			fail_msg("%s: %s", rows[i].name, r->n_causes == 0 ?
			    "no cause" : r->causes[0].class);
		result_free(r);
	}
}

/* Answers that moved: retrieval is called unchanged where that can be seen, and
 * no prompt is to blame for what was mended. */
static void
test_moved(void **state)
{
	static const struct {
		const char *name, *old, *now, *lost;	/* of the worst case */
		size_t fixes;
		const char *class, *says;	/* NULL: no cause */
	} rows[] = {
		{ "the lists are as they were", "a, b", "a, b", NULL, 0,
		    "prompt regression", "retrieval is unchanged" },
		{ "no list is shown", NULL, NULL, NULL, 0,
		    "prompt regression", "do not show what was retrieved" },
		{ "a passage is gone", "a, b", "b, c", "a (was rank 1)", 0,
		    "data loss", "a (was rank 1)" },
		{ "faults were mended", "a, b", "a, b", NULL, 3, NULL, NULL },
	};
	struct result_side side[WORST][2];
	struct result_gate drift;
	struct err err = ERR_INIT;
	struct result *r;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		r = beyond(&drift, "answer_drift", GATE_REVIEW,
		    VERDICT_REVIEW);
		r->count.of[CASE_V_FIX] = rows[i].fixes;
		memset(side, 0, sizeof(side));
		for (k = 0; k < WORST; k++) {
			side[k][0].retrieved = rows[i].old;
			side[k][1].retrieved = k == 0 ? rows[i].now :
			    rows[i].old;
			r->worst_sides[k] = side[k];
		}
		side[0][1].lost = rows[i].lost;
		r->n_worst = WORST;
		assert_int_equal(causes_name(r, &err), RC_OK);
		if (rows[i].class == NULL) {
			assert_int_equal(r->n_causes, 0);
		} else {
			assert_string_equal(r->causes[0].class,
			    rows[i].class);
			if (strstr(r->causes[0].evidence[0],
			    rows[i].says) == NULL)
				fail_msg("%s: %s", rows[i].name,
				    r->causes[0].evidence[0]);
		}
		result_free(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_passages),
		cmocka_unit_test(test_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
