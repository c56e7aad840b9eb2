/* The table of foreign manifest words; see suite_words.h. Their effect is in
 * suite_apply_words.c. */
#include "harness/suite/suite_words.h"

#define LIMIT (KEY_NUM | KEY_BOOL)

const struct suite_key suite_words[] = {
	ROW("invariants", KEY_OBJ, NULL, "versions that must not change"),
	ROW("invariants.pin_fields", KEY_LIST, NULL, "pins that every answer "
	    "must carry"),
	ROW("invariants.pin_fields.[]", KEY_STR, NULL, "a pin's name"),
	ROW("invariants.forbid_mutation_during_rollout", KEY_BOOL, NULL,
	    "always on: a pin that varies within an arm is a fault"),
	ROW("decision", KEY_OBJ, NULL, "what your pipeline does with the exit "
	    "status"),
	ROW("decision.on_fail", KEY_STR, NULL, "noted; exit status 1"),
	ROW("decision.on_pass", KEY_STR, NULL, "noted; exit status 0"),
	ROW("decision.shed_when", KEY_OBJ, NULL, "drill: when the service "
	    "sheds"),
	ROW("decision.shed_when.queue_wait_p95_ms", KEY_NUM, NULL, "drill: "
	    "how much longer the p95 may be than the median before", 0, 1e7),
	ROW("decision.shed_when.*", KEY_ANY, NULL, "noted"),
	ROW("decision.abort_when", KEY_OBJ, NULL, "error_rate sets "
	    "gates.errors.http_5xx_max, ds_p95_drift gates.answer_drift_tail"),
	ROW("decision.abort_when.*", KEY_ANY, NULL, "\">=0.01\" or a number"),
	ROW("artifacts", KEY_LIST, NULL, "files that `lockstep drill` writes; "
	    "a run's are in the report's folder"),
	ROW("artifacts.[]", KEY_STR, NULL, "a path"),

	/* readiness */
	ROW("gates.warmup_invariants", KEY_OBJ, NULL, "readiness"),
	ROW("gates.warmup_invariants.checks", KEY_LIST, NULL, "drill: "
	    "secrets_present, index_hash_matches, version_lock, "
	    "boot_order_ok"),
	ROW("gates.warmup_invariants.checks.[]", KEY_ANY, NULL, "one check"),
	ROW("gates.rag_quality", KEY_OBJ, NULL, "readiness"),
	ROW("gates.rag_quality.evals", KEY_LIST, NULL, "levels"),
	ROW("gates.rag_quality.evals.[]", KEY_OBJ, NULL, "one evaluation"),
	ROW("gates.rag_quality.evals.[].name", KEY_STR, NULL, "its name"),
	ROW("gates.rag_quality.evals.[].spec", KEY_STR, NULL, "noted"),
	ROW("gates.rag_quality.evals.[].min_coverage", KEY_NUM, NULL,
	    "gates.retrieval.coverage_min", 0, 1),
	ROW("gates.rag_quality.evals.[].max_delta_s", KEY_NUM, NULL,
	    "gates.retrieval.ds_max", 0, 2),
	ROW("gates.rag_quality.evals.[].paraphrases", KEY_INT, NULL,
	    "variants.paraphrases", 1, 64),
	ROW("gates.rag_quality.evals.[].seeds", KEY_INT, NULL, "variants.seeds",
	    1, 64),
	ROW("gates.hallucination_fence", KEY_OBJ, NULL, "readiness"),
	ROW("gates.hallucination_fence.schema", KEY_STR, NULL, "noted"),
	ROW("gates.hallucination_fence.require_citations", KEY_BOOL, NULL,
	    "gates.citations.required"),
	ROW("gates.index_metric_sanity", KEY_OBJ, NULL, "drill: the passages' "
	    "scores can be those of the pin metric"),
	ROW("gates.index_metric_sanity.actions_on_fail", KEY_ANY, NULL,
	    "[{open: FILE}]: named when they cannot"),
	ROW("gates.index_metric_sanity.*", KEY_ANY, NULL, "noted"),

	/* pins and freeze */
	ROW("checks", KEY_OBJ, NULL, "version lock or change freeze"),
	ROW("checks.require_fields", KEY_LIST, NULL, "pins.require, with "
	    "deny_if_missing"),
	ROW("checks.require_fields.[]", KEY_STR, NULL, "a pin's name"),
	ROW("checks.assert_equal_envs", KEY_LIST, NULL, "pins.equal: the two "
	    "environments are baseline and candidate"),
	ROW("checks.assert_equal_envs.[]", KEY_OBJ, NULL, "one pin"),
	ROW("checks.assert_equal_envs.[].field", KEY_STR, NULL, "its name"),
	ROW("checks.assert_equal_envs.[].envs", KEY_LIST, NULL, "noted"),
	ROW("checks.assert_equal_envs.[].envs.[]", KEY_STR, NULL,
	    "an environment"),
	ROW("checks.deny_if_missing", KEY_BOOL, NULL, "see require_fields"),
	ROW("checks.deny_if_changed_without_alias_swap", KEY_LIST, NULL,
	    "drill: these pins change with levers.swap, and with nothing "
	    "else"),
	ROW("checks.deny_if_changed_without_alias_swap.[]", KEY_STR, NULL,
	    "a pin's name"),
	ROW("checks.forbid_when", KEY_LIST, NULL, "drill: KIND_active, "
	    "KIND_active_and_tier_in; needs a calendar"),
	ROW("checks.forbid_when.[]", KEY_OBJ, NULL, "one rule"),
	ROW("checks.forbid_when.[].kind", KEY_STR, NULL, "which"),
	ROW("checks.forbid_when.[].tiers", KEY_LIST, NULL, "of the change"),
	ROW("checks.forbid_when.[].tiers.[]", KEY_STR, NULL, "T0 to T3"),
	ROW("checks.forbid_when.[].*", KEY_ANY, NULL, "noted"),
	ROW("checks.require", KEY_LIST, NULL, "drill: "
	    "readiness_gate_passed, rollback_lever_defined"),
	ROW("checks.require.[]", KEY_ANY, NULL, "one condition"),
	ROW("inputs", KEY_OBJ, NULL, "of a freeze gate"),
	ROW("inputs.calendar_file", KEY_STR, NULL, "a manifest with windows"),
	ROW("inputs.now_utc", KEY_STR, NULL, "the time; {{ env.NAME }} is "
	    "from the environment, in each of these"),
	ROW("inputs.region", KEY_STR, NULL, "where the change goes"),
	ROW("inputs.tier", KEY_STR, NULL, "T0 to T3"),
	ROW("inputs.scope", KEY_STR, NULL, "the component"),
	ROW("inputs.*", KEY_ANY, NULL, "noted"),
	ROW("windows", KEY_LIST, NULL, "release calendar"),
	ROW("windows.[]", KEY_OBJ, NULL, "one window"),
	ROW("windows.[].id", KEY_STR, NULL, "its name"),
	ROW("windows.[].kind", KEY_STR, NULL, "hard_freeze, soft_freeze, ..."),
	ROW("windows.[].start", KEY_DATE, NULL, "UTC"),
	ROW("windows.[].end", KEY_DATE, NULL, "UTC"),
	ROW("windows.[].regions", KEY_LIST, NULL, "where; default: "
	    "everywhere"),
	ROW("windows.[].regions.[]", KEY_STR, NULL, "a region"),
	ROW("windows.[].scope", KEY_LIST, NULL, "what; default: "
	    "everything"),
	ROW("windows.[].scope.[]", KEY_STR, NULL, "a component"),
	ROW("windows.[].*", KEY_ANY, NULL, "noted"),
	ROW("releases", KEY_LIST, NULL, "release calendar"),
	ROW("releases.[]", KEY_OBJ, NULL, "one release"),
	ROW("releases.[].id", KEY_STR, NULL, "its name"),
	ROW("releases.[].tier", KEY_STR, NULL, "T0 to T3"),
	ROW("releases.[].region_plan", KEY_LIST, NULL, "each is decided"),
	ROW("releases.[].region_plan.[]", KEY_STR, NULL, "a region"),
	ROW("releases.[].*", KEY_ANY, NULL, "noted"),

	/* flags */
	ROW("flags", KEY_OBJ, NULL, "feature flags"),
	ROW("flags.*", KEY_OBJ, NULL, "one flag"),
	ROW("flags.*.headers", KEY_OBJ, NULL, "drill: what switches it on for "
	    "a request"),
	ROW("flags.*.headers.*", KEY_STR | KEY_NUM, NULL, "a header's value"),
	ROW("flags.*.user_header", KEY_STR, NULL, "drill: header that names "
	    "the user"),
	ROW("flags.*.scope_headers", KEY_OBJ, NULL, "drill: how a request "
	    "names its region or tenant"),
	ROW("flags.*.scope_headers.regions", KEY_STR, NULL, "header of the "
	    "region"),
	ROW("flags.*.scope_headers.tenants", KEY_STR, NULL, "header of the "
	    "tenant"),
	ROW("flags.*.other_path", KEY_STR, NULL, "drill: an endpoint out of "
	    "its scope that takes the same body"),
	ROW("flags.*.scope", KEY_OBJ, NULL, "drill: where the flag may show, "
	    "given scope_headers or other_path"),
	ROW("flags.*.scope.*", KEY_ANY, NULL, "noted"),
	ROW("flags.*.versions", KEY_OBJ, NULL, "pins.expect; drill: flagged "
	    "requests show these, others never do"),
	ROW("flags.*.versions.*", KEY_ANY, NULL, "a pin's value"),
	ROW("flags.*.traffic", KEY_OBJ, NULL, "weights are your router's"),
	ROW("flags.*.traffic.baseline_weight", KEY_NUM, NULL, "noted: share",
	    0, 1),
	ROW("flags.*.traffic.steps", KEY_LIST, NULL, "drill: weights of the "
	    "ramp, one after the other; default: canary_weight"),
	ROW("flags.*.traffic.steps.[]", KEY_NUM, NULL, "share of the users",
	    0.001, 1),
	ROW("flags.*.traffic.canary_weight", KEY_NUM, NULL, "drill: share of "
	    "the users behind it, with levers.ramp",
	    0, 1),
	ROW("flags.*.gates", KEY_OBJ, NULL, "limits of the canary"),
	ROW("flags.*.gates.delta_s", KEY_OBJ, NULL, "answer drift"),
	ROW("flags.*.gates.delta_s.median_max", KEY_NUM, NULL,
	    "gates.answer_drift", 0, 2),
	ROW("flags.*.gates.delta_s.p95_max", KEY_NUM, NULL,
	    "gates.answer_drift_tail", 0, 2),
	ROW("flags.*.gates.coverage_min", LIMIT, NULL,
	    "gates.retrieval.coverage_min", 0, 1),
	ROW("flags.*.gates.lambda_convergent", LIMIT, NULL,
	    "gates.retrieval.lambda_convergent", 0, 1),
	ROW("flags.*.gates.latency_p95_uplift_max", LIMIT, NULL,
	    "gates.latency.p95_uplift_max", 0, 100),
	ROW("flags.*.gates.error_rate_max", LIMIT, NULL,
	    "gates.errors.rate_max", 0, 1),
	ROW("flags.*.gates.tool_success_min", LIMIT, NULL, "drill: share of "
	    "the tool calls (tools) that must succeed; true: 0.99", 0, 1),
	ROW("flags.*.gates.cost_uplift_max", LIMIT, NULL, "gates.cost", 0, 100),
	ROW("flags.*.abort_rules", KEY_OBJ, NULL, "hard stops"),
	ROW("flags.*.abort_rules.hard", KEY_LIST, NULL, "delta_s_p95_over, "
	    "coverage_under, lambda_flip_rate_over and error_rate_over set the "
	    "hard stops; a stricter gate stays"),
	ROW("flags.*.abort_rules.hard.[]", KEY_OBJ, NULL, "one rule"),
	ROW("flags.*.abort_rules.hard.[].kind", KEY_STR, NULL, "which"),
	ROW("flags.*.abort_rules.hard.[].value", KEY_NUM, NULL, "its limit"),
	ROW("flags.*.abort_rules.soft", KEY_LIST, NULL, "noted"),
	ROW("flags.*.abort_rules.soft.[]", KEY_OBJ, NULL, "one rule"),
	ROW("flags.*.abort_rules.soft.[].*", KEY_ANY, NULL, "noted"),

	/* limits, retries, idempotency */
	ROW("limits", KEY_OBJ, NULL, "load limits"),
	ROW("limits.default", KEY_OBJ, NULL, "for every target that sets none",
	    .use = "@load"),
	ROW("limits.endpoints", KEY_OBJ, NULL, "by path: override default"),
	ROW("limits.endpoints.*", KEY_OBJ, NULL, "a path", .use = "@load"),
	ROW("limits.tenants", KEY_OBJ, NULL, "drill: each is served its share "
	    "beside another's storm"),
	ROW("limits.tenants.*", KEY_OBJ, NULL, "a tenant"),
	ROW("limits.tenants.*.multiplier", KEY_NUM, NULL, "of the default "
	    "limit", 0, 1e6),
	ROW("limits.tenants.*.*", KEY_ANY, NULL, "noted"),
	ROW("@load.rps", KEY_NUM, NULL, "target's rate", 0, 1e6),
	ROW("@load.burst", KEY_NUM, NULL, "target's burst", 0, 1e6),
	ROW("@load.concurrent", KEY_INT, NULL, "target's concurrency", 1, 4096),
	ROW("@load.deadline_ms", KEY_NUM, NULL, "target's deadline", 1, 1e9),
	ROW("@load.backoff", KEY_OBJ, NULL, "noted: see retry"),
	ROW("@load.backoff.*", KEY_ANY, NULL, "noted"),
	ROW("deadlines", KEY_OBJ, NULL, "of a request"),
	ROW("deadlines.read_ms", KEY_NUM, NULL, "target's deadline", 1, 1e9),
	ROW("deadlines.write_ms", KEY_NUM, NULL, "drill: of all attempts of "
	    "your client", 1,
	    1e9),
	ROW("class_rules", KEY_OBJ, NULL, "which statuses are retried"),
	ROW("class_rules.retriable", KEY_LIST, NULL, "always 408 429 500 502 "
	    "503 504"),
	ROW("class_rules.retriable.[]", KEY_INT, NULL, "a status", 100, 599),
	ROW("class_rules.nonretry", KEY_LIST, NULL, "always 400 401 403 404"),
	ROW("class_rules.nonretry.[]", KEY_INT, NULL, "a status", 100, 599),
	ROW("class_rules.conflict_ok", KEY_LIST, NULL, "noted"),
	ROW("class_rules.conflict_ok.[]", KEY_INT, NULL, "a status", 100, 599),
	ROW("single_flight", KEY_OBJ, NULL, "drill cache: identical misses at "
	    "once are computed once"),
	ROW("single_flight.*", KEY_ANY, NULL, "noted"),
	ROW("observability", KEY_OBJ, NULL, "drill: of your client's log"),
	ROW("observability.log_fields", KEY_LIST, NULL, "each line of "
	    "client.log about a request that was sent again has them"),
	ROW("observability.log_fields.[]", KEY_STR, NULL, "a field's name"),
	ROW("observability.*", KEY_ANY, NULL, "noted"),
	ROW("require_headers", KEY_LIST, NULL, "Idempotency-Key is always "
	    "sent; drill: a write without it is refused"),
	ROW("require_headers.[]", KEY_STR, NULL, "a header's name"),
	ROW("reject_on_body_mismatch", KEY_BOOL, NULL, "drill: a key that "
	    "comes with another body is refused; default: true"),
	ROW("on_conflict", KEY_OBJ, NULL, "drill: how it is refused"),
	ROW("on_conflict.status", KEY_INT, NULL, "with this status; default: "
	    "409", 400, 599),
	ROW("on_conflict.include_diff", KEY_BOOL, NULL, "the answer says what "
	    "differs (write.diff); default: true"),
	ROW("stores", KEY_OBJ, NULL, "drill: what config reports must be so; "
	    "a number may be greater"),
	ROW("stores.*", KEY_ANY, NULL, "a setting, or an object of them"),
	ROW("logging", KEY_OBJ, NULL, "drill: of the service's log"),
	ROW("logging.include_fields", KEY_LIST, NULL, "each line of logs "
	    "about a key of the drill has them"),
	ROW("logging.include_fields.[]", KEY_STR, NULL, "a field's name"),
	ROW("logging.*", KEY_ANY, NULL, "noted"),
	ROW("probes", KEY_OBJ, NULL, "metrics to measure"),
	ROW("probes.deltaS", KEY_ANY, NULL, "always measured"),
	ROW("probes.coverage", KEY_ANY, NULL, "measured when cases expect "
	    "sections"),
	ROW("probes.lambda", KEY_ANY, NULL, "always measured"),
	ROW("probes.resonance", KEY_ANY, NULL, "always measured"),
};

const size_t suite_words_n = sizeof(suite_words) / sizeof(suite_words[0]);
