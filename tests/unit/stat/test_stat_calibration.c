/*
 * Do the tests keep their promise?  Seeded simulations: rejection without a
 * change within binomial error of alpha on data of four shapes, coverage of
 * the intervals, power on planted changes, and stat_power against what
 * happens.  Prints what it measures; STATS.md quotes it.
 */
#include "tests/unit/stat/calibration_draws.h"

static double
p_mean(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_draw draw = { rep, 50, 999 };
	struct stat_test t;

	fill_pairs(shape, rep, n);
	assert_int_equal(stat_signflip_mean(pair_d, n, &draw, STAT_GREATER,
	    &t), RC_OK);
	return t.p;
}

static double
p_mean_two_sided(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_draw draw = { rep, 50, 999 };
	struct stat_test t;

	fill_pairs(shape, rep, n);
	assert_int_equal(stat_signflip_mean(pair_d, n, &draw, STAT_TWO_SIDED,
	    &t), RC_OK);
	return t.p;
}

/* An answer about the case's subject, as a point on the plane's directions;
 * the noise of its wording has the shape. */
static double
answer_angle(enum shape shape, uint64_t rep, uint64_t arm, size_t i)
{
	return draw_value(shape, rep, 4 + arm, i) / 60;
}

static double
angle_distance(double a, double b)
{
	return 1 - cos(a - b);
}

/*
 * Answer drift as it is measured: six variants a case, asked of baseline,
 * candidate and, in turn, of one of them again; d is the distance between
 * the arms less that of the arm asked twice and its echo.
 */
static double
p_drift(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_draw draw = { rep, 56, 999 };
	struct stat_test t;
	size_t i, v;

	for (i = 0; i < n; i++) {
		for (pair_d[i] = 0, v = 6 * i; v < 6 * i + 6; v++) {
			double base = answer_angle(shape, rep, 0, v);
			double cand = answer_angle(shape, rep, 1, v);
			double echo = answer_angle(shape, rep, 2, v);

			pair_d[i] += (angle_distance(base, cand) -
			    angle_distance(v % 2 ? base : cand, echo)) / 6;
		}
	}
	assert_int_equal(stat_signflip_mean(pair_d, n, &draw, STAT_GREATER,
	    &t), RC_OK);
	return t.p;
}

static double
p_quantile(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_test t;

	fill_pairs(shape, rep, n);
	assert_int_equal(stat_signflip_quantile(pair_d, n, 0.95, STAT_GREATER,
	    &t), RC_OK);
	return t.p;
}

static double
p_tail(enum shape shape, uint64_t rep, size_t n)
{
	static const double limits[SHAPES] = { 15, 20, 40, 2 };
	struct stat_test t;

	fill_pairs(shape, rep, n);
	assert_int_equal(stat_signflip_tail(pair_d, n, limits[shape],
	    STAT_GREATER, &t), RC_OK);
	return t.p;
}

static double
p_signed_rank(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_test t;
	size_t i;

	fill_pairs(shape, rep, n);
	for (i = 0; i < n; i++)
		pair_d[i] = log(pair_b[i] / pair_a[i]);
	assert_int_equal(stat_signed_rank(pair_d, n, 0.95, STAT_GREATER, &t),
	    RC_OK);
	return t.p;
}

static double
p_swap95(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_draw draw = { rep, 51, 999 };
	struct stat_pairs pairs = { pair_a, pair_b, n };
	struct stat_test t;

	fill_pairs(shape, rep, n);
	assert_int_equal(stat_swap_quantile(&pairs, 0.95, &draw, STAT_GREATER,
	    &t), RC_OK);
	return t.p;
}

static double
p_swap99(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_draw draw = { rep, 51, 999 };
	struct stat_pairs pairs = { pair_a, pair_b, n };
	struct stat_test t;

	fill_pairs(shape, rep, n);
	assert_int_equal(stat_swap_quantile(&pairs, 0.99, &draw, STAT_GREATER,
	    &t), RC_OK);
	return t.p;
}

