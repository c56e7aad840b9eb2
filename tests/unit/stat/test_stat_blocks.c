/*
 * Latency by blocks of time: cutting, tests, and whether they keep their
 * promise where a busy machine holds up one server for tenths of a second.
 */
#include "harness/stat/stat_blocks.h"

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "tests/lib/check.h"

#define MS 1000000.0
enum { PAIRS_MAX = 4000 };

static float base[PAIRS_MAX], cand[PAIRS_MAX];
static int64_t at[PAIRS_MAX];
static const struct stat_timed pairs = { base, cand, at, 0 };

/* n pairs, one each `every` ms, of 20 ms with noise. While `held` is above 0,
 * one of the two servers waits in each stretch of about held ms, at random,
 * for half of what it takes, with all it has in flight. */
static struct stat_timed
make(uint64_t seed, size_t n, double every, double held, double slower)
{
	struct stat_timed t = pairs;
	uint64_t stretch;
	size_t i;

	assert_true(n <= PAIRS_MAX);
	for (i = 0; i < n; i++) {
		at[i] = (int64_t)((double)i * every * MS);
		base[i] = (float)(20 * MS * exp(.1 * rng_normal(seed, 1, i)));
		cand[i] = (float)(20 * MS * exp(.1 * rng_normal(seed, 2, i)) *
		    slower);
		if (!(held > 0))
			continue;
		stretch = (uint64_t)((double)i * every / held);
		*(rng_below(seed, 3, stretch, 2) == 0 ? &base[i] : &cand[i]) *=
		    1.5f;
	}
	t.n = n;
	return t;
}

static void
cuts(void **state)
{
	static const struct {
		double every, held, ms;	/* the latency, a factor of 20 ms */
		double factor;
		size_t n, at_least, at_most;
		double width_ms;	/* 0: not told */
	} rows[] = {
		/* every, held, , factor, n, blocks, width */
		{ 20, 0, 0, 1, 1000, 40, 40, 500 },
		{ 20, 0, 0, 50, 1000, 5, 5, 4000 },	/* 4 x 1 s */
		{ 20, 250, 0, 1, 1000, 20, 40, 0 },
		/* what holds up for 2 s makes blocks grow */
		{ 20, 2000, 0, 1, 4000, 10, 80, 0 },
	};
	struct stat_blocks *b;
	struct stat_timed t;
	size_t i, k, n;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		t = make(3 + i, rows[i].n, rows[i].every, rows[i].held, 1);
		for (k = 0; k < t.n; k++) {
			base[k] *= (float)rows[i].factor;
			cand[k] *= (float)rows[i].factor;
		}
		assert_int_equal(stat_blocks_cut(&t, &b), RC_OK);
		assert_int_equal(b->n, rows[i].n);
		assert_in_range(b->n_blocks, rows[i].at_least,
		    rows[i].at_most);
		if (rows[i].width_ms > 0)
			assert_true(b->width_ns < rows[i].width_ms * MS *
			    1.01 * (b->width_ns > rows[i].width_ms * MS *
			    1.2 ? 3.4 : 1.05));
		for (n = 0, k = 0; k < b->n_blocks; k++)
			n += b->size[k];
		assert_int_equal(n, b->n);
		assert_false(b->correlation >=
		    1 / sqrt((double)b->n_blocks));
		stat_blocks_free(b);
	}
}

/* What lasts for seconds makes blocks grow where it is now for one arm, now for
 * the other. Slower by much now and by more then is slower all the time. */
static void
signs_that_last(void **state)
{
	static const struct {
		double now, then;	/* the candidate's factor, each for a
					   random number of seconds */
		int grow;
	} rows[] = {
		{ .6, 1.6, 1 }, { 1, 1.6, 1 }, { 1.3, 1.9, 0 },
		{ 2, 8, 0 },
		{ .5, .1, 0 },
	};
	struct stat_blocks *b;
	struct stat_timed t;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof rows / sizeof *rows; i++) {
		t = make(20 + i, PAIRS_MAX, 20, 0, 1);
		for (k = 0; k < t.n; k++)
			cand[k] *= (float)(rng_below(i, 5, k / 150, 2) == 0 ?
			    rows[i].now : rows[i].then);
		assert_int_equal(stat_blocks_cut(&t, &b), RC_OK);
		assert_int_equal(b->width_ns > 1.1 * b->start_ns,
		    rows[i].grow);
		stat_blocks_free(b);
	}
}

