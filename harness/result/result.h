/*
 * The result of a run: one object from which every report is drawn.
 *
 * Built by verdict.c (or read back from a report.json by result_read.c);
 * immutable afterwards and safe to read from any thread. All strings belong to
 * the result. Its cases are added one by one and read one by one: those of a
 * large run are in a scratch file. NaN stands for a number that is not known
 * and is written as null. report.json is this object in JSON; its schema is
 * suites/report.schema.json.
 */
#ifndef LOCKSTEP_RESULT_H
#define LOCKSTEP_RESULT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/terms/cell.h"
#include "harness/terms/metric.h"
#include "harness/terms/scorer_metric.h"
#include "harness/traffic/exchange.h"

#define RESULT_SCHEMA 1

enum verdict {
	VERDICT_PASS,
	VERDICT_FAIL,
	VERDICT_CANNOT_RUN,
	VERDICT_REVIEW,
	VERDICT_INCONCLUSIVE,
	VERDICT_INVALID,
	VERDICT_N
};

/* "PASS", ..., "COULD NOT RUN"; the enum's values are the exit statuses. */
const char *verdict_name(enum verdict v);
/* One character beside the name: ✓ ✗ ! ? ~ and ⊘. */
const char *verdict_symbol(enum verdict v);
/* A name in any case, as in --fail-on ("fail", "could-not-run"; '-', '_' and
 * ' ' are equal); returns VERDICT_N when unknown. */
enum verdict verdict_of(const char *name);

enum gate_class { GATE_HARD, GATE_GATE, GATE_INFO };
enum gate_verdict {
	GATE_PASS, GATE_FAIL, GATE_INCONCLUSIVE, GATE_REVIEW,
	GATE_NOT_JUDGED		/* not applicable, or no data: see why */
};
/* "hard", "gate", "info". */
const char *gate_class_name(enum gate_class c);
/* "PASS", "FAIL", "INCONCLUSIVE", "REVIEW", "NOT_JUDGED". */
const char *gate_verdict_name(enum gate_verdict v);

/*
 * One gate.  value, limit, noise, visible, hides and ci are of one unit:
 * "distance", "share" and "rate" (1.0 is shown as 100 %), "ratio" (1.0: no
 * change, shown as a change in percent), "ns", or any other word, which is
 * shown behind the number.
 */
struct result_gate {
	const char *name;	/* "answer_drift" */
	const char *title;	/* "answer drift" */
	const char *metric;	/* what it is about, a metric's name */
	const char *unit;
	const char *test;	/* method's name, or "" */
	enum gate_class class;
	enum gate_verdict verdict;
	double value;		/* the effect's estimate */
	double limit;		/* its margin or limit */
	int higher_is_worse;
	double base, cand;	/* level on each arm, NaN where none */
	double ci[2];		/* 95 % */
	double p, p_holm;
	uint64_t n;
	double n_needed;	/* to decide; NaN when decided */
	double noise;		/* what chance does: half the 95 % interval */
	double visible;		/* surely seen: the smallest change that FAILs
				   49 times in 50 */
	double hides;		/* the largest that PASSes with a chance of
				   5 % or more */
	double blocks_short;	/* by how much longer it had to be measured
				   for blocks of time enough, as a share of
				   what was; 0: there are. Not kept */
	const char *why;	/* a sentence */
};

enum case_verdict {
	CASE_V_PASS, CASE_V_REGRESSION, CASE_V_FIX, CASE_V_DEFECT,
	CASE_V_FAIL,		/* single-armed run */
	CASE_V_UNJUDGED, CASE_V_N
};
/* "pass", "regression", "fix", "defect", "fail", "unjudged". */
const char *case_verdict_name(enum case_verdict v);

/* What an answer was, for the reader's eyes. */
struct result_side {
	const char *answer;	/* of the variant shown, or NULL: the first
				   that fails on the candidate */
	const char *top;	/* "section: first words" of rank 1, or NULL */
	const char *retrieved;	/* "a, b, c": section ids, or NULL */
	const char *outcome;	/* name */
	const char *lambda;	/* one symbol a variant, spaces between */
	const char *sent;	/* method, target and first words, or NULL */
	const char *said;	/* words of the service that failed, or NULL */
	const char *failed;	/* assertions that do not hold, or NULL */
	const char *lost;	/* passages that the baseline had, or NULL */
};

