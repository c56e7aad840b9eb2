/* The printed oracles of the statistical methods, and their edges. */
#include "harness/stat/stat.h"

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "harness/stat/stat_dist.h"
#include "harness/stat/stat_walk.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

static void
test_table(void **state)
{
	size_t i, j;

	(void)state;
	assert_true(stat_methods_n >= 14);
	for (i = 0; i < stat_methods_n; i++) {
		const struct stat_method *m = stat_methods[i];

		assert_true(strlen(m->name) > 0 && strlen(m->title) > 0);
		assert_true(strlen(m->when) > 0 && strlen(m->source) > 0);
		assert_true(strlen(m->assumptions) > 0);
		for (j = 0; j < i; j++)
			assert_string_not_equal(m->name,
			    stat_methods[j]->name);
		assert_ptr_equal(stat_method_find(m->name), m);
	}
	assert_null(stat_method_find("no such"));
}

static void
test_dist(void **state)
{
	static const struct { double p, df, t; } t[] = {
		{ 0.975, 1, 12.706204736 }, { 0.975, 10, 2.228138852 },
		{ 0.95, 29, 1.699127027 }, { 0.99, 100, 2.364217366 },
		{ 0.025, 10, -2.228138852 }, { 0.5, 3, 0 },
		{ 0.975, 1e6, 1.959966 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		assert_near(dist_t_quantile(t[i].p, t[i].df), t[i].t, 1e-6);
		assert_near(dist_t_cdf(t[i].t, t[i].df), t[i].p, 1e-7);
	}
	assert_near(dist_normal_quantile(0.975), 1.959963984540054, 1e-12);
	assert_near(dist_normal_quantile(0.9999), 3.719016485455709, 1e-11);
	assert_near(dist_normal_quantile(1e-10), -6.361340902404056, 1e-9);
	assert_near(dist_normal_quantile(0.5), 0, 1e-12);
	assert_near(dist_beta_inc(2, 3, 0.5), 0.6875, 1e-13);
	assert_near(dist_beta_inc(0.5, 0.5, 0.25), 1.0 / 3, 1e-12);
	assert_near(dist_binom_upper(10, 8, 0.5), 56.0 / 1024, 1e-15);
	assert_near(dist_binom_upper(10, 3, 0.5), 968.0 / 1024, 1e-14);
	assert_near(dist_binom_upper(3, 1, 0.1), 0.271, 1e-14);
	assert_near(dist_binom_upper(5, 0, 0.1), 1, 0);
	assert_near(dist_binom_upper(5, 6, 0.1), 0, 0);
	assert_near(dist_binom_upper(1000000, 500001, 0.5),
	    0.5 - 0.5 * 7.978844611e-4, 1e-9);
}

static void
test_mcnemar(void **state)
{
	static const struct {
		uint64_t b, c;
		enum stat_side side;
		double p, eps;
	} t[] = {
		{ 9, 0, STAT_TWO_SIDED, .00390625, 1e-15 },
		{ 10, 2, STAT_TWO_SIDED, .03857422, 5e-9 },
		{ 6, 1, STAT_TWO_SIDED, .125, 1e-14 },
		{ 6, 0, STAT_TWO_SIDED, .03125, 1e-15 },
		{ 0, 0, STAT_TWO_SIDED, 1, 0 },
		{ 5, 5, STAT_TWO_SIDED, 1, 0 },
		{ 6, 0, STAT_GREATER, .015625, 1e-15 },
		{ 6, 0, STAT_LESS, 1, 0 },
		{ 0, 6, STAT_LESS, .015625, 1e-15 },
		{ 0, 0, STAT_GREATER, 1, 0 },
		/* normal, with continuity: z = 1999 / 1000 */
		{ 501000, 499000, STAT_GREATER, .02280415, 1e-7 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++)
		assert_near(stat_mcnemar(t[i].b, t[i].c, t[i].side), t[i].p,
		    t[i].eps);
	assert_true(stat_mcnemar(1000000, 0, STAT_GREATER) >= 0);
}

static void
test_paired_share(void **state)
{
	struct stat_test t;

	(void)state;
	stat_paired_share(7, 2, 100, 0.95, STAT_GREATER, &t);
	assert_near(t.estimate, 0.05, 1e-15);
	assert_near(t.p, 46.0 / 512, 1e-14);
	assert_true(t.lo < 0.05 && t.hi > 0.05 && t.lower > t.lo);
	/* By hand: (8 + 3 - 25/102)/102 under the root, over 102. */
	assert_near(t.se, sqrt((11.0 - 25.0 / 102) / 102 / 102), 1e-12);
	/* Nothing seen is not proof of nothing: about three in n. */
	stat_paired_share(0, 0, 20, 0.95, STAT_GREATER, &t);
	assert_near(t.estimate, 0, 0);
	assert_near(t.p, 1, 0);
	assert_true(t.upper > 0.1 && t.upper < 0.15);
	stat_paired_share(0, 0, 0, 0.95, STAT_GREATER, &t);
	assert_near(t.p, NAN, 0);
}

static void
test_wilson(void **state)
{
	static const struct { uint64_t k, n; double lo, hi; } t[] = {
		{ 81, 263, .255289, .366210 }, { 0, 20, 0, .161125 },
		{ 20, 20, .838875, 1 }, { 0, 0, NAN, NAN },
	};
	double lo, hi;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		stat_wilson(t[i].k, t[i].n, 0.95, &lo, &hi);
		assert_near(lo, t[i].lo, 5e-7);
		assert_near(hi, t[i].hi, 5e-7);
	}
}

static void
test_evalue(void **state)
{
	static const struct { uint64_t k, n; double e, eps; } t[] = {
		{ 5, 5, 7.875, 1e-11 }, { 6, 6, 14.4375, 1e-11 },
		{ 7, 7, 26.8125, 1e-11 }, { 15, 20, 2.404461, 5e-7 },
		{ 0, 5, 7.875, 1e-11 }, { 0, 0, 1, 1e-12 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++)
		assert_near(exp(stat_evalue_log(t[i].k, t[i].n)), t[i].e,
		    t[i].eps);
}

static void
test_quantile(void **state)
{
	static const struct { size_t n; double q; size_t lo, hi; } t[] = {
		{ 1000, .99, 983, 997 }, { 500, .95, 465, 485 },
		{ 100, .5, 40, 61 },
		/* 72 values are the fewest that bound a p95 above. */
		{ 72, .95, 64, 72 }, { 71, .95, 63, 72 }, { 5, .5, 0, 6 },
	};
	static const double v[] = { 1, 2, 3, 4 };
	size_t i, lo, hi;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		stat_quantile_ci(t[i].n, t[i].q, 0.95, &lo, &hi);
		assert_int_equal(lo, t[i].lo);
		assert_int_equal(hi, t[i].hi);
	}
	assert_int_equal(stat_quantile_rank(100, 0.95), 95);
	assert_int_equal(stat_quantile_rank(100, 0.55), 55);
	assert_int_equal(stat_quantile_rank(100, 0.951), 96);
	assert_int_equal(stat_quantile_rank(1, 0.5), 1);
	assert_near(stat_quantile(v, 4, 0.5), 2, 0);
	assert_near(stat_quantile(v, 4, 0.95), 4, 0);
	assert_near(stat_quantile(v, 0, 0.95), NAN, 0);
}

static void
test_holm(void **state)
{
	const double p[] = { 0.01, NAN, 0.04, 0.03, 0.005 };
	const double want[] = { 0.03, NAN, 0.06, 0.06, 0.02 };
	double got[LEN(p)], one[2] = { 0.9, 0.8 };
	size_t i;

	(void)state;
	assert_int_equal(stat_holm(p, LEN(p), got), RC_OK);
	for (i = 0; i < LEN(p); i++)
		assert_near(got[i], want[i], 1e-15);
	assert_int_equal(stat_holm(one, 2, one), RC_OK);
	assert_near(one[0], 1, 0);
	assert_near(one[1], 1, 0);
	assert_int_equal(stat_holm(NULL, 0, NULL), RC_OK);
}

static void
test_hodges_lehmann(void **state)
{
	const double x[] = { 10, 20, 30, 40 }, y[] = { 1, 2, 3, 4 };
	const double d[] = { 9, 18, 27, 36 };
	struct stat_test t;

	(void)state;
	assert_int_equal(stat_shift(x, 4, y, 4, 0.95, &t), RC_OK);
	assert_near(t.estimate, 22.5, 0);
	assert_near(t.lo, 6, 0);
	assert_near(t.hi, 39, 0);
	assert_near(t.p, 2.0 / 70, 1e-14);
	assert_int_equal(stat_signed_rank(d, 4, 0.875, STAT_GREATER, &t),
	    RC_OK);
	assert_near(t.estimate, 22.5, 0);
	assert_near(t.lo, 9, 0);
	assert_near(t.hi, 36, 0);
	assert_near(t.p, 1.0 / 16, 1e-15);
	assert_near(t.stat, 10, 0);
	/* Four values cannot give 95 %. */
	assert_int_equal(stat_signed_rank(d, 4, 0.95, STAT_GREATER, &t),
	    RC_OK);
	assert_near(t.lo, NAN, 0);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Against all Walsh averages and all sign patterns written down. */
static void
test_signed_rank_brute(void **state)
{
	/* Ties, zeros and a value that is not a number. */
	const double d[] = { 1, -1, 2, 0, 3, 3, -2, 5, NAN, 4, 0 };
	const double x[] = { 1, -1, 2, 0, 3, 3, -2, 5, 4, 0 };
	const double rank[] = { 1.5, -1.5, 3.5, 5.5, 5.5, -3.5, 8, 7 };
	double walsh[55], plus;
	struct stat_test t;
	size_t i, j, k = 0;
	unsigned m, above = 0;

	(void)state;
	for (i = 0; i < LEN(x); i++)
		for (j = i; j < LEN(x); j++)
			walsh[k++] = (x[i] + x[j]) / 2;
	qsort(walsh, k, sizeof *walsh, compare);
	assert_int_equal(stat_signed_rank(d, LEN(d), 0.95, STAT_GREATER, &t),
	    RC_OK);
	assert_int_equal(t.n, 10);
	assert_near(t.estimate, walsh[27], 0);
	/* P(W <= 8) = .0244 and P(W <= 9) = .032 at n = 10. */
	assert_near(t.lo, walsh[8], 0);
	assert_near(t.hi, walsh[54 - 8], 0);
	assert_near(t.stat, 31, 0);
	for (m = 0; m < 256; m++) {
		for (plus = 0, i = 0; i < 8; i++)
			plus += m >> i & 1 ? fabs(rank[i]) : 0;
		above += plus >= 31;
	}
	assert_near(t.p, above / 256.0, 1e-14);
}

/* The k-th of sums that are never written down, against writing them down:
 * scattered, tied, and of very different size. */
static void
test_walk(void **state)
{
	double x[90], scratch[WALK_ROOM(180)], *all;
	struct walk_sums w = { x, x, 90, 90, 1, scratch };
	size_t i, j, n, shape;

	(void)state;
	all = malloc(90 * 91 / 2 * sizeof *all);
	for (shape = 0; shape < 3; shape++) {
		for (i = 0; i < 90; i++) {
			x[i] = rng_normal(8, shape, i);
			x[i] = shape == 1 ? floor(x[i]) : shape == 2 ?
			    pow(x[i], 9) : x[i];
		}
		qsort(x, 90, sizeof *x, compare);
		for (n = 0, i = 0; i < 90; i++)
			for (j = i; j < 90; j++)
				all[n++] = x[i] + x[j];
		qsort(all, n, sizeof *all, compare);
		for (i = 0; i < n; i++)
			assert_near(walk_sums(&w, i + 1), all[i], 0);
	}
	free(all);
}

/* The exact distribution and the normal one meet at their border. */
static void
test_signed_rank_border(void **state)
{
	double d[65];
	struct stat_test exact, normal;
	size_t i;

	(void)state;
	for (i = 0; i < 65; i++)
		d[i] = rng_normal(5, 1, i) + 0.3;
	assert_int_equal(stat_signed_rank(d, 64, 0.95, STAT_GREATER, &exact),
	    RC_OK);
	assert_int_equal(stat_signed_rank(d, 65, 0.95, STAT_GREATER, &normal),
	    RC_OK);
	assert_true(exact.p < 0.05 && exact.p > 1e-5);
	assert_near(log(normal.p), log(exact.p), 0.6);
	assert_near(normal.lo, exact.lo, 0.03);
	assert_near(normal.hi, exact.hi, 0.03);
}

static void
test_signed_rank_edges(void **state)
{
	const double zero[] = { 0, 0, 0 };
	struct stat_test t;

	(void)state;
	assert_int_equal(stat_signed_rank(zero, 3, 0.95, STAT_GREATER, &t),
	    RC_OK);
	assert_near(t.p, 1, 0);
	assert_near(t.estimate, 0, 0);
	assert_int_equal(stat_signed_rank(NULL, 0, 0.95, STAT_GREATER, &t),
	    RC_OK);
	assert_int_equal(t.n, 0);
	assert_near(t.p, NAN, 0);
	assert_near(t.estimate, NAN, 0);
}

static void
test_shift_edges(void **state)
{
	double x[60], y[60], p;
	struct stat_test t, small;
	size_t i;

	(void)state;
	for (i = 0; i < 60; i++) {
		x[i] = rng_normal(6, 1, i) + 0.5;
		y[i] = rng_normal(6, 2, i);
	}
	assert_int_equal(stat_shift(x, 50, y, 50, 0.95, &small), RC_OK);
	assert_int_equal(stat_shift(x, 50, y, 51, 0.95, &t), RC_OK);
	assert_near(log(t.p), log(small.p), 0.5);
	assert_near(t.lo, small.lo, 0.05);
	p = t.p;
	assert_int_equal(stat_shift(y, 51, x, 50, 0.95, &t), RC_OK);
	assert_near(t.p, p, 1e-12);
	assert_int_equal(stat_shift(x, 0, y, 5, 0.95, &t), RC_OK);
	assert_near(t.p, NAN, 0);
}

static void
test_kendall(void **state)
{
	/* d1..d4 stand at 1..4 and at 2, 1, 3, 5 of the other list. */
	const double a[] = { 1, 2, 3, 4 }, b[] = { 2, 1, 3, 5 };
	const double x[] = { 12, 2, 1, 12, 2 }, y[] = { 1, 4, 7, 1, 0 };
	const double same[] = { 1, 1, 1 };
	struct stat_kendall k;

	(void)state;
	assert_int_equal(stat_kendall(a, b, 4, &k), RC_OK);
	assert_near(k.tau, .6667, 5e-5);
	assert_near(k.var, 4 * 3 * 13 / 18.0, 1e-12);
	assert_int_equal(stat_kendall(x, y, 5, &k), RC_OK);
	assert_near(k.tau_b, -.4714045, 5e-8);
	assert_int_equal(stat_kendall(same, a, 3, &k), RC_OK);
	assert_near(k.tau_b, NAN, 0);
	assert_int_equal(stat_kendall(a, b, 1, &k), RC_OK);
	assert_near(k.tau, NAN, 0);
}

static void
test_t(void **state)
{
	const double x[] = { 1, 2, 3, 4, 5, NAN }, flat[] = { .1, .1, .1 };
	struct stat_test t;

	(void)state;
	assert_int_equal(stat_t_above(x, 6, 2, STAT_GREATER, &t), RC_OK);
	assert_int_equal(t.n, 5);
	assert_near(t.stat, 1.414213562, 1e-8);
	assert_near(t.p, 0.1150998, 1e-6);
	assert_near(t.lo, 3 - 2.776445105 * sqrt(0.5), 1e-8);
	assert_near(t.upper, 3 + 2.131846786 * sqrt(0.5), 1e-8);
	assert_int_equal(stat_t_above(x, 6, 2, STAT_LESS, &t), RC_OK);
	assert_near(t.p, 1 - 0.1150998, 1e-6);
	assert_int_equal(stat_t_above(flat, 3, .05, STAT_GREATER, &t), RC_OK);
	assert_near(t.p, 0, 0);
	assert_int_equal(stat_t_above(flat, 3, .1, STAT_GREATER, &t), RC_OK);
	assert_near(t.p, .5, 0);
	assert_int_equal(stat_t_above(x, 1, 2, STAT_GREATER, &t), RC_OK);
	assert_near(t.p, NAN, 0);
	assert_near(t.estimate, 1, 0);
}

static void
test_trend(void **state)
{
	const double up[] = { 1, 2, 3, 4, 5 }, y[] = { 1, NAN, 3, 2, 6 };
	double noise[200];
	struct stat_test t;
	size_t i;

	(void)state;
	assert_int_equal(stat_trend(up, 5, STAT_TWO_SIDED, &t), RC_OK);
	assert_near(t.estimate, 1, 1e-12);
	assert_near(t.p, 2.0 / 120, 1e-14);
	assert_near(t.stat, 1, 0);
	assert_int_equal(stat_trend(up, 5, STAT_LESS, &t), RC_OK);
	assert_near(t.p, 1, 1e-12);
	/* Slopes 1, 1/3, 5/4, -1, 3/2, 4; the gap keeps its time. */
	assert_int_equal(stat_trend(y, 5, STAT_GREATER, &t), RC_OK);
	assert_int_equal(t.n, 4);
	assert_near(t.estimate, 1.125, 1e-12);
	assert_near(t.p, 4.0 / 24, 1e-14);
	assert_int_equal(stat_slope(up, 5, STAT_GREATER, &t), RC_OK);
	assert_near(t.estimate, 1, 1e-15);
	assert_near(t.p, 0, 0);
	assert_int_equal(stat_slope(y, 5, STAT_GREATER, &t), RC_OK);
	assert_near(t.estimate, 1.0285714286, 1e-9);
	for (i = 0; i < 200; i++)
		noise[i] = rng_normal(9, 3, i) + 0.02 * (double)i;
	assert_int_equal(stat_trend(noise, 200, STAT_GREATER, &t), RC_OK);
	assert_true(t.lo < 0.02 && t.hi > 0.02 && t.hi - t.lo < 0.012);
	assert_true(t.p < 1e-6);
	assert_int_equal(stat_trend(up, 1, STAT_GREATER, &t), RC_OK);
	assert_near(t.p, NAN, 0);
}

/* Radix and comparison agree, and equal values keep their order. */
static void
test_sort(void **state)
{
	enum { N = 5000 };
	static struct stat_item v[N];
	static double x[N], y[N];
	static const double odd[] = { 0, -0.0, 1e-310, -1e-310, 1e308, -1e308,
		1, -1 };
	size_t i, n;

	(void)state;
	for (n = 0; n <= N; n = n == 0 ? 3 : n == 3 ? 700 : n + 4300) {
		for (i = 0; i < n; i++) {
			x[i] = i % 5 == 0 ? odd[i / 5 % LEN(odd)] :
			    (double)(float)rng_normal(5, 1, i / 2);
			v[i] = (struct stat_item){ x[i], (uint32_t)i, 0 };
			y[i] = x[i];
		}
		qsort(y, n, sizeof *y, compare);
		stat_sort(x, n);
		assert_int_equal(stat_order(v, n), RC_OK);
		for (i = 0; i < n; i++) {
			assert_true(x[i] == y[i] && v[i].v == y[i]);
			assert_true(i == 0 || v[i - 1].v < v[i].v ||
			    v[i - 1].of < v[i].of);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_dist),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_mcnemar),
		cmocka_unit_test(test_paired_share),
		cmocka_unit_test(test_wilson),
		cmocka_unit_test(test_evalue),
		cmocka_unit_test(test_quantile),
		cmocka_unit_test(test_holm),
		cmocka_unit_test(test_hodges_lehmann),
		cmocka_unit_test(test_signed_rank_brute),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_signed_rank_border),
		cmocka_unit_test(test_signed_rank_edges),
		cmocka_unit_test(test_shift_edges),
		cmocka_unit_test(test_kendall),
		cmocka_unit_test(test_t),
		cmocka_unit_test(test_trend),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
