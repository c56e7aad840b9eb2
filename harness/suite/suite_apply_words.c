/* The effect of foreign manifest words on a suite: our own keys win, the
 * stricter limit wins, and what answers cannot show is noted. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/suite/suite_part.h"

/* ---- notes ------------------------------------------------------------- */

/* What becomes of each word: judged and how, or noted and what it needs. */
static const struct {
	const char *path, *says;
} noted[] = {
	{ "invariants.pin_fields", "invariants.pin_fields: judged, as "
	    "pins.require" },
	{ "invariants.forbid_mutation_during_rollout", "invariants."
	    "forbid_mutation_during_rollout: judged, a pin that varies "
	    "within an arm" },
	{ "scenarios", "scenarios: judged by `lockstep drill`; a run does not "
	    "disturb a stack" },
	{ "decision.on_fail", "decision: your pipeline reads the exit status "
	    "(0 pass, 1 fail)" },
	{ "decision.shed_when", "decision.shed_when: queue_wait_p95_ms "
	    "judged by `lockstep drill`; requests may be shed by 429 alone" },
	{ "decision.abort_when", "decision.abort_when: judged, as hard stops "
	    "of 5xx and of answer drift" },
	{ "artifacts", "artifacts: written by `lockstep drill`; a run's are in "
	    "the folder of --report-dir" },
	{ "gates.warmup_invariants", "gates.warmup_invariants: judged by "
	    "`lockstep drill`, which needs `boot` and `index`; a run judges "
	    "pins.require" },
	{ "gates.rag_quality", "gates.rag_quality: judged, as gates.retrieval "
	    "and variants" },
	{ "gates.hallucination_fence", "gates.hallucination_fence: judged, "
	    "as gates.citations.required" },
	{ "gates.index_metric_sanity", "gates.index_metric_sanity: judged "
	    "by `lockstep drill`: order and range of the passages' scores, by "
	    "the pins metric and NORM; needs extract.retrieved.score" },
	{ "checks.require_fields", "checks.require_fields: judged, as "
	    "pins.require" },
	{ "checks.assert_equal_envs", "checks.assert_equal_envs: judged, as "
	    "pins.equal; needs the two environments as --baseline and "
	    "--candidate" },
	{ "checks.deny_if_changed_without_alias_swap",
	    "checks.deny_if_changed_without_alias_swap: judged by `lockstep "
	    "drill`, which needs levers.swap to rehearse a swap" },
	{ "checks.forbid_when", "checks.forbid_when: judged by `lockstep "
	    "drill`, which needs the calendar" },
	{ "checks.require", "checks.require: judged by `lockstep drill`" },
	{ "inputs", "inputs: read by `lockstep drill`" },
	{ "windows", "windows: judged by `lockstep drill`, now or at --now" },
	{ "releases", "releases: judged by `lockstep drill`, each in its "
	    "regions" },
	{ "limits.default", "limits.default: applied as each target's rate, "
	    "burst, concurrency and deadline" },
	{ "limits.endpoints", "limits.endpoints: applied where a request's "
	    "path is listed" },
	{ "limits.tenants", "limits.tenants: judged by `lockstep drill`" },
	{ "retry", "retry: applied by lockstep's client; a first failure still "
	    "counts" },
	{ "deadlines", "deadlines.read_ms: applied as each target's deadline" },
	{ "class_rules", "class_rules: 408 429 500 502 503 504 are retried, "
	    "400 401 403 404 never; `lockstep drill` judges your client, "
	    "client.exec, by them" },
	{ "single_flight", "single_flight: tried by `lockstep drill "
	    "suites/guardrails/cache.yml`, by identical misses at once" },
	{ "observability", "observability: log_fields judged by `lockstep "
	    "drill`, which needs client.log" },
	{ "require_headers", "require_headers: Idempotency-Key is sent with "
	    "every request; others belong under request.headers; `lockstep "
	    "drill` tries a write without it" },
	{ "reject_on_body_mismatch", "reject_on_body_mismatch: judged by "
	    "`lockstep drill`, which needs write.path" },
	{ "on_conflict", "on_conflict: judged by `lockstep drill`, which "
	    "needs write.path" },
	{ "stores", "stores: judged by `lockstep drill`, which needs "
	    "config.request.path" },
	{ "logging", "logging: include_fields judged by `lockstep drill`, "
	    "which needs logs.exec" },
	{ "probes", "probes: ΔS, λ and resonance are always measured, "
	    "coverage where cases expect sections" },
};

