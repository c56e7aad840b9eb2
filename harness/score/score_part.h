/*
 * What the files of the scoring pass share; not for others.
 *
 *   score_read.c    the trace to the lines of complete cases
 *   score_load.c    lines to observations: parsed, extracted, one a key
 *   score_ids.c     which ids a case is compared by
 *   score_texts.c   the texts of a case, and their embeddings
 *   score_scorer.c  what scorers are asked, and what they answer
 *   score_lambda.c  answers as lambda sees them
 *   score_judge.c   metrics of each observation, lambda of each arm
 *   score_line.c    lines that wait for their case
 *   score_fresh.c   answers to cases that were asked again
 *   score_latency.c pairs of latencies
 *   score_limits.c  from observations to a case's state and reasons
 *   score_pair.c    the answers to each variant, held against each other
 *   score_fold.c    from observations to one cell
 *   score_replica.c the same as numbers for the replicate test
 *   score_arm.c     what is told of an arm as a whole; score_pins.c its pins
 *   score_pairs.c   latencies and errors with their times
 *   score_detail.c  texts of a few cases for reports
 *   score.c         the pass itself
 */
#ifndef LOCKSTEP_SCORE_PART_H
#define LOCKSTEP_SCORE_PART_H

#include "harness/base/arena.h"
#include "harness/score/cells.h"
#include "harness/score/ctext.h"
#include "harness/score/lambda.h"
#include "harness/score/measure.h"
#include "harness/score/rank.h"
#include "harness/score/replica.h"
#include "harness/score/score.h"

/* A line of the trace that waits for its case. */
struct score_line {
	struct score_line *next;
	size_t n;
	char p[];
};
void score_lines_free(struct score_line *l);

/* What is kept to parse and extract one line; reused from batch to batch. */
struct score_slot {
	struct exchange_rec *rec;
	struct answer answer;
};

/* One observation of a case. */
struct score_one {
	const struct score_line *line;
	struct score_slot *slot;
	struct exchange ex;		/* lives in slot->rec */
	const struct answer *answer;	/* slot->answer */
	const struct extract_spec *spec;
	uint32_t v;			/* variant */
	enum outcome first;		/* of the first attempt */
	int error;			/* by METRICS, of the first attempt */
	int answered;			/* there is something to judge */
	int expected;			/* a failure that the case asserts */
	struct ctext *question;		/* the wording asked */
	struct ctext *said;		/* the answer, a refusal included */
	struct ctext *text;		/* the answer when it is none */
	struct ctext **snippets;
	size_t n_snippets;
	const char **ids;		/* retrieved, none twice, as ranked */
	size_t n_ids;
	const char **ranked;		/* the same with ties broken */
	const char **cited;
	size_t n_cited;
	double m[METRIC_N];
	unsigned char why[METRIC_N];
	struct scorer_value *scored;	/* of the suite's scorers, or NULL */
};

enum id_kind { ID_SECTION, ID_SNIPPET, ID_URL, ID_TEXT };

/*
 * The up to three answers to one variant, by STAT_BASE, STAT_CAND and
 * STAT_ECHO: NULL where there is none to judge.  What is of two answers is
 * named by the third, which is left out; NaN where one lacks it.
 */
struct score_variant {
	const struct score_one *of[3];
	uint8_t twice;		/* whose answer the echo is */
	double ds[3];		/* ΔS of the answers' texts */
	double order[3];	/* 1 - RBO of the retrieved ids */
	double between;		/* ΔS of baseline's answer, or what was
				   accepted in its place, and candidate's */
	double drift;		/* d of METRICS 4 */
};

/* A case while it is scored. One thread at a time. */
struct score_case {
	uint64_t index;
	struct score_line *lines;	/* owned */
	size_t n_lines, bytes;
	struct gold gold;
	struct arena arena;
	struct ctexts texts;
	struct score_one *one;		/* all of them, as sorted by key */
	size_t n_one;
	struct score_one **at;		/* [variant * ARM_N + arm] or NULL */
	uint32_t per_case;
	uint64_t duplicates;
	enum id_kind kind;
	const char **gold_ids;
	size_t n_gold_ids;
	struct section **expected, **decoys;	/* copies */
	struct ctext **expected_text, **decoy_text, **answers;
	struct ctext **accepted;	/* one a wording, or NULL */
	size_t n_expected, n_decoys, n_answers;
	int has_ids;
	/* what answers of the case carried: the baseline's and its echoes',
	 * any arm's.  An arm is held against what it lost, the baseline not
	 * against what is new. */
	struct score_has {
		int cited, text, snippets, answer;
		int clean;	/* an answer that is UTF-8 */
		int whole;	/* one that was not cut short */
		unsigned char m[METRIC_N];	/* such a number */
	} has[2];
	unsigned cited_fields;
	enum lambda_state *state[2];	/* a variant each */
	struct lambda lambda[2];
	struct score_variant *variant;	/* per_case of them */
	struct cell cell;
	struct replica_case replica;	/* its memory is the arena's */
	int cached_echo, slow_echo;
	struct err err;
};

