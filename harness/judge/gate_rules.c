/* METRICS' rules from effect to verdict; see gate_part.h. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_scorer.h"
#include "harness/stat/stat.h"

int
gate_floor_cached(const struct score_out *s)
{
	uint64_t echoes = s->arm[ARM_BASELINE2].sent +
	    s->arm[ARM_CANDIDATE2].sent;

	/* of a few, chance makes some fast: seven all on one side have a p of
	 * .01 */
	return s->cached_echoes * 20 > echoes && (s->cached_echoes >= 7 ||
	    (s->cached_echoes >= 5 && s->cached_echoes == echoes));
}

int
gate_strict(const struct gate_in *in, const struct gate_row *row)
{
	return in->limits->strict && row->class != GATE_INFO &&
	    (!row->how->kind->level || !in->paired);
}

int
gate_higher_is_worse(const struct gate_row *row)
{
	return !row->how->less_is_worse;
}

/* A limit where more is better is written as in the suite. */
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
	g->limit = row->class == GATE_INFO && row->scored == 0 ? NAN :
	    limits_at(l, row->limit);
	if (strcmp(row->unit, "ratio") == 0)
		g->limit += 1;
	g->higher_is_worse = gate_higher_is_worse(row);
	g->value = g->base = g->cand = NAN;
	g->ci[0] = g->ci[1] = NAN;
	g->p = g->p_holm = NAN;
	g->n_needed = g->noise = g->visible = g->hides = NAN;
	g->why = "";
}

static enum gate_verdict
decide_hard(const struct gate_in *in, const struct result_gate *g)
{
	if (!gate_beyond(g))
		return GATE_PASS;
	if (isfinite(g->p))
		return g->p <= in->limits->hard_p ? GATE_FAIL : GATE_PASS;
	return GATE_INCONCLUSIVE;	/* and nothing to compare it with */
}

/* A value beyond the margin is undecided up to this p. Latency is first
 * measured longer. */
static double
undecided_p(const struct gate_in *in, const struct gate_seen *seen)
{
	return seen->blocks > 0 ? fmin(in->limits->inconclusive_p,
	    LIMITS_AGAIN_P) : in->limits->inconclusive_p;
}

/* The same for blocks of time that are too few to FAIL. */
#define FEW_P .10

static enum gate_verdict
decide_gate(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, const struct result_gate *g)
{
	const struct limits *l = in->limits;

	if (g->n < row->how->min_n || seen->few) {
		/* too few blocks of time can still all be slower: of four,
		 * by chance once in 16 */
		return gate_strict(in, row) || (seen->few && gate_beyond(g) &&
		    g->n >= row->how->min_n && g->p <= FEW_P) ?
		    GATE_INCONCLUSIVE : GATE_NOT_JUDGED;
	}
	if (gate_beyond(g)) {
		if (g->p_holm <= l->alpha)
			return GATE_FAIL;
		if (g->p <= undecided_p(in, seen) || seen->moved_whole)
			return GATE_INCONCLUSIVE;
	}
	return GATE_PASS;
}

/* Proof of no harm: the bound itself must be within. An unknown bound is
 * not. */
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
    const struct gate_seen *seen, const struct result_gate *g)
{
	const struct gate_kind *kind = row->how->kind;
	struct stat_design d = { gate_alpha(in, row), g->limit, seen->sd };
	double effect = g->value, n;
	const double floor_ln = gate_test_floor(row, g->limit);

	if (kind->scale != NULL) {
		/* from the floor on */
		d.margin = kind->scale(g->limit) - floor_ln;
		effect = kind->scale(g->value) - floor_ln;
	}
	if (gate_beyond(g))
		return stat_n_to_decide(&d, seen->units, effect);
	/* strict: enough to prove a stack without harm */
	d.alpha = GATE_STRICT_ALPHA;
	d.margin += floor_ln;
	if (strcmp(row->unit, "rate") == 0) {
		/* Wilson's bound, at the rate that was seen */
		d.sd = sqrt(g->value * (1 - g->value));
		d.margin = fmax(0, g->limit - g->value);
	}
	n = fmax(stat_n_strict(&d, .8), gate_strict_n(row, d.margin));
	return n > (double)seen->units ? n : NAN;
}

