/* Calibration: AUC, cut, interval, limits. */
#include "harness/base/rng.h"
#include "harness/meaning/calibrate.h"
#include "tests/lib/check.h"

static void
test_auc(void **state)
{
	static const double a[] = { 1, 2, 3 }, b[] = { 2, 3, 4 };

	(void)state;
	/* pairs: 1<2,3,4; 2=2,<3,<4; 3>2,=3,<4: 3 + 2.5 + 1.5 of 9 */
	assert_near(calibrate_auc(a, 3, b, 3), 7.0 / 9, 1e-15);
	assert_near(calibrate_auc(b, 3, a, 3), 2.0 / 9, 1e-15);
	assert_near(calibrate_auc(a, 3, a, 3), 0.5, 1e-15);
	assert_true(isnan(calibrate_auc(a, 0, b, 3)));
}

static void
test_spearman(void **state)
{
	/* Ranks 1,2.5,2.5,4 against 1,2,3,4: Pearson of the ranks. */
	static const double x[] = { 0, 7, 7, 9 }, y[] = { 1, 2, 3, 4 };
	static const double down[] = { 4, 3, 2, 1 };

	(void)state;
	assert_near(calibrate_spearman(x, y, 4), 4.5 / sqrt(4.5 * 5), 1e-15);
	assert_near(calibrate_spearman(y, down, 4), -1, 1e-15);
	assert_true(isnan(calibrate_spearman(x, (double[4]){ 0 }, 4)));
}

static void
test_cut(void **state)
{
	double a[] = { .3, .1, .2, .9 }, b[] = { .8, .6, .7, .25 }, acc;

	(void)state;
	/* <= .3 keeps 3 of 4 right ones and one of 4 wrong ones. */
	assert_near(calibrate_cut(a, 4, b, 4, &acc), .225, 1e-15);
	assert_near(acc, .75, 1e-15);
}

static void
fill(double *v, size_t n, double mean, uint64_t stream)
{
	size_t i;

	for (i = 0; i < n; i++)
		v[i] = mean + .1 * rng_normal(3, stream, i);
}

static void
test_curve(void **state)
{
	enum { N = 400 };
	static double right[N], same[N], other[N];
	struct calibrate_in in = { right, same, other, N, 1, 300 };
	struct calibrate_out out, again;
	struct err err = ERR_INIT;

	(void)state;
	fill(right, N, .4, 1);
	fill(same, N, .7, 2);
	fill(other, N, .95, 3);
	right[7] = NAN;
	assert_int_equal(calibrate(&in, &out, &err), RC_OK);
	/* Two normals of one width separate best in the middle. */
	assert_near(out.curve.t, .55, .03);
	assert_true(out.curve.t_lo <= out.curve.t &&
	    out.curve.t <= out.curve.t_hi);
	assert_true(out.curve.t_hi - out.curve.t_lo < .1);
	assert_near(out.auc_same, .983, .01);
	assert_near(out.auc_other, 1, .001);
	assert_int_equal(out.group[CALIBRATE_RIGHT].n, N - 1);
	assert_near(out.group[CALIBRATE_RIGHT].p50, .4, .02);
	assert_near(out.group[CALIBRATE_RIGHT].at_limit,
	    1 - out.limit[0].rejected, 1e-12);
	assert_near(out.limit[2].rejected, .05, .003);
	assert_false(out.against_other);
	assert_int_equal(calibrate(&in, &again, &err), RC_OK);
	assert_near(again.curve.t_lo, out.curve.t_lo, 0);
	in.same = NULL;
	assert_int_equal(calibrate(&in, &out, &err), RC_OK);
	assert_true(out.against_other);
	assert_true(isnan(out.auc_same));
	in.n = 9;
	assert_int_equal(calibrate(&in, &out, &err), RC_USAGE);
}

/* Distances that are all alike give a curve that still is one. */
static void
test_degenerate(void **state)
{
	static double zero[20];
	struct calibrate_in in = { zero, zero, zero, 20, 1, 50 };
	struct calibrate_out out;

	(void)state;
	assert_int_equal(calibrate(&in, &out, NULL), RC_OK);
	assert_true(out.curve.t > 0 && out.curve.t < 2);
	assert_near(out.auc_same, .5, 1e-12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_auc),
		cmocka_unit_test(test_spearman),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_curve),
		cmocka_unit_test(test_degenerate),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
