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

struct arena;
struct ctext;
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
	METRIC_NO_CITATIONS,
	METRIC_MISSING_N
};
/* "nothing was retrieved", ... */
const char *metric_missing_text(enum metric_missing why);

enum metric_direction { LOWER_IS_BETTER, HIGHER_IS_BETTER, INFORMATION };

struct section {
	const char *id;
	const char *doc_id, *title, *source_url;	/* or NULL */
	const char *text;
	size_t text_n;
	const struct embed_doc *doc;	/* NULL until embedded */
};

/* Snippets beyond these of one answer are not looked at. */
enum { METRIC_SNIPPETS_MAX = 256 };

/*
 * What one observation is judged from. NULL members are absent.
 *
 * Ids are compared in one kind for the whole case, on all arms: section ids
 * where any answer carried them, else snippet ids, source addresses, texts.
 */
struct metric_in {
	const struct suite *suite;
	const struct extract_spec *spec;
	const struct gold *gold;
	const struct answer *answer;
	const struct exchange *exchange;
	const struct embedder *embedder;
	struct arena *scratch;	/* for what lives as long as the case */
	const struct embed_doc *question;	/* of the wording asked */
	struct ctext *const *snippets;	/* a retrieved each, NULL: no text */
	size_t n_snippets;	/* at most METRIC_SNIPPETS_MAX */
	struct ctext *answer_text;	/* or NULL */
	const struct section *const *expected;	/* gold sections known */
	struct ctext *const *expected_text;	/* of each */
	size_t n_expected;
	const struct section *const *decoys;
	size_t n_decoys;
	struct ctext *const *gold_answers;
	size_t n_gold_answers;
	const char *const *ids;	/* retrieved, best first, none twice */
	size_t n_ids;
	const char *const *cited;	/* none twice */
	size_t n_cited;
	const char *const *gold_ids;	/* n_gold_ids 0: none to compare */
	size_t n_gold_ids;
	int by_section;		/* ids are section ids */
	unsigned cited_fields;	/* FIELD_* that a citation must carry */
	double price_in, price_out;	/* USD a token; NaN: not priced */
	int paced;		/* times count from the intended start */
	const double *raw;	/* question to each snippet, set by
				   metrics_observe(); NaN: no embedding */
};

typedef double metric_fn(const struct metric_in *in,
    enum metric_missing *why);

struct metric {
	enum metric_id id;
	enum metric_direction direction;
	const char *name;
	const char *unit;	/* "distance", "share", "ns", ... */
	metric_fn *calc;
	const char *help;	/* the definition in words */
	const char *source;
};
extern const struct metric metrics[METRIC_N];

/* Metrics of a case or a run, which have no value for one observation: calc
 * is NULL and id METRIC_N. Ends with a row whose name is NULL. */
extern const struct metric metrics_of_case[];

/* A row of either table by name, or NULL. */
const struct metric *metric_find(const char *name);

/*
 * All metrics of one observation. values and why hold METRIC_N each; a value
 * is NaN exactly when its why is not METRIC_HERE. An observation without a
 * response (outcome not ok or refused) has times only.
 */
void metrics_observe(const struct metric_in *in, double *values,
    unsigned char *why);

/* ΔS of two texts by their whole vectors; NaN when either has none. */
double metric_ds(const struct embedder *e, const struct embed_doc *a,
    const struct embed_doc *b);

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
	int no_answer;		/* provided for, but absent or empty */
	int contains;		/* 1: contains an expected answer; 0: does
				   not; -1: none is expected */
	const char *const *retrieved;	/* section ids, else snippet ids;
					   none twice */
	size_t n_retrieved;
	const char *const *cited;	/* none twice */
	size_t n_cited;
	const char *answer;	/* normalised (text.h), or NULL */
	size_t answer_n;
	const struct embed_doc *answer_doc;	/* or NULL */
};

/* Which ids tell the state; without any, only collapses can be told. */
enum lambda_by { LAMBDA_BY_CITATIONS, LAMBDA_BY_RETRIEVED, LAMBDA_BY_NOTHING };

/* What the variants of a case are held against. */
struct lambda_case {
	const char *const *gold;	/* expected ids, or n_gold 0: the set
					   that most variants agree on */
	size_t n_gold;
	enum lambda_by by;	/* of all variants on both arms, never mixed */
	const struct embedder *embedder;
};

/* Graded stability, means over pairs of variants unless said otherwise. */
enum lambda_grade {
	GRADE_RANK,		/* RBO_EXT, p = .9, of the retrieved ids */
	GRADE_SWAP,		/* rank_swap_rate */
	GRADE_CITE,		/* Jaccard of what tells the state */
	GRADE_CSS,		/* the same over all variants at once */
	GRADE_ANSWER,		/* 1 - ΔS of the answers */
	GRADE_NED50,		/* median edit distance of the answers */
	GRADE_REFUSAL,		/* refusal_consistency */
	GRADE_CONTAIN,		/* contain_rate */
	GRADE_GOLD_HIT,		/* gold_hit_rate */
	LAMBDA_GRADES
};
/* Their names in metrics_of_case[]. */
const char *lambda_grade_name(enum lambda_grade g);

struct lambda {
	enum lambda_state *state;	/* caller's array, one a variant */
	size_t reference;	/* index of the reference variant, n: none */
	size_t counts[LAMBDA_STATE_N];
	size_t answered;	/* asked and not failed */
	double convergence, flip_rate;	/* NaN: undefined */
	double graded[LAMBDA_GRADES];
};

/*
 * Judges the variants of one case on one arm (METRICS 3).  The reference
 * variant is index 0 (original wording, first seed) unless it collapsed, or
 * misses the expected sections while another hits them; then the medoid of
 * those that hit (of all, where none does).  Errored variants are `collapsed`
 * and take part in counts only: rates are shares of the variants that
 * answered.
 * n       at most LAMBDA_MAX variants are looked at
 * out->state must hold n
 */
enum { LAMBDA_MAX = 256 };
void lambda_judge(const struct lambda_variant *v, size_t n,
    const struct lambda_case *c, struct lambda *out);

/*
 * The tables as text, or as one JSON document, for `lockstep metrics`.
 * name    one metric; NULL: all
 * returns 0, or -1 when there is no such metric
 */
int metrics_print(struct buf *out, const char *name, int json);

/* The same of what a suite's scorers return. */
int metrics_print_own(struct buf *out, const struct suite *s,
    const char *name, int json);

#endif
