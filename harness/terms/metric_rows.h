/*
 * The metrics, a row each: METRIC for what one observation has, FACT for what
 * only a case or a run has.  To add a metric, write a row here and, for
 * METRIC, a file harness/score/metric_NAME.c with calc_NAME().
 *
 *   METRIC(ID, NAME, UNIT, DIRECTION, DEFINITION, SOURCE)
 *   FACT("NAME", UNIT, DIRECTION, DEFINITION, SOURCE)
 *
 * Included several times, with METRIC and FACT defined by who includes it.
 */
#ifndef METRIC
#define METRIC(id, name, unit, dir, help, source)
#endif
#ifndef FACT
#define FACT(name, unit, dir, help, source)
#endif

#define TREC "trec_eval; section or snippet ids without repeats, runs of " \
    "equal scores by id descending"

/* In the order of METRICS 2. */
METRIC(M_DS_QUESTION_RETRIEVED, ds_question_retrieved, "distance",
    LOWER_IS_BETTER, "smallest ΔS between the question and a "
    "retrieved snippet (best of the snippet's windows); at most 0.45 "
    "passes, 0.45 to 0.60 is the review band, from 0.60 a case fails",
    "ΔS = c(1 - cosine), c the embedder's published curve")
METRIC(M_DS_QUESTION_RETRIEVED_RAW, ds_question_retrieved_raw,
    "distance", INFORMATION, "the same before the embedder's curve: "
    "1 - cosine, clamped to [0,2]", "cosine distance")
METRIC(M_DS_QUESTION_CONTEXT, ds_question_context, "distance",
    LOWER_IS_BETTER, "mean ΔS between the question and all retrieved "
    "snippets, weighted 1/log2(rank + 1)",
    "the discount of Jarvelin & Kekalainen, ACM TOIS 20(4) 2002")
METRIC(M_DS_RETRIEVED_ANCHOR, ds_retrieved_anchor, "distance",
    LOWER_IS_BETTER, "smallest ΔS between a retrieved snippet and an "
    "expected section, whole texts", "as ds_question_retrieved")
METRIC(M_DS_ANCHOR_MARGIN, ds_anchor_margin, "distance",
    HIGHER_IS_BETTER, "ΔS(best snippet, nearest decoy section) - "
    "ΔS(best snippet, nearest expected section); above 0 the right "
    "section is nearer", "as ds_question_retrieved")
METRIC(M_COVERAGE, coverage, "share", HIGHER_IS_BETTER, "words of the "
    "expected sections that the retrieved spans cover, of all their "
    "words: union of intervals where the answer gives offsets that "
    "fit the section's text, else clipped unigram recall; at least "
    "0.70", "interval union; sum of min(c_section, c_retrieved) / "
    "sum of c_section")
METRIC(M_ANCHORS, anchors, "share", HIGHER_IS_BETTER, "retrieved snippets "
    "whose text is in its section where its offsets point, of all with text, "
    "section id and offsets; runs of blanks count as one, Unicode in NFC; "
    "offsets count bytes or code points", "definition")
METRIC(M_RECALL_AT_K, recall_at_k, "share", HIGHER_IS_BETTER,
    "expected ids that were retrieved, of all expected; k is the "
    "length of the retrieved list", TREC)
METRIC(M_PRECISION_AT_K, precision_at_k, "share", HIGHER_IS_BETTER,
    "retrieved ids that were expected, of all retrieved; k is the "
    "length of the retrieved list", TREC)
METRIC(M_MRR, mrr, "share", HIGHER_IS_BETTER,
    "1 / rank of the first expected id, 0 without one", TREC)
METRIC(M_NDCG_AT_K, ndcg_at_k, "share", HIGHER_IS_BETTER,
    "discounted cumulated gain of the list over that of the ideal "
    "one of the same length; linear gain, discount log2(rank + 1)",
    "Jarvelin & Kekalainen, ACM TOIS 20(4) 2002; trec_eval's ties")
METRIC(M_MAP, map, "share", HIGHER_IS_BETTER, "precision at the rank of "
    "each expected id that was retrieved, summed, over the number "
    "expected", TREC)
METRIC(M_CITATION_PRECISION, citation_precision, "share",
    HIGHER_IS_BETTER, "cited ids that were expected, of all cited; "
    "at least 0.75", "set precision")
METRIC(M_CITATION_RECALL, citation_recall, "share", HIGHER_IS_BETTER,
    "expected ids that were cited, of all expected; at least 0.70",
    "set recall")
METRIC(M_SCHEMA_OK, schema_ok, "share", HIGHER_IS_BETTER, "1 when every "
    "citation has the fields that the suite's extraction maps and names a "
    "retrieved passage", "definition")
METRIC(M_EXPECT_OK, expect_ok, "share", HIGHER_IS_BETTER,
    "assertions of the case's `expect` that are true, of all of them",
    "definition")
METRIC(M_ANSWER_OK, answer_ok, "share", HIGHER_IS_BETTER, "1 when the "
    "answer contains an expected answer, both as folded words, not within a "
    "longer number and with the same signs; of an "
    "expected answer of more than 8 words, 70 % of its words suffice",
    "definition")
