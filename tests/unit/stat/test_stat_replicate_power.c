/*
 * Does the replicate test keep its promise?  40 questions of six variants on
 * simulated stacks: steady ones, such of which one question in eight or a
 * third comes and goes, and such that sample their answers.  Rejection
 * without a change at alpha; the power of METRICS' table.  Prints what it
 * measures; STATS.md quotes it.
 */
#include "harness/stat/stat_replicate.h"

#include "harness/base/err.h"
#include "harness/base/rng.h"
#include "tests/lib/check.h"

enum { CASES = 40, V = 6, RUNS = 300 };
#define MARGIN .02
#define ALPHA .005		/* half of .01, which `cases` has to itself */
#define PERHAPS .10

/* ---- the gate of cases --------------------------------------------------- */

/* What one run shows: the drop and its p. */
struct shown {
	double drop, p;
};

/* Of each answer of a question that comes and goes, one in two is good; the
 * others are steady. The first `lost` steady ones are gone on the candidate. */
static struct shown
run_cases(uint64_t seed, int come_and_go, int lost)
{
	struct stat_draw draw = { seed, 1, 999 };
	struct stat_replicate_out out;
	struct stat_replicate *r;
	struct stat_unit u;
	double x[3], by[3];
	int a, k, twice, arm;

	assert_int_equal(stat_replicate_new(1, V, &draw, &r), RC_OK);
	for (u.case_index = 0; u.case_index < CASES; u.case_index++) {
		int flaky = u.case_index >= (uint64_t)(CASES - come_and_go);

		for (u.v = 0; u.v < V; u.v++) {
			twice = (u.case_index + u.v) % 2 == 0 ? STAT_BASE :
			    STAT_CAND;
			for (a = 0; a < 3; a++) {
				arm = a == STAT_ECHO ? twice : a;
				x[a] = flaky ? (double)rng_below(seed, 2,
				    (u.case_index * V + u.v) * 3 +
				    (uint64_t)a, 2) :
				    !(arm == STAT_CAND && u.case_index <
				    (uint64_t)lost);
			}
			(void)stat_replicate_differ(x, twice, by);
			for (k = 0; k < 3; k++)
				by[k] /= -V;
			assert_int_equal(stat_replicate_turn(r, 0, &u, by),
			    RC_OK);
		}
	}
	assert_int_equal(stat_replicate_finish(r), RC_OK);
	stat_replicate_get(r, 0, &out);
	stat_replicate_free(r);
	return (struct shown){ out.sum / CASES, out.p };
}

/* In % of runs, about as METRICS' table has it: where its questions come and
 * go by something else than one answer in two, it sees a little more. */
struct row {
	const char *stack;
	int come_and_go, lost;
	int fail_least, fail_most, undecided_most;
};

static void
table_of_cases(void **state)
{
	static const struct row rows[] = {
		{ "steady", 0, 0, 0, 0, 0 },
		{ "steady", 0, 1, 100, 100, 0 },
		{ "steady", 0, 3, 100, 100, 0 },
		{ "one in eight comes and goes", 5, 0, 0, 1, 9 },
		{ "one in eight comes and goes", 5, 1, 2, 20, 65 },
		{ "one in eight comes and goes", 5, 2, 45, 65, 50 },
		{ "one in eight comes and goes", 5, 3, 85, 100, 15 },
		{ "one in eight comes and goes", 5, 5, 99, 100, 1 },
		{ "a third comes and goes", 13, 0, 0, 1, 10 },
		{ "a third comes and goes", 13, 2, 12, 35, 65 },
		{ "a third comes and goes", 13, 3, 50, 80, 45 },
		{ "a third comes and goes", 13, 5, 95, 100, 5 },
	};
	struct shown s;
	int fail, undecided, small, i;
	size_t k;

	(void)state;
	for (k = 0; k < sizeof rows / sizeof *rows; k++) {
		fail = undecided = small = 0;
		for (i = 0; i < RUNS; i++) {
			s = run_cases((uint64_t)i + 1, rows[k].come_and_go,
			    rows[k].lost);
			small += s.p <= .05;
			if (s.drop <= MARGIN)
				continue;
			fail += s.p <= ALPHA;
			undecided += s.p > ALPHA && s.p <= PERHAPS;
		}
		print_message("%s, %d lost: FAIL %.1f, INCONCLUSIVE %.1f, "
		    "p <= .05 %.1f %%\n", rows[k].stack, rows[k].lost,
		    100. * fail / RUNS, 100. * undecided / RUNS,
		    100. * small / RUNS);
		assert_in_range(fail * 100, rows[k].fail_least * RUNS,
		    rows[k].fail_most * RUNS);
		assert_true(undecided * 100 <= rows[k].undecided_most * RUNS);
		/* sampling error of .05 in 300 is .0126 */
		if (rows[k].lost == 0)
			assert_true(small <= (.05 + 3 * .0126) * RUNS);
	}
}

