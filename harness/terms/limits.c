/* The default limits and the profiles' rows; see limits.h. */
#include "harness/terms/limits.h"

#include <stddef.h>
#include <string.h>

/* METRICS 2 and 4; GUARDRAILS' acceptance targets. */
static const struct limits defaults = {
	.ds_max = .45,
	.ds_case_max = .60,
	.coverage_min = .70,
	.coverage_hard_min = .60,
	.lambda_convergent = .80,
	.citation_precision_min = .75,
	.citation_recall_min = .70,
	.refusal_consistency_min = .98,
	.pass_rate_min = .90,
	.errors_rate_max = .005,
	.http_5xx_max = .01,
	.http_429_max = .005,
	.flip_rate_max = .20,
	.answer_tail_max = .15,
	.question_drift = .03,
	.answer_drift = .03,
	.instability = .05,
	.order = .10,
	.cases = .02,
	.coverage = .02,
	.citations = .05,
	.lambda = .02,
	.lambda_flip = .05,
	.latency_body = .10,
	.latency_p95 = .15,
	.latency_body_floor_ns = 1e6,
	.latency_p95_floor_ns = 5e6,
	.cost = .10,
	.alpha = .01,
	.inconclusive_p = .10,
	.hard_p = .005,
	.k_of_m = 0,
	.drift = DRIFT_AUTO,
	.strict = 0,
	.require_citations = 0,
	.off = 0,
};

/* The order of gate.c's table: a test compares the two. */
const char *const limits_gates[] = {
	"question_drift", "context_drift", "answer_drift",
	"answer_drift_tail", "instability", "order", "cases", "coverage",
	"citation_precision", "citation_recall", "lambda", "lambda_flip",
	"latency_body", "latency_p95", "errors", "http_429", "http_5xx",
	"flip_rate", "coverage_floor", "ds_max", "coverage_min",
	"lambda_convergent", "pass_rate", "cost", "answer_drift_median", NULL
};

/* What a profile changes; a row's offset names the field. */
struct change {
	size_t field;
	double value;
};

struct profile {
	const char *name;
	int strict;
	const char *off[3];
	struct change changes[4];	/* ends with value 0 */
};

#define AT(f) offsetof(struct limits, f)

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
	    { AT(question_drift), .02 }, { AT(answer_drift), .02 },
	    { AT(answer_tail_max), .05 } } },
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
	for (i = 0; i < 4 && p->changes[i].value > 0; i++)
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
