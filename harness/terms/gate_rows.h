/*
 * The gates, a row each, in the order in which reports show them.  To add a
 * gate, write a row here and a file harness/judge/gate_NAME.c with what it
 * measures (`const struct gate_how gate_NAME`, gate_how.h).  From the row
 * come: the field of struct limits, the bit in `off`, the suite's key
 * gates.NAME with its JSON Schema and its line in SUITE.md, the words of
 * reports, `explain` and `plan`.
 *
 *   GATE(NAME, TITLE, METRIC, UNIT, CLASS, KINDS, DEFAULT, LEAST, MOST, HELP)
 *     METRIC   a metric's name (metric_rows.h), or a word
 *     CLASS    GATE_GATE (adjusted with the others), GATE_HARD, GATE_INFO
 *     KINDS    what its key takes: GATE_NUMBER, GATE_NUMBER_OR_MAP,
 *              GATE_ON_OFF
 *     DEFAULT  of its margin or limit, LEAST to MOST what a suite may set
 *     HELP     what it asks: "rise of the mean ..."
 *
 * Other spellings of keys, and keys that stand for several gates: a number
 * sets the margin of each, false switches each off.
 *
 *   GATE_KEY(PATH, KINDS, DEFAULT, LEAST, MOST, GATES, HELP)
 *     PATH     below `gates`
 *     DEFAULT  a number, or NONE: the key takes no number
 *     GATES    "a|b|c"
 *
 * Included several times, with GATE and GATE_KEY defined by who includes it.
 */
#ifndef GATE
#define GATE(name, title, metric, unit, class, kinds, dflt, least, most, help)
#endif
#ifndef GATE_KEY
#define GATE_KEY(path, kinds, dflt, least, most, gates, help)
#endif

GATE(question_drift, "question drift", "ds_question_retrieved", "distance",
    GATE_GATE, GATE_NUMBER, 0.03, 0, 2,
    "rise of the mean distance from question to best snippet")
GATE(context_drift, "context drift", "ds_question_context", "distance",
    GATE_GATE, GATE_NUMBER, 0.03, 0, 2,
    "rise of the mean rank-weighted distance from question to snippets")
GATE(answer_drift, "answer drift", "ds_answer_baseline", "distance",
    GATE_GATE, GATE_NUMBER, 0.03, 0, 2, "distance between the arms' answers "
    "less the distance between an answer and its echo, mean")
GATE(answer_drift_tail, "answer drift, worst 5 %", "ds_answer_baseline",
    "distance", GATE_HARD, GATE_NUMBER, 0.15, 0, 2,
    "95th percentile over cases of the answer drift, hard stop")
GATE(instability, "instability", "ds_answer_baseline", "distance",
    GATE_GATE, GATE_NUMBER, 0.05, 0, 2,
    "rise of the mean distance between an answer and its echo")
GATE(order, "retrieval order", "retrieval_order", "distance", GATE_GATE,
    GATE_NUMBER, 0.10, 0, 1, "1 - RBO of the arms' rankings less that of an "
    "arm and its echo, REVIEW at most where there is gold")
GATE(cases, "cases lost", "pass_rate", "share", GATE_GATE, GATE_NUMBER,
    0.02, 0, 1, "drop of the mean over cases of the share of answers, echoes "
    "included, that meet the case's limits")
GATE(coverage, "coverage drop", "coverage", "share", GATE_GATE, GATE_NUMBER,
    0.02, 0, 1, "drop of the mean share of the expected sections that is "
    "retrieved")
GATE(citation_precision, "citation precision drop", "citation_precision",
    "share", GATE_GATE, GATE_NUMBER, 0.05, 0, 1,
    "drop of the mean share of citations that are right")
GATE(citation_recall, "citation recall drop", "citation_recall", "share",
    GATE_GATE, GATE_NUMBER, 0.05, 0, 1,
    "drop of the mean share of expected sections that are cited")
GATE(anchors, "anchor drop", "anchors", "share", GATE_GATE,
    GATE_NUMBER, 0.02, 0, 1, "drop of the mean share of snippets whose text is "
    "in the section where their offsets point")
GATE(lambda, "λ convergence drop", "lambda_convergence", "share", GATE_GATE,
    GATE_NUMBER, 0.02, 0, 1, "drop of the mean share of convergent variants")
GATE(lambda_flip, "λ flip rate rise", "lambda_flip_rate", "share",
    GATE_GATE, GATE_NUMBER, 0.05, 0, 1,
    "rise of the mean share of variants with another top result")
GATE(latency_body, "latency, body", "total_ns", "ratio", GATE_GATE,
    GATE_NUMBER, 0.10, 0, 100,
    "Hodges-Lehmann ratio of the candidate's latency to the baseline's")
