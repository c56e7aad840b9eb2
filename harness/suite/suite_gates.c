/* Gates: from the manifest's keys to plain limits. */
#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "harness/suite/suite_part.h"

/* One key that holds a number, true (the default) or false (switched off);
 * of one without a number only false does anything. */
struct gate_key {
	const char *path;	/* below `gates` */
	const char *gates;	/* "a|b|c": whose margin it is */
	int number;
};

/* The spellings that stand for several first: the gate's own name wins. */
static const struct gate_key gate_keys[] = {
#define NONE 0
#define GATE_NUMBER 1
#define GATE_NUMBER_OR_MAP 1
#define GATE_MAP 0
#define GATE_DRIFT 0
#define GATE_ON_OFF 0
#define GATE_KEY(path, kinds, dflt, least, most, gates, help) \
	{ path, gates, kinds },
#include "harness/terms/gate_rows.h"
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, \
    help) { #name, #name, kinds },
#include "harness/terms/gate_rows.h"
};

enum { N_GATE_KEYS = sizeof(gate_keys) / sizeof(gate_keys[0]) };

/* Limits for a case, without a gate. */
static const struct case_key {
	const char *group, *key;
	size_t field;
} case_keys[] = {
	{ "retrieval", "ds_case_max", offsetof(struct limits, ds_case_max) },
	{ "citations", "precision_min",
	    offsetof(struct limits, citation_precision_min) },
	{ "citations", "recall_min",
	    offsetof(struct limits, citation_recall_min) },
};

static double *
field_at(struct limits *l, size_t offset)
{
	return (double *)(void *)((char *)l + offset);
}

/* What a key says of one gate; a gate that is named is judged, whatever the
 * profile. */
static void
apply_to(struct limits *l, enum gate_id id, int number, const struct json *j)
{
	unsigned long bit = 1UL << id;

	if (json_kind(j) == JSON_BOOL && !json_bool(j, 1)) {
		l->off |= bit;
		return;
	}
	l->off &= ~bit;
	if (number && json_kind(j) == JSON_NUMBER)
		*field_at(l, limits_field(id)) = json_num(j, 0);
}

static void
apply(struct limits *l, const struct gate_key *k, const struct json *j)
{
	const char *from = k->gates, *to;
	char name[64];

	for (; *from != '\0'; from = *to == '|' ? to + 1 : to) {
		to = from + strcspn(from, "|");
		(void)snprintf(name, sizeof(name), "%.*s", (int)(to - from),
		    from);
		assert(limits_gate_of(name) >= 0);
		apply_to(l, (enum gate_id)limits_gate_of(name), k->number, j);
	}
}

/* A member at "group.key" or "key". */
static const struct json *
member(const struct json *gates, const char *path)
{
	const char *dot = strchr(path, '.');
	char group[64];

	if (dot == NULL)
		return suite_get(gates, path);
	(void)snprintf(group, sizeof(group), "%.*s", (int)(dot - path), path);
	return suite_get(suite_get(gates, group), dot + 1);
}

static void
numbers(struct limits *l, const struct json *gates)
{
	const struct json *j;
	size_t i;

	for (i = 0; i < N_GATE_KEYS; i++) {
		j = member(gates, gate_keys[i].path);
		if (j != NULL && json_kind(j) != JSON_OBJECT)
			apply(l, &gate_keys[i], j);
	}
	for (i = 0; i < sizeof(case_keys) / sizeof(case_keys[0]); i++) {
		j = suite_get(suite_get(gates, case_keys[i].group),
		    case_keys[i].key);
		if (json_kind(j) == JSON_NUMBER)
			*field_at(l, case_keys[i].field) = json_num(j, 0);
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
	for (k = 0; k < ld->s->n_scored; k++) {
		l->scorer_margin[k] = ld->s->scored[k].margin;
		l->scorer_limit[k] = ld->s->scored[k].limit;
	}
	l->require_citations = suite_bool(suite_get(gates, "citations"),
	    "gates.citations", "required");
}
