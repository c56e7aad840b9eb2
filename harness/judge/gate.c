/* Gates: the table, and METRICS' rules from effect to verdict; see gate.h. */
#include "harness/judge/gate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_own.h"
#include "harness/judge/gate_test.h"

#define AT(field) offsetof(struct limits, field)

/*
 * `typical` was measured in A/A runs of the demo stack on the handbook's 40
 * questions x 6 variants, one ranking in fifty disturbed: the root of the
 * mean square over runs, rounded up.  Coverage, cost and question drift did
 * not move there at all and stand at a small value instead.
 */
const struct gate_row gate_rows[] = {
	{ .name = "question_drift", .title = "question drift",
	    .metric = "ds_question_retrieved", .unit = "distance",
	    .kind = KIND_MEAN, .class = GATE_GATE, .effect = effect_question,
	    .level = level_question, .limit = AT(question_drift),
	    .worst = 1,
	    .typical = .005,
	    .help = "rise of the mean distance from question to best "
	    "snippet" },
	{ .name = "context_drift", .title = "context drift",
	    .metric = "ds_question_context", .unit = "distance",
	    .kind = KIND_MEAN, .class = GATE_GATE, .effect = effect_context,
	    .level = level_context, .limit = AT(question_drift),
	    .worst = 1,
	    .typical = .005,
	    .help = "rise of the mean rank-weighted distance from question "
	    "to snippets" },
	{ .name = "answer_drift", .title = "answer drift",
	    .metric = "ds_answer_baseline", .unit = "distance",
	    .kind = KIND_MEAN, .class = GATE_GATE, .effect = effect_answer,
	    .level = level_floor, .limit = AT(answer_drift), .drift = 1,
	    .worst = 1,
	    .typical = .02,
	    .help = "distance between the arms' answers less the distance "
	    "between an answer and its echo" },
	{ .name = "answer_drift_tail", .title = "answer drift, worst 5 %",
	    .metric = "ds_answer_baseline", .unit = "distance",
	    .kind = KIND_TAIL, .class = GATE_HARD, .effect = effect_answer,
	    .limit = AT(answer_tail_max), .drift = 1,
	    .help = "95th percentile over cases of the same" },
	{ .name = "instability", .title = "instability",
	    .metric = "ds_answer_baseline", .unit = "distance",
	    .kind = KIND_MEAN, .class = GATE_GATE,
	    .effect = effect_instability, .level = level_floor,
	    .limit = AT(instability),
	    .worst = 1,
	    .typical = .03,
	    .help = "rise of the mean distance between an answer and its "
	    "echo" },
	{ .name = "order", .title = "retrieval order", .metric = "rbo",
	    .unit = "distance", .kind = KIND_MEAN, .class = GATE_GATE,
	    .effect = effect_order, .limit = AT(order), .review = 1,
	    .worst = 1,
	    .typical = .005,
	    .help = "1 - RBO of the arms' rankings less that of an arm and "
	    "its echo" },
	{ .name = "cases", .title = "cases lost", .metric = "pass_rate",
	    .unit = "share", .kind = KIND_CASES, .class = GATE_GATE,
	    .limit = AT(cases),
	    .typical = .03,
	    .help = "regressions less fixes, as a share of the cases" },
	{ .name = "coverage", .title = "coverage drop",
	    .metric = "coverage", .unit = "share", .kind = KIND_MEAN,
	    .class = GATE_GATE, .effect = effect_coverage,
	    .level = level_coverage, .limit = AT(coverage),
	    .worst = 1,
	    .typical = .05,
	    .help = "drop of the mean share of the expected sections that "
	    "is retrieved" },
	{ .name = "citation_precision", .title = "citation precision drop",
	    .metric = "citation_precision", .unit = "share",
	    .kind = KIND_MEAN, .class = GATE_GATE,
	    .effect = effect_citation_precision,
	    .level = level_citation_precision, .limit = AT(citations),
	    .worst = 1,
	    .typical = .05,
	    .help = "drop of the mean share of citations that are right" },
	{ .name = "citation_recall", .title = "citation recall drop",
	    .metric = "citation_recall", .unit = "share",
	    .kind = KIND_MEAN, .class = GATE_GATE,
	    .effect = effect_citation_recall,
	    .level = level_citation_recall, .limit = AT(citations),
	    .worst = 1,
	    .typical = .05,
	    .help = "drop of the mean share of expected sections cited" },
	{ .name = "lambda", .title = "λ convergence drop",
	    .metric = "lambda_convergence", .unit = "share",
	    .kind = KIND_MEAN, .class = GATE_GATE, .effect = effect_lambda,
	    .level = level_lambda, .limit = AT(lambda),
	    .worst = 1,
	    .typical = .09,
	    .help = "drop of the mean share of convergent variants" },
	{ .name = "lambda_flip", .title = "λ flip rate rise",
	    .metric = "lambda_flip_rate", .unit = "share",
	    .kind = KIND_MEAN, .class = GATE_GATE, .effect = effect_flip,
	    .level = level_flip, .limit = AT(lambda_flip),
	    .worst = 1,
	    .typical = .09,
	    .help = "rise of the mean share of variants with another top "
	    "result" },
	{ .name = "latency_body", .title = "latency, body",
	    .metric = "total_ns", .unit = "ratio", .kind = KIND_BODY,
	    .class = GATE_GATE, .effect = effect_ln_latency,
	    .limit = AT(latency_body),
	    .typical = .14,
	    .help = "Hodges-Lehmann ratio of the candidate's latency to the "
	    "baseline's" },
	{ .name = "latency_p95", .title = "latency, p95",
	    .metric = "total_ns", .unit = "ratio", .kind = KIND_P95,
	    .class = GATE_GATE, .limit = AT(latency_p95), .min_n = 72,
	    .typical = .80,
	    .help = "ratio of the 95th percentiles" },
	{ .name = "errors", .title = "errors", .metric = "outcome",
	    .unit = "rate", .kind = KIND_RATE, .class = GATE_GATE,
	    .limit = AT(errors_rate_max),
	    .help = "share of the candidate's requests that failed" },
	{ .name = "http_429", .title = "throttled (429)",
	    .metric = "outcome", .unit = "rate", .kind = KIND_RATE,
	    .class = GATE_GATE, .limit = AT(http_429_max),
	    .help = "share of the candidate's requests answered 429" },
	{ .name = "http_5xx", .title = "server errors (5xx)",
	    .metric = "outcome", .unit = "rate", .kind = KIND_RATE,
	    .class = GATE_HARD, .limit = AT(http_5xx_max),
	    .help = "share of the candidate's requests answered 5xx" },
	{ .name = "flip_rate", .title = "λ flip rate",
	    .metric = "lambda_flip_rate", .unit = "share",
	    .kind = KIND_ABSOLUTE, .class = GATE_HARD, .level = level_flip,
	    .limit = AT(flip_rate_max), .worst = 1,
	    .typical = .06, .pair = "lambda_flip",
	    .help = "mean share of variants with another top result" },
	{ .name = "coverage_floor", .title = "coverage, floor",
	    .metric = "coverage", .unit = "share", .kind = KIND_ABSOLUTE,
	    .class = GATE_HARD, .level = level_coverage,
	    .limit = AT(coverage_hard_min), .worst = 1,
	    .typical = .05, .pair = "coverage",
	    .help = "mean share of the expected sections that is "
	    "retrieved" },
	{ .name = "ds_max", .title = "question distance",
	    .metric = "ds_question_retrieved", .unit = "distance",
	    .kind = KIND_ABSOLUTE, .class = GATE_GATE,
	    .level = level_question, .limit = AT(ds_max),
	    .worst = 1,
	    .typical = .04,
	    .help = "mean distance from question to best snippet" },
	{ .name = "coverage_min", .title = "coverage",
	    .metric = "coverage", .unit = "share", .kind = KIND_ABSOLUTE,
	    .class = GATE_GATE, .level = level_coverage,
	    .limit = AT(coverage_min),
	    .worst = 1,
	    .typical = .05,
	    .help = "mean share of the expected sections that is "
	    "retrieved" },
	{ .name = "lambda_convergent", .title = "λ convergence",
	    .metric = "lambda_convergence", .unit = "share",
	    .kind = KIND_ABSOLUTE, .class = GATE_GATE,
	    .level = level_lambda, .limit = AT(lambda_convergent),
	    .worst = 1,
	    .typical = .06,
	    .help = "mean share of convergent variants" },
	{ .name = "pass_rate", .title = "cases passed",
	    .metric = "pass_rate", .unit = "share", .kind = KIND_PASS_RATE,
	    .class = GATE_GATE, .limit = AT(pass_rate_min),
	    .help = "share of the judged cases that pass" },
	{ .name = "cost", .title = "cost", .metric = "cost",
	    .unit = "ratio", .kind = KIND_RATIO, .class = GATE_GATE,
	    .effect = effect_cost, .level = level_cost, .limit = AT(cost),
	    .typical = .05,
	    .help = "ratio of the mean costs" },
	{ .name = "answer_drift_median", .title = "answer drift, median",
	    .metric = "ds_answer_baseline", .unit = "distance",
	    .kind = KIND_INFO, .class = GATE_INFO, .effect = effect_answer,
	    .help = "median over cases: blind to a fault in a third of "
	    "them" },
	{ .name = NULL }
};

