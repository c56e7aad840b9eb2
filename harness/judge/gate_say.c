/* A gate's result in one sentence; see gate_part.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_scorer.h"
#include "harness/stat/stat_blocks.h"

enum { NUM_MAX = 40 };

/* A number of the row's unit for reading: percent or three decimals. */
static const char *
say_num(const struct gate_row *row, double v, char out[NUM_MAX])
{
	if (!isfinite(v))
		(void)snprintf(out, NUM_MAX, "unknown");
	else if (strcmp(row->unit, "distance") == 0 ||
	    strcmp(row->unit, "score") == 0)
		(void)snprintf(out, NUM_MAX, "%.3f", v);
	else if (strcmp(row->unit, "ratio") == 0)
		(void)snprintf(out, NUM_MAX, "%+.1f %%", 100 * (v - 1));
	else
		(void)snprintf(out, NUM_MAX, "%.1f %%", 100 * v);
	return out;
}

static const char *
what_counts(const struct gate_row *row)
{
	return row->how->kind->counts;
}

static const char *
say_p(double p, char out[NUM_MAX])
{
	if (p < .0001)
		(void)snprintf(out, NUM_MAX, "p < .0001");
	else
		(void)snprintf(out, NUM_MAX, "p = %.4f", p);
	return out;
}

static void
say_pass(const struct gate_row *row, struct result *r, struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX], p[NUM_MAX];
	int over = g->higher_is_worse ? g->value > g->limit :
	    g->value < g->limit;

	if (row->class == GATE_INFO)
		g->why = result_fmt(r, "%s over %llu %s",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row));
	else if (over)
		g->why = result_fmt(r, "%s over %llu %s is beyond %s, but "
		    "chance explains it (%s)", say_num(row, g->value, v),
		    (unsigned long long)g->n, what_counts(row),
		    say_num(row, g->limit, l), say_p(g->p, p));
	else
		g->why = result_fmt(r, "%s over %llu %s, within %s",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), say_num(row, g->limit, l));
}

static void
say_fail(const struct gate_in *in, const struct gate_row *row,
    struct result *r, struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX], p[NUM_MAX], h[NUM_MAX];

	if (row->class == GATE_HARD || !isfinite(g->p_holm) || !in->paired)
		g->why = result_fmt(r, "%s over %llu %s, beyond %s (%s)",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), say_num(row, g->limit, l),
		    say_p(g->p, p));
	else
		g->why = result_fmt(r, "%s over %llu %s, beyond %s; chance "
		    "alone gives this with %s (after Holm %s)",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), say_num(row, g->limit, l),
		    say_p(g->p, p), say_p(g->p_holm, h));
}

/* Beyond the margin, and not decided. */
static void
say_undecided(const struct gate_in *in, const struct gate_row *row,
    struct result *r, struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX], p[NUM_MAX];
	double alpha = in->limits->alpha;
	int family = in->family;

	g->why = result_fmt(r, "%s over %llu %s is beyond %s and may be %s "
	    "(%s)", say_num(row, g->value, v), (unsigned long long)g->n,
	    what_counts(row), say_num(row, g->limit, l), g->p > .2 ?
	    "chance" : "real", say_p(g->p, p));
	if (row->how->kind->half)
		g->why = result_fmt(r, "%s; two equal processes may always "
		    "differ by %s", g->why, say_num(row,
		    exp(gate_test_floor(row, g->limit)), v));
	if (isfinite(g->p_holm) && g->p_holm > alpha && g->p < .001)
		g->why = result_fmt(r, "%s; %d gates are judged together, so "
		    "each needs a smaller p (after Holm %s)", g->why,
		    family, say_p(g->p_holm, p));
	if (isfinite(g->n_needed))
		g->why = result_fmt(r, "%s; about %.0f are needed to "
		    "decide", g->why,
		    g->n_needed);
}

/* Within the margin, which `strict` wants proven. */
static void
say_unproven(const struct gate_row *row, double bound, struct result *r,
    struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX], b[NUM_MAX];

	if (isnan(bound))
		g->why = result_fmt(r, "%s over %llu %s; strict requires a "
		    "bound within %s, and these are too few for one",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), say_num(row, g->limit, l));
	else
		g->why = result_fmt(r, "%s over %llu %s, but it may be %s: "
		    "strict requires the one-sided 95 %% bound to be within "
		    "%s", say_num(row, g->value, v),
		    (unsigned long long)g->n, what_counts(row),
		    say_num(row, bound, b), say_num(row, g->limit, l));
	if (isfinite(g->n_needed))
		g->why = result_fmt(r, "%s; about %.0f %s are needed to prove "
		    "it",
		    g->why, g->n_needed, what_counts(row));
}

