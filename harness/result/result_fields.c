/*
 * The members of a result except those of its cases, a row each; see
 * field_part.h. The types that one member alone has are in result_types.c.
 */
#include "harness/result/field_part.h"

/* ---- rows: an arm -------------------------------------------------------- */

#define ARM(key, type_, member, of, help_) .name = key, .type = &(type_), \
	.at = FIELD_AT(result_arm, member, of), .help = help_

static const struct field latency_fields[] = {
	{ ARM("p50", field_num, p50_ns, double, NULL) },
	{ ARM("p95", field_num, p95_ns, double, NULL) },
	{ ARM("p99", field_num, p99_ns, double, NULL) },
	{ ARM("max", field_num, max_ns, double, NULL) },
	{ .name = NULL }
};

static const struct field ttft_fields[] = {
	{ ARM("p50", field_num, ttft_p50_ns, double, NULL) },
	{ ARM("p95", field_num, ttft_p95_ns, double, NULL) },
	{ .name = NULL }
};

const struct field arm_fields[] = {
	{ ARM("url", field_str, url, const char *,
	    "Address, or \"run ID\", or \"recorded FILE\".") },
	{ ARM("live", field_flag, live, int, NULL) },
	{ ARM("sent", field_count, sent, uint64_t, NULL) },
	{ .name = "outcomes", .type = &field_outcomes,
	    .help = "Requests by outcome; outcomes with 0 are left out." },
	{ ARM("stale", field_count, stale, uint64_t,
	    "Requests that were sent again on a fresh connection because the "
	    "kept one was already closed; not errors."),
	    .flags = FIELD_SPARSE },
	{ .name = "pins", .type = &field_pins,
	    .help = "For each pin its values, and how many answers carried "
	    "each." },
	{ .name = "latency_ns", .type = &field_group, .sub = latency_fields },
	{ .name = "ttft_ns", .type = &field_group, .sub = ttft_fields,
	    .help = "To the first content token." },
	{ ARM("cost_usd", field_num, cost_usd, double, NULL) },
	{ .name = NULL }
};

#define ARM_OF(key, arm_) { .name = key, .type = &field_group, \
	.at = FIELD_AT(result, arm[arm_], struct result_arm), \
	.flags = FIELD_SPARSE, .sub = arm_fields, .def = "arm", \
	.at_n = FIELD_AT(result, arm[arm_].present, int) }

static const struct field arms[] = {
	ARM_OF("baseline", ARM_BASELINE),
	ARM_OF("candidate", ARM_CANDIDATE),
	ARM_OF("baseline2", ARM_BASELINE2),
	ARM_OF("candidate2", ARM_CANDIDATE2),
	{ .name = NULL }
};

/* ---- rows: what the lists of a result hold ------------------------------- */

static const char *
class_word(int i)
{
	return gate_class_name((enum gate_class)i);
}

static const char *
gate_word(int i)
{
	return gate_verdict_name((enum gate_verdict)i);
}

static const char *
direction_word(int i)
{
	return i ? "higher_is_worse" : "lower_is_worse";
}

#define GATE(key, type_, member, of, help_) .name = key, .type = &(type_), \
	.at = FIELD_AT(result_gate, member, of), .help = help_

typedef double interval[2];