/* Pass or fail is above or below a level of the shape. */
static double
p_mcnemar(enum shape shape, uint64_t rep, size_t n)
{
	static const double levels[SHAPES] = { 220, 120, 200, 7 };
	uint64_t b = 0, c = 0;
	size_t i;

	fill_pairs(shape, rep, n);
	for (i = 0; i < n; i++) {
		b += pair_a[i] <= levels[shape] && pair_b[i] > levels[shape];
		c += pair_a[i] > levels[shape] && pair_b[i] <= levels[shape];
	}
	return stat_mcnemar(b, c, STAT_GREATER);
}

/* The shapes' own means as limits; heavy's lies at 11 times its scale. */
static double
p_t(enum shape shape, uint64_t rep, size_t n)
{
	static const double means[SHAPES] = { 100, 32.9744254, 220, 0 };
	struct stat_test t;
	size_t i;

	for (i = 0; i < n; i++)
		pair_a[i] = draw_value(shape, rep, 1, i);
	/* E floor(6 u^2) + 1, the sum of P(6 u^2 >= k) */
	assert_int_equal(stat_t_above(pair_a, n, shape == DISCRETE ?
	    6 - (sqrt(1 / 6.0) + sqrt(2 / 6.0) + sqrt(3 / 6.0) +
	    sqrt(4 / 6.0) + sqrt(5 / 6.0)) : means[shape], STAT_GREATER, &t),
	    RC_OK);
	return t.p;
}

static double
p_trend(enum shape shape, uint64_t rep, size_t n)
{
	struct stat_test t;
	size_t i;

	for (i = 0; i < n; i++)
		pair_a[i] = draw_value(shape, rep, 1, i);
	assert_int_equal(stat_trend(pair_a, n, STAT_GREATER, &t), RC_OK);
	return t.p;
}

/*
 * loose: the method is exact, but its few possible p-values may keep it below
 * alpha: only "not above" is asked of it.
 */
static const struct {
	const char *name;
	p_fn *fn;
	size_t n;
	int reps;
	int loose;
	unsigned skip;		/* bits of shapes it does not claim */
} level_table[] = {
	{ "signflip mean", p_mean, 100, 4000, 0, 0 },
	{ "signflip mean, two-sided", p_mean_two_sided, 40, 4000, 0, 0 },
	{ "signflip, answer drift", p_drift, 40, 2000, 0, 0 },
	{ "signflip mean, n 10", p_mean, 10, 4000, 1, 0 },
	{ "signflip quantile .95", p_quantile, 200, 4000, 1, 0 },
	{ "signflip tail", p_tail, 200, 4000, 1, 0 },
	{ "signed rank", p_signed_rank, 100, 2000, 0, 0 },
	{ "signed rank, n 20", p_signed_rank, 20, 4000, 1, 0 },
	{ "swap p95, n 100", p_swap95, 100, 2000, 1, 0 },
	{ "swap p95, n 600", p_swap95, 600, 1000, 0, 1 << DISCRETE },
	{ "swap p99, n 1000", p_swap99, 1000, 1000, 0, 1 << DISCRETE },
	{ "swap p99, n 1000", p_swap99, 1000, 1000, 1, ~(1U << DISCRETE) },
	{ "mcnemar", p_mcnemar, 400, 4000, 1, 0 },
	{ "t above limit", p_t, 100, 4000, 0, 1 << SKEWED | 1 << HEAVY },
	{ "t above limit", p_t, 100, 4000, 1, 1 << NORMAL | 1 << DISCRETE },
	{ "trend, n 30", p_trend, 30, 1000, 0, 1 << DISCRETE },
	{ "trend, n 60", p_trend, 60, 500, 0, 0 },
};