/* Too few for the row's test, on whichever side of the margin. */
static void
say_few(const struct gate_row *row, const struct gate_seen *seen,
    struct result *r, struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX];

	if (seen->few && g->n >= row->how->min_n) {
		g->why = result_fmt(r, "%s over %llu %s in %zu block%s of %.1f "
		    "s, but at least %zu blocks are needed: run longer",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), seen->blocks, seen->blocks == 1 ? "" :
		    "s", seen->width_s, seen->blocks_least);
		return;
	}
	g->why = result_fmt(r, "%s over %llu %s, %s %s, but at least %zu are "
	    "needed", say_num(row, g->value, v), (unsigned long long)g->n,
	    what_counts(row), gate_beyond(g) ? "beyond" : "within",
	    say_num(row, g->limit, l), row->how->min_n);
}

static void
say_one_sided(const struct gate_seen *seen, struct result *r,
    struct result_gate *g)
{
	g->why = result_fmt(r, "the candidate has the numbers in %llu case%s, "
	    "the baseline in %llu: missing data cannot pass",
	    (unsigned long long)seen->has[1], seen->has[1] == 1 ? "" : "s",
	    (unsigned long long)seen->has[0]);
}

/* A hard stop beyond its limit without a baseline to hold it against. */
static void
say_alone(const struct gate_row *row, struct result *r, struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX];

	g->why = result_fmt(r, "%s over %llu %s, beyond %s, and the baseline "
	    "has no number to compare it with", say_num(row, g->value, v),
	    (unsigned long long)g->n, what_counts(row),
	    say_num(row, g->limit, l));
}

static void
say_inconclusive(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, struct result *r, struct result_gate *g)
{
	if (gate_scorer_lacks(in, row)) {
		g->why = gate_scorer_say(in, row, r);
	} else if (gate_one_sided(in, row, seen)) {
		say_one_sided(seen, r, g);
	} else if (g->n < row->how->min_n || seen->few) {
		say_few(row, seen, r, g);
	} else if (!gate_beyond(g)) {
		say_unproven(row, seen->bound, r, g);
	} else if (!isfinite(g->p)) {
		say_alone(row, r, g);
	} else if (row->how->drift && gate_floor_cached(in->score)) {
		say_fail(in, row, r, g);
		g->why = result_fmt(r, "%s; but echoes came from a cache, so "
		    "the noise floor cannot be trusted", g->why);
	} else {
		say_undecided(in, row, r, g);
	}
}

/* A margin that is a time, and not the suite's share of it. */
static void
say_floor(const struct gate_in *in, const struct gate_row *row,
    struct result *r, struct result_gate *g)
{
	double floor_ns = row->how->floor == 0 ? 0 :
	    limits_at(in->limits, row->how->floor);

	if (floor_ns > 0 && g->base > 0 &&
	    g->limit == 1 + floor_ns / g->base)
		g->why = result_fmt(r, "%s; less than %g ms is ignored",
		    g->why, floor_ns / 1e6);
}

/* What this machine did to latency from one moment to the next. */
static void
say_jump(const struct gate_row *row, const struct gate_seen *seen,
    struct result *r, struct result_gate *g)
{
	static const double calm = 1.15;
	char v[NUM_MAX];

	if (!(seen->jump > calm) || !isfinite(g->visible) ||
	    g->verdict == GATE_FAIL)
		return;
	g->why = result_fmt(r, "%s; latency varied by a factor of %.2f from "
	    "one %.1f s to the next: less than %s is not surely seen; run "
	    "longer, or put the stacks on another machine", g->why,
	    seen->jump, seen->width_s, say_num(row, g->visible, v));
}

void
gate_say(const struct gate_in *in, const struct gate_row *row,
    const struct gate_seen *seen, struct result *r, struct result_gate *g)
{
	switch (g->verdict) {
	case GATE_NOT_JUDGED:
		if (g->n > 0 && *g->why == '\0' &&
		    (g->n < row->how->min_n || seen->few))
			say_few(row, seen, r, g);
		else if (row->scored > 0 && g->n == 0 && in->paired &&
		    in->score->scored[row->scored - 1].judged > 0)
			g->why = gate_scorer_say(in, row, r);
		break;
	case GATE_PASS:
		say_pass(row, r, g);
		if (row->how->level != NULL && !row->how->echo_level &&
		    in->paired && seen->has[1] < seen->has[0])
			g->why = result_fmt(r, "%s; missing on the candidate "
			    "in %llu of the baseline's %llu cases", g->why,
			    (unsigned long long)(seen->has[0] - seen->has[1]),
			    (unsigned long long)seen->has[0]);
		break;
	case GATE_FAIL:
		say_fail(in, row, r, g);
		break;
	case GATE_REVIEW:
		if (!gate_beyond(g))
			say_unproven(row, seen->bound, r, g);
		else if (row->class == GATE_HARD || g->p_holm <=
		    in->limits->alpha)
			say_fail(in, row, r, g);
		else
			say_undecided(in, row, r, g);
		if (row->how->drift && in->drift_why != NULL)
			g->why = result_fmt(r, "%s; for review, because %s",
			    g->why, in->drift_why);
		break;
	case GATE_INCONCLUSIVE:
		say_inconclusive(in, row, seen, r, g);
		break;
	}
	if (g->why == NULL)
		g->why = "";
	else if (g->verdict != GATE_NOT_JUDGED) {
		say_floor(in, row, r, g);
		say_jump(row, seen, r, g);
	}
}
