/*
 * The gates' own false-alarm rate: in how many of the first relabelings of the
 * run's own answers would some gate FAIL? These are the relabelings of the
 * tests, the same for every gate, so nothing is computed twice.
 */
#include <math.h>
#include <string.h>

#include "harness/judge/gate_set.h"
#include "harness/score/cells.h"

/* The gates under relabeling b; gates without a value there stay within. */
static void
look(const struct gate_set *s, int b, struct result_gate *g)
{
	const struct gate_kind *kind;
	size_t i;
	int pair;

	memcpy(g, s->g, s->n * sizeof(*g));
	for (i = 0; i < s->n; i++) {
		const struct gate_job job = { s->in, s->row[i], s->trial, i };

		kind = s->row[i]->how->kind;
		pair = s->row[i]->how->pair == NULL ? -1 :
		    gate_row_find(s->in, s->row[i]->how->pair);
		if (pair >= 0) {
			/* a row comes after the row that it is paired with */
			g[i].base = g[pair].base;
			g[i].cand = g[pair].cand;
		}
		if (kind->look == NULL || g[i].n == 0 || *g[i].why != '\0' ||
		    !kind->look(&job, b, &s->seen[i], &g[i])) {
			g[i].value = NAN;
			g[i].p = NAN;
		}
	}
	gate_set_borrow(s, g);
	gate_set_off(s, g);
	gate_adjust(s->in, s->row, g, s->n);
}

/* Whether a gate would FAIL, and with it the run. */
static int
fails(const struct gate_set *s, struct result_gate *g)
{
	struct gate_in in = *s->in;
	struct limits plain = *in.limits;
	size_t i;

	plain.strict = 0;
	in.limits = &plain;
	for (i = 0; i < s->n; i++) {
		if (!isfinite(g[i].p) || g[i].class == GATE_INFO)
			continue;
		g[i].verdict = GATE_NOT_JUDGED;
		gate_decide(&in, s->row[i], &s->seen[i], &g[i]);
		if (g[i].verdict == GATE_FAIL)
			return 1;
	}
	return 0;
}

double
gate_set_alarm(const struct gate_set *s)
{
	struct result_gate g[GATE_ROWS_MAX];
	int b, n = 0;

	if (!s->in->paired || cells_n(s->in->score->cells) == 0)
		return NAN;
	for (b = 0; b < STAT_LOOKS; b++) {
		look(s, b, g);
		n += fails(s, g);
	}
	return (double)n / STAT_LOOKS;
}
