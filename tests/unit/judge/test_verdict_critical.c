/* Cases that count alone, and cases that do not: critical ones, quarantine. */
#include "tests/unit/judge/verdict_rules.h"

static void
critical_lost(struct made *w)
{
	lose(w, 1);
}

/* Of six variants of the first case, so many are no longer convergent. */
static void
diverge(struct made *w, uint16_t k, uint16_t reasons)
{
	struct cell_arm *x = &w->cell[0].arm[1];

	x->state = CASE_FAIL;
	x->reasons = reasons;
	x->lambda[LAMBDA_CONVERGENT] = (uint16_t)(MADE_VARIANTS - k);
	x->lambda[LAMBDA_SPLIT] = k;
	x->convergence = (float)(MADE_VARIANTS - k) / MADE_VARIANTS;
	x->answered = MADE_VARIANTS;
}

static void
diverge_one(struct made *w)
{
	diverge(w, 1, CASE_CONVERGENCE);
}

static void
diverge_two(struct made *w)
{
	diverge(w, 2, CASE_CONVERGENCE | CASE_CHAOS);
}

static void
diverge_half(struct made *w)
{
	diverge(w, 3, CASE_CONVERGENCE | CASE_CHAOS);
}

static void
diverge_all(struct made *w)
{
	diverge(w, MADE_VARIANTS, CASE_CHAOS);
}

static void
diverge_and_more(struct made *w)
{
	diverge(w, 1, CASE_CONVERGENCE | CASE_CITATIONS);
}

/* Three of six were in error, and one of those that answered diverged. */
static void
diverge_errors(struct made *w)
{
	struct cell_arm *x = &w->cell[0].arm[1];

	diverge(w, 1, CASE_CONVERGENCE);
	x->lambda[LAMBDA_CONVERGENT] = 2;
	x->lambda[LAMBDA_COLLAPSED] = 3;
	x->convergence = 2.f / 3;
	x->answered = 3;
}

/* Five of six were in error, and the one that answered diverged. */
static void
diverge_alone(struct made *w)
{
	struct cell_arm *x = &w->cell[0].arm[1];

	diverge(w, 1, CASE_CONVERGENCE);
	x->lambda[LAMBDA_CONVERGENT] = 0;
	x->lambda[LAMBDA_COLLAPSED] = 5;
	x->convergence = 0;
	x->answered = 1;
}

/* It had lost one on the baseline, too: no more than one was lost. */
static void
diverge_before(struct made *w)
{
	struct cell_arm *x = &w->cell[0].arm[0];

	diverge(w, 3, CASE_CONVERGENCE);
	x->lambda[LAMBDA_CONVERGENT] = 4;
	x->lambda[LAMBDA_SPLIT] = 2;
	x->convergence = 4.f / 6;
}

/* Of six variants of case i on an arm, so many lack the expected section. */
static void
miss(struct made *w, unsigned i, int arm, uint16_t k)
{
	struct cell_arm *x = &w->cell[i].arm[arm];

	x->state = CASE_FAIL;
	x->reasons = CASE_COVERAGE;
	x->answered = MADE_VARIANTS;
	x->missed = k;
}

/* On quiet stacks one of six is no chance. */
static void
miss_one(struct made *w)
{
	miss(w, 0, 1, 1);
}

/* These come and go: one more is. */
static void
miss_one_of_many(struct made *w)
{
	miss_one(w);
	miss(w, 1, 0, 1);
	w->cell[5].floor_b = .05f;
}

/* No echo differs: whatever the other case had, this stack is quiet. */
static void
miss_one_quiet(struct made *w)
{
	unsigned i;

	miss_one_of_many(w);
	for (i = 0; i < w->n; i++)
		w->cell[i].floor_b = w->cell[i].floor_c = 0;
}

/* What comes and goes is something else. */
static void
miss_another(struct made *w)
{
	miss_one_of_many(w);
	w->cell[1].arm[0].reasons = CASE_CITATIONS;
}

/* An assertion is no matter of chance. */
static void
miss_expected(struct made *w)
{
	miss_one_of_many(w);
	w->cell[0].arm[1].reasons |= CASE_EXPECT;
	w->cell[1].arm[0].reasons |= CASE_EXPECT;
}

/* Two of six are more than what comes and goes. */
static void
miss_two(struct made *w)
{
	miss_one_of_many(w);
	miss(w, 0, 1, 2);
}

