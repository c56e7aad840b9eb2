/* The table of gates; see gate.h and harness/terms/gate_rows.h. */
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_scorer.h"

const struct gate_row gate_rows[] = {
#define GATE(name_, title_, metric_, unit_, class_, kinds, dflt, least, most, \
    help_) { .name = #name_, .title = title_, .metric = metric_, \
	.unit = unit_, .class = class_, .id = GATE_ID_##name_, \
	.limit = offsetof(struct limits, name_), .how = &gate_##name_, \
	.help = help_ },
#include "harness/terms/gate_rows.h"
	{ .name = NULL }
};

int
gate_find(const char *name)
{
	return limits_gate_of(name);
}

const struct gate_row *
gate_row_at(const struct gate_in *in, size_t i)
{
	if (i < GATE_IDS)
		return &gate_rows[i];
	return i - GATE_IDS < in->n_scored ? &in->scored[i - GATE_IDS] : NULL;
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
	return row->id >= 0 &&
	    limits_is_off(in->limits, (enum gate_id)row->id);
}

int
gate_family(const struct gate_row *scored, size_t n_scored)
{
	size_t i;
	int n = 0;

	for (i = 0; i < GATE_IDS; i++)
		n += gate_rows[i].class == GATE_GATE &&
		    !gate_rows[i].how->half;
	for (i = 0; i < n_scored; i++)
		n += scored[i].class == GATE_GATE;
	return n;
}
