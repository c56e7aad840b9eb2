/* Scores that can, and that cannot, be those of a metric. */
#include <math.h>
#include <string.h>

#include "harness/drill/scores.h"
#include "tests/lib/check.h"

static const struct {
	const char *metric, *norm;
	int reranked;
	double a[3], b[3];	/* two answers */
	const char *wrong;	/* in the reason, or NULL */
} rows[] = {
	{ "bm25", "none", 0, { 9, 5, 5 }, { 7, 3, 1 }, NULL },
	{ "bm25", "none", 0, { 9, 5, 5 }, { 1, 3, 7 }, "greater" },
	{ "bm25", "none", 1, { 9, 5, 5 }, { 1, 3, 7 }, NULL },
	{ "cosine", "l2", 0, { .9, .8, .1 }, { .5, .4, -.2 }, NULL },
	/* a cosine's distance, all the same way */
	{ "cosine", "l2", 0, { .1, .2, .3 }, { .0, .4, 1.5 }, NULL },
	{ "cosine", "l2", 0, { .1, .2, .3 }, { .9, .4, .1 }, "another" },
	{ "Cosine", "l2", 1, { 12, 8, 3 }, { 9, 4, 1 }, "from 1 to 12" },
	/* what bounds a product are unit vectors alone */
	{ "dot", "none", 0, { 31, 8, 3 }, { 9, 4, 1 }, NULL },
	{ "dot", "l2", 0, { 31, 8, 3 }, { 9, 4, 1 }, "of unit vectors" },
	{ "l2", "none", 0, { 1, 8, 31 }, { 1, 4, 9 }, NULL },
	{ "l2", "none", 0, { 31, 8, 3 }, { 9, 4, 1 }, "smaller" },
	{ "l2", "l2", 0, { 1, 8, 31 }, { 1, 4, 9 }, "unit vectors" },
	/* of one that nobody knows the order must be one */
	{ "own", NULL, 0, { 31, 8, 3 }, { 9, 4, 1 }, NULL },
	{ NULL, NULL, 0, { 31, 8, 3 }, { 1, 4, 9 }, "another" },
};

static void
add(struct scores *all, const double s[3])
{
	struct snippet v[3];
	struct answer w;
	struct scores one;
	size_t i;

	memset(v, 0, sizeof(v));
	memset(&w, 0, sizeof(w));
	for (i = 0; i < 3; i++)
		v[i].score = s[i];
	w.retrieved = v;
	w.n_retrieved = 3;
	scores_of(&w, &one);
	scores_add(all, &one);
}

static void
test_scores(void **state)
{
	struct scores all;
	const char *wrong;
	char why[160];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&all, 0, sizeof(all));
		add(&all, rows[i].a);
		add(&all, rows[i].b);
		assert_int_equal(all.n, 6);
		wrong = scores_wrong(&all, rows[i].metric, rows[i].norm,
		    rows[i].reranked, why);
		if (rows[i].wrong == NULL)
			assert_null(wrong);
		else
			assert_true(wrong != NULL &&
			    strstr(wrong, rows[i].wrong) != NULL);
	}
}

static void
test_absent(void **state)
{
	static const double none[3] = { NAN, NAN, NAN };
	struct scores all = { .n = 0 };

	(void)state;
	add(&all, none);
	assert_int_equal(all.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_scores),
		cmocka_unit_test(test_absent) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
