/* e_resonance: flat, a burst, a trend, and too little to tell. */
#include "harness/base/rng.h"
#include "harness/score/resonance.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

enum { N = 1000 };

static void
test_shapes(void **state)
{
	static const struct {
		double burst, slope;
		size_t n;
		int flat;
	} t[] = {
		{ 0, 0, N, 1 },
		{ .4, 0, N, 0 },	/* cases 500 to 549 */
		{ 0, .2, N, 0 },	/* from 0 to .2 over the run */
		{ 0, 0, 60, 1 },
		{ 0, 0, 49, 0 },	/* no window at all: nothing to say */
	};
	static double v[N];
	struct resonance r;
	struct err err = ERR_INIT;
	size_t i, k;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		for (k = 0; k < t[i].n; k++) {
			v[k] = .1 + .02 * rng_unit(5, 0, k) +
			    t[i].slope * (double)k / N;
			if (k >= 500 && k < 550)
				v[k] += t[i].burst;
			if (k % 97 == 0)
				v[k] = NAN;
		}
		assert_int_equal(resonance_values(v, t[i].n, .05, &r, &err),
		    RC_OK);
		if (r.flat != t[i].flat)
			fail_msg("row %zu: median %g max %g p %g", i,
			    r.median, r.max, r.trend_p);
		if (t[i].burst > 0)
			assert_true(r.max_at >= 495 && r.max_at <= 505);
	}
	assert_near(r.median, NAN, 0);
	assert_near(r.trend_p, NAN, 0);
}

static void
test_equal_stacks(void **state)
{
	static double v[200];
	struct resonance r;
	struct err err = ERR_INIT;

	(void)state;
	assert_int_equal(resonance_values(v, LEN(v), .05, &r, &err), RC_OK);
	assert_int_equal(r.flat, 1);
	assert_near(r.max, 0, 0);
	assert_int_equal(r.n, LEN(v));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_equal_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
