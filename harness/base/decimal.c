/* Numbers as decimal text; see decimal.h. */
#include "harness/base/decimal.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static const double power[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8,
	1e9, 1e10, 1e11, 1e12 };

static void
slow_float(float v, char *out)
{
	int prec;

	for (prec = 6; prec <= 9; prec++) {
		(void)snprintf(out, DECIMAL_MAX, "%.*g", prec, (double)v);
		if ((float)strtod(out, NULL) == v)
			break;
	}
}

/* digits / 10^decimals, without zeros at the end. */
static void
put(int minus, int64_t digits, int decimals, char *out)
{
	char reversed[DECIMAL_MAX];
	int n = 0;

	for (; decimals > 0 && digits % 10 == 0; decimals--)
		digits /= 10;
	for (; digits > 0 || n <= decimals; digits /= 10) {
		if (n == decimals && decimals > 0) {
			reversed[n++] = '.';
			decimals = -1;
		}
		reversed[n++] = (char)('0' + digits % 10);
	}
	if (minus)
		*out++ = '-';
	while (n > 0)
		*out++ = reversed[--n];
	*out = '\0';
}

/*
 * x to so many digits, as *digits / 10^*decimals, for the usual sizes: a
 * float has 24 bits and 5^12 has 28, so that x times a power of ten up to
 * 10^12 is exact in a double, and rounds to even at a tie as printf() does.
 * returns whether x is of a usual size
 */
static int
usual(double x, int prec, int64_t *digits, int *decimals)
{
	double r;
	int k = 1;

	if (!(x >= 1e-4 && x < 99999))
		return 0;
	while (x * power[k] < 1e5)
		k++;
	k += prec - 6;
	r = rint(x * power[k]);
	*digits = (int64_t)r;
	*decimals = k;
	return r < power[prec];		/* not rounded up to one more */
}

void
decimal_float(float v, char *out)
{
	double x = fabs((double)v);
	int64_t digits;
	int prec, k;

	for (prec = 6; prec <= 9 && usual(x, prec, &digits, &k); prec++) {
		/* both exact, so that the quotient is what strtod() reads */
		if ((float)((double)digits / power[k]) == (float)x) {
			put(v < 0, digits, k, out);
			return;
		}
	}
	slow_float(v, out);
}

void
decimal_six(float v, char *out)
{
	int64_t digits;
	int k;

	if (usual(fabs((double)v), 6, &digits, &k))
		put(v < 0, digits, k, out);
	else
		(void)snprintf(out, DECIMAL_MAX, "%.6g", (double)v);
}
