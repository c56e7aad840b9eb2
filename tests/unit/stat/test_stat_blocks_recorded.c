/*
 * Latency of equal servers beside busy cores, as recorded
 * (fixtures/latency/README.md): parts of it are runs without a change.
 * Blocks of time reject them at alpha; pairs by themselves far too often.
 */
#include "harness/stat/stat_blocks.h"

#include "harness/base/err.h"
#include "tests/lib/check.h"

enum { PAIRS_MAX = 40000 };

static float base[PAIRS_MAX], cand[PAIRS_MAX];
static int64_t at[PAIRS_MAX];
static size_t n_pairs;

/* Three bytes a pair: 4 ms since the one before; both latencies as
 * 22 ln(ns / 100 us). */
static void
load(const char *path)
{
	unsigned char three[3];
	int64_t now = 0;
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	while (fread(three, 1, 3, f) == 3 && n_pairs < PAIRS_MAX) {
		now += three[0] * 4000000LL;
		at[n_pairs] = now;
		base[n_pairs] = (float)(1e5 * exp(three[1] / 22.));
		cand[n_pairs++] = (float)(1e5 * exp(three[2] / 22.));
	}
	assert_int_equal(fclose(f), 0);
}

static double
p_of_pairs(const struct stat_timed *t, int swap)
{
	static double d[PAIRS_MAX];
	struct stat_test out;
	size_t i;

	for (i = 0; i < t->n; i++)
		d[i] = log((double)t->cand[i] / (double)t->base[i]) *
		    (swap ? -1 : 1);
	assert_int_equal(stat_signed_rank(d, t->n, .95, STAT_GREATER, &out),
	    RC_OK);
	return out.p;
}

/* Every part twice: either server may be the candidate. */
struct counted {
	int parts, judged;	/* of enough blocks */
	int body, p95, alone;	/* p at or below .05 */
};

static void
judge(const struct stat_timed *t, struct counted *c)
{
	struct stat_draw draw = { (uint64_t)c->parts, 1, 999 };
	struct stat_block_test body, p95;
	struct stat_blocks *b;
	int swap;

	for (swap = 0; swap < 2; swap++) {
		struct stat_timed u = { swap ? t->cand : t->base,
			swap ? t->base : t->cand, t->at_ns, t->n };

		c->parts++;
		c->alone += p_of_pairs(t, swap) <= .05;
		assert_int_equal(stat_blocks_cut(&u, &b), RC_OK);
		if (b->n_blocks >= STAT_BLOCKS_MIN) {
			assert_int_equal(stat_blocks_body(b, &draw, &body),
			    RC_OK);
			assert_int_equal(stat_blocks_quantile(b, .95, &draw,
			    &p95), RC_OK);
			c->judged++;
			c->body += body.t.p <= .05;
			c->p95 += p95.t.p <= .05;
		}
		stat_blocks_free(b);
	}
}

static struct counted
parts_of(double seconds)
{
	struct counted c = { 0 };
	size_t from, to;

	for (from = 0; from < n_pairs; from = to) {
		for (to = from; to < n_pairs && (double)(at[to] - at[from]) <
		    seconds * 1e9; to++)
			continue;
		if (to == n_pairs)
			break;
		judge(&(struct stat_timed){ base + from, cand + from,
		    at + from, to - from }, &c);
	}
	print_message("parts of %g s: %d, %d judged; p <= .05: pairs alone "
	    "%.3f, body by blocks %.3f, p95 by blocks %.3f\n", seconds,
	    c.parts, c.judged, (double)c.alone / c.parts,
	    (double)c.body / c.judged, (double)c.p95 / c.judged);
	return c;
}

/* Sampling error of .05 in 16 parts, seen from both sides, is .04. */
static void
equal_servers(void **state)
{
	static const double seconds[] = { 10, 12 };
	struct counted c;
	size_t i;

	(void)state;
	load("fixtures/latency/equal_busy.bin");
	for (i = 0; i < 2; i++) {
		c = parts_of(seconds[i]);
		assert_true(c.judged > c.parts * 3 / 4);
		assert_true(c.body < (.05 + 3 * .04) * c.judged);
		assert_true(c.p95 < (.05 + 3 * .04) * c.judged);
		assert_true(c.alone > .2 * c.parts);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(equal_servers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