struct result_case {
	const char *id, *question;
	enum case_verdict verdict;
	int critical, flipped;	/* flipped: verdict differs between arms */
	int review;		/* moved from pass into the review band */
	int quarantined;	/* kept apart by the suite: counts nowhere */
	unsigned reasons[2];	/* CASE_* bits on baseline and candidate */
	float m[2][METRIC_N];
	float scored[2][SCORER_METRICS_MAX];	/* by result.scored's slots */
	float convergence[2], flip_rate[2];
	float graded[LAMBDA_GRADES][2];	/* stability over the variants */
	float variance_ratio[2];	/* of ds_question_retrieved */
	uint16_t lambda[2][LAMBDA_STATE_N];
	float drift, ds_answer;
	int has_answers;	/* the evidence of the case's own answers: */
	float bad[2], asked[2];	/* of an arm's answers, echoes included, that
				   miss a limit of the case; of how many */
	float p;		/* of as large a loss from equal stacks */
	const char *expected;	/* "section_id: first words", or NULL */
	const char *const *why;	/* sentences, before which arm they hold */
	size_t n_why;
	int has_sides;		/* the worst cases carry texts */
	struct result_side side[2];
};

/* One value that a pin had on an arm, and in how many answers. */
struct result_pin {
	const char *name, *value;
	uint64_t n;
};

struct result_arm {
	int present;
	const char *name, *url;	/* url or "run ID" or "recorded FILE" */
	int live;
	uint64_t sent;
	uint64_t outcomes[OUTCOME_N];
	uint64_t stale;		/* sent again on a fresh connection: the kept
				   one was closed already; no error */
	struct result_pin *pins;
	size_t n_pins;		/* a pin that varied has several rows */
	double p50_ns, p95_ns, p99_ns, max_ns;		/* latency */
	double ttft_p50_ns, ttft_p95_ns;
	double cost_usd;
};

struct result_pin_change {
	const char *name, *before, *after;	/* NULL: not sent */
};

/* A metric that a scorer of the suite returns. */
struct result_scored {
	const char *name, *scorer;
	const char *hash;	/* of who judged: command, files, version */
	int higher_is_better;
	size_t slot;		/* in result_case.scored */
	uint64_t judged;	/* answers of both arms that it was about */
	uint64_t here, declined;	/* valued; left without, on purpose */
	const char *why;	/* of the others: "no answer (3)", or NULL */
};

struct result_cause {
	const char *class;	/* of GUARDRAILS' root-cause classes */
	double confidence;	/* (0,1] */
	const char *const *evidence;	/* sentences */
	size_t n_evidence;
	const char *guardrail;	/* "4 version pinning" */
};

/* What fresh answers say of a case that was undecided. */
enum again_is { AGAIN_OPEN, AGAIN_LOST, AGAIN_NOISE, AGAIN_BETTER, AGAIN_N };
const char *again_is_name(enum again_is is);

struct result_again {
	const char *id;
	uint64_t index;		/* of the case; not in reports */
	uint64_t variants;	/* that alone are asked, a bit each; 0: all.
				   Not in reports */
	int critical;
	int unanswered;		/* of the candidate, in the plan */
	uint64_t good[2], answered[2];	/* baseline, candidate */
	double p;		/* of this case alone; NaN: not asked */
	enum again_is is;
};

/* Why a run has its verdict. VERDICT_N: none stands before the text, which
 * lockstep does not write but may read. */
struct result_reason {
	enum verdict verdict;
	const char *text;	/* never NULL */
};