enum {
	N_ROWS = sizeof(gate_rows) / sizeof(gate_rows[0]) - 1,
	MAX_ROWS = N_ROWS + GATE_OWN_MAX
};

int
gate_find(const char *name)
{
	int i;

	for (i = 0; i < N_ROWS; i++) {
		if (strcmp(gate_rows[i].name, name) == 0)
			return i;
	}
	return -1;
}

const struct gate_row *
gate_row_at(const struct gate_in *in, size_t i)
{
	if (i < N_ROWS)
		return &gate_rows[i];
	return i - N_ROWS < in->n_own ? &in->own[i - N_ROWS] : NULL;
}

int
gate_row_find(const struct gate_in *in, const char *name)
{
	const struct gate_row *row;
	size_t i;

	for (i = 0; (row = gate_row_at(in, i)) != NULL; i++) {
		if (strcmp(row->name, name) == 0)
			return (int)i;
	}
	return -1;
}

int
gate_is_off(const struct gate_in *in, const struct gate_row *row)
{
	return row->own == 0 &&
	    (in->limits->off >> (row - gate_rows) & 1) != 0;
}

int
gate_floor_cached(const struct score_out *s)
{
	uint64_t echoes = s->arm[ARM_BASELINE2].sent +
	    s->arm[ARM_CANDIDATE2].sent;

	return s->cached_echoes * 20 > echoes;
}

