/* Tests that may be looked at at any time: values worked out by hand, and how
 * often they err when they are looked at after every value. */
#include "harness/stat/stat_anytime.h"

#include "harness/base/rng.h"
#include "harness/stat/stat_dist.h"
#include "tests/lib/check.h"

/* The one-sided mixture is twice the part of the two-sided one above 1/2: for
 * k = n the integral is that of 2^n p^n over the arcsine density. */
static void
test_upper_by_quadrature(void **state)
{
	static const struct { uint64_t k, n; } rows[] = { { 0, 0 }, { 1, 1 },
		{ 5, 5 }, { 3, 5 }, { 0, 4 }, { 15, 20 }, { 60, 100 } };
	enum { STEPS = 200000 };
	size_t i, s;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const double k = (double)rows[i].k, n = (double)rows[i].n;
		double sum = 0;

		/* p = sin^2 t makes the density uniform in t */
		for (s = 0; s < STEPS; s++) {
			double t = M_PI / 4 + M_PI / 4 * ((double)s + .5) /
			    STEPS;
			double p = sin(t) * sin(t);

			sum += exp(n * M_LN2 + k * log(p) +
			    (n - k) * log1p(-p));
		}
		assert_near(exp(stat_evalue_upper_log(rows[i].k, rows[i].n)),
		    sum / STEPS, 1e-6 * (1 + sum / STEPS));
	}
}

static void
test_upper_against_two_sided(void **state)
{
	uint64_t n;

	(void)state;
	/* E(5,5) = 7.875; nearly all of it is above 1/2 */
	assert_near(exp(stat_evalue_upper_log(5, 5)), 2 * 7.875, .2);
	for (n = 1; n < 300; n++) {
		assert_true(stat_evalue_upper_log(n, n) >
		    stat_evalue_log(n, n));
		assert_true(stat_evalue_upper_log(0, n) < 0);
	}
	assert_true(stat_evalue_upper_log(0, 1000000) < -100);
}

/* At p0 = 1/2 it is the one-sided value of a coin; else by quadrature. */
static void
test_above(void **state)
{
	static const struct { uint64_t k, n; double p0; } rows[] = {
		{ 0, 0, .01 }, { 1, 1, .01 }, { 3, 50, .01 }, { 1, 200, .01 },
		{ 12, 200, .05 }, { 40, 100, .3 } };
	enum { STEPS = 400000 };
	size_t i, s;

	(void)state;
	assert_near(stat_evalue_above_log(7, 9, .5),
	    stat_evalue_upper_log(7, 9), 1e-9);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const double k = (double)rows[i].k, p0 = rows[i].p0;
		const double miss = (double)rows[i].n - k;
		const double from = asin(sqrt(p0)), width = M_PI / 2 - from;
		double sum = 0, got;

		for (s = 0; s < STEPS; s++) {
			double t = from + width * ((double)s + .5) / STEPS;
			double p = sin(t) * sin(t);

			sum += exp(k * log(p / p0) + miss * (log1p(-p) -
			    log1p(-p0)));
		}
		got = exp(stat_evalue_above_log(rows[i].k, rows[i].n, p0));
		assert_near(got, sum / STEPS, 1e-4 * (1 + sum / STEPS));
	}
	/* a limit of 0 or 1 is no crash */
	assert_true(stat_evalue_above_log(1, 10, 0) > 10);
	assert_true(stat_evalue_above_log(10, 10, 1) < 1e-6);
	assert_true(stat_evalue_above_log(0, 100000, .01) < -100);
}

/* Looked at after each value, at the very limit: of 400 runs one in twenty may
 * ever reach 20. */
static void
test_above_false_alarms(void **state)
{
	unsigned run, i, k, alarms = 0;

	(void)state;
	for (run = 0; run < 400; run++) {
		for (i = k = 0; i < 1000; i++) {
			k += rng_unit(17, run, i) < .02;
			if (stat_evalue_above_log(k, i + 1, .02) > log(20)) {
				alarms++;
				break;
			}
		}
	}
	assert_true(alarms <= 400 / 20);
}

