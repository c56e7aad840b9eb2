/*
 * Scoring: from the observations of a run to one cell a case.
 *
 * The trace is streamed; the lines of a case are kept until the case is
 * complete (or spilled when too many wait), complete cases are scored in
 * batches: parsed and extracted in parallel, their texts embedded once each,
 * measured in parallel into cells, summed serially in the order of the
 * cases.  So the result is the same bytes for any number of threads and any
 * order of the records.
 */
#ifndef LOCKSTEP_SCORE_H
#define LOCKSTEP_SCORE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/meaning/embed.h"
#include "harness/score/cells.h"
#include "harness/score/replica.h"
#include "harness/score/scorer.h"
#include "harness/suite/accept.h"
#include "harness/suite/caseset.h"
#include "harness/suite/plan.h"
#include "harness/suite/sections.h"
#include "harness/suite/suite.h"
#include "harness/terms/cell.h"
#include "harness/traffic/exchange.h"

/* One observation as scored, for the store. */
struct score_obs {
	uint64_t case_index;
	uint32_t variant;
	struct ex_key key;
	enum outcome outcome;
	int64_t total_ns, ttft_ns;	/* -1: unknown */
	const double *m;		/* METRIC_N; NaN with a reason */
	const unsigned char *why;	/* enum metric_missing */
	const struct scorer_value *scored;	/* of the suite's scorers, in
					   its order; NULL: not judged */
	size_t n_scored;
};
/* Called serially, a case after the other: in the order in which the trace
 * completes them, variants and arms in order within. returns RC_OK or an
 * error, which ends scoring */
typedef int score_obs_fn(void *ctx, const struct score_obs *o,
    struct err *err);
/* Everything that was told is void and will be told anew. */
typedef int score_again_fn(void *ctx, struct err *err);
typedef void score_progress_fn(void *ctx, uint64_t done, uint64_t total);

struct score_job {
	const struct suite *suite;
	const struct caseset *cases;
	const struct plan *plan;
	const struct sections *sections;	/* or NULL */
	struct embed_set *embeds;
	struct embedder *embedder;
	const struct accepted *accepted;	/* answers that stand in for
					   the baseline's, or NULL */
	struct scorer_set *scorers;	/* or NULL */
	const char *trace_path;
	int paced;		/* latency counts from the intended start */
	int threads;		/* 0: one per processor */
	size_t pending_max;	/* bytes of lines that wait in memory, beyond
				   it in a scratch file; 0: 64 MiB */
	score_obs_fn *obs;	/* or NULL */
	score_again_fn *obs_again;	/* of the same ctx */
	void *obs_ctx;
	score_progress_fn *progress;	/* or NULL */
	void *progress_ctx;
};

/* One value that an arm reported for a pin. */
struct score_pin {
	const char *name, *value;
	uint64_t n;		/* answers that carried it */
	uint64_t all;		/* that carried the name, with any value: of
				   too many values some are left out */
};

struct score_arm {
	uint64_t sent, answered;	/* observations; with outcome ok or
					   refused */
	uint64_t outcomes[OUTCOME_N];	/* of the last attempt */
	uint64_t status_401, status_403;
	uint64_t stale;		/* requests sent again, no error: the kept
				   connection was closed already */
	uint64_t tail_failures;	/* in a row, at the end, in time order */
	const struct score_pin *pins;	/* sorted by name, then by count */
	size_t n_pins;		/* at most 2,048 */
	const struct score_pin *words;	/* name: an outcome; value: what the
				   answer or its service says of it */
	size_t n_words;
	uint64_t blank;		/* answered, with nothing in it to read */
	uint64_t uncoded;	/* as in struct answer */
	uint64_t lists, retrieved;	/* answers whose passages the suite
					   maps, and how many these are */
	uint64_t ended, endless;	/* answers that say why the service
				   stopped, as the suite maps it, or not */
	double p50_ns, p95_ns, p99_ns, max_ns;	/* of answered; NaN: none */
	double ttft_p50_ns, ttft_p95_ns;
	double cost_usd;	/* NaN: nothing priced */
};

/*
 * Latencies of the variants that both arms answered, in plan order; behind
 * them those of the pairs that were sent for their latency alone, in the
 * order of sending.
 */
struct score_pairs {
	const float *base, *cand;	/* nanoseconds */
	const float *ttft_base, *ttft_cand;	/* the same to the first token;
					   NaN: no stream */
	const int64_t *at_ns;	/* when the first of the two was sent, since
				   the trace's start */
	const uint32_t *case_index;
	size_t n;		/* exact up to SCORE_PAIRS_MAX */
	uint64_t seen;		/* beyond it a systematic sample is kept */
	size_t planned;		/* of n, from the plan */
};
#define SCORE_PAIRS_MAX 200000