static void
miss_two_of_many(struct made *w)
{
	miss_two(w);
	miss(w, 2, 0, 2);
}

static void
miss_half(struct made *w)
{
	miss_one_of_many(w);
	miss(w, 0, 1, 3);
}

/* What got better for good says nothing of noise. */
static void
miss_one_mended(struct made *w)
{
	miss_one_of_many(w);
	miss(w, 1, 0, MADE_VARIANTS);
}

/* Eight critical ones where one in a hundred comes and goes. */
static void
miss_eight(struct made *w)
{
	unsigned i;

	miss(w, 99, 0, 1);
	w->cell[5].floor_b = .05f;
	for (i = 0; i < 8; i++)
		miss(w, i, 1, 1);
}

#define CRITICAL "cases: {file: gold.jsonl, critical: true}\n"
/* One case of a hundred, in every gate's margin. */
#define ONE(name, spoil, verdict, says) \
	{ name, 0, CRITICAL, 0, spoil, verdict, NULL, GATE_PASS, says }

static const struct rule rules[] = {
	{ "one critical regression, whatever n", 0,
	    CRITICAL "gates: {coverage: false}\n", 0, critical_lost,
	    VERDICT_FAIL, "cases", GATE_PASS, "critical case c0" },
	ONE("critical, one of six diverged", diverge_one,
	    VERDICT_REVIEW, "1 of 6 answered"),
	ONE("critical, two of six diverged", diverge_two,
	    VERDICT_REVIEW, "2 of 6 answered"),
	ONE("critical, half diverged", diverge_half,
	    VERDICT_FAIL, "critical case c0"),
	ONE("critical, all diverged", diverge_all,
	    VERDICT_FAIL, "critical case c0"),
	ONE("critical, one diverged and its citation is wrong",
	    diverge_and_more, VERDICT_FAIL, "critical case c0"),
	ONE("critical, errors take no convergence", diverge_errors,
	    VERDICT_REVIEW, "1 of 3 answered"),
	ONE("critical, nor do they where none converged", diverge_alone,
	    VERDICT_REVIEW, "1 of 1 answered"),
	ONE("critical, unstable before", diverge_before,
	    VERDICT_REVIEW, "1 of 6 answered"),
	ONE("critical, one of six misses", miss_one, VERDICT_FAIL,
	    "critical case c0"),
	ONE("critical, as others do", miss_one_of_many, VERDICT_INCONCLUSIVE,
	    "1 of 6 variants miss a limit, and 1 of 100 cases came back"),
	ONE("critical, on quiet stacks", miss_one_quiet, VERDICT_FAIL,
	    "critical case c0"),
	ONE("critical, as others do otherwise", miss_another, VERDICT_FAIL,
	    "critical case c0"),
	ONE("critical, an assertion", miss_expected, VERDICT_FAIL,
	    "critical case c0"),
	ONE("critical, two of six", miss_two, VERDICT_FAIL,
	    "critical case c0"),
	ONE("critical, two as of another", miss_two_of_many,
	    VERDICT_INCONCLUSIVE, "2 of 6 variants miss a limit, and 1 of 100"),
	ONE("critical, half of it", miss_half, VERDICT_FAIL,
	    "critical case c0"),
	ONE("critical, another one mended", miss_one_mended, VERDICT_FAIL,
	    "critical case c0"),
	{ "more critical ones than chance hits", 0,
	    CRITICAL "gates: {coverage: false, cases: 1}\n", 0, miss_eight,
	    VERDICT_FAIL, NULL, GATE_PASS, "critical case c0" },
	{ "a quarantined case does not count", 0,
	    CRITICAL "gates: {coverage: false}\nquarantine:\n"
	    "  - {case: c0, owner: kim, until: 2026-02-01}\n", 0,
	    critical_lost, VERDICT_PASS, NULL, GATE_PASS, NULL },
	{ "an expired quarantine fails", 0, "quarantine:\n"
	    "  - {case: c0, owner: kim, until: 2026-01-01}\n", 0, nothing,
	    VERDICT_FAIL, NULL, GATE_PASS, "quarantine of case c0" },
	{ "the day before it does not", 0, "quarantine:\n"
	    "  - {case: c0, owner: kim, until: 2026-01-02}\n", 0, nothing,
	    VERDICT_PASS, NULL, GATE_PASS, NULL },
};

static void
test_rules(void **state)
{
	(void)state;
	CHECK_RULES(rules);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