static void
check_level(size_t row, enum shape shape)
{
	static const double alphas[2] = { 0.05, 0.01 };
	int hits[2] = { 0, 0 }, reps = level_table[row].reps, i;
	double p, rate[2], error;

	for (i = 0; i < reps; i++) {
		p = level_table[row].fn(shape, (uint64_t)i + 1000,
		    level_table[row].n);
		hits[0] += p <= alphas[0];
		hits[1] += p <= alphas[1];
	}
	for (i = 0; i < 2; i++)
		rate[i] = (double)hits[i] / reps;
	print_message("# %-26s %-13s rejects %.4f at .05, %.4f at .01\n",
	    level_table[row].name, shape_names[shape], rate[0], rate[1]);
	for (i = 0; i < 2; i++) {
		error = 3 * sqrt(alphas[i] * (1 - alphas[i]) / reps);
		assert_true(rate[i] <= alphas[i] + error);
		assert_true(level_table[row].loose ||
		    rate[i] >= alphas[i] - error);
	}
}

static void
test_levels(void **state)
{
	size_t row;
	int shape;

	(void)state;
	for (row = 0; row < sizeof level_table / sizeof *level_table; row++)
		for (shape = 0; shape < SHAPES; shape++)
			if (!(level_table[row].skip >> shape & 1))
				check_level(row, (enum shape)shape);
}

/* The other way round a long tail misleads the t test: a limit above the mean
 * of few skewed values is rejected too often.  Gates ask the safe way. */
static void
test_t_unsafe_side(void **state)
{
	struct stat_test t;
	int reps = 4000, hits = 0, i;
	size_t j;

	(void)state;
	for (i = 0; i < reps; i++) {
		for (j = 0; j < 100; j++)
			pair_a[j] = draw_value(SKEWED, (uint64_t)i, 1, j);
		stat_t_above(pair_a, 100, 20 * exp(0.5), STAT_LESS, &t);
		hits += t.p <= 0.05;
	}
	print_message("# t below limit, skewed: rejects %.4f at .05\n",
	    (double)hits / reps);
	assert_true(hits > 0.05 * reps && hits < 0.12 * reps);
}

/* Looking after every pair, 500 times over, a fair coin is stopped for at
 * most alpha of the runs. */
static void
test_evalue_level(void **state)
{
	int reps = 4000, stopped = 0, i;
	uint64_t n, k;

	(void)state;
	for (i = 0; i < reps; i++) {
		for (n = 1, k = 0; n <= 500; n++) {
			k += rng_u64(21, (uint64_t)i, n) >> 63;
			if (stat_evalue_log(k, n) >= log(20))
				break;
		}
		stopped += n <= 500;
	}
	print_message("# e-value: %.4f ever stopped at .05\n",
	    (double)stopped / reps);
	assert_true(stopped <= 0.05 * reps);
	assert_true(stopped >= 0.01 * reps);
}

/* ---- coverage ----------------------------------------------------------- */

static struct stat_test
interval_of(int method, enum shape shape, uint64_t rep, size_t n)
{
	struct stat_pairs pairs = { pair_a, pair_b, n };
	struct stat_draw draw = { rep, 52, 1 };
	struct stat_test t = { 0 };
	uint64_t b = 0, c = 0;
	size_t i;

	fill_pairs(shape, rep, n);
	switch (method) {
	case 0:
		stat_signflip_mean(pair_d, n, &draw, STAT_GREATER, &t);
		break;
	case 1:
		stat_signed_rank(pair_d, n, 0.95, STAT_GREATER, &t);
		break;
	case 2:
		stat_swap_quantile(&pairs, 0.95, &draw, STAT_GREATER, &t);
		t.lo -= 1;	/* around 0 like the others */
		t.hi -= 1;
		t.lower -= 1;
		t.upper -= 1;
		break;
	case 3:
		stat_signflip_ratio(&pairs, &draw, STAT_GREATER, &t);
		t.lo -= 1;
		t.hi -= 1;
		t.lower -= 1;
		t.upper -= 1;
		break;
	default:
		for (i = 0; i < n; i++) {
			b += rng_unit(rep, 7, i) < 0.02;
			c += rng_unit(rep, 7, i) > 0.98;
		}
		stat_paired_share(b, c, n, 0.95, STAT_GREATER, &t);
	}
	return t;
}