struct result {
	const char *version;	/* of the program that judged */
	enum verdict verdict;
	int exit_status;	/* after --fail-on */
	const char *headline;	/* "7 of 100 questions lost their passage" */
	struct result_reason *reasons;	/* worst first */
	size_t n_reasons;
	uint64_t reasons_more;	/* that found no room, of no greater weight */
	struct {
		const char *id, *started, *suite_name, *suite_path, *profile;
		const char *owner, *incident;
		const char *const *argv;
		size_t n_argv;
		const char *stop_reason;
		int threads;
		uint64_t seed;
		double elapsed_s;
		double cpu_idle;	/* share of this machine's, meanwhile;
					   NaN: unknown, or no arm is here */
		const char *hash_suite, *hash_cases, *hash_sections;
		const char *hash_trace;
		const char *embedder, *embedder_hash;
		int embedder_dim;
		double curve_t;		/* NaN: identity */
		const char *report_dir;	/* or NULL */
	} run;
	struct {		/* by which the gates were judged: limits.h */
		double alpha, inconclusive_p, hard_p;
		int strict;
	} rules;
	struct result_arm arm[ARM_N];
	struct result_gate *gates;
	size_t n_gates;
	struct result_scored scored[SCORER_METRICS_MAX];
	size_t n_scored;
	size_t n_cases;		/* result_case_at() has them, in the order of
				   the suite */
	size_t worst[5];	/* their indices */
	size_t n_worst;
	/* the texts of both arms of a worst case, where the case has none */
	const struct result_side *worst_sides[5];
	struct {		/* of the cases that were added, by
				   result_case_add() alone: */
		uint64_t of[CASE_V_N];
		uint64_t review, quarantined;
		/* regressions, and those that fail without a baseline; of
		 * them without their passage, declined, critical */
		uint64_t worse, lost, refused, critical;
		uint64_t proven;	/* regressions that their own answers
					   prove */
	} count;
	uint64_t variants;	/* that were asked, of all cases */
	struct result_pin_change *pins;	/* what changed between the stacks */
	size_t n_pins;
	int pins_sent;		/* any arm sent any */
	struct result_cause *causes;	/* likeliest first */
	size_t n_causes;
	struct {		/* beyond the plan */
		int known;	/* something was, or is left to be */
		const char *say;	/* as a sentence */
		struct result_again *cases;	/* that were undecided */
		size_t n;
		uint64_t repeats;
		double p;	/* of the gate on cases, by fresh answers;
				   NaN: none */
		uint64_t lost, noise, better, open;	/* cases */
		uint64_t missing;	/* answers not asked for yet */
		uint64_t latency;	/* pairs that a gate on latency asks
					   for, those of all rounds; 0: none
					   is undecided. Not in reports */
		uint64_t latency_there;	/* of them, asked by now */
		/* sent for their latency alone */
		uint64_t pairs, pairs_again, errors[2];
	} again;
	struct {
		double late_p99_ns;	/* NaN: not paced */
		uint64_t lost, duplicates;
		int pins_changed;	/* within the baseline */
		double aa_false_alarm;	/* share; NaN: not computed */
		int cached_echoes;
	} trust;
	struct {		/* e_resonance, METRICS 3 */
		int known;
		double median, max;	/* of the means of 50 cases */
		double trend_p;		/* NaN: too few cases */
		int flat;
	} resonance;
	uint64_t requests;
	double usd;		/* NaN: nothing priced */
	const char *blind;	/* the smallest harm a PASS could have missed */
	const char *next;	/* the next command to type */
	const char *const *notes;	/* what else should be known */
	size_t n_notes;
	void *mem;		/* private */
};

/*
 * An empty result: verdict "could not run", version this program's, numbers
 * that may be unknown NaN, all others 0. NULL when memory is out.
 */
struct result *result_new(void);
/* NULL is safe. */
void result_free(struct result *r);

/* Fill a fresh element: NaN where unknown, "" for names. */
void result_gate_init(struct result_gate *g);
void result_case_init(struct result_case *c);

/*
 * Number i of those that a case has over its variants: λ, graded stability,
 * variance; in the order of `lockstep metrics`.
 * v       takes baseline and candidate, NaN where there is none
 * returns its name, or NULL behind the last
 */
const char *result_case_stability(const struct result_case *c, int i,
    float v[2]);