void score_case_init(struct score_case *c);
void score_case_fini(struct score_case *c);
/* Ready for another case; frees the lines. */
void score_case_reset(struct score_case *c);

/* Whether an answer is the baseline's, or its echo's. */
static inline int
score_of_base(const struct score_one *o)
{
	return arm_of_echo(o->ex.key.arm) == ARM_BASELINE;
}

static inline struct score_one *
score_at(const struct score_case *c, uint32_t v, enum arm a)
{
	return c->at[(size_t)v * ARM_N + (size_t)a];
}

/* slots holds n_lines. Failures go to c->err. */
void score_load(const struct score_job *job, struct score_case *c,
    struct score_slot *slots);
void score_ids(const struct score_job *job, struct score_case *c);
void score_texts(const struct score_job *job, struct score_case *c);
/* After the texts were embedded: metrics, lambda and the cell. */
void score_judge(const struct score_job *job, struct score_case *c);
void score_limits(const struct score_job *job, struct score_case *c, int arm);
/* The limits of the case that one answer, of an echo too, misses: CASE_* bits;
 * score_good(): whether it is none. */
unsigned score_reasons(const struct score_job *job,
    const struct score_case *c, const struct score_one *o);
int score_good(const struct score_job *job, const struct score_case *c,
    const struct score_one *o);
void score_pair(const struct score_job *job, struct score_case *c);
void score_replica(const struct score_job *job, struct score_case *c);
/* An observation (or NULL) as lambda sees it, but for its answer's text. */
void score_lambda_of(const struct score_case *c, const struct score_one *o,
    struct lambda_variant *v);
void score_lambda_case(const struct score_job *job,
    const struct score_case *c, struct lambda_case *out);
void score_fold(const struct score_job *job, struct score_case *c);

/* Embeds the texts of n cases, which stay pinned until
 * embed_set_release(). */
int score_embed(const struct score_job *job, struct score_case *const *c,
    size_t n, struct err *err);

struct score_batch;

/* Asks the scorers of the suite about what was answered in a batch. */
int score_scorers(const struct score_job *job, struct score_batch *b,
    struct err *err);
/* Their metrics into the cell. */
void score_fold_scored(const struct score_job *job, struct score_case *c);
/* Counts what became of them; own: one a metric. */
void score_scored_count(const struct score_job *job, const struct score_case *c,
    struct score_scored *scored);
/* Once all are counted. */
void score_scored_finish(struct score_scored *scored, size_t n);

/* Gathers what struct score_lost tells: serially, case by case. */
struct score_lost_ids;
struct score_lost_ids *score_lost_new(void);
void score_lost_free(struct score_lost_ids *l);
int score_lost_add(struct score_lost_ids *l, const struct score_job *job,
    const struct score_case *c, struct err *err);
/* *out points into l. */
int score_lost_finish(struct score_lost_ids *l, struct score_lost *out,
    struct err *err);

/* ---- a batch ----------------------------------------------------------- */

/* Large enough that threads seldom wait for each other, small enough that
 * the parsed answers, some ten times their bytes, stay within 30 MB. */
enum { BATCH_CASES = 128 };
#define BATCH_BYTES ((size_t)2 << 20)

struct score_batch {
	struct score_case store[BATCH_CASES];
	struct score_case *c[BATCH_CASES];	/* sorted once it has run */
	size_t n, bytes;
	struct score_slot *slots;
	size_t n_slots;
	struct scorer_value *scored;	/* of the observations of a batch */
};
void score_batch_init(struct score_batch *b);
void score_batch_fini(struct score_batch *b);
int score_batch_full(const struct score_batch *b);
/* Takes the lines. There is room while the batch is not full. */
void score_batch_add(struct score_batch *b, uint64_t index,
    struct score_line *lines);
/* Loads, embeds and judges; the cases are then in the order of the set. */
int score_batch_run(const struct score_job *job, struct score_batch *b,
    struct err *err);