/* ---- sampled answers ----------------------------------------------------- */

/* An answer is a place on a line, a question's own plus noise; distances are
 * what answers have. shift, wider: what the candidate does to them. */
static void
run_answers(uint64_t seed, double shift, double wider,
    struct stat_replicate_out out[2])
{
	struct stat_draw draw = { seed, 3, 999 };
	struct stat_replicate *r;
	struct stat_unit u;
	double at[3], ds[3], by[3], d;
	int a, k, twice, lone, arm;

	assert_int_equal(stat_replicate_new(2, V, &draw, &r), RC_OK);
	for (u.case_index = 0; u.case_index < CASES; u.case_index++) {
		for (u.v = 0; u.v < V; u.v++) {
			twice = (u.case_index + u.v) % 2 == 0 ? STAT_BASE :
			    STAT_CAND;
			lone = !twice;
			for (a = 0; a < 3; a++) {
				arm = a == STAT_ECHO ? twice : a;
				at[a] = .1 * rng_normal(seed, 4,
				    (u.case_index * V + u.v) * 3 +
				    (uint64_t)a);
				if (arm == STAT_CAND)
					at[a] = at[a] * wider + shift;
			}
			for (a = 0; a < 3; a++)
				ds[a] = fabs(at[(a + 1) % 3] -
				    at[(a + 2) % 3]);
			d = ds[STAT_ECHO] - ds[lone];
			assert_int_equal(stat_replicate_swap(r, 0, &u,
			    (double[]){ d, -d }), RC_OK);
			for (k = 0; k < 3; k++)
				by[k] = ds[stat_turned(lone, k)] *
				    (twice == STAT_BASE ? -1 : 1);
			assert_int_equal(stat_replicate_turn(r, 1, &u, by),
			    RC_OK);
		}
	}
	assert_int_equal(stat_replicate_finish(r), RC_OK);
	stat_replicate_get(r, 0, &out[0]);
	stat_replicate_get(r, 1, &out[1]);
	stat_replicate_free(r);
}

static void
sampled_answers(void **state)
{
	static const struct {
		const char *what;
		double shift, wider;
		double least[2], most[2];	/* share of p <= .05: drift,
						   instability */
	} rows[] = {
		{ "equal", 0, 1, { .02, .02 }, { .08, .08 } },
		{ "others say something else", .1, 1, { .95, 0 },
		    { 1, .1 } },
		{ "the candidate wavers", 0, 1.5, { 0, .95 }, { 1, 1 } },
	};
	struct stat_replicate_out out[2];
	double share[2];
	size_t k;
	int i, g;

	(void)state;
	for (k = 0; k < sizeof rows / sizeof *rows; k++) {
		share[0] = share[1] = 0;
		for (i = 0; i < RUNS; i++) {
			run_answers((uint64_t)i + 1, rows[k].shift,
			    rows[k].wider, out);
			for (g = 0; g < 2; g++)
				share[g] += (out[g].p <= .05) / (double)RUNS;
		}
		print_message("sampled answers, %s: p <= .05 of drift %.3f, "
		    "of instability %.3f\n", rows[k].what, share[0],
		    share[1]);
		for (g = 0; g < 2; g++)
			assert_true(share[g] >= rows[k].least[g] &&
			    share[g] <= rows[k].most[g]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_of_cases),
		cmocka_unit_test(sampled_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
