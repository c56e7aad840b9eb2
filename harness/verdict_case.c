/* From cells to the cases of the result; see verdict_part.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/stat.h"
#include "harness/verdict_part.h"

static enum case_verdict
case_verdict(const struct cell *c, int paired)
{
	enum case_state b = (enum case_state)c->arm[0].state;
	enum case_state k = (enum case_state)c->arm[1].state;

	if (k == CASE_UNJUDGED || (paired && b == CASE_UNJUDGED))
		return CASE_V_UNJUDGED;
	if (!paired)
		return k == CASE_PASS ? CASE_V_PASS : CASE_V_FAIL;
	if (b == CASE_PASS)
		return k == CASE_PASS ? CASE_V_PASS : CASE_V_REGRESSION;
	return k == CASE_PASS ? CASE_V_FIX : CASE_V_DEFECT;
}

/* The number that a reason is about, on one arm; NaN: it has none. */
static double
reason_value(const struct result_case *c, int reason, int arm)
{
	switch (1 << reason) {
	case CASE_QUESTION:
		return (double)c->m[arm][M_DS_QUESTION_RETRIEVED];
	case CASE_COVERAGE:
		return (double)c->m[arm][M_COVERAGE];
	case CASE_CONVERGENCE:
		return (double)c->convergence[arm];
	case CASE_SCHEMA:
		return (double)c->m[arm][M_SCHEMA_OK];
	case CASE_CITATIONS:
		return (double)c->m[arm][M_CITATION_PRECISION];
	case CASE_EXPECT:
		return (double)c->m[arm][M_EXPECT_OK];
	case CASE_ANSWER:
		return (double)c->m[arm][M_ANSWER_OK];
	default:
		return NAN;
	}
}

static const char *
say_reason(struct result *r, const struct result_case *c, int i, int paired)
{
	double after = reason_value(c, i, 1), before = reason_value(c, i, 0);

	if (!isfinite(after))
		return case_reason_text(i);
	if (paired && isfinite(before))
		return result_fmt(r, "%s: %.2f, was %.2f",
		    case_reason_text(i), after, before);
	return result_fmt(r, "%s: %.2f", case_reason_text(i), after);
}

static int
say_case(struct result *r, struct result_case *c, const struct cell *cell,
    int paired, const char *kept_out)
{
	const char **why = result_alloc(r, (CASE_REASONS + 1) * sizeof(*why));
	int i;

	if (why == NULL)
		return RC_NOMEM;
	if (kept_out != NULL)
		why[c->n_why++] = kept_out;
	else if (c->verdict == CASE_V_UNJUDGED)
		why[c->n_why++] = cell->arm[0].n + cell->arm[1].n == 0 ?
		    "it was not asked" :
		    "fewer than half of its variants were answered";
	for (i = 0; i < CASE_REASONS; i++) {
		if ((c->reasons[1] >> i & 1) != 0)
			why[c->n_why++] = say_reason(r, c, i, paired);
	}
	c->why = why;
	return RC_OK;
}

static int
fill_case(struct result *r, const struct gold *g, const struct cell *cell,
    int paired, const char *kept_out, struct result_case *c)
{
	int a;

	c->id = result_str(r, g->id);
	c->question = result_str(r, g->question);
	c->verdict = case_verdict(cell, paired);
	c->critical = g->critical;
	c->flipped = c->verdict == CASE_V_REGRESSION ||
	    c->verdict == CASE_V_FIX;
	c->review = paired && cell->arm[1].in_band && !cell->arm[0].in_band;
	for (a = 0; a < 2; a++) {
		c->reasons[a] = cell->arm[a].reasons;
		memcpy(c->m[a], cell->arm[a].m, sizeof(c->m[a]));
		memcpy(c->lambda[a], cell->arm[a].lambda,
		    sizeof(c->lambda[a]));
		c->convergence[a] = cell->arm[a].convergence;
		c->flip_rate[a] = cell->arm[a].flip_rate;
	}
	c->drift = cell->drift;
	c->ds_answer = cell->ds_answer;
	if (g->section_ids.n > 0)
		c->expected = result_str(r, g->section_ids.v[0]);
	return say_case(r, c, cell, paired, kept_out);
}

static void
count(struct result *r, const struct result_case *c)
{
	uint64_t *const of[CASE_V_N] = {
		[CASE_V_PASS] = &r->count.pass,
		[CASE_V_REGRESSION] = &r->count.regressions,
		[CASE_V_FIX] = &r->count.fixes,
		[CASE_V_DEFECT] = &r->count.defects,
		[CASE_V_FAIL] = &r->count.fail,
		[CASE_V_UNJUDGED] = &r->count.unjudged,
	};

	++*of[c->verdict];
	r->count.review += c->review != 0;
}

static int
bad(const struct result_case *c)
{
	return c->verdict == CASE_V_REGRESSION || c->verdict == CASE_V_FAIL;
}

/* How much a case hurts: critical ones first, then what it lost. */
static double
harm(const struct result_case *c)
{
	double v = 100.0 * bad(c) + 50.0 * (bad(c) && c->critical);
	double lost = (double)c->m[0][M_COVERAGE] -
	    (double)c->m[1][M_COVERAGE];
	double rise = (double)c->m[1][M_DS_QUESTION_RETRIEVED] -
	    (double)c->m[0][M_DS_QUESTION_RETRIEVED];
	double slack = (double)c->convergence[0] - (double)c->convergence[1];

	v += isfinite(lost) ? 4 * lost : 0;
	v += isfinite(rise) ? 2 * rise : 0;
	v += isfinite(slack) ? slack : 0;
	return v + (isfinite((double)c->drift) ? 2 * (double)c->drift : 0);
}

