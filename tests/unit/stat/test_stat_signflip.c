/* Sign-flip tests against all sign patterns written down. */
#include "harness/stat/stat.h"

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "harness/stat/stat_dist.h"
#include "tests/lib/check.h"
#include "tests/lib/threads.h"

static const struct stat_draw draw = { 42, 7, 0 };

typedef double statistic_fn(double *v, size_t n, double arg);

static double
sum_of(double *v, size_t n, double arg)
{
	double sum = 0;
	size_t i;

	(void)arg;
	for (i = 0; i < n; i++)
		sum += v[i];
	return sum;
}

static int
rising(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

static double
quantile_of(double *v, size_t n, double q)
{
	qsort(v, n, sizeof *v, rising);
	return stat_quantile(v, n, q);
}

static double
beyond(double *v, size_t n, double limit)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++)
		k += v[i] > limit;
	return (double)k;
}

/* Share of all patterns whose statistic reaches the observed one. */
static double
enumerate(const double *d, size_t n, statistic_fn *fn, double arg)
{
	double v[20], seen = 0, got;
	uint64_t m, hits = 0;
	size_t i;

	for (m = 0; m < 1ULL << n; m++) {
		for (i = 0; i < n; i++)
			v[i] = m >> i & 1 ? -d[i] : d[i];
		got = fn(v, n, arg);
		if (m == 0)
			seen = got;
		hits += got >= seen - 1e-9;
	}
	return (double)hits / (double)(1ULL << n);
}

/* shape 0: normal; 1: sixths, with ties and zeros; 2: shifted up */
static void
fill(double *d, size_t n, uint64_t seed, int shape)
{
	size_t i;

	for (i = 0; i < n; i++) {
		d[i] = rng_normal(seed, 1, i) + (shape == 2 ? 0.4 : 0);
		if (shape == 1)
			d[i] = floor(d[i] * 2) / 6;
	}
}

static void
negate(double *d, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		d[i] = -d[i];
}

static void
test_mean(void **state)
{
	double d[16], want;
	struct stat_test t;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 30; seed++) {
		/* 12 values are enumerated, 16 are drawn. */
		size_t n = seed % 2 == 0 ? 12 : 16;

		fill(d, n, seed, (int)(seed % 3));
		want = enumerate(d, n, sum_of, 0);
		assert_int_equal(stat_signflip_mean(d, n, &draw, STAT_GREATER,
		    &t), RC_OK);
		assert_near(t.p, want, n == 12 ? 1e-15 :
		    4 * sqrt(want * (1 - want) / STAT_DRAWS) + 1e-4);
		negate(d, n);
		assert_int_equal(stat_signflip_mean(d, n, &draw, STAT_LESS,
		    &t), RC_OK);
		assert_near(t.p, want, n == 12 ? 1e-15 :
		    4 * sqrt(want * (1 - want) / STAT_DRAWS) + 1e-4);
	}
}

static void
test_tails(void **state)
{
	static const double qs[] = { 0.95, 0.8, 0.5, 0.3 };
	double d[14], want, q;
	struct stat_test t;
	uint64_t seed;

	(void)state;
	for (seed = 0; seed < 24; seed++) {
		fill(d, 14, seed, (int)(seed % 3));
		q = qs[seed % 4];
		want = enumerate(d, 14, quantile_of, q);
		assert_int_equal(stat_signflip_quantile(d, 14, q,
		    STAT_GREATER, &t), RC_OK);
		assert_near(t.p, want, 1e-12);
		want = enumerate(d, 14, beyond, 0.5);
		assert_int_equal(stat_signflip_tail(d, 14, 0.5, STAT_GREATER,
		    &t), RC_OK);
		assert_near(t.p, want, 1e-12);
		negate(d, 14);
		assert_int_equal(stat_signflip_tail(d, 14, 0.5, STAT_LESS,
		    &t), RC_OK);
		assert_near(t.p, want, 1e-12);
	}
}