static const struct json *
at(const struct json *j, const char *path)
{
	char name[64];
	size_t n;

	while (j != NULL && *path != '\0') {
		n = strcspn(path, ".");
		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		j = suite_get(j, name);
		path += n + (path[n] == '.');
	}
	return j;
}

static void
notes(struct suite_load *ld)
{
	size_t i;

	for (i = 0; i < sizeof(noted) / sizeof(noted[0]); i++) {
		if (at(ld->mem->doc, noted[i].path) != NULL)
			suite_note(ld, "%s", noted[i].says);
	}
}

/* ---- limits ------------------------------------------------------------ */

static void
lower(double *field, const struct json *j)
{
	*field = fmin(*field, json_num(j, *field));
}

static void
raise(double *field, const struct json *j)
{
	*field = fmax(*field, json_num(j, *field));
}

static void
readiness(struct suite_load *ld, const struct json *gates)
{
	const struct json *list = at(gates, "rag_quality.evals"), *e;
	struct suite *s = ld->s;
	int64_t n;

	for (e = json_first(list); e != NULL; e = json_next(e)) {
		raise(&s->limits.coverage_min, suite_get(e, "min_coverage"));
		lower(&s->limits.ds_max, suite_get(e, "max_delta_s"));
		n = json_int(suite_get(e, "paraphrases"), 0);
		if (n > 0 && at(ld->mem->doc, "variants.paraphrases") == NULL)
			s->paraphrases = (uint32_t)n;
		n = json_int(suite_get(e, "seeds"), 0);
		if (n <= 0 || at(ld->mem->doc, "variants.seeds") != NULL)
			continue;
		for (s->n_seeds = 0; s->n_seeds < (uint32_t)n; s->n_seeds++)
			s->seeds[s->n_seeds] = s->n_seeds + 1;
	}
	if (json_bool(at(gates, "hallucination_fence.require_citations"), 0))
		s->limits.require_citations = 1;
}

/* ">=0.02" or 0.02; NaN when it is neither. */
static double
threshold(const struct json *j)
{
	const char *s = json_str(j);
	char *end;
	double v;

	if (s == NULL)
		return json_num(j, NAN);
	s += strspn(s, "<>= ");
	v = strtod(s, &end);
	return end == s || *end != '\0' ? NAN : v;
}

static void
abort_when(struct suite_load *ld)
{
	const struct json *rules = at(ld->mem->doc, "decision.abort_when");
	struct limits *l = &ld->s->limits;
	double v;

	v = threshold(suite_get(rules, "error_rate"));
	if (v > 0)
		l->http_5xx = fmin(l->http_5xx, v);
	v = threshold(suite_get(rules, "ds_p95_drift"));
	if (v > 0)
		l->answer_drift_tail = fmin(l->answer_drift_tail, v);
	if (suite_get(rules, "timeout_rate_p95") != NULL)
		suite_note(ld, "decision.abort_when.timeout_rate_p95: "
		    "timeouts count as errors (gates.errors)");
}

static void
abort_rule(struct suite_load *ld, const struct json *rule)
{
	struct limits *l = &ld->s->limits;
	const char *kind = suite_raw(rule, "kind");
	const struct json *v = suite_get(rule, "value");

	if (kind == NULL)
		return;
	if (strcmp(kind, "delta_s_p95_over") == 0)
		lower(&l->answer_drift_tail, v);
	else if (strcmp(kind, "coverage_under") == 0)
		raise(&l->coverage_floor, v);
	else if (strcmp(kind, "lambda_flip_rate_over") == 0)
		lower(&l->flip_rate, v);
	else if (strcmp(kind, "error_rate_over") == 0)
		lower(&l->http_5xx, v);
	else if (strcmp(kind, "global_off") == 0)
		suite_note(ld, "abort rule \"global_off\": judged by `lockstep "
		    "drill`: no request may show the flag");
	else
		suite_note(ld, "abort rule \"%s\": noted, not judged", kind);
}

static void
flag_gates(struct suite_load *ld, const struct json *gates)
{
	struct limits *l = &ld->s->limits;

	lower(&l->answer_drift, at(gates, "delta_s.median_max"));
	lower(&l->answer_drift_tail, at(gates, "delta_s.p95_max"));
	raise(&l->coverage_min, suite_get(gates, "coverage_min"));
	raise(&l->lambda_convergent, suite_get(gates, "lambda_convergent"));
	lower(&l->latency_p95, suite_get(gates, "latency_p95_uplift_max"));
	lower(&l->errors, suite_get(gates, "error_rate_max"));
	lower(&l->cost, suite_get(gates, "cost_uplift_max"));
	if (suite_get(gates, "tool_success_min") != NULL)
		suite_note(ld, "tool_success_min: judged by `lockstep "
		    "drill`, which needs tools.calls");
}

