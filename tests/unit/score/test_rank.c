/* Rankings: printed values of the RBO paper's examples and of trec_eval. */
#include "harness/base/err.h"
#include "harness/base/ned.h"
#include "harness/score/rank.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

/* A string stands for the list of its letters. */
struct letters {
	char text[64][2];
	const char *v[64];
	size_t n;
};

static void
letters_of(const char *s, struct letters *l)
{
	l->n = strlen(s);
	assert_true(l->n <= LEN(l->v));
	for (size_t i = 0; i < l->n; i++) {
		l->text[i][0] = s[i];
		l->text[i][1] = '\0';
		l->v[i] = l->text[i];
	}
}

static void
test_rbo(void **state)
{
	static const struct {
		const char *a, *b;
		double p, ext;
	} t[] = {
		{ "abcdefg", "bacdefg", .9, .900 },
		{ "av", "abcdefghijklmnopqrstuvwxyz", .2, .900000 },
		{ "b", "abcdefghijklmnopqrstuvwxyz", .2, .092574 },
		{ "b", "abcdefghijklmnopqrstuvwxyz", .4, .166238 },
		{ "aptkn", "abcdefghijklmnopqrstuvwxyz", .2, .892587 },
		{ "aweptzrs", "abcdefghijklmnopqrstuvwxyz", .4, .770904 },
		{ "afcmleivjhs", "abcdefghijklmnopqrstuvwxyz", .1, .951493 },
		{ "zclx", "abcdefghijklmnopqrstuvwxyz", .9, .233312 },
		{ "f", "abcdefghijklmnopqrstuvwxyz", .9, .053090 },
		{ "karfvodcjmwgzlypebunq", "abcdefghijklmnopqrstuvwxyz", .9,
		    .468431 },
		{ "12345", "21364", .9, .750555 },
		{ "12345", "21364", .8, .692480 },
		{ "abc", "abc", .9, 1 },
		{ "abc", "xyz", .9, 0 },
		{ "abc", "", .9, 0 },
		{ "", "", .9, NAN },
	};
	struct letters a, b;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		letters_of(t[i].a, &a);
		letters_of(t[i].b, &b);
		assert_near(rbo_ext(a.v, a.n, b.v, b.n, t[i].p), t[i].ext,
		    6e-7);
		assert_near(rbo_ext(b.v, b.n, a.v, a.n, t[i].p), t[i].ext,
		    6e-7);
	}
	letters_of("abcdefg", &a);
	assert_near(rbo_min(a.v, a.n, a.v, a.n, .9), .767139, 6e-7);
	assert_near(rbo_min(a.v, 0, a.v, 0, .9), NAN, 0);
}

static void
test_overlaps(void **state)
{
	static const double ao[] = { 0, 0, .222, .292, .313, .317, .312 };
	struct letters a, b;
	size_t k;

	(void)state;
	letters_of("abcdefg", &a);
	letters_of("zcavwxy", &b);
	for (k = 1; k <= LEN(ao); k++)
		assert_near(average_overlap(a.v, a.n, b.v, b.n, k), ao[k - 1],
		    5e-4);
	letters_of("12345", &a);
	letters_of("21364", &b);
	assert_near(average_overlap(a.v, a.n, b.v, b.n, 5), .71, 1e-9);
	assert_near(overlap_at(a.v, a.n, b.v, b.n, 5), .8, 1e-12);
	assert_near(jaccard(a.v, a.n, b.v, b.n), .6667, 5e-5);
	assert_near(rank_swap_rate(a.v, a.n, b.v, b.n), .1667, 5e-5);
	assert_near(rank_swap_rate(a.v, 1, b.v, b.n), NAN, 0);
	assert_near(jaccard(a.v, 0, b.v, 0), NAN, 0);
	assert_near(jaccard(a.v, 0, b.v, b.n), 0, 0);
	assert_near(average_overlap(a.v, a.n, b.v, b.n, 0), NAN, 0);
}

/* Lists beyond RANK_MAX are cut, not overrun. */
static void
test_long_lists(void **state)
{
	static char text[3 * RANK_MAX][8];
	static const char *v[3 * RANK_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < LEN(v); i++) {
		(void)snprintf(text[i], sizeof(text[i]), "%zu", i);
		v[i] = text[i];
	}
	assert_near(rbo_ext(v, LEN(v), v, LEN(v), .9), 1, 1e-9);
	assert_near(rbo_min(v, LEN(v), v, LEN(v), .9), 1, 1e-9);
	assert_near(jaccard(v, LEN(v), v + RANK_MAX, RANK_MAX), 0, 0);
	assert_near(rank_swap_rate(v, LEN(v), v, LEN(v)), 0, 0);
	assert_near(overlap_at(v, LEN(v), v, 10, 10), 1, 0);
}