/* An arm without echoes has no floor, by design. Numbers that only the
 * candidate sends may be new; a scorer judges both arms. */
int
gate_one_sided(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen)
{
	return in->paired && row->how->level != NULL &&
	    !row->how->echo_level && row->class != GATE_INFO &&
	    (seen->has[1] * 2 < seen->has[0] ||
	    (row->scored > 0 && seen->has[0] * 2 < seen->has[1]));
}

static int
lacks_data(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen)
{
	return gate_scorer_lacks(in, row) || gate_one_sided(in, row, seen);
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
		g->verdict = decide_gate(in, row, seen, g);
	if (g->verdict == GATE_PASS && gate_strict(in, row) &&
	    !proven(g, seen->bound))
		g->verdict = GATE_INCONCLUSIVE;
	g->verdict = gate_soften(in, row, g->verdict);
	if (g->verdict == GATE_PASS && lacks_data(in, row, seen))
		g->verdict = GATE_INCONCLUSIVE;
	/* no number of cases makes a cached floor trusted */
	if (g->verdict == GATE_INCONCLUSIVE && seen->units > 0 &&
	    !(row->how->drift && gate_floor_cached(in->score)))
		g->n_needed = n_needed(in, row, seen, g);
}

double
gate_strict_n(const struct gate_row *row, double margin)
{
	return margin > 0 && row->how->kind->strict_n != NULL ?
	    row->how->kind->strict_n(row, margin) : INFINITY;
}

/* ---- how alpha is shared ------------------------------------------------- */

/*
 * One gate has half of alpha to itself; half of that is kept for a later
 * confirmation. The others share the other half by Holm. A run without a
 * baseline has no such gate.
 */
static double
share_of(const struct gate_row *row, const struct limits *l, int paired)
{
	if (!paired)
		return 1;
	return row->how->half && l->confirm ? .25 : .5;
}

double
gate_alpha_of(const struct limits *l, const struct gate_row *row, int family,
    int paired)
{
	double alpha = l->alpha * share_of(row, l, paired);

	if (row->class == GATE_HARD)
		return l->hard_p;
	return row->how->half && paired ? alpha : alpha / family;
}

double
gate_alpha(const struct gate_in *in, const struct gate_row *row)
{
	assert(in->family > 0);
	return gate_alpha_of(in->limits, row, in->family, in->paired);
}

void
gate_adjust(const struct gate_in *in, const struct gate_row *const *rows,
    struct result_gate *g, size_t n)
{
	double p[GATE_ROWS_MAX], adjusted[GATE_ROWS_MAX];
	size_t at[GATE_ROWS_MAX], m = 0, i;

	for (i = 0; i < n; i++) {
		if (g[i].class != GATE_GATE || !isfinite(g[i].p) ||
		    *g[i].why != '\0')
			continue;
		if (rows[i]->how->half) {
			g[i].p_holm = fmin(1, g[i].p /
			    share_of(rows[i], in->limits, in->paired));
			continue;
		}
		at[m] = i;
		p[m++] = g[i].p;
	}
	if (m > 0)
		(void)stat_holm(p, m, adjusted);
	for (i = 0; i < m; i++)
		g[at[i]].p_holm = fmin(1, adjusted[i] / share_of(rows[at[i]],
		    in->limits, in->paired));
}

/* ---- latency's floor ----------------------------------------------------- */

void
gate_raise_limit(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g)
{
	if (g->base > 0 && row->how->floor != 0)
		g->limit = fmax(g->limit, 1 + limits_at(in->limits,
		    row->how->floor) / g->base);
}

double
gate_test_floor(const struct gate_row *row, double limit)
{
	return row->how->kind->half && limit > 1 ?
	    log(1 + (limit - 1) / 2) : 0;
}