const struct field gate_fields[] = {
	{ GATE("name", field_text, name, const char *, NULL) },
	{ GATE("title", field_text, title, const char *, NULL) },
	{ GATE("metric", field_text, metric, const char *, NULL) },
	{ GATE("unit", field_text, unit, const char *,
	    "Unit of value, limit, ci, noise, visible and hides: distance, "
	    "share, rate, ratio (1: no change), ns, or another word.") },
	{ GATE("test", field_text, test, const char *, "Method, or empty.") },
	{ GATE("class", field_word, class, enum gate_class, NULL),
	    .word = class_word, .n_words = GATE_INFO + 1 },
	{ GATE("verdict", field_word, verdict, enum gate_verdict, NULL),
	    .word = gate_word, .n_words = GATE_NOT_JUDGED + 1 },
	{ GATE("value", field_num, value, double, "The effect's estimate.") },
	{ GATE("limit", field_num, limit, double, "Its margin or limit.") },
	{ GATE("direction", field_word, higher_is_worse, int, NULL),
	    .word = direction_word, .n_words = 2 },
	{ GATE("baseline", field_num, base, double,
	    "Level of the metric on the baseline.") },
	{ GATE("candidate", field_num, cand, double, NULL) },
	{ GATE("ci", field_interval, ci, interval, "95 % interval.") },
	{ GATE("p", field_num, p, double, "p of the test of no change.") },
	{ GATE("p_holm", field_num, p_holm, double,
	    "p after Holm over the gated family.") },
	{ GATE("n", field_count, n, uint64_t, NULL) },
	{ GATE("n_needed", field_num, n_needed, double,
	    "n needed to decide; null when decided.") },
	{ GATE("noise", field_num, noise, double,
	    "Effect of chance: half the width of the 95 % interval; for a "
	    "ratio, plus 1.") },
	{ GATE("visible", field_num, visible, double,
	    "Surely seen: the smallest change that FAILs 49 times in 50.") },
	{ GATE("hides", field_num, hides, double,
	    "What a PASS can hide: the largest change that PASSes with a "
	    "chance of 5 % or more.") },
	{ GATE("why", field_text, why, const char *, NULL) },
	{ .name = NULL }
};

static void
fresh_gate(void *g)
{
	result_gate_init(g);
}

static const char *
better_word(int i)
{
	return i ? "higher" : "lower";
}

#define SCORED(key, type_, member, of, help_) .name = key, .type = &(type_), \
	.at = FIELD_AT(result_scored, member, of), .help = help_

static const struct field scored_fields[] = {
	{ SCORED("name", field_text, name, const char *,
	    "As in the metrics of each case.") },
	{ SCORED("scorer", field_text, scorer, const char *, NULL) },
	{ SCORED("hash", field_text, hash, const char *,
	    "Hash of its command, the files that the command names, and its "
	    "version.") },
	{ SCORED("better", field_word, higher_is_better, int, NULL),
	    .word = better_word, .n_words = 2 },
	{ SCORED("judged", field_count, judged, uint64_t,
	    "Answers of both arms that it was asked about.") },
	{ SCORED("here", field_count, here, uint64_t,
	    "Of those, the ones with a value.") },
	{ SCORED("declined", field_count, declined, uint64_t,
	    "Of those, the ones that the scorer declined to judge.") },
	{ SCORED("why", field_str, why, const char *,
	    "Why the others have no value, and how many.") },
	{ .name = NULL }
};

#define CAUSE(key, type_, member, of) .name = key, .type = &(type_), \
	.at = FIELD_AT(result_cause, member, of)

static const struct field cause_fields[] = {
	{ CAUSE("class", field_text, class, const char *) },
	{ CAUSE("confidence", field_num, confidence, double),
	    .help = "From 0 to 1." },
	{ CAUSE("evidence", field_strs, evidence, const char *const *),
	    .at_n = FIELD_AT(result_cause, n_evidence, size_t) },
	{ CAUSE("guardrail", field_text, guardrail, const char *) },
	{ .name = NULL }
};

#define CHANGE(key, type_, member) .name = key, .type = &(type_), \
	.at = FIELD_AT(result_pin_change, member, const char *)

static const struct field change_fields[] = {
	{ CHANGE("name", field_text, name) },
	{ CHANGE("before", field_str, before), .help = "Null: not sent." },
	{ CHANGE("after", field_str, after), .help = "Null: not sent." },
	{ .name = NULL }
};

/* ---- rows: groups of the result ------------------------------------------ */

#define RESULT(key, type_, member, of, help_) .name = key, .type = &(type_), \
	.at = FIELD_AT(result, member, of), .help = help_
#define RUN_STR(key, member) \
	{ RESULT(key, field_str, run.member, const char *, NULL) }
#define COUNT(key, member) \
	{ RESULT(key, field_count, count.member, uint64_t, NULL), \
	    .flags = FIELD_TOLD }
