/*
 * The swap test from the inside: shortcuts against walking every value, and
 * the p-value against all relabelings.
 */
#include "harness/stat/stat_swap.c"

#include "tests/lib/check.h"
#include "tests/lib/threads.h"

#define N 2000
#define ALONE 999	/* seed of pairs without correlation */

/* Latencies with a tail, correlated unless alone; whole numbers when coarse. */
static void
fill(double *a, double *b, size_t n, uint64_t seed, int coarse)
{
	size_t i;

	for (i = 0; i < n; i++) {
		double w = seed == ALONE ? 0 : 0.5 * rng_normal(seed, 1, i);

		a[i] = 20 * exp(w + 0.3 * rng_normal(seed, 2, i));
		b[i] = 20 * exp(w + 0.3 * rng_normal(seed, 3, i));
		if (coarse) {
			a[i] = 1 + floor(a[i] / 10);
			b[i] = 1 + floor(b[i] / 10);
		}
	}
}

static void
compare_walks(uint64_t seed, double q, int coarse, int *from_top)
{
	static double a[N], b[N];
	struct stat_pairs p = { a, b, N };
	struct swap s = { .key = rng_key(3, 4), .b = 3000, .ratio = 1 };
	uint32_t i;

	fill(a, b, N, seed, coarse);
	assert_int_equal(swap_init(&s, &p, q), RC_OK);
	assert_true(s.start > 0 && s.half > 0);
	for (i = 0; i < s.b; i++) {
		struct walk w = { s.bits, 0, (uint64_t)i * s.words };
		size_t none[2] = { 0, 0 }, upper = s.whole, j;
		double got = relabel(&s, &w);

		for (j = 0; j < s.half; j++)
			upper += (w.bits[j / 64] ^ s.orient[j / 64]) >>
			    j % 64 & 1;
		*from_top += upper >= s.r ||
		    2 * s.whole + s.half - upper >= s.r;
		w.filled = 0;
		assert_near(got, walk_on(&s, &w, 0, none), 0);
	}
	swap_fini(&s);
}

static void
test_walks(void **state)
{
	int from_top = 0;

	(void)state;
	compare_walks(11, 0.95, 0, &from_top);
	compare_walks(11, 0.95, 1, &from_top);
	compare_walks(11, 0.5, 0, &from_top);
	compare_walks(ALONE, 0.9, 0, &from_top);
	compare_walks(ALONE, 0.95, 0, &from_top);
	/* The rare way was taken, and gave the same. */
	assert_true(from_top > 0 && from_top < 100);
}

static int
falling(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a < b) - (a > b);
}

static double
plain_ratio(const double *a, const double *b, size_t n, size_t r,
    uint64_t mask)
{
	double x[16], y[16];
	size_t i;

	for (i = 0; i < n; i++) {
		x[i] = mask >> i & 1 ? b[i] : a[i];
		y[i] = mask >> i & 1 ? a[i] : b[i];
	}
	qsort(x, n, sizeof *x, falling);
	qsort(y, n, sizeof *y, falling);
	return y[r - 1] / x[r - 1];
}

/* p of drawn relabelings against all 2^12. */
static void
test_all_relabelings(void **state)
{
	double a[12], b[12], seen, want, se;
	struct stat_pairs p = { a, b, 12 };
	struct stat_draw draw = { 5, 6, 40000 };
	struct stat_test t;
	uint64_t seed, mask;
	int coarse, hits;

	(void)state;
	for (seed = 0; seed < 6; seed++) {
		coarse = seed % 2 == 1;
		fill(a, b, 12, seed, coarse);
		seen = plain_ratio(a, b, 12, 4, 0);
		for (hits = 0, mask = 0; mask < 4096; mask++)
			hits += plain_ratio(a, b, 12, 4, mask) >=
			    seen * (1 - 1e-12);
		want = hits / 4096.0;
		assert_int_equal(stat_swap_quantile(&p, 0.75, &draw,
		    STAT_GREATER, &t), RC_OK);
		assert_near(t.estimate, seen, 0);
		se = sqrt(want * (1 - want) / 40000) + 1e-4;
		assert_near(t.p, want, 4 * se);
	}
}

static void
test_edges(void **state)
{
	const double a[] = { 5, 5, 5, NAN, 1, 0 }, b[] = { 5, 5, 5, 1, -1, 2 };
	struct stat_pairs p = { a, b, 6 }, none = { a, b, 0 };
	struct stat_draw draw = { 5, 6, 0 };
	struct stat_test t;

	(void)state;
	assert_int_equal(stat_swap_quantile(&p, 0.95, &draw, STAT_GREATER,
	    &t), RC_OK);
	assert_int_equal(t.n, 3);
	assert_near(t.estimate, 1, 0);
	assert_near(t.p, 1, 0);
	assert_near(t.hi, NAN, 0);
	assert_int_equal(stat_swap_quantile(&none, 0.95, &draw, STAT_GREATER,
	    &t), RC_OK);
	assert_near(t.p, NAN, 0);
}

static void
test_sides(void **state)
{
	static double a[N], b[N];
	struct stat_pairs p = { a, b, N }, back = { b, a, N };
	struct stat_draw draw = { 5, 6, 0 };
	struct stat_test up, down, both, mirror;
	size_t i;

	(void)state;
	fill(a, b, N, 12, 0);
	for (i = 0; i < N; i++)
		b[i] *= 1.05;
	assert_int_equal(stat_swap_quantile(&p, 0.95, &draw, STAT_GREATER,
	    &up), RC_OK);
	assert_int_equal(stat_swap_quantile(&p, 0.95, &draw, STAT_LESS,
	    &down), RC_OK);
	assert_int_equal(stat_swap_quantile(&p, 0.95, &draw, STAT_TWO_SIDED,
	    &both), RC_OK);
	assert_int_equal(stat_swap_quantile(&back, 0.95, &draw, STAT_LESS,
	    &mirror), RC_OK);
	assert_near(up.p + down.p, 1, 0.01);
	assert_near(both.p, 2 * fmin(up.p, down.p), 0.02);
	assert_near(mirror.p, up.p, 0.02);
	assert_near(mirror.estimate * up.estimate, 1, 1e-12);
	assert_near(mirror.lo * up.hi, 1, 1e-9);
	assert_true(up.lo < up.lower && up.lower < up.estimate);
	assert_true(up.estimate < up.upper && up.upper < up.hi);
}

#define MANY 8000
static void
test_threads(void **state)
{
	static double a[MANY], b[MANY];
	struct stat_pairs p = { a, b, MANY };
	struct stat_draw draw = { 5, 6, 0 };
	struct stat_test one, three;

	(void)state;
	fill(a, b, MANY, 13, 0);
	use_threads(1);
	assert_int_equal(stat_swap_quantile(&p, 0.95, &draw, STAT_GREATER,
	    &one), RC_OK);
	use_threads(3);
	assert_int_equal(stat_swap_quantile(&p, 0.95, &draw, STAT_GREATER,
	    &three), RC_OK);
	assert_memory_equal(&one, &three, sizeof one);
	assert_true(one.p > 0 && one.p < 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks),
		cmocka_unit_test(test_all_relabelings),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_sides),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