static struct json *
pin_list(struct suite_load *ld)
{
	struct json *list = json_new(JSON_ARRAY);

	if (json_push(ld->mem->words, list) == RC_OK)
		return list;
	suite_nomem(ld);
	return NULL;
}

static void
push_text(struct suite_load *ld, struct json *list, const char *s)
{
	if (s != NULL && json_push(list, json_new_str(s)) != RC_OK)
		suite_nomem(ld);
}

static void
flags(struct suite_load *ld)
{
	const struct json *f = suite_get(ld->mem->doc, "flags"), *j;
	struct json *expect;

	if (f == NULL)
		return;
	expect = pin_list(ld);
	for (f = json_first(f); f != NULL && expect != NULL;
	    f = json_next(f)) {
		flag_gates(ld, suite_get(f, "gates"));
		if (suite_get(f, "gates") != NULL)
			suite_note(ld, "flags.%s.gates: judged, a stricter "
			    "limit wins", json_key(f));
		for (j = json_first(suite_get(f, "versions")); j != NULL;
		    j = json_next(j))
			push_text(ld, expect, json_key(j));
		for (j = json_first(at(f, "abort_rules.hard")); j != NULL;
		    j = json_next(j))
			abort_rule(ld, j);
		if (at(f, "abort_rules.soft") != NULL)
			suite_note(ld, "flags.%s.abort_rules.soft: latency "
			    "and cost are gates; noted", json_key(f));
		if (suite_get(f, "traffic") != NULL)
			suite_note(ld, "flags.%s.traffic: weights are your "
			    "router's; both arms get every case; `lockstep "
			    "drill` counts users, with levers.ramp",
			    json_key(f));
		if (suite_get(f, "scope") != NULL)
			suite_note(ld, "flags.%s.scope: tried by `lockstep "
			    "drill`, given scope_headers and other_path",
			    json_key(f));
	}
	if (ld->s->pins_expect == NULL && json_size(expect) > 0)
		ld->s->pins_expect = expect;
}

/* ---- pins -------------------------------------------------------------- */

static void
pins(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc;
	const struct json *list = at(doc, "checks.assert_equal_envs");
	struct suite *s = ld->s;
	struct json *equal;

	if (s->pins_require == NULL && json_bool(at(doc,
	    "checks.deny_if_missing"), 1))
		s->pins_require = at(doc, "checks.require_fields");
	if (s->pins_require == NULL)
		s->pins_require = at(doc, "invariants.pin_fields");
	if (s->pins_equal != NULL || list == NULL)
		return;
	equal = pin_list(ld);
	for (list = json_first(list); list != NULL && equal != NULL;
	    list = json_next(list))
		push_text(ld, equal, suite_raw(list, "field"));
	s->pins_equal = equal;
}

/* ---- load limits ------------------------------------------------------- */

static void
load_target(struct suite_target *t, const struct json *l)
{
	if (t->rate <= 0)
		t->rate = json_get_num(l, "rps", 0);
	if (t->burst <= 0)
		t->burst = json_get_num(l, "burst", 0);
	if (t->concurrency == 0)
		t->concurrency = (int)json_get_int(l, "concurrent", 0);
}

static void
load_limits(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc, *own, *ms;
	const struct json *rest = at(doc, "limits.default");
	const char *path;
	size_t a;

	for (a = 0; a < ARM_N; a++) {
		struct suite_target *t = &ld->s->target[a];
		const char *arm = arm_name((enum arm)a);

		path = t->path != NULL ? t->path : ld->s->request_path;
		own = path == NULL ? NULL : suite_get(at(doc,
		    "limits.endpoints"), path);
		load_target(t, own);
		load_target(t, rest);
		ms = suite_get(own, "deadline_ms");
		if (ms == NULL)
			ms = suite_get(rest, "deadline_ms");
		if (ms == NULL)
			ms = at(doc, "deadlines.read_ms");
		own = suite_get(at(doc, "targets"), arm);
		if (ms != NULL && suite_get(own, "deadline") == NULL)
			t->deadline_ns = (int64_t)(json_num(ms, 0) * 1e6);
	}
}

void
suite_apply_words(struct suite_load *ld)
{
	readiness(ld, suite_get(ld->mem->doc, "gates"));
	abort_when(ld);
	flags(ld);
	pins(ld);
	load_limits(ld);
	notes(ld);
}
