/*
 * Rules of the verdict as rows of a table: a made run, spoilt one way, and
 * what has to be said of it.
 */
#ifndef LOCKSTEP_TESTS_VERDICT_RULES_H
#define LOCKSTEP_TESTS_VERDICT_RULES_H

#include "harness/judge/gate.h"
#include "tests/unit/judge/verdict_world.h"

struct rule {
	const char *name;
	unsigned n;		/* 0: 100 */
	const char *more;	/* of the suite, or NULL */
	int no_gold;
	void (*spoil)(struct made *);
	enum verdict want;
	const char *gate;	/* NULL: none in particular */
	enum gate_verdict gate_want;
	const char *says;	/* the first reason, of `want`; or NULL */
};

/* returns 1 when a rule does not hold, and says so */
static inline int
broken_rule(const struct rule *x, const struct result *r)
{
	const struct result_gate *g = x->gate == NULL ? NULL :
	    made_gate(r, x->gate);

	if (r->verdict != x->want || r->exit_status != (int)x->want) {
		print_error("%s: %s, not %s (%s)\n", x->name,
		    verdict_name(r->verdict), verdict_name(x->want),
		    r->n_reasons > 0 ? r->reasons[0].text : r->headline);
		return 1;
	}
	if (g != NULL && g->verdict != x->gate_want) {
		print_error("%s: gate %s %s, not %s (%s; p %g)\n", x->name,
		    x->gate, gate_verdict_name(g->verdict),
		    gate_verdict_name(x->gate_want), g->why, g->p);
		return 1;
	}
	if (x->says != NULL && (r->n_reasons == 0 ||
	    r->reasons[0].verdict != x->want ||
	    strstr(r->reasons[0].text, x->says) == NULL)) {
		print_error("%s: \"%s\" does not say \"%s\"\n", x->name,
		    r->n_reasons > 0 ? r->reasons[0].text : "", x->says);
		return 1;
	}
	return 0;
}

static inline void
check_rules(const struct rule *rules, size_t n_rules)
{
	struct made w;
	struct result *r;
	int broken = 0;
	size_t i;

	for (i = 0; i < n_rules; i++) {
		made_init(&w, rules[i].n == 0 ? 100 : rules[i].n,
		    rules[i].more == NULL ? "" : rules[i].more,
		    !rules[i].no_gold);
		rules[i].spoil(&w);
		r = made_judge(&w);
		broken += broken_rule(&rules[i], r);
		result_free(r);
		made_fini(&w);
	}
	assert_int_equal(broken, 0);
}

#define CHECK_RULES(rules) \
	check_rules(rules, sizeof(rules) / sizeof((rules)[0]))

struct rule_set {
	const struct rule *v;
	size_t n;
};

static inline void
rules_hold(void **state)
{
	const struct rule_set *set = *state;

	check_rules(set->v, set->n);
}

/* A program whose rules are all that it tests. returns its exit status */
static inline int
run_rules(const struct rule *rules, size_t n)
{
	struct rule_set set = { rules, n };
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(rules_hold, &set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#define RUN_RULES(rules) \
	run_rules(rules, sizeof(rules) / sizeof((rules)[0]))

/* ---- ways to spoil a run, for several tests ----------------------------- */

static inline void
nothing(struct made *w)
{
	(void)w;
}

/* The first share of the cases loses its passage. */
static inline void
lose(struct made *w, unsigned k)
{
	unsigned i;

	for (i = 0; i < k; i++) {
		struct cell_arm *x = &w->cell[i].arm[1];

		x->state = CASE_FAIL;
		x->reasons = CASE_COVERAGE;
		x->m[M_COVERAGE] = 0;
		w->cell[i].drift = .5f;
	}
}

static inline void
lose_twenty(struct made *w)
{
	lose(w, 20);
}

static inline void
lose_four(struct made *w)
{
	lose(w, 4);
}

/* Answers move by .06 in every case, a little differently. */
static inline void
drift(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].drift = .06f + .01f * made_sign(i);
}

static inline void
drift_tail(struct made *w)
{
	unsigned i;

	for (i = 0; i < 12; i++)
		w->cell[i].drift = .2f;
}

static inline void
body(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n * MADE_VARIANTS; i++)
		w->cand[i] = w->base[i] * (1.28f + .02f * made_sign(i));
}

static inline void
tail(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n * MADE_VARIANTS; i += 10)
		w->cand[i] = 300e6f + 2e6f * (float)i;
}

static inline void
errors(struct made *w, unsigned k, uint16_t cell_arm, int is_5xx)
{
	unsigned i;

	for (i = 0; i < k; i++) {
		w->cell[i].err[cell_arm] = 1;
		w->cell[i].arm[cell_arm].n_error = 1;
		if (!is_5xx)
			continue;
		w->cell[i].http_5xx[cell_arm] = 1;
		w->cell[i].arm[cell_arm].n_5xx = 1;
	}
}

static inline void
errors_5xx(struct made *w)
{
	errors(w, 20, 1, 1);
}

static inline void
cost(struct made *w, float more)
{
	unsigned i;

	for (i = 0; i < w->n; i++) {
		w->cell[i].arm[0].m[M_COST] = .01f + .001f * made_sign(i);
		w->cell[i].arm[1].m[M_COST] = more *
		    (.01f + .001f * made_sign(i / 2));
	}
}

static inline void
cost_up(struct made *w)
{
	cost(w, 1.3f);
}

static inline void
flips(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++)
		w->cell[i].arm[1].flip_rate = .4f;
}

static inline void
flips_both(struct made *w)
{
	unsigned i;

	flips(w);
	for (i = 0; i < w->n; i++)
		w->cell[i].arm[0].flip_rate = .4f;
}

static inline void
band(struct made *w)
{
	unsigned i;

	for (i = 40; i < 60; i++)
		w->cell[i].arm[1].in_band = 1;
}

static inline void
pins_same(struct made *w, const char *name)
{
	made_pin(w, ARM_BASELINE, name, "1", 600);
	made_pin(w, ARM_CANDIDATE, name, "1", 600);
}

static inline void
pins_other(struct made *w, const char *name)
{
	made_pin(w, ARM_BASELINE, name, "1", 600);
	made_pin(w, ARM_CANDIDATE, name, "2", 600);
}

static inline void
late(struct made *w)
{
	w->in.replay.paced = 1;
	w->in.replay.late_p99_ns = w->suite->late_max_ns + 1;
}

#endif
