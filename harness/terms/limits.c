/* The default limits and the profiles' rows; see limits.h. */
#include "harness/terms/limits.h"

#include <stddef.h>
#include <string.h>

#define AT(f) offsetof(struct limits, f)

/* METRICS 2 and 4; GUARDRAILS' acceptance targets. */
static const struct limits defaults = {
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) .name = dflt,
#include "harness/terms/gate_rows.h"
	.ds_case_max = .60,
	.citation_precision_min = .75,
	.citation_recall_min = .70,
	.latency_body_floor_ns = 1e6,
	.latency_p95_floor_ns = 5e6,
	.alpha = .01,
	.inconclusive_p = .10,
	.hard_p = .005,
	.k_of_m = 0,
	.drift = DRIFT_AUTO,
	.strict = 0,
	.require_citations = 0,
	.off = 0,
};

const char *const limits_gates[] = {
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) #name,
#include "harness/terms/gate_rows.h"
	NULL
};

static const size_t fields[] = {
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) AT(name),
#include "harness/terms/gate_rows.h"
};

_Static_assert(GATE_IDS <= 8 * sizeof(unsigned long), "a bit each");

/* What a profile changes; a row's offset names the field. */
struct change {
	size_t field;
	double value;
};

struct profile {
	const char *name;
	int strict;
	const char *off[3];
	struct change changes[5];	/* ends with value 0 */
};

/*
 * smoke      a few cases on a machine that builds at the same time: time is
 *            not judged
 * release    METRICS' defaults
 * canary     GUARDRAILS 2, proof of no harm
 * migration  GUARDRAILS 17: drift at most .02, stop beyond .05, proof
 */
static const struct profile profiles[] = {
	{ .name = "smoke", .off = { "latency_body", "latency_p95" } },
	{ .name = "release" },
	{ .name = "canary", .strict = 1 },
	{ .name = "migration", .strict = 1, .changes = {
	    { AT(question_drift), .02 }, { AT(context_drift), .02 },
	    { AT(answer_drift), .02 }, { AT(answer_drift_tail), .05 } } },
};

enum { N_PROFILES = sizeof(profiles) / sizeof(profiles[0]) };

const char *const limits_profiles[] = {
	"smoke", "release", "canary", "migration", NULL
};

int
limits_gate_of(const char *name)
{
	int i;

	for (i = 0; limits_gates[i] != NULL; i++) {
		if (strcmp(limits_gates[i], name) == 0)
			return i;
	}
	return -1;
}

size_t
limits_field(enum gate_id id)
{
	return fields[id];
}

double
limits_at(const struct limits *l, size_t field)
{
	return *(const double *)(const void *)((const char *)l + field);
}

int
limits_is_off(const struct limits *l, enum gate_id id)
{
	return (l->off >> id & 1) != 0;
}

void
limits_default(struct limits *l)
{
	*l = defaults;
}

static void
apply(struct limits *l, const struct profile *p)
{
	size_t i;

	limits_default(l);
	l->strict = p->strict;
	for (i = 0; i < 3 && p->off[i] != NULL; i++)
		l->off |= 1UL << limits_gate_of(p->off[i]);
	for (i = 0; i < 5 && p->changes[i].value > 0; i++)
		*(double *)(void *)((char *)l + p->changes[i].field) =
		    p->changes[i].value;
}

int
limits_profile(struct limits *l, const char *profile)
{
	size_t i;

	for (i = 0; i < N_PROFILES; i++) {
		if (strcmp(profiles[i].name, profile) == 0) {
			apply(l, &profiles[i]);
			return 0;
		}
	}
	return -1;
}
