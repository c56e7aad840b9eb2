/*
 * Metrics: one name, unit, direction, formula and source each (METRICS).
 *
 * metrics.c is the table; each metric_*.c file computes what it names.  Code,
 * `lockstep metrics`, README and reports read this one truth.  A value that
 * is undefined is NaN with a reason, never 0.  Pure functions, safe from any
 * thread.
 */
#ifndef LOCKSTEP_METRIC_H
#define LOCKSTEP_METRIC_H

#include <stddef.h>
#include <stdint.h>

#include "harness/buf.h"
#include "harness/caseset.h"
#include "harness/extract.h"

struct embed_doc;
struct embedder;

/* Per-observation metrics, in the order of METRICS 2. */
enum metric_id {
	M_DS_QUESTION_RETRIEVED,
	M_DS_QUESTION_RETRIEVED_RAW,	/* `ds_raw` of the same */
	M_DS_QUESTION_CONTEXT,
	M_DS_RETRIEVED_ANCHOR,
	M_DS_ANCHOR_MARGIN,
	M_COVERAGE,
	M_RECALL_AT_K,
	M_PRECISION_AT_K,
	M_MRR,
	M_NDCG_AT_K,
	M_MAP,
	M_CITATION_PRECISION,
	M_CITATION_RECALL,
	M_SCHEMA_OK,
	M_EXPECT_OK,		/* share of `expect` that hold */
	M_ANSWER_OK,		/* 1: contains an expected answer */
	M_REFUSED,		/* 1: the service declined */
	M_COST,
	M_TTFB_NS,
	M_TTFT_NS,
	M_ITL_NS,
	M_TOTAL_NS,
	METRIC_N
};

/* Why a value is missing. */
enum metric_missing {
	METRIC_HERE,
	METRIC_NOT_APPLICABLE,	/* the suite's data or extraction lacks it */
	METRIC_NO_RETRIEVED,
	METRIC_NO_ANSWER,
	METRIC_NO_GOLD,
	METRIC_NO_TEXT,
	METRIC_NO_EMBEDDING,
	METRIC_FAILED,		/* the observation itself failed */
	METRIC_NOT_ASKED,
	METRIC_MISSING_N
};
const char *metric_missing_text(enum metric_missing why);

enum metric_direction { LOWER_IS_BETTER, HIGHER_IS_BETTER, INFORMATION };

struct section {
	const char *id;
	const char *doc_id, *title, *source_url;	/* or NULL */
	const char *text;
	size_t text_n;
	const struct embed_doc *doc;	/* NULL until embedded */
};

/* What one observation is judged from. NULL members are absent. */
struct metric_in {
	const struct suite *suite;
	const struct gold *gold;
	const struct answer *answer;
	const struct exchange *exchange;
	const struct embedder *embedder;
	const struct embed_doc *question;	/* of the wording asked */
	const struct embed_doc *const *snippets;	/* a retrieved each */
	const struct section *const *expected;	/* gold sections known */
	size_t n_expected;
	const struct section *const *decoys;
	size_t n_decoys;
};

typedef double metric_fn(const struct metric_in *in,
    enum metric_missing *why);

struct metric {
	enum metric_id id;
	const char *name;
	const char *unit;	/* "distance", "share", "ns", ... */
	enum metric_direction direction;
	metric_fn *calc;
	const char *help;	/* the definition in words */
	const char *source;
};
extern const struct metric metrics[METRIC_N];

/* All metrics of one observation. values and why hold METRIC_N each. */
void metrics_observe(const struct metric_in *in, double *values,
    unsigned char *why);

/* ---- rankings and sets (shared by metrics, lambda and gates) ------------ */

/* RBO_EXT of two ranked lists without duplicates (TOIS 2010, eq. 32).
 * ids are compared as strings; p in (0,1). Both empty: NaN. */
double rbo_ext(const char *const *a, size_t na, const char *const *b,
    size_t nb, double p);
/* Lower bound RBO_MIN (eq. 11) to the depth of the shorter list. */
double rbo_min(const char *const *a, size_t na, const char *const *b,
    size_t nb, double p);
double average_overlap(const char *const *a, size_t na, const char *const *b,
    size_t nb, size_t k);
double overlap_at(const char *const *a, size_t na, const char *const *b,
    size_t nb, size_t k);
double jaccard(const char *const *a, size_t na, const char *const *b,
    size_t nb);
/* Discordant pairs of common ids / all such pairs; NaN below 2 common. */
double rank_swap_rate(const char *const *a, size_t na, const char *const *b,
    size_t nb);

/* ---- lambda: over the variants of one case on one arm ------------------- */

enum lambda_state {
	LAMBDA_CONVERGENT, LAMBDA_SPLIT, LAMBDA_COLLAPSED, LAMBDA_CHAOS,
	LAMBDA_NONE,		/* the variant was not asked */
	LAMBDA_STATE_N
};
/* The symbols of METRICS: → <> ← × and "" for none. */
const char *lambda_symbol(enum lambda_state s);

/* One variant as lambda sees it. */
struct lambda_variant {
	int asked;
	int failed;		/* an errored observation */
	int refused;
	const char *const *retrieved;	/* section ids, else snippet ids */
	size_t n_retrieved;
	const char *const *cited;
	size_t n_cited;
	const char *answer;
	size_t answer_n;
	const struct embed_doc *answer_doc;	/* or NULL */
	int no_answer;		/* provided for, but absent or empty */
};

struct lambda {
	enum lambda_state *state;	/* caller's array, one a variant */
	size_t counts[LAMBDA_STATE_N];
	double convergence, flip_rate;	/* NaN: undefined */
	double rank, swap, cite, css, answer, ned50;
	double refusal_consistency, contain_rate, gold_hit_rate;
	int used_citations;	/* else retrieved ids */
};

/*
 * n       variants; reference variant = index 0 (original wording, first
 *         seed) if it did not fail, else the medoid
 * gold    expected section ids, or n_gold 0: the citation set that most
 *         variants agree on
 * out->state must hold n
 */
void lambda_judge(const struct lambda_variant *v, size_t n,
    const char *const *gold, size_t n_gold,
    const struct embedder *embedder, struct lambda *out);

/* Prints the table of metrics, or one, for `lockstep metrics`. */
void metrics_print(struct buf *out, const char *name);

#endif