/* Asking whether a low quantile is low mirrors the question above; with
 * rank ceil(qn) = k the mirror image of k is n + 1 - k. */
static void
test_quantile_mirror(void **state)
{
	double d[15];
	struct stat_test up, down;

	(void)state;
	fill(d, 15, 3, 2);
	assert_int_equal(stat_signflip_quantile(d, 15, 0.8, STAT_GREATER,
	    &up), RC_OK);
	negate(d, 15);
	/* rank 12 of 15 from below is rank 4: q = 4 / 15 */
	assert_int_equal(stat_signflip_quantile(d, 15, 4.0 / 15, STAT_LESS,
	    &down), RC_OK);
	assert_near(down.estimate, -up.estimate, 0);
	assert_near(down.p, up.p, 1e-14);
}

/* The floor that the header states. */
static void
test_quantile_floor(void **state)
{
	double d[140];
	struct stat_test t;
	size_t i;

	(void)state;
	for (i = 0; i < 140; i++)
		d[i] = i < 14 ? 0.5 + 0.01 * (double)i : 0.001;
	assert_int_equal(stat_signflip_quantile(d, 100, 0.95, STAT_GREATER,
	    &t), RC_OK);
	assert_near(t.p, 1.0 / 64, 1e-15);
	assert_int_equal(stat_signflip_quantile(d, 140, 0.95, STAT_GREATER,
	    &t), RC_OK);
	assert_near(t.p, 1.0 / 256, 1e-15);
	assert_int_equal(stat_signflip_tail(d, 100, 0.15, STAT_GREATER, &t),
	    RC_OK);
	assert_near(t.p, 1.0 / 16384, 1e-15);
	assert_near(t.estimate, 0.14, 1e-15);
}

static void
test_ratio(void **state)
{
	const double a[] = { 1, 2, 3, 4, NAN }, b[] = { 2, 2, 4, 6, 1 };
	const double zero[] = { 0, 0, 0, 0, 0 };
	struct stat_pairs p = { a, b, 5 }, free_of_cost = { zero, b, 5 };
	struct stat_test t;

	(void)state;
	assert_int_equal(stat_signflip_ratio(&p, &draw, STAT_GREATER, &t),
	    RC_OK);
	assert_int_equal(t.n, 4);
	assert_near(t.estimate, 1.4, 1e-15);
	/* Differences 1, 0, 1, 2: only all plus reaches 4. */
	assert_near(t.p, 1.0 / 8, 1e-15);
	/* b - 1.4 a = .6, -.8, -.2, .4 has sd sqrt(1.2/3). */
	assert_near(t.se, sqrt(0.4) / 2 / 2.5, 1e-12);
	assert_int_equal(stat_signflip_ratio(&free_of_cost, &draw,
	    STAT_GREATER, &t), RC_OK);
	assert_near(t.estimate, NAN, 0);
	assert_near(t.p, 1.0 / 32, 1e-15);
}

static void
test_edges(void **state)
{
	const double one[] = { 3 }, zero[] = { 0, 0, 0 }, none[] = { NAN };
	struct stat_test t;

	(void)state;
	assert_int_equal(stat_signflip_mean(one, 1, &draw, STAT_GREATER, &t),
	    RC_OK);
	assert_near(t.p, 0.5, 0);
	assert_near(t.estimate, 3, 0);
	assert_near(t.lo, NAN, 0);
	assert_int_equal(stat_signflip_mean(one, 1, &draw, STAT_TWO_SIDED,
	    &t), RC_OK);
	assert_near(t.p, 1, 0);
	assert_int_equal(stat_signflip_mean(zero, 3, &draw, STAT_GREATER, &t),
	    RC_OK);
	assert_near(t.p, 1, 0);
	assert_near(t.hi, 0, 0);
	assert_int_equal(stat_signflip_mean(none, 1, &draw, STAT_GREATER, &t),
	    RC_OK);
	assert_int_equal(t.n, 0);
	assert_near(t.p, NAN, 0);
	assert_int_equal(stat_signflip_quantile(none, 1, 0.9, STAT_GREATER,
	    &t), RC_OK);
	assert_near(t.p, NAN, 0);
	assert_int_equal(stat_signflip_tail(none, 1, 0.9, STAT_GREATER, &t),
	    RC_OK);
	assert_near(t.p, NAN, 0);
}