/* Intervals of no change hold 0; the upper bound is the one that `strict`
 * trusts. */
static void
check_coverage(int method, enum shape shape, size_t n, double least)
{
	static const char *const names[] = { "mean (t)", "Hodges-Lehmann",
		"p95 ratio", "ratio of means", "paired share" };
	int reps = n > 200 ? 1000 : 2000, both = 0, upper = 0, i;
	struct stat_test t;

	for (i = 0; i < reps; i++) {
		t = interval_of(method, shape, (uint64_t)i + 9000, n);
		both += t.lo <= 0 && t.hi >= 0;
		upper += t.upper >= 0;
	}
	print_message("# %-15s %-13s n %-4zu covers %.4f, upper bound %.4f\n",
	    names[method], shape_names[shape], n, (double)both / reps,
	    (double)upper / reps);
	assert_true(both >= least * reps);
	assert_true(upper >= least * reps);
}

static void
test_coverage(void **state)
{
	int shape;

	(void)state;
	for (shape = 0; shape < SHAPES; shape++) {
		check_coverage(0, (enum shape)shape, 100, 0.935);
		check_coverage(1, (enum shape)shape, 100, 0.935);
		check_coverage(2, (enum shape)shape, 600, 0.935);
	}
	/* No interval holds a ratio of means that hardly exist. */
	check_coverage(3, NORMAL, 100, 0.935);
	check_coverage(3, SKEWED, 100, 0.92);
	check_coverage(3, DISCRETE, 100, 0.935);
	check_coverage(4, NORMAL, 20, 0.935);
	check_coverage(4, NORMAL, 100, 0.935);
	check_coverage(4, NORMAL, 400, 0.935);
}

/* A few cases of all lose everything: does the bound of the mean know it? */
static void
check_strict(double share, size_t n)
{
	int reps = 2000, strict = 0, plain = 0, i;
	struct stat_draw draw = { 1, 57, 1 };
	struct stat_test t;
	double bound;
	size_t j;

	for (i = 0; i < reps; i++) {
		for (j = 0; j < n; j++)
			pair_d[j] = rng_unit((uint64_t)i, n, j) < share;
		stat_strict_bound(pair_d, n, 1, 0.95, &bound);
		stat_signflip_mean(pair_d, n, &draw, STAT_GREATER, &t);
		strict += bound >= share;
		plain += t.upper >= share;
	}
	print_message("# strict bound, harm to %.2f of %zu: covers %.4f, "
	    "plain t %.4f\n", share, n, (double)strict / reps,
	    (double)plain / reps);
	assert_true(strict >= 0.93 * reps);
}

static void
test_strict(void **state)
{
	const double d[] = { 0, 0, 0, NAN };
	double up, down;

	(void)state;
	assert_int_equal(stat_strict_bound(d, 4, 1, 0.95, &up), RC_OK);
	assert_int_equal(stat_strict_bound(d, 4, -1, 0.95, &down), RC_OK);
	/* Of 0, 0, 0, 1: mean and se are 1/4; t(.95, 3) = 2.353363. */
	assert_near(up, 0.25 + 0.25 * 2.353363435, 1e-8);
	assert_near(down, -up, 1e-15);
	assert_int_equal(stat_strict_bound(d, 0, 1, 0.95, &up), RC_OK);
	assert_near(up, NAN, 0);
	check_strict(0.03, 20);
	check_strict(0.03, 100);
	check_strict(0.03, 400);
	check_strict(0.1, 100);
	check_strict(0.3, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_t_unsafe_side),
		cmocka_unit_test(test_evalue_level),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_strict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
