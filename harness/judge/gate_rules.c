/* METRICS' rules from effect to verdict; see gate_test.h. */
#include <math.h>
#include <string.h>

#include "harness/judge/gate_own.h"
#include "harness/judge/gate_test.h"

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
	    (row->how->kind != KIND_ABSOLUTE || !in->paired);
}

int
gate_higher_is_worse(const struct gate_row *row)
{
	return !row->how->less_is_worse;
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
	g->limit = row->class == GATE_INFO && row->own == 0 ? NAN :
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

	if (g->n < row->how->min_n)
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
	if (row->how->review && in->has_gold)
		return GATE_REVIEW;
	if (!row->how->drift)
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

	if (row->how->kind == KIND_BODY || row->how->kind == KIND_P95) {
		d.margin = log(g->limit);
		effect = log(g->value);
	} else if (row->how->kind == KIND_RATIO) {
		d.margin -= 1;
		effect -= 1;
	}
	if (gate_beyond(g))
		return stat_n_to_decide(&d, t->n, effect);
	/* strict: where a stack without harm would be proven */
	d.alpha = GATE_STRICT_ALPHA;
	if (row->how->kind == KIND_RATE) {
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
	return in->paired && in->swap == NULL && row->how->level != NULL &&
	    !row->how->echo_level && row->class != GATE_INFO &&
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

double
gate_strict_n(const struct gate_row *row, double margin)
{
	static const double z = 1.644854;	/* one-sided 95 % */

	if (!(margin > 0))
		return INFINITY;
	switch (row->how->kind) {
	case KIND_MEAN:
		/* stat_strict_bound(): n zeros and one worst case */
		return ceil(row->how->worst * (1 + z) / margin);
	case KIND_TAIL:
		return 59;	/* .95^59 < .05: the largest is a bound */
	case KIND_P95:
		return (double)row->how->min_n;
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