/* Columns of cells are single precision: a third and a sixth of it do not
 * add up to a half, and must count as if they did. */
static void
test_single_precision_ties(void **state)
{
	double d[12], exact[12];
	struct stat_test a, b;
	size_t i;

	(void)state;
	for (i = 0; i < 12; i++) {
		exact[i] = (double)(i % 3 + 1) * (i == 4 ? -10 : 10);
		d[i] = (double)((float)(i % 3 + 1) / 6 *
		    (i == 4 ? -1.0F : 1.0F));
	}
	assert_int_equal(stat_signflip_mean(d, 12, &draw, STAT_GREATER, &a),
	    RC_OK);
	assert_int_equal(stat_signflip_mean(exact, 12, &draw, STAT_GREATER,
	    &b), RC_OK);
	assert_near(a.p, b.p, 0);
}

/* The same bits for any number of threads, others for another stream. */
static void
test_deterministic(void **state)
{
	static double d[5000];
	struct stat_test a, b;
	struct stat_draw other = { 42, 8, 0 };

	(void)state;
	fill(d, 5000, 77, 0);
	use_threads(1);
	assert_int_equal(stat_signflip_mean(d, 5000, &draw, STAT_GREATER, &a),
	    RC_OK);
	use_threads(3);
	assert_int_equal(stat_signflip_mean(d, 5000, &draw, STAT_GREATER, &b),
	    RC_OK);
	assert_memory_equal(&a, &b, sizeof a);
	assert_int_equal(stat_signflip_mean(d, 5000, &other, STAT_GREATER,
	    &b), RC_OK);
	assert_true(a.p != b.p);
	assert_near(a.p, b.p, 0.03);
}

/* Of very many values drawing ends early, and p stays p. */
static void
test_many(void **state)
{
	enum { N = 60001 };
	static const double z[] = { -1, 0, 1, 1.7, 2.4, 5 };
	static double d[N];
	struct stat_test a, b;
	double mean = 0, square = 0, want;
	size_t i, k;

	(void)state;
	for (i = 0; i < N; i++) {
		d[i] = rng_normal(9, 4, i);
		mean += d[i] / N;
	}
	for (k = 0; k < sizeof z / sizeof *z; k++) {
		for (square = 0, i = 0; i < N; i++) {
			d[i] += z[k] / sqrt(N) - mean;
			square += d[i] * d[i];
		}
		mean = z[k] / sqrt(N);
		want = dist_normal_cdf(-mean * N / sqrt(square));
		use_threads(1);
		assert_int_equal(stat_signflip_mean(d, N, &draw, STAT_GREATER,
		    &a), RC_OK);
		use_threads(4);
		assert_int_equal(stat_signflip_mean(d, N, &draw, STAT_GREATER,
		    &b), RC_OK);
		assert_memory_equal(&a, &b, sizeof a);
		assert_near(a.p, want, .25 * want + 2e-4);
		assert_int_equal(stat_signflip_mean(d, N, &draw, STAT_LESS,
		    &b), RC_OK);
		assert_near(b.p, 1 - want, .25 * (1 - want) + 2e-4);
	}
	assert_near(a.p, 1e-4, 0);	/* all were drawn */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mean),
		cmocka_unit_test(test_tails),
		cmocka_unit_test(test_quantile_mirror),
		cmocka_unit_test(test_quantile_floor),
		cmocka_unit_test(test_ratio),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_single_precision_ties),
		cmocka_unit_test(test_deterministic),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
