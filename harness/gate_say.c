/* What a gate says of itself, in one sentence; see gate_test.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/gate_test.h"

enum { NUM_MAX = 40 };

/* A number of the row's unit for reading: percent or three decimals. */
static const char *
say_num(const struct gate_row *row, double v, char out[NUM_MAX])
{
	if (!isfinite(v))
		(void)snprintf(out, NUM_MAX, "unknown");
	else if (strcmp(row->unit, "distance") == 0)
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
	switch (row->kind) {
	case KIND_P95:
		return "pairs of requests";
	case KIND_RATE:
		return "requests";
	default:
		return "cases";
	}
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
		g->why = result_fmt(r, "%s over %llu %s lies beyond %s, but "
		    "chance explains it (%s)", say_num(row, g->value, v),
		    (unsigned long long)g->n, what_counts(row),
		    say_num(row, g->limit, l), say_p(g->p, p));
	else
		g->why = result_fmt(r, "%s over %llu %s, within %s",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), say_num(row, g->limit, l));
}

static void
say_fail(const struct gate_row *row, struct result *r, struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX], p[NUM_MAX], h[NUM_MAX];

	if (row->class == GATE_HARD || !isfinite(g->p_holm))
		g->why = result_fmt(r, "%s over %llu %s, beyond %s (%s)",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), say_num(row, g->limit, l),
		    say_p(g->p, p));
	else
		g->why = result_fmt(r, "%s over %llu %s, beyond %s; equal "
		    "stacks would show this with %s (after Holm %s)",
		    say_num(row, g->value, v), (unsigned long long)g->n,
		    what_counts(row), say_num(row, g->limit, l),
		    say_p(g->p, p), say_p(g->p_holm, h));
}

void
gate_say(const struct gate_in *in, const struct gate_row *row,
    struct result *r, struct result_gate *g)
{
	char v[NUM_MAX], l[NUM_MAX], p[NUM_MAX];

	switch (g->verdict) {
	case GATE_NOT_JUDGED:
		break;
	case GATE_PASS:
		say_pass(row, r, g);
		break;
	case GATE_FAIL:
		say_fail(row, r, g);
		break;
	case GATE_REVIEW:
		say_fail(row, r, g);
		if (row->drift && in->drift_why != NULL)
			g->why = result_fmt(r, "%s; for review, because %s",
			    g->why, in->drift_why);
		break;
	case GATE_INCONCLUSIVE:
		if (g->n < row->min_n)
			g->why = result_fmt(r, "%s over %llu %s, beyond %s, "
			    "but it takes %zu to judge",
			    say_num(row, g->value, v),
			    (unsigned long long)g->n, what_counts(row),
			    say_num(row, g->limit, l), row->min_n);
		else if (in->limits->strict && g->p > in->limits->alpha)
			g->why = result_fmt(r, "%s over %llu %s; strict asks "
			    "that the whole interval, up to %s, lies within "
			    "%s", say_num(row, g->value, v),
			    (unsigned long long)g->n, what_counts(row),
			    say_num(row, g->ci[1], p),
			    say_num(row, g->limit, l));
		else
			g->why = result_fmt(r, "%s over %llu %s lies beyond "
			    "%s and may be real (%s); about %.0f would "
			    "decide", say_num(row, g->value, v),
			    (unsigned long long)g->n, what_counts(row),
			    say_num(row, g->limit, l), say_p(g->p, p),
			    g->n_needed);
		break;
	}
	if (g->why == NULL)
		g->why = "";
}
