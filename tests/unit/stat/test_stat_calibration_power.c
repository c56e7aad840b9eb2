/* Calibration: how often a change is seen, and what stat_power says of it. */
#include "tests/unit/stat/calibration_draws.h"

/* ---- power -------------------------------------------------------------- */

#define POWER_REPS 200

static void
expect_power(const char *what, int hits, double least)
{
	print_message("# %s: power %.3f\n", what, (double)hits / POWER_REPS);
	assert_true(hits >= least * POWER_REPS);
}

/* 5 % of requests three times slower, and no other tail. */
static void
test_power_swap(void **state)
{
	struct stat_pairs pairs = { pair_a, pair_b, 1000 };
	struct stat_test t;
	int hits = 0, hits95 = 0, rep;
	size_t i;

	(void)state;
	for (rep = 0; rep < POWER_REPS; rep++) {
		struct stat_draw draw = { (uint64_t)rep, 53, 0 };

		for (i = 0; i < 1000; i++) {
			pair_a[i] = 100 * exp(0.1 *
			    rng_normal((uint64_t)rep, 1, i));
			pair_b[i] = 100 * exp(0.1 *
			    rng_normal((uint64_t)rep, 2, i)) *
			    (rng_unit((uint64_t)rep, 3, i) < 0.05 ? 3 : 1);
		}
		stat_swap_quantile(&pairs, 0.99, &draw, STAT_GREATER, &t);
		hits += t.p <= 0.01 && t.estimate > 1.15;
		stat_swap_quantile(&pairs, 0.95, &draw, STAT_GREATER, &t);
		hits95 += t.p <= 0.01;
	}
	expect_power("swap p99, 5 % three times slower, n 1000", hits, 0.95);
	expect_power("swap p95 of the same", hits95, 0.3);
}

/* All requests 5 % slower, 10 % noise. */
static void
test_power_signed_rank(void **state)
{
	struct stat_test t;
	int hits = 0, rep;
	size_t i;

	(void)state;
	for (rep = 0; rep < POWER_REPS; rep++) {
		for (i = 0; i < 1000; i++)
			pair_d[i] = log(1.05) + 0.1 *
			    (rng_normal((uint64_t)rep, 1, i) -
			    rng_normal((uint64_t)rep, 2, i));
		stat_signed_rank(pair_d, 1000, 0.95, STAT_GREATER, &t);
		hits += t.p <= 0.01;
	}
	expect_power("signed rank, all 5 % slower, n 1000", hits, 0.95);
}

/* 5 % of cases from pass to fail, 1 % flipping either way besides. */
static void
test_power_mcnemar(void **state)
{
	int hits = 0, rep;
	size_t i;

	(void)state;
	for (rep = 0; rep < POWER_REPS; rep++) {
		uint64_t b = 0, c = 0;

		for (i = 0; i < 400; i++) {
			double u = rng_unit((uint64_t)rep, 1, i);

			b += u < 0.06;
			c += u > 0.99;
		}
		hits += stat_mcnemar(b, c, STAT_GREATER) <= 0.01;
	}
	expect_power("mcnemar, 5 % from pass to fail, n 400", hits, 0.95);
}

/* ---- stat_power against what happens ------------------------------------ */

static int
fails(const struct stat_design *g, const struct stat_test *t)
{
	return t->stat > g->margin && t->p <= g->alpha;
}

/* One replicate of a gate at an effect; sd as the design says. */
typedef struct stat_test gate_fn(const struct stat_design *g, size_t n,
    double effect, uint64_t rep);

static struct stat_test
gate_mean(const struct stat_design *g, size_t n, double effect, uint64_t rep)
{
	struct stat_draw draw = { rep, 54, 0 };
	struct stat_test t;
	size_t i;

	for (i = 0; i < n; i++)
		pair_d[i] = effect + g->sd * rng_normal(rep, 5, i);
	stat_signflip_mean(pair_d, n, &draw, STAT_GREATER, &t);
	return t;
}

static struct stat_test
gate_rank(const struct stat_design *g, size_t n, double effect, uint64_t rep)
{
	struct stat_test t;
	size_t i;

	for (i = 0; i < n; i++)
		pair_d[i] = effect + g->sd / sqrt(M_PI / 3) *
		    rng_normal(rep, 5, i);
	stat_signed_rank(pair_d, n, 0.95, STAT_GREATER, &t);
	t.stat = t.estimate;
	return t;
}

static struct stat_test
gate_swap(const struct stat_design *g, size_t n, double effect, uint64_t rep)
{
	struct stat_pairs pairs = { pair_a, pair_b, n };
	struct stat_draw draw = { rep, 55, 1999 };
	struct stat_test t;
	size_t i;

	(void)g;
	for (i = 0; i < n; i++) {
		pair_a[i] = exp(0.3 * rng_normal(rep, 5, i));
		pair_b[i] = exp(effect + 0.3 * rng_normal(rep, 6, i));
	}
	stat_swap_quantile(&pairs, 0.95, &draw, STAT_GREATER, &t);
	return t;
}

