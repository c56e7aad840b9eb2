/* Gates: from the manifest's keys to plain limits. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "harness/suite/suite_part.h"

#define AT(f) offsetof(struct limits, f)
#define NO_FIELD ((size_t)-1)

/* One key that holds a number, true (the default) or false (switched off). */
struct gate_key {
	const char *group, *key;	/* path is group.key */
	size_t field;			/* in struct limits, or NO_FIELD */
	const char *off[2];		/* gates that false switches off */
};

static const struct gate_key gate_keys[] = {
	{ "gates.retrieval", "ds_max", AT(ds_max), { "ds_max" } },
	{ "gates.retrieval", "ds_case_max", AT(ds_case_max), { NULL } },
	{ "gates.retrieval", "coverage_min", AT(coverage_min),
	    { "coverage_min" } },
	{ "gates.retrieval", "coverage_hard_min", AT(coverage_hard_min),
	    { "coverage_floor" } },
	{ "gates.retrieval", "lambda_convergent", AT(lambda_convergent),
	    { "lambda_convergent" } },
	{ "gates.latency", "p95_uplift_max", AT(latency_p95),
	    { "latency_p95" } },
	{ "gates.latency", "body_uplift_max", AT(latency_body),
	    { "latency_body" } },
	{ "gates.errors", "rate_max", AT(errors_rate_max), { "errors" } },
	{ "gates.errors", "http_5xx_max", AT(http_5xx_max), { "http_5xx" } },
	{ "gates.errors", "http_429_max", AT(http_429_max), { "http_429" } },
	{ "gates.citations", "precision_min", AT(citation_precision_min),
	    { NULL } },
	{ "gates.citations", "recall_min", AT(citation_recall_min),
	    { NULL } },
	{ "gates.citations", "margin", AT(citations),
	    { "citation_precision", "citation_recall" } },
	{ "gates", "errors", AT(errors_rate_max), { "errors" } },
	{ "gates", "citations", AT(citations),
	    { "citation_precision", "citation_recall" } },
	{ "gates", "retrieval", NO_FIELD, { "ds_max", "coverage_min" } },
	{ "gates", "retrieval", NO_FIELD, { "lambda_convergent" } },
	{ "gates", "latency", NO_FIELD,
	    { "latency_p95", "latency_body" } },
	{ "gates", "drift", NO_FIELD,
	    { "answer_drift", "answer_drift_tail" } },
	{ "gates", "question_drift", AT(question_drift),
	    { "question_drift" } },
	{ "gates", "context_drift", AT(question_drift), { "context_drift" } },
	{ "gates", "answer_drift", AT(answer_drift), { "answer_drift" } },
	{ "gates", "answer_drift_tail", AT(answer_tail_max),
	    { "answer_drift_tail" } },
	{ "gates", "answer_drift_median", NO_FIELD,
	    { "answer_drift_median" } },
	{ "gates", "instability", AT(instability), { "instability" } },
	{ "gates", "order", AT(order), { "order" } },
	{ "gates", "cases", AT(cases), { "cases" } },
	{ "gates", "coverage", AT(coverage), { "coverage" } },
	{ "gates", "coverage_floor", AT(coverage_hard_min),
	    { "coverage_floor" } },
	{ "gates", "coverage_min", AT(coverage_min), { "coverage_min" } },
	{ "gates", "ds_max", AT(ds_max), { "ds_max" } },
	{ "gates", "lambda_convergent", AT(lambda_convergent),
	    { "lambda_convergent" } },
	{ "gates", "citation_precision", AT(citations),
	    { "citation_precision" } },
	{ "gates", "citation_recall", AT(citations), { "citation_recall" } },
	{ "gates", "lambda", AT(lambda), { "lambda" } },
	{ "gates", "lambda_flip", AT(lambda_flip), { "lambda_flip" } },
	{ "gates", "flip_rate", AT(flip_rate_max), { "flip_rate" } },
	{ "gates", "latency_body", AT(latency_body), { "latency_body" } },
	{ "gates", "latency_p95", AT(latency_p95), { "latency_p95" } },
	{ "gates", "http_5xx", AT(http_5xx_max), { "http_5xx" } },
	{ "gates", "http_429", AT(http_429_max), { "http_429" } },
	{ "gates", "cost", AT(cost), { "cost" } },
	{ "gates", "pass_rate", AT(pass_rate_min), { "pass_rate" } },
};

static void
apply(struct limits *l, const struct gate_key *k, const struct json *j)
{
	unsigned long bits = 0;
	size_t i;

	for (i = 0; i < 2 && k->off[i] != NULL; i++)
		bits |= 1UL << limits_gate_of(k->off[i]);
	if (json_kind(j) == JSON_BOOL && !json_bool(j, 1)) {
		l->off |= bits;
		return;
	}
	/* A gate that is named is judged, whatever the profile. */
	l->off &= ~bits;
	if (json_kind(j) == JSON_NUMBER && k->field != NO_FIELD)
		*(double *)(void *)((char *)l + k->field) = json_num(j, 0);
}

static void
numbers(struct limits *l, const struct json *gates)
{
	const struct json *group, *j;
	size_t i;

	for (i = 0; i < sizeof(gate_keys) / sizeof(gate_keys[0]); i++) {
		const struct gate_key *k = &gate_keys[i];

		group = strcmp(k->group, "gates") == 0 ? gates :
		    suite_get(gates, k->group + strlen("gates."));
		j = suite_get(group, k->key);
		if (j == NULL || json_kind(j) == JSON_OBJECT)
			continue;
		apply(l, k, j);
	}
}

static void
pick(double *field, const struct json *gates, const char *key)
{
	*field = json_num(suite_get(gates, key), *field);
}

void
suite_gates(struct suite_load *ld)
{
	static const char *const classes[] = {
		[DRIFT_HARD] = "hard", [DRIFT_REVIEW] = "review",
		[DRIFT_INFO] = "info"
	};
	const struct json *gates = suite_get(ld->mem->doc, "gates"), *j;
	struct limits *l = &ld->s->limits;
	size_t k;
	int i;

	if (limits_profile(l, ld->s->profile) != 0)
		limits_default(l);
	numbers(l, gates);
	l->strict = json_bool(suite_get(gates, "strict"), l->strict);
	l->k_of_m = (unsigned)suite_int(gates, "gates", "k_of_m");
	pick(&l->alpha, gates, "alpha");
	pick(&l->inconclusive_p, gates, "inconclusive_p");
	pick(&l->hard_p, gates, "hard_p");
	pick(&l->refusal_consistency_min, gates, "refusal_consistency_min");
	for (i = DRIFT_HARD; i <= DRIFT_INFO; i++) {
		if (json_str(suite_get(gates, "drift")) != NULL &&
		    strcmp(classes[i], suite_raw(gates, "drift")) == 0)
			l->drift = (enum drift_class)i;
	}
	j = suite_get(gates, "latency");
	if (suite_get(j, "p95_floor") != NULL)
		l->latency_p95_floor_ns =
		    (double)suite_time_of(suite_get(j, "p95_floor"));
	if (suite_get(j, "body_floor") != NULL)
		l->latency_body_floor_ns =
		    (double)suite_time_of(suite_get(j, "body_floor"));
	for (k = 0; k < ld->s->n_own; k++) {
		l->own_margin[k] = ld->s->own[k].margin;
		l->own_limit[k] = ld->s->own[k].limit;
	}
	l->require_citations = suite_bool(suite_get(gates, "citations"),
	    "gates.citations", "required");
}