#define GROUP(key, table, help_) \
	.name = key, .type = &field_group, .sub = table, .help = help_

static const struct field suite_fields[] = {
	RUN_STR("name", suite_name),
	RUN_STR("path", suite_path),
	RUN_STR("profile", profile),
	RUN_STR("owner", owner),
	RUN_STR("incident", incident),
	{ .name = NULL }
};

static const struct field hash_fields[] = {
	RUN_STR("suite", hash_suite),
	RUN_STR("cases", hash_cases),
	RUN_STR("sections", hash_sections),
	RUN_STR("trace", hash_trace),
	{ .name = NULL }
};

static const struct field embedder_fields[] = {
	RUN_STR("name", embedder),
	RUN_STR("hash", embedder_hash),
	{ RESULT("dim", field_int, run.embedder_dim, int, NULL) },
	{ RESULT("curve_t", field_num, run.curve_t, double,
	    "Raw distance that \xce\x94S shows as 0.45; null: identity.") },
	{ .name = NULL }
};

static const struct field run_fields[] = {
	RUN_STR("id", id),
	{ RESULT("argv", field_strs, run.argv, const char *const *, NULL),
	    .at_n = FIELD_AT(result, run.n_argv, size_t) },
	{ RESULT("started", field_str, run.started, const char *,
	    "RFC 3339, UTC.") },
	{ RESULT("elapsed_s", field_num, run.elapsed_s, double, NULL) },
	{ RESULT("cpu_idle", field_num, run.cpu_idle, double, "Share of this "
	    "machine's processor time that was idle while requests were sent, "
	    "0 to 1; null: unknown, or no live stack runs on it. Missing in "
	    "older reports."), .flags = FIELD_LATER },
	{ GROUP("suite", suite_fields, NULL) },
	{ GROUP("hashes", hash_fields, NULL) },
	{ GROUP("embedder", embedder_fields, NULL) },
	{ RESULT("threads", field_int, run.threads, int, NULL) },
	{ RESULT("seed", field_seed, run.seed, uint64_t,
	    "64 bits, as text.") },
	RUN_STR("stop_reason", stop_reason),
	RUN_STR("report_dir", report_dir),
	{ .name = NULL }
};

static const struct field count_fields[] = {
	{ .name = "cases", .type = &field_total },
	{ RESULT("variants", field_count, variants, uint64_t, NULL) },
	COUNT("pass", of[CASE_V_PASS]),
	COUNT("regressions", of[CASE_V_REGRESSION]),
	COUNT("fixes", of[CASE_V_FIX]),
	COUNT("defects", of[CASE_V_DEFECT]),
	COUNT("fail", of[CASE_V_FAIL]),
	COUNT("unjudged", of[CASE_V_UNJUDGED]),
	COUNT("review", review),
	{ .name = NULL }
};

static const struct field rule_fields[] = {
	{ RESULT("alpha", field_num, rules.alpha, double,
	    "A gate fails at this p after Holm.") },
	{ RESULT("inconclusive_p", field_num, rules.inconclusive_p, double,
	    "Beyond its margin, a gate is INCONCLUSIVE up to this p.") },
	{ RESULT("hard_p", field_num, rules.hard_p, double,
	    "A hard stop fails at this p.") },
	{ RESULT("strict", field_flag, rules.strict, int,
	    "PASS requires proof of no harm.") },
	{ .name = NULL }
};

static const struct field pin_fields[] = {
	{ RESULT("sent", field_flag, pins_sent, int, "Whether any arm sent "
	    "pins.") },
	{ RESULT("changed", field_list, pins, struct result_pin_change *,
	    NULL), .at_n = FIELD_AT(result, n_pins, size_t),
	    .size = sizeof(struct result_pin_change), .sub = change_fields },
	{ .name = NULL }
};