static void
test_symmetry_values(void **state)
{
	struct stat_symmetry s = { { 0 } };
	double sum = 0, scale;

	(void)state;
	assert_near(stat_symmetry_log(&s), 0, 0);
	stat_symmetry_add(&s, 0);
	stat_symmetry_add(&s, NAN);
	stat_symmetry_add(&s, INFINITY);
	assert_near(stat_symmetry_log(&s), 0, 0);
	stat_symmetry_add(&s, .5);
	stat_symmetry_add(&s, -.2);
	for (scale = .25; scale < 65; scale *= 2)
		sum += (1 + tanh(scale * .5)) * (1 - tanh(scale * .2));
	assert_near(exp(stat_symmetry_log(&s)), sum / STAT_SYMMETRY_SCALES,
	    1e-12);
	/* no overflow, and nothing that is not a number */
	stat_symmetry_add(&s, -1e300);
	assert_false(isnan(stat_symmetry_log(&s)));
	assert_true(stat_symmetry_log(&s) < -1e6);
}

/* Each factor has mean 1 over a sign. */
static void
test_symmetry_is_fair(void **state)
{
	static const double sizes[] = { 1e-6, .01, .3, 1, 7, 200 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct stat_symmetry up = { { 0 } }, down = { { 0 } };

		stat_symmetry_add(&up, sizes[i]);
		stat_symmetry_add(&down, -sizes[i]);
		assert_near((exp(stat_symmetry_log(&up)) +
		    exp(stat_symmetry_log(&down))) / 2, 1, 1e-9);
	}
}

/* ---- looked at after every value --------------------------------------- */

enum shape { NORMAL, SKEWED_SIZES, DISCRETE, RARE, SHAPES };

static double
draw(enum shape shape, uint64_t run, uint64_t i)
{
	double z = rng_normal(run, 7, i), sign = z < 0 ? -1 : 1;

	switch (shape) {
	case NORMAL:
		return z;
	case SKEWED_SIZES:
		return sign * exp(2 * rng_normal(run, 8, i));
	case DISCRETE:
		return (double)rng_below(run, 9, i, 3) - 1;
	default:
		return rng_unit(run, 10, i) < .02 ? sign : 0;
	}
}

static void
test_false_alarms(void **state)
{
	enum { RUNS = 600, LOOKS = 400 };
	const double stop = log(20);
	int shape;

	(void)state;
	for (shape = 0; shape < SHAPES; shape++) {
		unsigned size = 0, sign = 0;
		uint64_t run, i;

		for (run = 0; run < RUNS; run++) {
			struct stat_symmetry s = { { 0 } };
			uint64_t k = 0, n = 0;
			int by_size = 0, by_sign = 0;

			for (i = 0; i < LOOKS; i++) {
				double d = draw((enum shape)shape, run, i);

				stat_symmetry_add(&s, d);
				k += d > 0;
				n += d != 0;
				by_size |= stat_symmetry_log(&s) >= stop;
				by_sign |= stat_evalue_upper_log(k, n) >= stop;
			}
			size += (unsigned)by_size;
			sign += (unsigned)by_sign;
		}
		/* at most .05 whatever the shape, and two errors of that */
		assert_true(size <= RUNS * .05 + 11);
		assert_true(sign <= RUNS * .05 + 11);
	}
}

static void
test_confidence_sequence(void **state)
{
	enum { RUNS = 400, LOOKS = 300 };
	unsigned missed = 0;
	uint64_t run, i;
	double lo = 0, hi = 0;

	(void)state;
	for (run = 0; run < RUNS; run++) {
		struct stat_moments_sum m = { 0, 0, 0 };
		int out = 0;

		for (i = 0; i < LOOKS; i++) {
			double d = .2 + .1 * rng_normal(run, 11, i);

			m.n++;
			m.sum += d;
			m.square += d * d;
			if (i % 10 != 9)
				continue;
			stat_symmetric_cs(&m, 4, .05, &lo, &hi);
			out |= lo > .2 || hi < .2;
		}
		missed += (unsigned)out;
		/* three hundred values pin it down to a quarter of its sd */
		assert_true(hi - lo < .08);
	}
	assert_true(missed <= RUNS * .05 + 9);
	stat_symmetric_cs(&(struct stat_moments_sum){ 0, 0, 0 }, 4, .05, &lo,
	    &hi);
	assert_true(isinf(lo) && isinf(hi));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upper_by_quadrature),
		cmocka_unit_test(test_upper_against_two_sided),
		cmocka_unit_test(test_above),
		cmocka_unit_test(test_above_false_alarms),
		cmocka_unit_test(test_symmetry_values),
		cmocka_unit_test(test_symmetry_is_fair),
		cmocka_unit_test(test_false_alarms),
		cmocka_unit_test(test_confidence_sequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