/* Any order of the pairs gives the same blocks; what is no latency is left
 * out; nothing at all is nothing. */
static void
any_order(void **state)
{
	static float b2[PAIRS_MAX], c2[PAIRS_MAX];
	static int64_t at2[PAIRS_MAX];
	struct stat_timed t = make(5, 900, 30, 300, 1), u = { b2, c2, at2, 0 };
	struct stat_draw draw = { 1, 2, 0 };
	struct stat_block_test x, y;
	struct stat_blocks *b, *c;
	uint32_t order[900];
	size_t i;

	(void)state;
	rng_permute(9, 0, order, 900);
	for (i = 0; i < 900; i++) {
		b2[i] = base[order[i]];
		c2[i] = cand[order[i]];
		at2[i] = at[order[i]];
	}
	b2[900] = NAN;
	c2[900] = 1;
	b2[901] = 0;
	c2[901] = 1;
	at2[900] = at2[901] = 77;
	u.n = 902;
	assert_int_equal(stat_blocks_cut(&t, &b), RC_OK);
	assert_int_equal(stat_blocks_cut(&u, &c), RC_OK);
	assert_int_equal(b->n, c->n);
	assert_int_equal(b->n_blocks, c->n_blocks);
	assert_memory_equal(b->base, c->base, b->n * sizeof(double));
	assert_int_equal(stat_blocks_body(b, &draw, &x), RC_OK);
	assert_int_equal(stat_blocks_body(c, &draw, &y), RC_OK);
	assert_near(x.t.p, y.t.p, 0);
	assert_near(x.t.estimate, y.t.estimate, 0);
	stat_blocks_free(b);
	stat_blocks_free(c);
	u.n = 0;
	assert_int_equal(stat_blocks_cut(&u, &c), RC_OK);
	assert_int_equal(c->n_blocks, 0);
	assert_int_equal(stat_blocks_body(c, &draw, &y), RC_OK);
	assert_near(y.t.estimate, NAN, 0);
	assert_int_equal(stat_blocks_quantile(c, .95, &draw, &y), RC_OK);
	assert_near(y.t.p, NAN, 0);
	assert_true(isinf(stat_blocks_seen(c, &y, 1.1, .01)));
	stat_blocks_free(c);
}

/* ---- the promise --------------------------------------------------------- */

struct rates {
	double body, p95, alone;	/* share of p at or below alpha */
	double seen;		/* mean of what is surely seen */
};

static double
p_of_pairs(const struct stat_timed *t)
{
	static double d[PAIRS_MAX];
	struct stat_test out;
	size_t i;

	for (i = 0; i < t->n; i++)
		d[i] = log((double)t->cand[i] / (double)t->base[i]);
	assert_int_equal(stat_signed_rank(d, t->n, .95, STAT_GREATER, &out),
	    RC_OK);
	return out.p;
}

static struct rates
simulate(int runs, size_t n, double every, double held, double slower,
    double alpha)
{
	struct rates r = { 0, 0, 0, 0 };
	double seen;
	int known = 0;
	struct stat_block_test x;
	struct stat_blocks *b;
	struct stat_timed t;
	int i;

	for (i = 0; i < runs; i++) {
		struct stat_draw draw = { (uint64_t)i, 9,
			alpha < .01 ? 0 : 999 };

		t = make((uint64_t)i + 1000, n, every, held, slower);
		assert_int_equal(stat_blocks_cut(&t, &b), RC_OK);
		assert_int_equal(stat_blocks_body(b, &draw, &x), RC_OK);
		r.body += (x.t.p <= alpha) / (double)runs;
		seen = stat_blocks_seen(b, &x, 1.1, .001);
		known += isfinite(seen) != 0;
		r.seen += isfinite(seen) ? seen : 0;
		assert_int_equal(stat_blocks_quantile(b, .95, &draw, &x),
		    RC_OK);
		r.p95 += (x.t.p <= alpha) / (double)runs;
		r.alone += (p_of_pairs(&t) <= alpha) / (double)runs;
		stat_blocks_free(b);
	}
	r.seen /= known;
	assert_true(known > runs * 3 / 4);
	print_message("every %g ms, held %g ms, x %g: body %.3f, p95 %.3f, "
	    "pairs alone %.3f at %g; surely seen x %.2f\n", every, held,
	    slower, r.body, r.p95, r.alone, alpha, r.seen);
	return r;
}