static const struct field trust_fields[] = {
	{ RESULT("lateness_p99_ns", field_num, trust.late_p99_ns, double,
	    "Null: not paced.") },
	{ RESULT("lost", field_count, trust.lost, uint64_t, NULL) },
	{ RESULT("duplicates", field_count, trust.duplicates, uint64_t,
	    NULL) },
	{ RESULT("pins_changed", field_flag, trust.pins_changed, int,
	    "Within the baseline.") },
	{ RESULT("aa_false_alarm", field_num, trust.aa_false_alarm, double,
	    "The gates' own rate of false alarms, from relabelled arms and "
	    "echoes.") },
	{ RESULT("cached_echoes", field_flag, trust.cached_echoes, int,
	    NULL) },
	{ .name = NULL }
};

static const char *
again_word(int i)
{
	return again_is_name((enum again_is)i);
}

#define AGAIN(key, type_, member, of, help_) .name = key, .type = &(type_), \
	.at = FIELD_AT(result_again, member, of), .help = help_

static const struct field again_case_fields[] = {
	{ AGAIN("id", field_text, id, const char *, NULL) },
	{ AGAIN("critical", field_flag, critical, int, NULL) },
	{ AGAIN("unanswered", field_flag, unanswered, int, "The candidate "
	    "answered too few of its variants in the plan: a request without "
	    "an answer counts as a bad answer.") },
	{ AGAIN("is", field_word, is, enum again_is,
	    "open: no answer yet, or none that can be judged."),
	    .word = again_word, .n_words = AGAIN_N },
	{ AGAIN("p", field_num, p, double,
	    "p of no loss, from its fresh answers only; null: it has none.") },
	{ AGAIN("baseline_good", field_count, good[0], uint64_t,
	    "Answers that meet the case's limits.") },
	{ AGAIN("baseline_answered", field_count, answered[0], uint64_t,
	    NULL) },
	{ AGAIN("candidate_good", field_count, good[1], uint64_t, NULL) },
	{ AGAIN("candidate_answered", field_count, answered[1], uint64_t,
	    NULL) },
	{ .name = NULL }
};

static const struct field again_fields[] = {
	{ RESULT("say", field_str, again.say, const char *, "As a sentence.") },
	{ RESULT("repeats", field_count, again.repeats, uint64_t,
	    "Fresh answers of a case on each stack.") },
	{ RESULT("p", field_num, again.p, double, "p of no loss over all of "
	    "these cases; null: none was asked again.") },
	{ RESULT("lost", field_count, again.lost, uint64_t, "Cases.") },
	{ RESULT("noise", field_count, again.noise, uint64_t, NULL) },
	{ RESULT("better", field_count, again.better, uint64_t, NULL) },
	{ RESULT("open", field_count, again.open, uint64_t,
	    "Not asked again, or not answered.") },
	{ RESULT("cases", field_list, again.cases, struct result_again *,
	    "What the plan left undecided, the most moved first."),
	    .at_n = FIELD_AT(result, again.n, size_t),
	    .size = sizeof(struct result_again), .sub = again_case_fields },
	{ RESULT("latency_pairs", field_count, again.pairs, uint64_t,
	    "Pairs sent only for their latency because the plan was short.") },
	{ RESULT("latency_pairs_again", field_count, again.pairs_again,
	    uint64_t, "Pairs sent only for their latency because a latency "
	        "gate was undecided.") },
	{ RESULT("latency_errors_baseline", field_count, again.errors[0],
	    uint64_t, "Errors of these requests.") },
	{ RESULT("latency_errors_candidate", field_count, again.errors[1],
	    uint64_t, NULL) },
	{ .name = NULL }
};

static const struct field resonance_fields[] = {
	{ RESULT("median", field_num, resonance.median, double,
	    "Median of the means of 50 cases in a row.") },
	{ RESULT("max", field_num, resonance.max, double, NULL) },
	{ RESULT("trend_p", field_num, resonance.trend_p, double,
	    "p of no trend; null: too few cases.") },
	{ RESULT("flat", field_flag, resonance.flat, int, NULL) },
	{ .name = NULL }
};

static const char *
verdict_word(int i)
{
	return verdict_name((enum verdict)i);
}

/* ---- rows: the result, in the order of report.json ----------------------- */