GATE(latency_p95, "latency, p95", "total_ns", "ratio", GATE_GATE,
    GATE_NUMBER, 0.15, 0, 100, "ratio of the 95th percentiles")
GATE(errors, "errors", "outcome", "rate", GATE_GATE, GATE_NUMBER_OR_MAP,
    0.005, 0, 1, "share of the candidate's requests that failed")
GATE(http_429, "throttled (429)", "outcome", "rate", GATE_GATE, GATE_NUMBER,
    0.005, 0, 1, "share of the candidate's requests answered 429")
GATE(http_5xx, "server errors (5xx)", "outcome", "rate", GATE_HARD,
    GATE_NUMBER, 0.01, 0, 1,
    "share of the candidate's requests answered 5xx, hard stop")
GATE(flip_rate, "λ flip rate", "lambda_flip_rate", "share", GATE_HARD,
    GATE_NUMBER, 0.20, 0, 1,
    "mean share of variants with another top result, hard stop")
GATE(coverage_floor, "coverage, floor", "coverage", "share", GATE_HARD,
    GATE_NUMBER, 0.60, 0, 1,
    "mean share of the expected sections that is retrieved, hard stop")
GATE(ds_max, "question distance", "ds_question_retrieved", "distance",
    GATE_GATE, GATE_NUMBER, 0.45, 0, 2,
    "mean distance from question to best snippet")
GATE(coverage_min, "coverage", "coverage", "share", GATE_GATE, GATE_NUMBER,
    0.70, 0, 1, "mean share of the expected sections that is retrieved")
GATE(lambda_convergent, "λ convergence", "lambda_convergence", "share",
    GATE_GATE, GATE_NUMBER, 0.80, 0, 1, "mean share of convergent variants")
GATE(refusal_consistency, "refusal consistency", "refusal_consistency",
    "share", GATE_GATE, GATE_NUMBER, 0.98, 0, 1,
    "mean share of an unanswerable question's variants that agree on "
    "declining or answering")
GATE(pass_rate, "cases passed", "pass_rate", "share", GATE_GATE,
    GATE_NUMBER, 0.90, 0, 1,
    "without a baseline: share of the judged cases that pass")
GATE(cost, "cost", "cost", "ratio", GATE_GATE, GATE_NUMBER, 0.10, 0, 100,
    "ratio of the mean costs")
GATE(answer_drift_median, "answer drift, median", "ds_answer_baseline",
    "distance", GATE_INFO, GATE_ON_OFF, 0, 0, 0,
    "median over cases, information: blind to a fault in a third of them")

GATE_KEY("retrieval", GATE_MAP, NONE, 0, 0,
    "ds_max|coverage_min|lambda_convergent", "absolute levels")
GATE_KEY("retrieval.ds_max", GATE_NUMBER, 0.45, 0, 2, "ds_max",
    "as gates.ds_max")
GATE_KEY("retrieval.coverage_min", GATE_NUMBER, 0.70, 0, 1, "coverage_min",
    "as gates.coverage_min")
GATE_KEY("retrieval.coverage_hard_min", GATE_NUMBER, 0.60, 0, 1,
    "coverage_floor", "as gates.coverage_floor")
GATE_KEY("retrieval.lambda_convergent", GATE_NUMBER, 0.80, 0, 1,
    "lambda_convergent", "as gates.lambda_convergent")
GATE_KEY("drift", GATE_DRIFT, NONE, 0, 0, "answer_drift|answer_drift_tail",
    "effect of answer drift; default: the pins decide")
GATE_KEY("latency", GATE_MAP, NONE, 0, 0, "latency_p95|latency_body",
    "against the baseline")
GATE_KEY("latency.p95_uplift_max", GATE_NUMBER, 0.15, 0, 100, "latency_p95",
    "as gates.latency_p95")
GATE_KEY("latency.body_uplift_max", GATE_NUMBER, 0.10, 0, 100,
    "latency_body", "as gates.latency_body")
GATE_KEY("errors.rate_max", GATE_NUMBER, 0.005, 0, 1, "errors",
    "as gates.errors")
GATE_KEY("errors.http_5xx_max", GATE_NUMBER, 0.01, 0, 1, "http_5xx",
    "as gates.http_5xx")
GATE_KEY("errors.http_429_max", GATE_NUMBER, 0.005, 0, 1, "http_429",
    "as gates.http_429")
GATE_KEY("citations", GATE_NUMBER_OR_MAP, 0.05, 0, 1,
    "citation_precision|citation_recall", "margin of both")
GATE_KEY("citations.margin", GATE_NUMBER, 0.05, 0, 1,
    "citation_precision|citation_recall", "the same")
GATE_KEY("refusal_consistency_min", GATE_NUMBER, 0.98, 0, 1,
    "refusal_consistency", "as gates.refusal_consistency")

#undef GATE
#undef GATE_KEY