int
gate_strict(const struct gate_in *in, const struct gate_row *row)
{
	return in->limits->strict && in->swap == NULL &&
	    row->class != GATE_INFO &&
	    (row->kind != KIND_ABSOLUTE || !in->paired);
}

int
gate_family(const struct gate_row *own, size_t n_own)
{
	size_t i;
	int n = 0;

	for (i = 0; i < N_ROWS; i++)
		n += gate_rows[i].class == GATE_GATE;
	for (i = 0; i < n_own; i++)
		n += own[i].class == GATE_GATE;
	return n;
}

int
gate_higher_is_worse(const struct gate_row *row)
{
	if (row->own > 0 && row->kind == KIND_ABSOLUTE)
		return row->more_is_worse;
	return row->kind != KIND_PASS_RATE &&
	    (row->kind != KIND_ABSOLUTE || row->level == level_question ||
	    row->level == level_flip);
}

/* Limits where more is better are written as they are said. */
int
gate_beyond(const struct result_gate *g)
{
	return g->higher_is_worse ? g->value > g->limit :
	    g->value < g->limit;
}

void
gate_start(const struct gate_row *row, const struct limits *l,
    struct result_gate *g)
{
	memset(g, 0, sizeof(*g));
	g->name = row->name;
	g->title = row->title;
	g->metric = row->metric;
	g->unit = row->unit;
	g->test = "";
	g->class = row->class;
	g->verdict = GATE_NOT_JUDGED;
	g->limit = row->kind == KIND_INFO ? NAN :
	    *(const double *)(const void *)((const char *)l + row->limit);
	if (strcmp(row->unit, "ratio") == 0)
		g->limit += 1;
	g->higher_is_worse = gate_higher_is_worse(row);
	g->value = g->base = g->cand = NAN;
	g->ci[0] = g->ci[1] = NAN;
	g->p = g->p_holm = NAN;
	g->n_needed = g->noise = g->visible = NAN;
	g->why = "";
}