static struct stat_test
gate_mcnemar(const struct stat_design *g, size_t n, double effect,
    uint64_t rep)
{
	struct stat_test t;
	uint64_t b = 0, c = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		double u = rng_unit(rep, 5, i);

		b += u < g->sd + effect;
		c += u > 1 - g->sd;
	}
	stat_paired_share(b, c, n, 0.95, STAT_GREATER, &t);
	t.stat = t.estimate;
	return t;
}

static void
compare_power(const char *name, gate_fn *gate, const struct stat_design *g,
    size_t n, double effect)
{
	int reps = 1000, hits = 0, i;
	double told, got;
	struct stat_test t;

	told = gate == gate_mcnemar ? stat_power_mcnemar(g, n, effect) :
	    stat_power(g, n, effect);
	for (i = 0; i < reps; i++) {
		t = gate(g, n, effect, (uint64_t)i + 70000);
		hits += fails(g, &t);
	}
	got = (double)hits / reps;
	print_message("# %-9s n %-4zu effect %.3f: told %.3f, was %.3f\n",
	    name, n, effect, told, got);
	/* Quantiles are discrete and only about log-normal. */
	assert_near(told, got, 3 * sqrt(0.25 / reps) +
	    (gate == gate_swap ? 0.05 : 0));
}

static void
test_power_told(void **state)
{
	const struct stat_design mean = { 0.001, 0.03, 0.1 };
	const struct stat_design rank = { 0.001, log(1.1), 0.3 };
	const struct stat_design swap = { 0.001, log(1.15),
		stat_sd_quantile(0.95, 0.3, 0) };
	const struct stat_design flips = { 0.001, 0.02, 0.01 };

	(void)state;
	compare_power("signflip", gate_mean, &mean, 20, 0.08);
	compare_power("signflip", gate_mean, &mean, 100, 0.04);
	compare_power("signflip", gate_mean, &mean, 400, 0.035);
	compare_power("rank", gate_rank, &rank, 100, 0.12);
	compare_power("rank", gate_rank, &rank, 600, 0.11);
	compare_power("swap", gate_swap, &swap, 600, 0.2);
	compare_power("swap", gate_swap, &swap, 600, 0.25);
	compare_power("mcnemar", gate_mcnemar, &flips, 100, 0.12);
	compare_power("mcnemar", gate_mcnemar, &flips, 400, 0.06);
}

/* Visible effects and needed sizes are the inverses of the power. */
static void
test_power_inverse(void **state)
{
	const struct stat_design g = { 0.001, 0.03, 0.1 };
	const struct stat_design flips = { 0.001, 0.02, 0.01 };
	const struct stat_design strict = { 0.05, 0.02, 0.1 };
	const struct stat_design unknown = { 0.05, 0.02, NAN };
	double v, n;

	(void)state;
	v = stat_visible(&g, 100, 0.8);
	assert_near(stat_power(&g, 100, v), 0.8, 1e-6);
	n = stat_n_needed(&g, 0.05, 0.98);
	assert_true(stat_power(&g, (size_t)n, 0.05) >= 0.98);
	assert_true(stat_power(&g, (size_t)n - 2, 0.05) < 0.98);
	assert_true(isinf(stat_n_needed(&g, 0.03, 0.8)));
	v = stat_visible_mcnemar(&flips, 100, 0.8);
	assert_true(stat_power_mcnemar(&flips, 100, v) >= 0.8);
	assert_true(stat_power_mcnemar(&flips, 100, v - 0.001) < 0.8);
	n = stat_n_needed_mcnemar(&flips, 0.05, 0.95);
	assert_true(stat_power_mcnemar(&flips, (size_t)n, 0.05) >= 0.95);
	/* Nine cases cannot reach .001 with all signs the same. */
	assert_near(stat_power(&g, 9, 100), 0, 0);
	assert_true(isinf(stat_visible(&g, 9, 0.8)));
	assert_true(isinf(stat_visible_mcnemar(&flips, 9, 0.8)));
	assert_near(stat_n_strict(&strict, 0.8),
	    ceil(pow((1.6448536 + 0.8416212) * 5, 2)), 0);
	/* Inconclusive at 25 cases: the effect seen decides, or the margin. */
	assert_near(stat_n_to_decide(&strict, 25, 0.05),
	    ceil(pow((1.6448536 + 0.8416212) * 2, 2)), 1);
	assert_near(stat_n_to_decide(&strict, 25, 0.021),
	    ceil(pow(1.6448536 * 5, 2)), 0);
	assert_near(stat_n_to_decide(&strict, 25, 3), 26, 0);
	assert_true(isinf(stat_n_to_decide(&unknown, 25, 0.05)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_power_swap),
		cmocka_unit_test(test_power_signed_rank),
		cmocka_unit_test(test_power_mcnemar),
		cmocka_unit_test(test_power_told),
		cmocka_unit_test(test_power_inverse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
