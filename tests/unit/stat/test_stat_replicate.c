/*
 * The replicate test against what is counted by hand: turns, swaps, tables
 * and tails, drawn and counted, one case's own evidence.
 */
#include "harness/stat/stat_replicate.h"

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "tests/lib/check.h"

#define GONE NAN

/* ---- three answers ------------------------------------------------------- */

static void
differ_counts(void **state)
{
	static const struct {
		double x[3];
		int twice, choices;
		double by[3];
	} rows[] = {
		/* base, cand, echo */
		{ { 1, 0, 1 }, STAT_BASE, 3, { -1, .5, .5 } },
		{ { 1, 0, 0 }, STAT_CAND, 3, { -1, .5, .5 } },
		{ { 1, 1, 1 }, STAT_BASE, 3, { 0, 0, 0 } },
		{ { 0, 0, 1 }, STAT_BASE, 3, { -.5, 1, -.5 } },
		{ { .25, .75, GONE }, STAT_BASE, 2, { .5, -.5, 0 } },
		{ { GONE, .75, .25 }, STAT_BASE, 2, { .5, -.5, 0 } },
		{ { .25, GONE, .75 }, STAT_CAND, 2, { .5, -.5, 0 } },
		{ { .25, GONE, .75 }, STAT_BASE, 0, { 0 } },
		{ { GONE, .25, .75 }, STAT_CAND, 0, { 0 } },
		{ { GONE, GONE, .75 }, STAT_CAND, 0, { 0 } },
	};
	double by[3];
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(stat_replicate_differ(rows[i].x,
		    rows[i].twice, by), rows[i].choices);
		for (k = 0; k < rows[i].choices; k++)
			assert_near(by[k], rows[i].by[k], 1e-12);
	}
}

/* ---- counted ------------------------------------------------------------- */

static struct stat_replicate *
begin(size_t stats, uint32_t per_case)
{
	struct stat_draw draw = { 7, 0, 0 };
	struct stat_replicate *r;

	assert_int_equal(stat_replicate_new(stats, per_case, &draw, &r),
	    RC_OK);
	return r;
}

static struct stat_replicate_out
end(struct stat_replicate *r, size_t stat)
{
	struct stat_replicate_out out;

	assert_int_equal(stat_replicate_finish(r), RC_OK);
	stat_replicate_get(r, stat, &out);
	return out;
}

static void
lost(struct stat_replicate *r, size_t stat, uint64_t i, uint32_t variants)
{
	double x[3], by[3];
	struct stat_unit u = { i, 0 };

	for (; u.v < variants; u.v++) {
		int twice = (i + u.v) % 2 == 0 ? STAT_BASE : STAT_CAND;

		x[STAT_BASE] = 0;
		x[STAT_CAND] = 1. / variants;
		x[STAT_ECHO] = x[twice];
		assert_int_equal(stat_replicate_differ(x, twice, by), 3);
		assert_int_equal(stat_replicate_turn(r, stat, &u, by),
		    RC_OK);
	}
}

/* One question lost in all six variants on steady stacks is proven. */
static void
steady_is_exact(void **state)
{
	static const struct {
		uint32_t variants;
		int cases, exact;
		double p;
	} rows[] = { { 6, 1, 1, 1 / 729. }, { 6, 2, 0, 1e-4 },
		{ 1, 1, 1, 1 / 3. }, { 1, 5, 1, 1 / 243. },
		{ 2, 3, 1, 1 / 729. }, { 9, 1, 1, 1 / 19683. },
		{ 12, 1, 0, 1e-4 } };
	struct stat_replicate_out out;
	struct stat_replicate *r;
	size_t i;
	int k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		r = begin(2, rows[i].variants);
		for (k = 0; k < rows[i].cases; k++)
			lost(r, 1, 11 + 2 * (uint64_t)k, rows[i].variants);
		out = end(r, 1);
		assert_int_equal(out.exact, rows[i].exact);
		assert_near(out.p, rows[i].p, 1e-12);
		assert_near(out.p_least, rows[i].p, 1e-12);
		assert_near(out.sum, rows[i].cases, 1e-9);
		stat_replicate_get(r, 0, &out);
		assert_near(out.p, 1, 0);
		assert_near(out.sum, 0, 0);
		assert_int_equal(out.n, 0);
		stat_replicate_free(r);
	}
}