static void
test_trec(void **state)
{
	static const struct rank_gold gold[] = {
		{ "a", 3 }, { "b", 2 }, { "c", 3 }, { "d", 0 }, { "e", 1 },
		{ "f", 2 }, { "g", 3 }, { "h", 2 },
	};
	static struct rank_hits h;
	struct letters run;

	(void)state;
	letters_of("abcdef", &run);
	rank_judge(run.v, run.n, gold, LEN(gold), &h);
	assert_near(rank_ndcg(&h, 3), .9013, 5e-5);
	assert_near(rank_ndcg(&h, 6), .7850, 5e-5);
	assert_near(rank_ndcg(&h, 0), .7562, 5e-5);
	assert_near(rank_map(&h), .6619, 5e-5);
	assert_near(rank_recall(&h, 1), .1429, 5e-5);
	assert_near(rank_recall(&h, 3), .4286, 5e-5);
	assert_near(rank_recall(&h, 5), .5714, 5e-5);
	assert_near(rank_precision(&h, 5), .8, 1e-12);
	assert_near(rank_precision(&h, 10), .5, 1e-12);
	assert_near(rank_mrr(&h), 1, 0);
	rank_judge(run.v, run.n, gold, 0, &h);
	assert_near(rank_ndcg(&h, 0), NAN, 0);
	assert_near(rank_map(&h), NAN, 0);
	assert_near(rank_mrr(&h), NAN, 0);
	assert_near(rank_recall(&h, 0), NAN, 0);
	rank_judge(run.v, 0, gold, LEN(gold), &h);
	assert_near(rank_map(&h), 0, 0);
	assert_near(rank_ndcg(&h, 0), 0, 0);
	assert_near(rank_precision(&h, 0), NAN, 0);
}

static void
test_ties(void **state)
{
	static const struct rank_gold gold[] = {
		{ "a", 1 }, { "b", 0 }, { "c", 1 }, { "d", 1 },
	};
	static const char *const orders[] = { "abxc", "baxc" };
	double scores[] = { 1, 1, .5, .25 };
	static struct rank_hits h;
	struct letters run;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(orders); i++) {
		letters_of(orders[i], &run);
		rank_break_ties(run.v, scores, run.n);
		rank_judge(run.v, run.n, gold, LEN(gold), &h);
		assert_near(rank_mrr(&h), .5, 0);
		assert_near(rank_map(&h), .3333, 5e-5);
		assert_near(rank_ndcg(&h, 3), .2961, 5e-5);
		assert_near(rank_ndcg(&h, 0), .4982, 5e-5);
		assert_near(rank_recall(&h, 5), .6667, 5e-5);
	}
}

/* Missing scores tie with nothing; a rising order (distances) stays. */
static void
test_ties_keep_order(void **state)
{
	double nan[] = { NAN, NAN, NAN }, rising[] = { .1, .2, .2 };
	struct letters run;

	(void)state;
	letters_of("abc", &run);
	rank_break_ties(run.v, nan, run.n);
	assert_string_equal(run.v[0], "a");
	assert_string_equal(run.v[2], "c");
	rank_break_ties(run.v, rising, run.n);
	assert_string_equal(run.v[0], "a");
	assert_string_equal(run.v[1], "c");
	assert_string_equal(run.v[2], "b");
}

/* ---- edit distance ----------------------------------------------------- */

/* The textbook's table, to hold the fast one against. */
static size_t
slow_distance(const uint32_t *a, size_t na, const uint32_t *b, size_t nb)
{
	static size_t d[NED_MAX + 1];
	size_t i, j, up, left, best;

	for (j = 0; j <= nb; j++)
		d[j] = j;
	for (i = 1; i <= na; i++) {
		up = d[0];
		d[0] = i;
		for (j = 1; j <= nb; j++) {
			left = d[j - 1] + 1;
			best = up + (a[i - 1] != b[j - 1]);
			up = d[j];
			best = best < left ? best : left;
			d[j] = best < up + 1 ? best : up + 1;
		}
	}
	return d[nb];
}

static void
test_ned(void **state)
{
	static const struct {
		const char *a, *b;
		double ned;
	} t[] = {
		{ "kitten", "sitting", 3.0 / 7 },
		{ "", "", 0 }, { "", "abc", 1 }, { "abc", "", 1 },
		{ "same", "same", 0 }, { "gr\xc3\xb6\xc3\x9f""e", "grobe",
		    2.0 / 5 },
		{ "\xff\xfe", "ab", 1 }, { "\xe2\x82", "\xe2\x82\xac", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++)
		assert_near(ned(t[i].a, strlen(t[i].a), t[i].b,
		    strlen(t[i].b)), t[i].ned, 1e-12);
}

static void
test_ned_against_table(void **state)
{
	static uint32_t a[NED_MAX], b[NED_MAX];
	size_t i, k, na, nb;
	unsigned r = 12345;

	(void)state;
	for (k = 0; k < 60; k++) {
		na = k < 40 ? k * 5 : NED_MAX - k;
		nb = k % 3 == 0 ? na : (k * 37) % NED_MAX;
		for (i = 0; i < NED_MAX; i++) {
			r = r * 1664525u + 1013904223u;
			a[i] = r >> 29;
			b[i] = k % 2 == 0 ? a[i] + (r % 11 == 0) : r >> 30;
		}
		assert_int_equal(ned_distance(a, na, b, nb),
		    slow_distance(a, na, b, nb));
	}
}

/* Only the first NED_MAX code points count, however long the texts are. */
static void
test_ned_bounded(void **state)
{
	static char a[4 * NED_MAX], b[3 * NED_MAX];

	(void)state;
	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	assert_near(ned(a, sizeof(a), b, sizeof(b)), 0, 0);
	memset(b, 'y', NED_MAX / 2);
	assert_near(ned(a, sizeof(a), b, sizeof(b)), .5, 1e-12);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rbo),
		cmocka_unit_test(test_overlaps),
		cmocka_unit_test(test_long_lists),
		cmocka_unit_test(test_trec),
		cmocka_unit_test(test_ties),
		cmocka_unit_test(test_ties_keep_order),
		cmocka_unit_test(test_ned),
		cmocka_unit_test(test_ned_against_table),
		cmocka_unit_test(test_ned_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
