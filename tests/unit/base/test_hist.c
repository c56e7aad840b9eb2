/* The log-linear histogram. */
#include "harness/base/hist.h"

#include "harness/base/rng.h"
#include "tests/lib/check.h"

static int
rising(const void *x, const void *y)
{
	double a = *(const double *)x, b = *(const double *)y;

	return (a > b) - (a < b);
}

static void
test_empty(void **state)
{
	struct hist *h = hist_new();

	(void)state;
	assert_non_null(h);
	assert_int_equal(hist_n(h), 0);
	assert_int_equal(hist_min(h), -1);
	assert_int_equal(hist_max(h), -1);
	assert_int_equal(hist_quantile(h, 0.5), -1);
	assert_near(hist_mean(h), NAN, 0);
	assert_int_equal(hist_count_upto(h, INT64_MAX), 0);
	hist_free(h);
	hist_free(NULL);
}

struct range {
	int64_t next;
	int gaps;
};

static void
see_range(void *ctx, int64_t lowest, int64_t highest, uint64_t count)
{
	struct range *r = ctx;

	assert_true(count >= 1 && lowest <= highest);
	/* The step is at most 1/128 of the value. */
	assert_true(highest - lowest <= lowest / 128);
	assert_true(lowest >= r->next);
	r->gaps += lowest != r->next;
	r->next = highest == INT64_MAX ? highest : highest + 1;
}

/* Every value falls within the bounds of its bucket, and buckets tile. */
static void
test_buckets(void **state)
{
	struct hist *h = hist_new();
	struct range all = { 0, 0 };
	int64_t v;
	int bit;

	(void)state;
	for (v = 0; v < 5000; v++)
		hist_add(h, v);
	hist_each(h, see_range, &all);
	assert_int_equal(all.gaps, 0);
	assert_in_range((uint64_t)all.next, 5000, 5040);
	hist_reset(h);
	for (bit = 0; bit < 63; bit++) {
		struct range one = { 0, 0 };

		v = (int64_t)1 << bit;
		hist_reset(h);
		hist_add(h, v);
		assert_int_equal(hist_count_upto(h, v), 1);
		assert_int_equal(hist_count_upto(h, v - 1), 0);
		hist_each(h, see_range, &one);
		assert_true(one.next > v);
	}
	hist_reset(h);
	hist_add(h, INT64_MAX);
	assert_int_equal(hist_quantile(h, 0.5), INT64_MAX);
	assert_int_equal(hist_count_upto(h, INT64_MAX), 1);
	hist_free(h);
}

/* Small numbers are exact, clocks that stepped back count as 0. */
static void
test_small(void **state)
{
	static const struct { double q; int64_t want; } t[] = {
		{ 0, 0 }, { 0.25, 0 }, { 0.26, 7 }, { 0.5, 7 }, { 0.75, 255 },
		{ 0.76, 1000 }, { 1, 1000 },
	};
	struct hist *h = hist_new();
	size_t i;

	(void)state;
	hist_add(h, 1000);
	hist_add(h, -5);
	hist_add(h, 7);
	hist_add_n(h, 255, 1);
	hist_add_n(h, 99, 0);
	for (i = 0; i < sizeof t / sizeof *t; i++)
		assert_int_equal(hist_quantile(h, t[i].q), t[i].want);
	assert_int_equal(hist_min(h), 0);
	assert_int_equal(hist_max(h), 1000);
	assert_near(hist_mean(h), 1262 / 4.0, 0);
	hist_free(h);
}

#define N 20000

/* Quantiles against sorting, in one piece and merged from four. */
static void
test_quantiles(void **state)
{
	static const double qs[] = { .001, .1, .5, .9, .95, .99, .999, .9999 };
	static double v[N];
	struct hist *whole = hist_new(), *part[4], *sum = hist_new();
	double want;
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++)
		part[i] = hist_new();
	for (i = 0; i < N; i++) {
		v[i] = floor(2e7 * exp(1.5 * rng_normal(3, 1, i)));
		hist_add(whole, (int64_t)v[i]);
		hist_add(part[i % 4], (int64_t)v[i]);
	}
	for (i = 4; i-- > 0;)
		hist_merge(sum, part[i]);
	qsort(v, N, sizeof *v, rising);
	for (i = 0; i < sizeof qs / sizeof *qs; i++) {
		want = v[(size_t)ceil(qs[i] * N) - 1];
		assert_near((double)hist_quantile(whole, qs[i]), want,
		    want / 256);
		assert_int_equal(hist_quantile(whole, qs[i]),
		    hist_quantile(sum, qs[i]));
	}
	assert_int_equal(hist_n(sum), N);
	assert_int_equal(hist_min(sum), (int64_t)v[0]);
	assert_int_equal(hist_max(sum), (int64_t)v[N - 1]);
	assert_near(hist_mean(sum), hist_mean(whole), 0);
	for (i = 0; i < 4; i++)
		hist_free(part[i]);
	hist_free(sum);
	hist_free(whole);
}

/* Sums past 2^64 stay exact. */
static void
test_large_sum(void **state)
{
	struct hist *h = hist_new();

	(void)state;
	hist_add_n(h, INT64_MAX, 1000);
	hist_add_n(h, 0, 1000);
	assert_near(hist_mean(h) / ldexp(1, 62), 1, 1e-15);
	assert_int_equal(hist_n(h), 2000);
	hist_free(h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_buckets),
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_quantiles),
		cmocka_unit_test(test_large_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