const struct field result_fields[] = {
	{ RESULT("lockstep", field_text, version, const char *,
	    "Version of the program that judged.") },
	{ .name = "schema", .type = &field_version,
	    .help = "Version of this format." },
	{ RESULT("verdict", field_word, verdict, enum verdict,
	    "The judgement, whatever `--fail-on` allows."),
	    .word = verdict_word, .n_words = VERDICT_N },
	{ RESULT("exit_status", field_int, exit_status, int,
	    "0 PASS, 1 FAIL, 2 COULD NOT RUN, 3 REVIEW, 4 INCONCLUSIVE, 5 "
	    "INVALID; 0 also for a verdict that `--fail-on` allows.") },
	{ RESULT("headline", field_text, headline, const char *,
	    "The verdict as a sentence.") },
	{ .name = "reasons", .type = &field_reasons,
	    .help = "Why this verdict, worst first." },
	{ GROUP("run", run_fields, "Id, command line, clock, suite, hashes, "
	    "embedder, threads, seed, why it stopped. Two runs on the same "
	    "observations differ only here.") },
	{ GROUP("counts", count_fields,
	    "Cases, variants, and cases by verdict.") },
	{ GROUP("rules", rule_fields, "Rules that the gates were judged by. "
	    "Missing in older reports: alpha .01, inconclusive_p .10, hard_p "
	    ".005."),
	    .flags = FIELD_LATER },
	{ GROUP("pins", pin_fields,
	    "Whether any were sent, and what changed between the stacks.") },
	{ .name = "worst", .type = &field_worst,
	    .help = "Ids of the worst cases, worst first." },
	{ RESULT("blind", field_str, blind, const char *,
	    "The smallest harm that a PASS could have missed, in words.") },
	{ RESULT("next", field_str, next, const char *,
	    "The next command to type.") },
	{ RESULT("requests", field_count, requests, uint64_t,
	    "Number of requests sent.") },
	{ RESULT("usd", field_num, usd, double,
	    "Cost of the requests; null: no prices.") },
	{ GROUP("arms", arms, "One stack a member: address, requests, "
	    "outcomes, pins, latency, time to the first token, cost.") },
	{ RESULT("gates", field_list, gates, struct result_gate *,
	    "Value, limit, direction, level on each arm, interval, p, size, "
	    "noise, and why."), .at_n = FIELD_AT(result, n_gates, size_t),
	    .size = sizeof(struct result_gate), .sub = gate_fields,
	    .fresh = fresh_gate, .def = "gate" },
	{ .name = "own_metrics", .type = &field_scorer_metrics,
	    .sub = scored_fields, .flags = FIELD_SPARSE,
	    .help = "What the suite's scorers return; left out without "
	        "scorers." },
	{ RESULT("causes", field_list, causes, struct result_cause *,
	    "Most likely first: class, confidence, evidence, guardrail."),
	    .at_n = FIELD_AT(result, n_causes, size_t),
	    .size = sizeof(struct result_cause), .sub = cause_fields },
	{ GROUP("trust", trust_fields, "Whether the run itself can be trusted: "
	    "lateness, lost and doubled records, pins, false alarms, cached "
	    "echoes.") },
	{ GROUP("asked_again", again_fields, "What was asked again beyond the "
	    "plan; left out when nothing was or still has to be."),
	    .flags = FIELD_SPARSE,
	    .at_n = FIELD_AT(result, again.known, int) },
	{ GROUP("e_resonance", resonance_fields, "Whether the stacks' "
	    "difference comes and goes during the run; left out with fewer "
	    "than 50 cases."), .flags = FIELD_SPARSE,
	    .at_n = FIELD_AT(result, resonance.known, int) },
	{ RESULT("notes", field_strs, notes, const char *const *,
	    "Other facts to know."),
	    .at_n = FIELD_AT(result, n_notes, size_t) },
	{ .name = "cases", .type = &field_cases,
	    .help = "In the order of the suite; the worst cases also have each "
	    "arm's answer." },
	{ .name = NULL }
};
