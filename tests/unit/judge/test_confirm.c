/* The test of a confirmation: values that can be worked out by hand, and its
 * level on equal stacks of any kind. */
#include "tests/lib/check.h"

#include "harness/base/rng.h"
#include "harness/judge/confirm.h"

static const struct {
	struct confirm_sample s[3];
	size_t n;
	double p;
} exact[] = {
	/* nothing could have been otherwise */
	{ { { { 8, 8 }, { 8, 8 } } }, 1, 1 },
	{ { { { 0, 0 }, { 8, 8 } } }, 1, 1 },
	{ { { { 0, 0 }, { 0, 0 } } }, 0, 1 },
	/* 1 of (16 over 8) */
	{ { { { 8, 0 }, { 8, 8 } } }, 1, 1. / 12870 },
	{ { { { 0, 8 }, { 8, 8 } } }, 1, 1 },
	/* Fisher's exact test */
	{ { { { 8, 4 }, { 8, 8 } } }, 1, 70. / 1820 },
	{ { { { 7, 4 }, { 8, 8 } } }, 1, 616. / 4368 },
	{ { { { 3, 0 }, { 3, 5 } } }, 1, 1. / 56 },
	/* both at their most: 28/120 each */
	{ { { { 8, 6 }, { 8, 8 } }, { { 8, 6 }, { 8, 8 } } }, 2,
	    28. / 120 * 28 / 120 },
	/* one at its most, one that cannot move, one not answered */
	{ { { { 8, 6 }, { 8, 8 } }, { { 8, 8 }, { 8, 8 } },
	    { { 8, 0 }, { 8, 0 } } }, 3, 28. / 120 },
	/* one each way: 9 of 10 good, so that either lacks one: 3/4 */
	{ { { { 5, 4 }, { 5, 5 } }, { { 4, 5 }, { 5, 5 } } }, 2, .75 },
};

static void
test_exact(void **state)
{
	size_t i;
	double p;

	(void)state;
	for (i = 0; i < sizeof(exact) / sizeof(exact[0]); i++) {
		assert_int_equal(confirm_p(exact[i].s, exact[i].n, &p),
		    RC_OK);
		if (fabs(p - exact[i].p) > 1e-9)
			fail_msg("row %zu: p %.9f, not %.9f", i, p,
			    exact[i].p);
	}
}

/*
 * Equal stacks: how often p is at most .05 where the chance of a good answer
 * is the same for all answers, and where it is a variant's own (0 or 1 for
 * most: then the two samples hardly differ, and less is rejected).
 */
static void
test_level(void **state)
{
	enum { RUNS = 4000, CASES = 6, REPEATS = 8 };
	static const double chance[2][REPEATS] = {
		{ .8, .8, .8, .8, .8, .8, .8, .8 },
		{ 1, 1, 0, .5, 1, 1, 1, 1 },
	};
	struct confirm_sample s[CASES];
	unsigned rejected, k;
	uint64_t run, draw = 0;
	int c, r, a;
	double p;

	(void)state;
	for (k = 0; k < 2; k++) {
		rejected = 0;
		for (run = 0; run < RUNS; run++) {
			memset(s, 0, sizeof(s));
			for (c = 0; c < CASES; c++) {
				s[c].n[0] = s[c].n[1] = REPEATS;
				for (r = 0; r < REPEATS; r++) {
					for (a = 0; a < 2; a++)
						s[c].good[a] += rng_unit(11,
						    k, draw++) <
						    chance[k][r];
				}
			}
			assert_int_equal(confirm_p(s, CASES, &p), RC_OK);
			rejected += p <= .05;
		}
		/* 200 are right; the standard deviation is 14 */
		assert_in_range(rejected, k == 0 ? 60 : 0, 250);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_level),
	};

	return cmocka_run_group_tests_name("confirm", tests, NULL, NULL);
}