/* Of 3^n 2^m relabelings by hand, how many sum up to as much. */
static double
by_hand(const double (*turn)[3], size_t n, const double (*swap)[2], size_t m)
{
	double seen = 0, sum;
	uint64_t all = 1, i, code, hits = 0;
	size_t k;

	for (k = 0; k < n; k++) {
		all *= 3;
		seen += turn[k][0];
	}
	for (k = 0; k < m; k++) {
		all *= 2;
		seen += swap[k][0];
	}
	for (i = 0; i < all; i++) {
		code = i;
		sum = 0;
		for (k = 0; k < n; k++, code /= 3)
			sum += turn[k][code % 3];
		for (k = 0; k < m; k++, code /= 2)
			sum += swap[k][code % 2];
		hits += sum >= seen - 1e-9;
	}
	return (double)hits / (double)all;
}

/* Counted where they are few, drawn within error where they are not; both
 * for any packing of variants into blocks. */
static void
turns_and_swaps(void **state)
{
	static const struct {
		uint32_t per_case;
		size_t n, m;
		int exact;
	} rows[] = { { 1, 5, 3, 1 }, { 2, 7, 2, 1 }, { 6, 8, 1, 1 },
		{ 6, 9, 4, 0 }, { 4, 8, 5, 0 }, { 1, 10, 2, 0 },
		{ 13, 9, 3, 0 } };
	double turn[10][3], swap[8][2], x[3], want;
	struct stat_replicate_out out;
	struct stat_replicate *r;
	size_t i, k, seed;
	int e;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		r = begin(1, rows[i].per_case);
		seed = 100 + i;
		for (k = 0; k < rows[i].n; k++) {
			for (e = 0; e < 3; e++)
				x[e] = floor(5 * rng_unit(seed, 1, 3 * k +
				    (size_t)e)) + (e == STAT_CAND);
			(void)stat_replicate_differ(x, k % 2 == 0 ? STAT_BASE :
			    STAT_CAND, turn[k]);
		}
		for (k = 0; k < rows[i].m; k++) {
			swap[k][0] = rng_normal(seed, 2, k);
			swap[k][1] = -swap[k][0];
		}
		for (k = 0; k < rows[i].n + rows[i].m; k++) {
			struct stat_unit u = { k / rows[i].per_case,
				(uint32_t)(k % rows[i].per_case) };

			assert_int_equal(k < rows[i].n ?
			    stat_replicate_turn(r, 0, &u, turn[k]) :
			    stat_replicate_swap(r, 0, &u,
			    swap[k - rows[i].n]), RC_OK);
		}
		want = by_hand((const double (*)[3])turn, rows[i].n,
		    (const double (*)[2])swap, rows[i].m);
		out = end(r, 0);
		assert_int_equal(out.exact, rows[i].exact);
		assert_near(out.p, want, rows[i].exact ? 1e-12 :
		    4 * sqrt(want * (1 - want) / 9999) + 1e-4);
		stat_replicate_free(r);
	}
}

/* ---- tables -------------------------------------------------------------- */

/*
 * A table that says what its variants add up to is relabeled as they are, by
 * turns and swaps mixed, whatever the packing: relabeling b means the same.
 */
