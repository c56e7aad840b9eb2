/* All gates of a run; see gate.h. */
#include <math.h>

#include "harness/judge/gate_own.h"
#include "harness/judge/gate_test.h"

enum { MAX_ROWS = GATE_IDS + GATE_OWN_MAX };

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
		if (row->how->pair == NULL || !in->paired)
			continue;
		pair = gate_row_find(in, row->how->pair);
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