/* Equal servers: at alpha, within sampling error; pairs alone far from it
 * once they are held up together. */
static void
equal_servers(void **state)
{
	const double alpha = .05, error = 3 * sqrt(.05 * .95 / 300);
	struct rates r;

	(void)state;
	r = simulate(300, 600, 33, 0, 1, alpha);
	assert_true(r.body < alpha + error && r.p95 < alpha + error);
	assert_true(r.alone < alpha + error);
	r = simulate(300, 600, 33, 200, 1, alpha);
	assert_true(r.body < alpha + error && r.p95 < alpha + error);
	assert_true(r.alone > 3 * alpha);
}

/* What is called surely seen is seen. */
static void
slower_servers(void **state)
{
	struct rates r;

	(void)state;
	r = simulate(60, 600, 33, 200, 1.25, .001);
	assert_true(r.seen > 1.1 && r.seen < 2);
	r = simulate(60, 600, 33, 200, r.seen, .001);
	assert_true(r.body > .94 && r.p95 > .94);
}

/* Grown ones may be fewer, once it was measured long enough. */
static void
how_many(void **state)
{
	static const struct {
		size_t n_blocks;
		double width_s, start_s;
		size_t least;
	} rows[] = {
		{ 17, .5, .5, 16 }, { 12, .5, .5, 16 }, { 12, .75, .5, 12 },
		{ 10, .75, .5, 16 }, { 11, 2.5, .5, 12 }, { 12, 3, 2, 12 },
		{ 0, .5, .5, 16 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct stat_blocks b = { .n_blocks = rows[i].n_blocks,
			.width_ns = rows[i].width_s * 1e9,
			.start_ns = rows[i].start_s * 1e9 };

		assert_int_equal(stat_blocks_least(&b), rows[i].least);
	}
}

/* What equal processes differ by for good is no more than the floor. */
static void
above_a_floor(void **state)
{
	static const struct {
		double slower, floor;
		int rejects;
	} rows[] = {
		{ 1.04, 1, 1 }, { 1.04, 1.05, 0 }, { 1.12, 1.05, 1 },
		{ 1.08, 1.10, 0 }, { .9, 1, 0 }, { 1.05, 1.05, 0 },
	};
	struct stat_draw draw = { 4, 5, 0 };
	struct stat_block_test x, y;
	struct stat_blocks *b;
	struct stat_timed t;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t = make(11, 2000, 10, 0, rows[i].slower);
		assert_int_equal(stat_blocks_cut(&t, &b), RC_OK);
		b->floor = log(rows[i].floor);
		assert_int_equal(stat_blocks_body(b, &draw, &x), RC_OK);
		assert_int_equal(stat_blocks_quantile(b, .95, &draw, &y),
		    RC_OK);
		if ((x.t.p <= .001) != rows[i].rejects ||
		    (y.t.p <= .01) != rows[i].rejects)
			fail_msg("x %g above %g: p %g, p95 %g",
			    rows[i].slower, rows[i].floor, x.t.p, y.t.p);
		assert_near(x.t.estimate, rows[i].slower, .02);
		assert_near(y.t.estimate, rows[i].slower, .03);
		assert_true(stat_blocks_seen(b, &x, 1.001, .001) >=
		    rows[i].floor);
		stat_blocks_free(b);
	}
}

/* p of a relabeling, and its ratio where it could matter. */
static void
looks(void **state)
{
	struct stat_timed t = make(8, 900, 33, 300, 1);
	struct stat_draw draw = { 4, 5, 0 };
	struct stat_block_test x;
	struct stat_blocks *b;
	int i, small = 0;

	(void)state;
	assert_int_equal(stat_blocks_cut(&t, &b), RC_OK);
	assert_int_equal(stat_blocks_body(b, &draw, &x), RC_OK);
	for (i = 0; i < STAT_LOOKS; i++) {
		small += x.look_p[i] <= .1;
		assert_true(x.look_p[i] <= .02 ? x.look[i] > 1 :
		    isnan(x.look[i]));
	}
	assert_in_range(small, 5, 40);
	stat_blocks_free(b);
}