static void
tables_turn_alike(void **state)
{
	static const struct {
		uint32_t per_case, digits;
		uint8_t choices[6];
	} rows[] = { { 6, 6, { 3, 3, 3, 3, 3, 3 } }, { 3, 2, { 3, 2 } },
		{ 6, 3, { 2, 3, 2 } }, { 1, 1, { 3 } }, { 2, 2, { 2, 2 } },
		{ 4, 4, { 3, 3, 2, 3 } } };
	struct stat_replicate_out a, b;
	struct stat_replicate *r;
	float value[STAT_TABLE_MAX];
	double by[6][3];
	size_t i, k, c, code;
	int look;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		r = begin(2, rows[i].per_case);
		for (c = 0; c < 9; c++) {
			struct stat_table t = { .value = value, .n = 1,
				.n_digits = rows[i].digits };

			for (k = 0; k < rows[i].digits; k++) {
				struct stat_unit u = { c, (uint32_t)k };

				t.v[k] = (uint32_t)k;
				t.choices[k] = rows[i].choices[k];
				t.n *= t.choices[k];
				by[k][0] = (double)rng_below(3, c, 3 * k, 9);
				by[k][1] = (double)rng_below(3, c, 3 * k + 1,
				    9);
				by[k][2] = (double)rng_below(3, c, 3 * k + 2,
				    9);
				assert_int_equal(t.choices[k] == 3 ?
				    stat_replicate_turn(r, 0, &u, by[k]) :
				    stat_replicate_swap(r, 0, &u, by[k]),
				    RC_OK);
			}
			for (k = 0; k < t.n; k++) {
				value[k] = 0;
				for (code = k, look = 0; look <
				    (int)t.n_digits; look++) {
					value[k] += (float)by[look][code %
					    t.choices[look]];
					code /= t.choices[look];
				}
			}
			assert_int_equal(stat_replicate_table(r, 1, c, &t),
			    RC_OK);
		}
		assert_int_equal(stat_replicate_finish(r), RC_OK);
		stat_replicate_get(r, 0, &a);
		stat_replicate_get(r, 1, &b);
		assert_near(a.sum, b.sum, 1e-9);
		assert_near(a.se, b.se, 1e-9);
		for (look = 0; look < STAT_LOOKS; look++)
			assert_near(a.looks[look], b.looks[look], 1e-9);
		assert_near(a.p, b.p, a.exact && b.exact ? 1e-12 : .02);
		stat_replicate_free(r);
	}
}

/* A drawn table: its values, each as likely. */
static void
drawn_tables(void **state)
{
	static float value[STAT_TABLE_MAX];
	struct stat_table t = { .value = value, .n = STAT_TABLE_MAX };
	struct stat_replicate *r = begin(1, 12);
	struct stat_replicate_out out;
	size_t i;

	(void)state;
	for (i = 0; i < STAT_TABLE_MAX; i++)
		value[i] = (float)(i < 73 ? 1 : i % 2 * .5);
	assert_int_equal(stat_replicate_table(r, 0, 3, &t), RC_OK);
	out = end(r, 0);
	assert_true(out.exact);
	assert_near(out.p, 73. / 729, 1e-12);
	assert_near(stat_replicate_p(r, 0, .5), (73 + 328.) / 729, 1e-12);
	stat_replicate_free(r);
}

/* A slice's cases are relabeled as within the whole. */
static void
slices_turn_alike(void **state)
{
	struct stat_replicate *all = begin(2, 3), *some = begin(1, 3);
	struct stat_replicate_out a, b;
	uint64_t i;
	int look;

	(void)state;
	for (i = 0; i < 40; i++) {
		lost(all, 0, i, 3);
		if (i % 7 != 2)
			continue;
		lost(all, 1, i, 3);
		lost(some, 0, i, 3);
	}
	a = end(some, 0);
	b = end(all, 1);
	for (look = 0; look < STAT_LOOKS; look++)
		assert_near(a.looks[look], b.looks[look], 1e-12);
	stat_replicate_free(all);
	stat_replicate_free(some);
}

/* ---- one case ------------------------------------------------------------ */

static void
case_evidence(void **state)
{
	static const struct {
		const char *words;	/* base, cand, echo; 1, 0 or - */
		int whole;
		uint32_t good_b, asked_b, good_c, asked_c;
		double drop, p;
	} rows[] = {
		/* echoes of baseline and candidate in turn */
		{ "101 100 101 100 101 100", 0, 9, 9, 0, 9, 1, 1 / 729. },
		{ "111 111 111 111 111 111", 0, 9, 9, 9, 9, 0, 1 },
		{ "010 011 010 011 010 011", 0, 0, 9, 9, 9, -1, 1 },
		{ "101", 0, 2, 2, 0, 1, 1, 1 / 3. },
		{ "10- 10-", 0, 2, 2, 0, 2, 1, 1 / 4. },
		{ "1-1 -00", 0, 2, 2, 0, 2, NAN, 1 },
		{ "101 101 101", 1, 6, 6, 0, 3, 1, 1 / 3. },
		{ "111 110 111 111", 0, 6, 6, 5, 6, .125, 2 / 3. },
	};
	struct stat_replicate_good out;
	double x[8][3];
	int twice[8], e;
	const char *s;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		for (n = 0, s = rows[i].words; *s != '\0'; n++) {
			for (e = 0; e < 3; e++, s++)
				x[n][e] = *s == '-' ? NAN : *s - '0';
			s += *s == ' ';
			twice[n] = rows[i].whole || n % 2 == 0 ? STAT_BASE :
			    STAT_CAND;
		}
		assert_int_equal(stat_replicate_case((const double (*)[3])x,
		    twice, n, rows[i].whole, &out), RC_OK);
		assert_int_equal(out.good[0], rows[i].good_b);
		assert_int_equal(out.good[1], rows[i].good_c);
		assert_int_equal(out.asked[0], rows[i].asked_b);
		assert_int_equal(out.asked[1], rows[i].asked_c);
		assert_near(out.p, rows[i].p, 1e-12);
		if (!isnan(rows[i].drop))
			assert_near(out.drop, rows[i].drop, 1e-12);
	}
}

