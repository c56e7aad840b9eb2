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

static void
miss_one(struct made *w)
{
	miss(w, 0, 1, 1);
}

static void
miss_two(struct made *w)
{
	miss(w, 0, 1, 2);
}

static void
miss_half(struct made *w)
{
	miss(w, 0, 1, 3);
}

/* The baseline misses nearly as many. */
static void
miss_half_before(struct made *w)
{
	miss_half(w);
	miss(w, 0, 0, 2);
}

/* The same answers come back on both arms. */
static void
miss_alike(struct made *w)
{
	miss(w, 0, 1, 2);
	miss(w, 0, 0, 2);
}

/* It failed on the baseline too, in one answer, and now in all. */
static void
miss_all_but(struct made *w)
{
	miss(w, 0, 0, 1);
	lose(w, 1);
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
	ONE("critical, one of six misses", miss_one, VERDICT_INCONCLUSIVE,
	    "1 of 9 answers miss a limit, was 0 of 9, which may be chance"),
	ONE("critical, two of six", miss_two, VERDICT_INCONCLUSIVE,
	    "3 of 9 answers"),
	ONE("critical, half of it", miss_half, VERDICT_FAIL,
	    "4 of 9 answers miss a limit, was 0 of 9"),
	ONE("critical, half of it, and nearly as many before",
	    miss_half_before, VERDICT_INCONCLUSIVE, "was 3 of 9"),
	ONE("critical, as the baseline", miss_alike, VERDICT_PASS, NULL),
	{ "critical, all of it, and one before", 0,
	    CRITICAL "gates: {coverage: false}\n", 0, miss_all_but,
	    VERDICT_FAIL, NULL, GATE_PASS, "9 of 9 answers" },
	{ "a critical case alone is proven by its own test", 0,
	    "cases: {file: gold.jsonl, critical: true}\n"
	    "gates: {cases: 1, coverage: false}\n", 0, critical_lost,
	    VERDICT_FAIL, NULL, GATE_PASS, "9 of 9 answers" },
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

int
main(void)
{
	return RUN_RULES(rules);
}
