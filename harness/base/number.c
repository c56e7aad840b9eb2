/* Numbers of JSON as they were written; see number.h. */
#include "harness/base/number.h"

#include <stdlib.h>

#define EXP_MAX ((int64_t)1000000000000000)

/*
 * 0.DIGITS times ten to the power of `point`: the first of the digits is no
 * zero; a decimal point may stand among them.  Of zero there are none.
 */
struct parts {
	int minus;
	const char *p, *end;
	int64_t point;
};

static int
digit(char c)
{
	return c >= '0' && c <= '9';
}

static const char *
digits_end(const char *p, const char *end)
{
	while (p < end && digit(*p))
		p++;
	return p;
}

const char *
number_end(const char *p, const char *end)
{
	const char *from;

	p += p < end && *p == '-';
	from = p;
	p = digits_end(p, end);
	if (p == from || (*from == '0' && p - from > 1))
		return NULL;
	if (p < end && *p == '.') {
		from = ++p;
		p = digits_end(p, end);
		if (p == from)
			return NULL;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		p += p < end && (*p == '+' || *p == '-');
		from = p;
		p = digits_end(p, end);
		if (p == from)
			return NULL;
	}
	return p;
}

/* The exponent that begins at p, behind its e. */
static int64_t
exponent(const char *p, const char *end)
{
	int minus = p < end && *p == '-';
	int64_t v = 0;

	for (p += p < end && !digit(*p); p < end; p++) {
		if (v < EXP_MAX)
			v = v * 10 + (*p - '0');
	}
	if (v > EXP_MAX)
		v = EXP_MAX;
	return minus ? -v : v;
}

static void
take_apart(const char *p, size_t n, struct parts *x)
{
	const char *end = p + n, *dot = NULL, *first = NULL;

	x->minus = n > 0 && *p == '-';
	p += x->minus;
	for (; p < end && (digit(*p) || *p == '.'); p++) {
		if (*p == '.')
			dot = p;
		else if (first == NULL && *p != '0')
			first = p;
	}
	x->end = p;
	x->p = first == NULL ? p : first;
	if (dot == NULL)
		dot = p;
	/* behind the point, the zeros before the first digit count down */
	x->point = dot - x->p + (x->p > dot);
	if (p < end)
		x->point += exponent(p + 1, end);
}

/* The next digit, or 0 behind the last. */
static int
next_digit(struct parts *x)
{
	if (x->p < x->end && *x->p == '.')
		x->p++;
	return x->p < x->end ? *x->p++ - '0' : 0;
}

static int
compare_size(struct parts *a, struct parts *b)
{
	int x, y;

	if (a->p == a->end || b->p == b->end)
		return (a->p < a->end) - (b->p < b->end);
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	while (a->p < a->end || b->p < b->end) {
		x = next_digit(a);
		y = next_digit(b);
		if (x != y)
			return x - y;
	}
	return 0;
}

int
number_compare(const char *a, size_t a_n, const char *b, size_t b_n)
{
	struct parts x, y;

	take_apart(a, a_n, &x);
	take_apart(b, b_n, &y);
	x.minus &= x.p < x.end;		/* -0 is 0 */
	y.minus &= y.p < y.end;
	if (x.minus != y.minus)
		return x.minus ? -1 : 1;
	return x.minus ? compare_size(&y, &x) : compare_size(&x, &y);
}

void
number_alike(struct buf *b, const char *p, size_t n)
{
	struct parts x;
	int64_t digits = 0;

	take_apart(p, n, &x);
	while (x.end > x.p && (x.end[-1] == '0' || x.end[-1] == '.'))
		x.end--;
	if (x.p == x.end) {
		buf_putc(b, '0');
		return;
	}
	if (x.minus)
		buf_putc(b, '-');
	for (; x.p < x.end; digits++)
		buf_putc(b, (char)('0' + next_digit(&x)));
	if (x.point != digits) {
		buf_putc(b, 'e');
		buf_i64(b, x.point - digits);
	}
}

int64_t
number_i64(const char *p, size_t n, int round)
{
	const uint64_t max = (uint64_t)INT64_MAX;
	struct parts x;
	uint64_t v = 0;
	int64_t k;
	unsigned d;

	take_apart(p, n, &x);
	if (x.p == x.end || x.point < 0)
		return 0;
	for (k = 0; k < x.point; k++) {
		d = (unsigned)next_digit(&x);
		if (v > (max - d) / 10)
			return x.minus ? INT64_MIN : INT64_MAX;
		v = v * 10 + d;
	}
	if (round && v < max)
		v += next_digit(&x) >= 5;
	return x.minus ? -(int64_t)v : (int64_t)v;
}

/*
 * A number of at most 15 digits and no exponent: digits and power of ten are
 * exact doubles, so that one division rounds as strtod() does.
 * returns whether it is one
 */
static int
plain_double(const char *p, const char *end, double *out)
{
	static const double power[] = { 1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7,
	    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15 };
	int minus = *p == '-', behind = 0, dot = 0;
	uint64_t v = 0;

	if (end - p > 16 + minus)
		return 0;
	for (p += minus; p < end; p++) {
		if (*p == '.' && !dot) {
			dot = 1;
			continue;
		}
		if (!digit(*p))
			return 0;
		v = v * 10 + (unsigned)(*p - '0');
		behind += dot;
	}
	if (v >= 1000000000000000)
		return 0;
	*out = (double)v / power[behind];
	if (minus)
		*out = -*out;
	return 1;
}

double
number_double(const char *p, size_t n)
{
	double v;

	return plain_double(p, p + n, &v) ? v : strtod(p, NULL);
}

uint64_t
number_gcd(uint64_t a, uint64_t b)
{
	uint64_t rest;

	for (; b != 0; b = rest) {
		rest = a % b;
		a = b;
	}
	return a;
}