/* Adjusts the p of the gated family in place of order (Holm 1979). */
static void
adjust(struct result_gate *g, size_t n)
{
	double p[MAX_ROWS], adjusted[MAX_ROWS];
	size_t at[MAX_ROWS], m = 0, i;

	for (i = 0; i < n; i++) {
		if (g[i].class == GATE_GATE && isfinite(g[i].p) &&
		    *g[i].why == '\0') {
			at[m] = i;
			p[m++] = g[i].p;
		}
	}
	if (m > 0)
		(void)stat_holm(p, m, adjusted);
	for (i = 0; i < m; i++)
		g[at[i]].p_holm = adjusted[i];
}

static enum gate_verdict
decide_hard(const struct gate_in *in, const struct result_gate *g)
{
	if (!gate_beyond(g))
		return GATE_PASS;
	if (isfinite(g->p))
		return g->p <= in->limits->hard_p ? GATE_FAIL : GATE_PASS;
	return GATE_INCONCLUSIVE;	/* and nothing to hold it against */
}

static enum gate_verdict
decide_gate(const struct gate_in *in, const struct gate_row *row,
    const struct result_gate *g)
{
	const struct limits *l = in->limits;

	if (g->n < row->min_n)
		return gate_beyond(g) || gate_strict(in, row) ?
		    GATE_INCONCLUSIVE : GATE_NOT_JUDGED;
	if (gate_beyond(g)) {
		if (g->p_holm <= l->alpha)
			return GATE_FAIL;
		if (g->p <= l->inconclusive_p)
			return GATE_INCONCLUSIVE;
	}
	return GATE_PASS;
}

/* Proof of no harm: the bound itself must lie within. Unknown is not. */
static int
proven(const struct result_gate *g, double bound)
{
	return g->higher_is_worse ? bound <= g->limit : bound >= g->limit;
}

enum gate_verdict
gate_soften(const struct gate_in *in, const struct gate_row *row,
    enum gate_verdict v)
{
	if (v != GATE_FAIL && v != GATE_INCONCLUSIVE)
		return v;
	if (row->review && in->has_gold)
		return GATE_REVIEW;
	if (!row->drift)
		return v;
	if (in->drift == DRIFT_REVIEW)
		return GATE_REVIEW;
	if (in->drift == DRIFT_INFO)
		return GATE_PASS;
	if (v == GATE_FAIL && gate_floor_cached(in->score))
		return GATE_INCONCLUSIVE;
	return v;
}

/* The n that would decide it; the scale is the test's own. */
static double
n_needed(const struct gate_in *in, const struct gate_row *row,
    const struct stat_test *t, const struct result_gate *g)
{
	struct stat_design d = { in->limits->alpha /
	    gate_family(in->own, in->n_own), g->limit, stat_sd_of(t) };
	double effect = g->value, n;

	if (row->kind == KIND_BODY || row->kind == KIND_P95) {
		d.margin = log(g->limit);
		effect = log(g->value);
	} else if (row->kind == KIND_RATIO) {
		d.margin -= 1;
		effect -= 1;
	}
	if (gate_beyond(g))
		return stat_n_to_decide(&d, t->n, effect);
	/* strict: where a stack without harm would be proven */
	d.alpha = GATE_STRICT_ALPHA;
	if (row->kind == KIND_RATE) {
		/* Wilson's bound, at the rate that was seen */
		d.sd = sqrt(g->value * (1 - g->value));
		d.margin = fmax(0, g->limit - g->value);
	}
	n = fmax(stat_n_strict(&d, GATE_POWER), gate_strict_n(row, d.margin));
	return n > (double)t->n ? n : NAN;
}