METRIC(M_REFUSED, refused, "share", INFORMATION, "1 when the service "
    "declined to answer: right for an unanswerable question, else a "
    "failure of the case", "definition")
METRIC(M_COST, cost, "usd", LOWER_IS_BETTER, "cost of the answer as the "
    "service reports it, else its tokens at the target's prices",
    "definition")
METRIC(M_TTFB_NS, ttfb_ns, "ns", LOWER_IS_BETTER, "time to the first "
    "byte, from the intended start when requests are paced, else "
    "from the send of the first attempt", "definition")
METRIC(M_TTFT_NS, ttft_ns, "ns", LOWER_IS_BETTER, "time to the first "
    "content token of a stream, counted as ttfb_ns", "definition")
METRIC(M_ITL_NS, itl_ns, "ns", LOWER_IS_BETTER,
    "mean time between the tokens of a stream", "definition")
METRIC(M_TOTAL_NS, total_ns, "ns", LOWER_IS_BETTER,
    "time to the end of the answer, counted as ttfb_ns",
    "definition")

FACT("outcome", "rate", LOWER_IS_BETTER, "result of a request; every result is "
    "an error except ok, refused and a 4xx that the case expects; judged on "
    "the first attempt: at most 0.5 %", "definition")
FACT("ds_answer_baseline", "distance", LOWER_IS_BETTER, "ΔS between the "
    "answers of candidate and baseline to the same variant, whole texts; the "
    "echoes give the noise floor",
    "as ds_question_retrieved")
FACT("answer_drift", "distance", LOWER_IS_BETTER, "d of a variant = "
    "ΔS(baseline, candidate) - ΔS(arm asked twice, its echo), of the answers, "
    "or of the top retrieved texts without an answer; mean over the variants "
    "of a case: symmetric around 0 for equal stacks",
    "definition")
FACT("instability", "distance", LOWER_IS_BETTER, "mean ΔS between an answer "
    "and its echo, candidate's minus baseline's",
    "definition")
FACT("retrieval_order", "share", LOWER_IS_BETTER, "1 - RBO_EXT(p = "
    ".9) of the retrieved ids of baseline and candidate, less the "
    "same of the arm asked twice and its echo",
    "Webber, Moffat & Zobel, ACM TOIS 28(4) 2010, eq. 32")
FACT("cases", "share", LOWER_IS_BETTER, "drop of the mean over cases of the "
    "share of answers, echoes included, that meet the case's limits",
    "replicate permutation: Fisher 1935; Phipson & Smyth, SAGMB 9(1) 2010")
FACT("lambda_convergence", "share", HIGHER_IS_BETTER, "variants in "
    "state → (citations, else retrieved ids, hit the reference and "
    "have Jaccard >= 0.5 with the reference variant) of those that "
    "answered; at least 0.80, and none in state ×", "definition")
FACT("lambda_flip_rate", "share", LOWER_IS_BETTER, "other variants "
    "whose top-ranked id differs from the reference variant's",
    "definition")
FACT("lambda_rank", "share", HIGHER_IS_BETTER, "mean RBO_EXT(p = .9) "
    "of the retrieved ids over pairs of variants",
    "Webber, Moffat & Zobel, ACM TOIS 28(4) 2010, eq. 32")
FACT("rank_swap_rate", "share", LOWER_IS_BETTER, "discordant pairs "
    "of ids that two variants share, of all such pairs; mean over "
    "pairs of variants", "(1 - Kendall's tau) / 2")
FACT("lambda_cite", "share", HIGHER_IS_BETTER, "mean Jaccard of the "
    "cited ids over pairs of variants", "Jaccard 1901")
FACT("css", "share", HIGHER_IS_BETTER, "ids that all variants cite, "
    "of all ids that any cites", "intersection over union")
FACT("lambda_answer", "share", HIGHER_IS_BETTER, "mean of 1 - ΔS of "
    "the answers over pairs of variants", "as ds_question_retrieved")
FACT("ned50", "share", LOWER_IS_BETTER, "median normalised edit "
    "distance of the normalised answers over pairs of variants",
    "Levenshtein 1966; Myers, JACM 46(3) 1999")
FACT("refusal_consistency", "share", HIGHER_IS_BETTER, "share of the "
    "variants that agree on refusing or answering; at least 0.98 for "
    "unanswerable cases", "definition")
FACT("contain_rate", "share", HIGHER_IS_BETTER, "variants whose "
    "answer contains an expected answer", "definition")
FACT("gold_hit_rate", "share", HIGHER_IS_BETTER, "variants whose "
    "citations, else retrieved ids, hit an expected id",
    "definition")
FACT("variance_ratio", "ratio", INFORMATION, "standard deviation "
    "over mean of a metric over repeats; 0.15 is usual",
    "coefficient of variation")
FACT("e_resonance", "distance", INFORMATION, "rolling mean of "
    "|candidate - baseline| ΔS in the order of the plan over a "
    "window of 50; flat = no window above twice the median window "
    "and no trend", "Mann 1945; Kendall 1975")

#undef TREC
#undef METRIC
#undef FACT
