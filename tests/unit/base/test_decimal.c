/* Decimal text of floats: the same as printf()'s, digit by digit. */
#include "tests/lib/check.h"

#include <math.h>

#include "harness/base/decimal.h"

static void
assert_as_printf(float v)
{
	char got[DECIMAL_MAX], want[DECIMAL_MAX];
	int prec;

	for (prec = 6; prec <= 9; prec++) {
		(void)snprintf(want, sizeof(want), "%.*g", prec, (double)v);
		if ((float)strtod(want, NULL) == v)
			break;
	}
	decimal_float(v, got);
	assert_string_equal(got, want);
	(void)snprintf(want, sizeof(want), "%.6g", (double)v);
	decimal_six(v, got);
	assert_string_equal(got, want);
}

static void
as_printf(void **state)
{
	static const float t[] = {
		0, 1, .5f, .1f, .3f, 1e-4f, 9.99999e-5f, 99998.99f, 99999,
		100000, 999999.5f, 123456.7f, 1e6f, 1e-30f, 3e38f, 1e-45f,
		.000244140625f, 2.5f, 1234.5675f, .99999994f, 9.9999995f,
	};
	union { uint32_t u; float f; } x;
	uint32_t r = 1;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_as_printf(t[i]);
		assert_as_printf(-t[i]);
	}
	for (k = 0; k < 400000; k++) {
		r = r * 1664525 + 1013904223;
		x.u = r;
		if (isfinite(x.f))
			assert_as_printf(x.f);
		/* where reports' numbers lie, and ties of six digits */
		assert_as_printf((float)(r >> 8) / (float)(1 << (r & 31) % 24));
		assert_as_printf((float)(r % 4000000) / 2e6f);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_printf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