/* ---- errors -------------------------------------------------------------- */

static void
events(void **state)
{
	static const struct stat_span v[] = {
		{ 10, 20, 0, 1, 0 },	/* an event of three, out of order */
		{ 40, 60, 0, 1, 0 },	/* another */
		{ 15, 30, 0, 1, 0 }, { 30, 35, 0, 1, 0 },
		{ 12, 22, 1, 1, 0 },	/* the other arm */
		{ 12, 22, 0, 2, 0 },	/* another cause */
		{ 61, 62, 0, 1, 0 },	/* later */
		{ 5, 100, 1, 3, 0 }, { 10, 12, 1, 3, 0 },
		{ 90, 120, 1, 3, 0 },
	};
	static const uint32_t want[] = { 0, 1, 0, 0, 4, 5, 6, 7, 7, 7 };
	uint32_t got[10];
	size_t i;

	(void)state;
	assert_int_equal(stat_events(v, 10, got), 6);
	for (i = 0; i < 10; i++)
		assert_int_equal(got[i], want[i]);
	assert_int_equal(stat_events(v, 0, got), 0);
}

/* Forty requests 10 apart; slow errors of 100 each overlap. */
static void
outages(void **state)
{
	static const struct {
		int64_t from, apart, lasts;	/* of ten errors */
		int good_from, good_to;		/* answered well but between */
		int events, each;
		double stand_for;	/* each of a sample of those answered */
	} rows[] = {
		{ 100, 5, 10, 10, 15, 1, 0, 1 },	/* none meanwhile */
		{ 100, 5, 10, 0, 0, 1, 0, 1 },	/* one in three is */
		{ 100, 5, 10, 0, 0, 10, 0, 2 },	/* more than half are */
		{ 100, 5, 10, 0, 0, 10, 0, 10 },	/* five in six are */
		{ 0, 40, 100, 0, 0, 10, 0, 1 },	/* slow ones all the time */
		{ 100, 0, 10, 0, 0, 1, 0, 1 },	/* at one moment */
		{ 101, 7, 1, 10, 17, 1, 0, 1 },	/* quick ones of an outage */
		{ 101, 7, 1, 10, 17, 1, 0, 10 },
		{ 101, 7, 1, 10, 17, 10, 1, 1 },	/* one by one */
		{ 101, 20, 1, 0, 0, 10, 0, 1 },	/* the same at a steady rate */
		{ 0, 35, 36, 0, 40, 10, 0, 1 },	/* nearly the whole run */
	};
	struct stat_span v[10];
	struct stat_answered good = { .span_ns = 400 };
	int64_t sent[40];
	uint32_t got[10];
	size_t i, k;

	(void)state;
	good.at_ns = sent;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (k = 0; k < 10; k++)
			v[k] = (struct stat_span){ rows[i].from +
			    (int64_t)k * rows[i].apart, rows[i].from +
			    (int64_t)k * rows[i].apart + rows[i].lasts, 1, 1,
			    rows[i].each };
		good.stand_for = rows[i].stand_for;
		for (good.n = k = 0; k < 40; k++) {
			if ((int)k < rows[i].good_from ||
			    (int)k >= rows[i].good_to)
				sent[good.n++] = (int64_t)k * 10;
		}
		if (stat_outages(v, 10, &good, got) != rows[i].events)
			fail_msg("row %zu: %d events", i,
			    stat_outages(v, 10, &good, got));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts),
		cmocka_unit_test(signs_that_last),
		cmocka_unit_test(any_order),
		cmocka_unit_test(equal_servers),
		cmocka_unit_test(slower_servers),
		cmocka_unit_test(how_many),
		cmocka_unit_test(above_a_floor),
		cmocka_unit_test(looks),
		cmocka_unit_test(events),
		cmocka_unit_test(outages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