void score_batch_reset(struct score_batch *b);

/* ---- the trace ---------------------------------------------------------- */

struct score_reader;

/* The first and the last frame of each case; first > last: none. */
struct score_where {
	int unknown;		/* some record, whatever its kind, lies in
				   several frames */
	size_t n;
	struct score_span {
		uint32_t first, last;
	} v[];
};

/* For n cases, of none of which a line was seen; NULL: out of memory. */
struct score_where *score_where_new(size_t n);

/* Cases to keep, sorted, none twice. */
struct score_only {
	const uint64_t *v;
	size_t n;
	const struct score_where *where;	/* or NULL */
};

struct score_latencies;
struct score_fresh_lines;

/* How to read. */
struct score_reading {
	const struct score_only *only;	/* NULL: all cases */
	struct score_latencies *latencies;	/* and fresh: take what was
				   asked beyond the plan, or NULL */
	struct score_fresh_lines *fresh;
	struct score_where *where;	/* to be filled, or NULL */
	int counted;	/* count the lines of each case in a first pass,
			   instead of taking the plan's word for it */
};

int score_reader_open(const struct score_job *job,
    const struct score_reading *how, struct score_reader **out,
    struct err *err);
void score_reader_close(struct score_reader **r);
/*
 * The lines of the next complete case.
 * returns 1, 0 at the end, SCORE_AGAIN when the trace is not as planned (all
 *         that was read is void: open it again, counted), or an error; caller
 *         frees the lines
 */
enum { SCORE_AGAIN = 2 };
int score_reader_next(struct score_reader *r, uint64_t *index,
    struct score_line **lines, struct err *err);

struct score_reader_told {
	uint64_t observations, unknown;
	int torn;
	uint64_t lost;
};
/* At the end of the trace. */
void score_reader_told(const struct score_reader *r,
    struct score_reader_told *out);

/* ---- times --------------------------------------------------------------- */

struct score_times;

/* NULL: out of memory */
struct score_times *score_times_new(const struct plan *p);
void score_times_free(struct score_times *t);
int score_times_add(struct score_times *t, const struct score_case *c,
    struct err *err);
/* Fills what is told, which lives as long as the times. */
void score_times_finish(struct score_times *t, struct score_pairs *pairs,
    struct score_errors *errors);
/* ---- beyond the plan ----------------------------------------------------- */

/* NULL: out of memory. */
struct score_latencies *score_latencies_new(void);
void score_latencies_free(struct score_latencies *l);
/* One of a pair that was sent for its latency alone. */
int score_latencies_more(struct score_latencies *l,
    const struct score_job *job, uint64_t case_index,
    const struct exchange *ex, struct err *err);
/* Puts them behind out->pairs, which then point into l; fills out->more. */
int score_latencies_finish(struct score_latencies *l, struct score_out *out,
    struct err *err);

/* Lines of cases that were asked again. */
struct score_fresh_lines {
	struct score_fresh_case {
		uint64_t index;
		struct score_line *lines;	/* owned */
	} *v;
	size_t n, cap;
	size_t bytes;
	uint32_t per_case;	/* 1 + the highest repeat */
};

/* NULL: out of memory. */
struct score_fresh_lines *score_fresh_new(void);
void score_fresh_free(struct score_fresh_lines *f);
/* Keeps a line of a confirmation. */
int score_fresh_add(struct score_fresh_lines *f, uint64_t case_index,
    const struct exchange *ex, const char *line, size_t n, struct err *err);
/* Judges them all; fills out->fresh, which the caller frees. The batch is
 * empty. */
int score_fresh_judge(struct score_fresh_lines *f,
    const struct score_job *job, struct score_batch *b,
    struct score_out *out, struct err *err);

/* ---- arms ---------------------------------------------------------------- */

struct score_arms;

struct score_arms *score_arms_new(void);
void score_arms_free(struct score_arms *a);
int score_arms_add(struct score_arms *a, const struct score_case *c,
    struct err *err);
/* Fills what is told; pins live as long as the arms. */
int score_arms_finish(struct score_arms *a, struct score_arm out[ARM_N],
    struct err *err);

struct score_pins;

struct score_pins *score_pins_new(void);
void score_pins_free(struct score_pins *p);
int score_pins_add(struct score_pins *p, const char *name, const char *value);
/* *out lives as long as p. */
int score_pins_finish(struct score_pins *p, const struct score_pin **out,
    size_t *n);

#endif
