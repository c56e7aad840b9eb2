/* What judging gates and their false alarms share; see gate_set.h. */
#include "harness/judge/gate_set.h"

void
gate_set_borrow(const struct gate_set *s, struct result_gate *g)
{
	size_t i;
	int pair;

	for (i = 0; i < s->n; i++) {
		if (s->row[i]->how->pair == NULL || !s->in->paired ||
		    s->row[i]->class != GATE_HARD)
			continue;
		pair = gate_row_find(s->in, s->row[i]->how->pair);
		g[i].p = g[pair].p;
		g[i].test = g[pair].test;
	}
}

void
gate_set_off(const struct gate_set *s, struct result_gate *g)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (!gate_is_off(s->in, s->row[i]))
			continue;
		gate_start(s->row[i], s->in->limits, &g[i]);
		g[i].why = "switched off by the suite";
	}
}
