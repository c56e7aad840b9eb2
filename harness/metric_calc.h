/* The functions behind the rows of metrics.c, and what they share. */
#ifndef LOCKSTEP_METRIC_CALC_H
#define LOCKSTEP_METRIC_CALC_H

#include "harness/metric.h"

/* A missing value: sets the reason, returns NaN. */
double metric_none(enum metric_missing *why, enum metric_missing reason);

metric_fn calc_ds_question_retrieved, calc_ds_question_retrieved_raw,
    calc_ds_question_context, calc_ds_retrieved_anchor,
    calc_ds_anchor_margin, calc_coverage, calc_recall_at_k,
    calc_precision_at_k, calc_mrr, calc_ndcg_at_k, calc_map,
    calc_citation_precision, calc_citation_recall, calc_schema_ok,
    calc_expect_ok, calc_answer_ok, calc_refused, calc_cost, calc_ttfb_ns,
    calc_ttft_ns, calc_itl_ns, calc_total_ns;

/* Fills raw[] with the distance from the question to each snippet. */
void calc_raw_distances(const struct metric_in *in, double *raw);

#endif
