/*
 * The tests of the live verdict, in the order in which they are shown; see
 * LIVE.md.  Included with LIVE_ROW defined by who includes it.
 *
 *   LIVE_ROW(NAME, TITLE, UNIT, KIND, CLASS, LIMIT)
 *     KIND   COUNT  pairs in which the candidate alone, against those in which
 *                   the primary alone: one-sided Beta e-value
 *            SIZE   values of pairs, symmetric without a change: mean of that
 *                   of their signs and the tanh e-process of their sizes
 *            SIGN   signs alone
 *            BLOCK  values of blocks of time
 *     CLASS  HARD; SOFT; DRIFT: hard, unless the pins or the suite say that
 *            other answers are what was asked for: then soft
 *     LIMIT  the member of struct limits that it takes its margin from
 */
LIVE_ROW(errors, "errors", "rate", COUNT, HARD, errors)
LIVE_ROW(http_5xx, "server errors (5xx)", "rate", COUNT, HARD, http_5xx)
LIVE_ROW(empty, "nothing said or found", "share", COUNT, HARD, cases)
LIVE_ROW(tool_loop, "tool loops", "share", COUNT, HARD, errors)
LIVE_ROW(changed, "answers changed", "share", SIGN, DRIFT, cases)
LIVE_ROW(drift, "answer drift", "distance", SIZE, DRIFT, answer_drift)
LIVE_ROW(drift_tail, "answer drift, worst 5 %", "share", SIGN, DRIFT,
    answer_drift_tail)
LIVE_ROW(order, "retrieval order", "distance", SIZE, SOFT, order)
LIVE_ROW(flip_rate, "top result flipped", "share", SIGN, DRIFT, flip_rate)
LIVE_ROW(snippets, "passages lost", "share", SIZE, DRIFT, order)
LIVE_ROW(citations, "citations lost", "share", SIZE, DRIFT, citation_recall)
LIVE_ROW(coverage, "coverage drop", "share", SIZE, HARD, coverage)
LIVE_ROW(coverage_floor, "coverage, floor", "share", SIZE, HARD,
    coverage_floor)
LIVE_ROW(cost, "cost", "ratio", SIZE, SOFT, cost)
LIVE_ROW(latency_body, "latency, body", "ratio", BLOCK, SOFT, latency_body)
LIVE_ROW(latency_p95, "latency, p95", "ratio", BLOCK, SOFT, latency_p95)
#undef LIVE_ROW