/* The worst five, by insertion: equal harm keeps the suite's order. */
static void
pick_worst(struct result *r)
{
	enum { WORST = sizeof(r->worst) / sizeof(r->worst[0]) };
	double v[WORST], x;
	size_t i, k;

	for (i = 0; i < r->n_cases; i++) {
		x = harm(&r->cases[i]);
		if (!bad(&r->cases[i]) && x < .2)
			continue;
		if (r->n_worst == WORST && x <= v[WORST - 1])
			continue;
		k = r->n_worst < WORST ? r->n_worst++ : WORST - 1;
		for (; k > 0 && v[k - 1] < x; k--) {
			v[k] = v[k - 1];
			r->worst[k] = r->worst[k - 1];
		}
		v[k] = x;
		r->worst[k] = i;
	}
}

static void
judge_critical(struct result *r, const struct result_case *c)
{
	enum verdict v;
	const char *more;

	if (!c->critical)
		return;
	if (c->verdict == CASE_V_REGRESSION || c->verdict == CASE_V_FAIL) {
		v = verdict_critical(r, c, &more);
		verdict_raise(r, v, result_fmt(r, "critical case %s: %s%s",
		    c->id, c->n_why > 0 ? c->why[0] : "it fails", more));
	} else if (c->verdict == CASE_V_UNJUDGED)
		verdict_raise(r, VERDICT_INCONCLUSIVE, result_fmt(r,
		    "critical case %s could not be judged", c->id));
}

/* METRICS: REVIEW when more cases moved from pass into the review band than
 * the noise explains; without a baseline when the mean lies in it. */
static void
judge_band(const struct verdict_in *in, struct result *r, int paired)
{
	const struct limits *l = &in->suite->limits;
	uint64_t in_only = 0, out_only = 0, judged = 0;
	double sum = 0, p;
	size_t i;

	for (i = 0; i < r->n_cases; i++) {
		const struct cell *c = cells_get(in->score->cells, i);
		double ds = (double)c->arm[1].m[M_DS_QUESTION_RETRIEVED];

		in_only += r->cases[i].verdict == CASE_V_PASS &&
		    c->arm[1].in_band && !c->arm[0].in_band;
		out_only += r->cases[i].verdict == CASE_V_PASS &&
		    c->arm[0].in_band && !c->arm[1].in_band;
		if (isfinite(ds)) {
			sum += ds;
			judged++;
		}
	}
	if (!paired) {
		sum = judged > 0 ? sum / (double)judged : NAN;
		if (sum >= l->ds_max && sum < l->ds_case_max)
			verdict_raise(r, VERDICT_REVIEW, result_fmt(r,
			    "the mean distance from question to snippet, "
			    "%.3f, lies in the review band (%.2f to %.2f)",
			    sum, l->ds_max, l->ds_case_max));
		return;
	}
	p = stat_mcnemar(in_only, out_only, STAT_GREATER);
	if (p <= l->alpha && judged > 0 &&
	    ((double)in_only - (double)out_only) / (double)judged > l->cases)
		verdict_raise(r, VERDICT_REVIEW, result_fmt(r, "%llu cases "
		    "moved into the review band (%.2f to %.2f) and %llu out "
		    "of it, p = %.4f", (unsigned long long)in_only,
		    l->ds_max, l->ds_case_max, (unsigned long long)out_only,
		    p));
}

static int
expects_something(const struct gold *g)
{
	return g->section_ids.n + g->snippet_ids.n + g->answers.n +
	    g->n_expect > 0 || g->unanswerable;
}

int
verdict_cases(const struct verdict_in *in, struct result *r, int *has_gold,
    struct err *err)
{
	uint64_t n = caseset_n(in->cases), i;
	int paired = r->arm[ARM_BASELINE].present;
	const char *kept_out;
	struct gold g;
	int rc = RC_OK;

	r->cases = result_alloc(r, ((size_t)n + 1) * sizeof(*r->cases));
	if (r->cases == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	memset(r->cases, 0, ((size_t)n + 1) * sizeof(*r->cases));
	gold_init(&g);
	for (i = 0; i < n && rc == RC_OK; i++) {
		rc = caseset_get(in->cases, i, &g, err);
		kept_out = rc == RC_OK && in->suite->quarantine != NULL ?
		    verdict_quarantined(in, r, g.id) : NULL;
		if (rc == RC_OK && fill_case(r, &g,
		    cells_get(in->score->cells, i), paired, kept_out,
		    &r->cases[i]) != RC_OK)
			rc = err_set(err, RC_NOMEM, "out of memory");
		if (rc != RC_OK)
			break;
		*has_gold |= expects_something(&g);
		r->n_cases++;
		count(r, &r->cases[i]);
		if (kept_out == NULL)
			judge_critical(r, &r->cases[i]);
	}
	gold_fini(&g);
	r->count.variants = in->plan->n_items;
	if (rc != RC_OK)
		return rc;
	if (r->n_cases > 0 && r->count.unjudged == r->n_cases)
		verdict_raise(r, VERDICT_INCONCLUSIVE,
		    "no case could be judged");
	judge_band(in, r, paired);
	pick_worst(r);
	return RC_OK;
}