/* A first attempt in error, of a variant that both arms were asked. */
struct score_error {
	uint64_t case_index;
	uint32_t v;
	uint8_t arm;		/* 0 baseline, 1 candidate */
	uint8_t both;		/* the other arm's is in error, too */
	uint8_t cause;		/* enum outcome */
	int64_t from_ns, to_ns;	/* since the trace's start */
};
/* In the order of the plan. */
struct score_errors {
	const struct score_error *v;
	size_t n;
	uint64_t seen;		/* more than n: too many to tell apart */
};
#define SCORE_ERRORS_MAX 65536

/* What was sent for latency alone. */
struct score_more {
	uint64_t pairs;		/* that both arms answered */
	uint64_t again;		/* of them, in rounds of an undecided one */
	uint64_t sent[2], errors[2];	/* baseline, candidate */
	uint64_t asked;		/* pairs that such rounds have begun */
	uint32_t blocks;	/* of SCORE_MORE_BLOCK_NS in which both were
				   asked */
	int cached;		/* answered from a cache, and left out of the
				   latencies: see score_latency.c */
	uint32_t worse[2];	/* of them, with a larger share of errors of
				   that arm than of the other */
	uint32_t longest;	/* of the candidate's, one after the other */
};
#define SCORE_MORE_BLOCK_NS (500 * INT64_C(1000000))

/* Fresh answers to a case that was undecided. */
struct score_fresh {
	uint64_t case_index;
	uint32_t asked[2], answered[2];	/* baseline, candidate */
	uint32_t good[2];	/* answers that hold the case's limits */
	uint32_t variants;	/* that were asked, of the first 64 */
};

/* Where the lines of each case are in the trace. */
struct score_where;

/* What became of one metric of a scorer over the observations judged. */
enum { SCORE_REASONS_MAX = 32 };
struct score_scored_reason {
	char why[SCORER_WHY_MAX];
	uint64_t n;
};
struct score_scored {
	uint64_t judged, here, declined;	/* the rest failed */
	uint64_t arm_judged[2], arm_failed[2];	/* baseline's, candidate's */
	struct score_scored_reason reason[SCORE_REASONS_MAX];
	size_t n_reasons;	/* of failures, the most frequent first */
};

/* Expected sections that are in neither the sections nor any answer. */
enum { SCORE_LOST_SHOWN = 8 };
struct score_lost {
	const char *const *ids;	/* in the order of the cases, each once */
	size_t n;		/* at most SCORE_LOST_SHOWN */
	int more;		/* there are others */
	uint64_t cases;		/* that expect one */
};

struct score_out {
	struct cells *cells;
	struct replicas *replicas;	/* each answer, for the replicate
					   test */
	struct score_where *where;
	struct score_arm arm[ARM_N];
	struct score_pairs pairs;
	struct score_errors errors;
	struct score_more more;
	struct score_fresh *fresh;	/* in the order of the cases */
	size_t n_fresh;
	uint64_t observations, duplicates, unknown;	/* unknown: keys that
					   fit no case of the suite */
	uint64_t cached_echoes;	/* answers that came from a cache: the same
				   bytes as the request before them and over
				   3x faster; less those over 3x slower */
	int torn;		/* the trace was cut off */
	uint64_t trace_lost;	/* seen - written of its closing account */
	struct score_scored scored[SCORER_METRICS_MAX];
	struct score_lost lost;
	void *mem;		/* private */
};

/*
 * Scores a run.
 * returns RC_OK, caller frees with score_free(); RC_IO, RC_FORMAT, RC_NOMEM
 */
int score_run(const struct score_job *job, struct score_out **out,
    struct err *err);
void score_free(struct score_out *out);

/* What a report shows of one case; strings live as long as the details. */
struct score_side {
	const char *answer;	/* of the variant shown, or NULL */
	const char *top;	/* "section_id: first words" of rank 1 */
	const char *retrieved;	/* "a, b, c" */
	const char *cited;	/* "a, b" */
	const char *outcome;
	const char *lambda;	/* a symbol a variant, spaces between */
	const char *sent;	/* "POST /query {...}", its first words */
	const char *said;	/* of a failed request: the service's words */
	const char *failed;	/* assertions that do not hold, or NULL */
	const char *lost;	/* of the candidate: "a (was rank 3)", what the
				   baseline's answer had and this has not */
};
struct score_detail {
	uint64_t case_index;
	struct score_side side[2];	/* baseline, candidate */
};
struct score_details {
	struct score_detail *v;
	size_t n;
	void *mem;
};

/*
 * Reads n chosen cases of the trace again (n small: below 1,000).
 * where   of score_run() on the same job: only what holds them is read;
 *         NULL: the whole trace
 */
int score_details(const struct score_job *job,
    const struct score_where *where, const uint64_t *cases, size_t n,
    struct score_details *out, struct err *err);
void score_details_free(struct score_details *d);

#endif