/* ---- tails --------------------------------------------------------------- */

/* 40 cases of 6 variants, 37 of them still: the third largest mean is the
 * 95th percentile, and all three must keep their signs. */
static void
tail_of_lost(void **state)
{
	struct stat_tail_case c[3];
	struct stat_tail_out out;
	float d[18];
	uint32_t v[18];
	struct stat_tail t = { c, 3, 40, d, v, 6, .95, .15, { 5, 0, 0 } };
	size_t i;
	int b, beyond = 0;

	(void)state;
	for (i = 0; i < 18; i++) {
		d[i] = i < 6 ? .6f : i < 12 ? .5f : .7f;
		v[i] = (uint32_t)(i % 6);
	}
	for (i = 0; i < 3; i++)
		c[i] = (struct stat_tail_case){ 5 * i, 6 * i, 6, 6 };
	assert_int_equal(stat_replicate_tail(&t, &out), RC_OK);
	assert_near(out.value, .5, 1e-6);
	/* .6 and .7 reach .5 with all six signs only */
	assert_near(out.p, pow(1 / 64., 3), 1e-12);
	for (b = 0; b < STAT_LOOKS; b++)
		beyond += out.look_p[b] < 1;
	/* (22/64)^3 = 4 % of relabelings have all three above .15 */
	assert_in_range(beyond, 1, 24);
}

/* Equal stacks: p is right, against counting by hand. */
static void
tail_by_hand(void **state)
{
	enum { CASES = 6, V = 2 };
	struct stat_tail_case c[CASES];
	struct stat_tail_out out;
	float d[CASES * V];
	uint32_t v[CASES * V], code;
	struct stat_tail t = { c, CASES, CASES, d, v, V, .6, .1,
		{ 5, 0, 0 } };
	double mean, p;
	size_t i, rep;
	int hits, above;

	(void)state;
	for (rep = 0; rep < 50; rep++) {
		for (i = 0; i < CASES * V; i++) {
			d[i] = (float)rng_normal(rep, 0, i);
			v[i] = (uint32_t)(i % V);
			c[i / V] = (struct stat_tail_case){ i / V, i / V * V,
				V, V };
		}
		assert_int_equal(stat_replicate_tail(&t, &out), RC_OK);
		for (hits = 0, code = 0; code < 1 << CASES * V; code++) {
			for (above = 0, i = 0; i < CASES; i++) {
				mean = (code >> 2 * i & 1 ? -d[2 * i] :
				    d[2 * i]) + (code >> (2 * i + 1) & 1 ?
				    -d[2 * i + 1] : d[2 * i + 1]);
				above += mean / 2 >= out.value - 1e-6;
			}
			hits += above >= 3;	/* rank 4 of 6 */
		}
		p = (double)hits / (1 << CASES * V);
		assert_near(out.p, out.value > 0 ? p : 1, 1e-9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differ_counts),
		cmocka_unit_test(steady_is_exact),
		cmocka_unit_test(turns_and_swaps),
		cmocka_unit_test(tables_turn_alike),
		cmocka_unit_test(drawn_tables),
		cmocka_unit_test(slices_turn_alike),
		cmocka_unit_test(case_evidence),
		cmocka_unit_test(tail_of_lost),
		cmocka_unit_test(tail_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