/* The floor of an arm that is never asked twice is missing by design. What
 * the candidate alone sends may be new; a scorer judges both. */
int
gate_one_sided(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen)
{
	return in->paired && in->swap == NULL && row->level != NULL &&
	    row->level != level_floor && row->class != GATE_INFO &&
	    (seen->has[1] * 2 < seen->has[0] ||
	    (row->own > 0 && seen->has[0] * 2 < seen->has[1]));
}

static int
lacks_data(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen)
{
	return gate_own_lacks(in, row) || gate_one_sided(in, row, seen);
}

void
gate_decide(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, struct result_gate *g)
{
	if (*g->why != '\0' || g->n == 0 || !isfinite(g->value)) {
		if (*g->why != '\0')
			return;
		g->why = "no case has the numbers it needs";
		if (lacks_data(in, row, seen))
			g->verdict = GATE_INCONCLUSIVE;
		return;
	}
	if (row->class == GATE_INFO)
		g->verdict = GATE_PASS;
	else if (row->class == GATE_HARD)
		g->verdict = decide_hard(in, g);
	else
		g->verdict = decide_gate(in, row, g);
	if (g->verdict == GATE_PASS && gate_strict(in, row) &&
	    !proven(g, seen->bound))
		g->verdict = GATE_INCONCLUSIVE;
	g->verdict = gate_soften(in, row, g->verdict);
	if (g->verdict == GATE_PASS && lacks_data(in, row, seen))
		g->verdict = GATE_INCONCLUSIVE;
	if (g->verdict == GATE_INCONCLUSIVE && seen->t.n > 0)
		g->n_needed = n_needed(in, row, &seen->t, g);
}

int
gates_judge(const struct gate_in *in, struct result *r,
    struct result_gate *out, struct err *err)
{
	struct gate_seen seen[MAX_ROWS] = { 0 };
	const struct gate_row *row;
	size_t i;
	int pair, rc;

	for (i = 0; (row = gate_row_at(in, i)) != NULL; i++) {
		gate_start(row, in->limits, &out[i]);
		seen[i].bound = NAN;
		rc = gate_measure(in, row, &out[i], &seen[i], err);
		if (rc != RC_OK)
			return rc;
	}
	for (i = 0; (row = gate_row_at(in, i)) != NULL; i++) {
		if (row->pair == NULL || !in->paired)
			continue;
		pair = gate_row_find(in, row->pair);
		out[i].p = out[pair].p;
		out[i].test = out[pair].test;
	}
	/* only now: a hard stop may need the p of a gate that is off */
	for (i = 0; (row = gate_row_at(in, i)) != NULL; i++) {
		if (!gate_is_off(in, row))
			continue;
		gate_start(row, in->limits, &out[i]);
		out[i].why = "switched off by the suite";
	}
	adjust(out, i);
	for (i = 0; (row = gate_row_at(in, i)) != NULL; i++) {
		gate_decide(in, row, &seen[i], &out[i]);
		if (r != NULL)
			gate_say(in, row, &seen[i], r, &out[i]);
	}
	return (int)i;
}

double
gate_strict_n(const struct gate_row *row, double margin)
{
	static const double z = 1.644854;	/* one-sided 95 % */

	if (!(margin > 0))
		return INFINITY;
	switch (row->kind) {
	case KIND_MEAN:
		/* stat_strict_bound(): n zeros and one worst case */
		return ceil(row->worst * (1 + z) / margin);
	case KIND_TAIL:
		return 59;	/* .95^59 < .05: the largest is a bound */
	case KIND_P95:
		return (double)row->min_n;
	case KIND_CASES:
		/* Bonett & Price with no pair that differs */
		return ceil(z * sqrt(2) / margin);
	case KIND_RATE:
		/* Wilson's end at 0 of n: z^2 / (n + z^2) */
		return ceil(z * z * (1 - margin) / margin);
	case KIND_PASS_RATE:
		/* its other end, at n of n */
		return margin < 1 ? ceil(z * z * margin / (1 - margin)) :
		    INFINITY;
	default:
		return 2;
	}
}