/*
 * Zeroed memory that lives as long as the result, aligned for any type; NULL
 * when memory is out, which result_check() remembers. One thread at a time.
 */
void *result_alloc(struct result *r, size_t n);
/* A copy of s; NULL of NULL. */
const char *result_str(struct result *r, const char *s);
const char *result_fmt(struct result *r, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Adds a copy of a case behind the others; its verdict is below CASE_V_N.
 * returns RC_OK, RC_NOMEM or RC_IO
 */
int result_case_add(struct result *r, const struct result_case *c,
    struct err *err);

/* The candidate came without the passage, or declined: 1; else 0. */
int result_case_lost(const struct result_case *c);
int result_case_refused(const struct result_case *c);

/* Reads the cases of a result; one thread at a time, others have their own. */
struct result_reader {
	const struct result *r;
	enum rc rc;		/* of the first failure */
	/* the rest is private */
	size_t next;
	uint64_t next_at, from;
	int leap;
	struct buf window;
	const char **texts;
	size_t cap_texts;
	struct result_case c;
};

void result_reader_init(struct result_reader *rd, const struct result *r);
/* Case i. It and its texts live until the reader's next call; NULL: there is
 * none, or it cannot be read, which result_reader_check() tells. */
const struct result_case *result_case_at(struct result_reader *rd, size_t i);
/* The case behind the last one that was read; at first the first one. */
const struct result_case *result_case_next(struct result_reader *rd);
/* RC_OK, or the first failure with a message. */
int result_reader_check(const struct result_reader *rd, struct err *err);
/* Frees; returns RC_OK or the code of the first failure. */
int result_reader_fini(struct result_reader *rd);

/* Finds cases by id, for those who look for many; 8 bytes a case. */
struct result_index;
/* caller frees with result_index_free(), before the result; RC_NOMEM, RC_IO */
int result_index_new(const struct result *r, struct result_index **out,
    struct err *err);
void result_index_free(struct result_index *x);
/*
 * The first case of that id, or NULL; it lives until the next call.
 * *at     where it stands; may be NULL
 */
const struct result_case *result_index_find(struct result_index *x,
    const char *id, size_t *at);

/*
 * What was asked of which builds, as one hash in hex: the suite, with its
 * paths and bodies, and the pins of both arms.  Two runs of one hash differ
 * by chance alone.
 * returns 1; 0 when it is not known: an arm sent no pins, or one that varied
 */
int result_build(const struct result *r, char out[33]);

/*
 * A reason as reports show it: "FAIL: latency: ...".
 * line    takes it in place of what it held
 * returns line's text, until line changes
 */
const char *result_reason_line(const struct result_reason *why,
    struct buf *line);

/* RC_OK, or RC_NOMEM when any allocation above failed. */
int result_check(const struct result *r, struct err *err);

/* A gate by its name; NULL: there is none. */
const struct result_gate *result_gate_find(const struct result *r,
    const char *name);

/* What fresh answers say of a case, by its id; NULL: it was not undecided. */
const struct result_again *result_again_find(const struct result *r,
    const char *id);

/* A gate's value is on the wrong side of its limit; 0 when either is NaN. */
int result_gate_beyond(const struct result_gate *g);

/*
 * Appends report.json's text: members in a fixed order, indented, a case on
 * one line.  Writing what result_read() read gives the same bytes again.
 */
void result_write_json(const struct result *r, struct buf *out);

/* Writes one case, on one line, as in report.json. */
void result_write_case(const struct result *r, const struct result_case *c,
    struct buf *out);

/* Writes one gate as in report.json. */
void result_write_gate(const struct result_gate *g, struct buf *out);

/* The JSON Schema of report.json, as suites/report.schema.json has it. */
void result_write_schema(struct buf *out);

/*
 * Reads a report.json back; members it does not know are passed over.
 * returns RC_OK, caller frees with result_free(); RC_IO, RC_NOMEM, RC_FORMAT
 *         (not a report, of a newer schema, or a member of the wrong kind)
 */
int result_read(const char *path, struct result **out, struct err *err);

#endif
