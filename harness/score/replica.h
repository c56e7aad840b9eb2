/*
 * Replicas: of each case and variant the up to three answers (baseline's,
 * candidate's, and the echo of one of them) as numbers, for the replicate
 * test (METRICS 4, stat_replicate.h).
 *
 * Variants whose answers are equal in everything take part in counts alone:
 * relabeling them changes nothing.  The others are kept one by one, in
 * memory while they are few, in an unlinked scratch file beyond.
 *
 * Thread rule: one thread puts; afterwards any number may get, each into a
 * case of its own.
 */
#ifndef LOCKSTEP_REPLICA_H
#define LOCKSTEP_REPLICA_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/stat/stat_replicate.h"
#include "harness/terms/scorer_metric.h"

/*
 * What can be tested.  Numbers of an answer come first; of them the effect of
 * a case is the mean over its variants of (mean of the candidate's answers -
 * mean of the baseline's), echoes included, over variants in which both arms
 * have the number.
 */
enum replica_what {
	REPLICA_GOOD,		/* 1: holds the case's limits for an answer */
	REPLICA_QUESTION,	/* ds_question_retrieved */
	REPLICA_CONTEXT,	/* ds_question_context */
	REPLICA_COVERAGE,
	REPLICA_PRECISION,	/* citation_precision */
	REPLICA_RECALL,		/* citation_recall */
	REPLICA_ANCHORS,
	REPLICA_SCORER,		/* + k: the suite's own metric k */
	REPLICA_ANSWER_N = REPLICA_SCORER + SCORER_METRICS_MAX,
	/* of pairs of answers */
	REPLICA_INSTABILITY = REPLICA_ANSWER_N,	/* ΔS of an answer and its
			   echo, the candidate's less the baseline's */
	REPLICA_DRIFT,		/* d of METRICS 4; its sign turns */
	REPLICA_ORDER,		/* 1 - RBO of the arms less the echo's; its
				   sign turns */
	/* of a whole case, from tables: candidate's less baseline's */
	REPLICA_CONVERGENCE,
	REPLICA_FLIP,
	REPLICA_N
};

enum { REPLICA_PAIRS = 3 };	/* named by the answer that is left out */

/* One variant whose answers differ in something. */
struct replica_variant {
	uint32_t v;
	uint8_t twice;		/* STAT_BASE or STAT_CAND was asked twice */
	uint8_t answered;	/* a bit for each of the three answers */
	float x[REPLICA_ANSWER_N][3];	/* NaN: missing */
	/* of the two answers but this one: [STAT_ECHO] is baseline against
	 * candidate; NaN: one of them lacks it */
	float ds[REPLICA_PAIRS], order[REPLICA_PAIRS];
	float drift;		/* ΔS(baseline or what was accepted instead,
				   candidate) less ΔS(asked twice, echo) */
};

/* A number of the variants that are equal in everything. */
struct replica_still {
	uint32_t n;		/* variants that have it on both arms */
	float sum;		/* of their values */
};

/* A table of the case: NULL value: the case has no such number. */
struct replica_tables {
	struct stat_table convergence, flip;
};

struct replica_case {
	uint64_t case_index;
	uint32_t per_case;
	uint8_t whole;		/* three deployments: turned as one */
	uint32_t still_good[2], still_asked[2];	/* answers, an arm each */
	uint32_t still_floor[2];	/* variants whose echo is of this arm
				   and like it, in texts */
	uint32_t still_drift, still_order;
	uint64_t gone;			/* variants that the candidate did not
					   answer and the baseline did, a bit
					   each, of the first 64 */
	struct replica_still still[REPLICA_ANSWER_N];
	struct replica_variant *v;
	size_t n;		/* in the order of the plan */
	struct replica_tables tables;
	void *mem;		/* private */
};

/* Ready for replicas_get(), which reuses its memory. */
void replica_case_init(struct replica_case *c);
void replica_case_fini(struct replica_case *c);

struct replicas;

/* n cases of which nothing is known. returns RC_OK, caller frees with
 * replicas_free(); RC_NOMEM */
int replicas_new(uint64_t n, struct replicas **out, struct err *err);
void replicas_free(struct replicas *r);
/* Keeps a copy at c->case_index; once a case. RC_OK, RC_NOMEM, RC_IO */
int replicas_put(struct replicas *r, const struct replica_case *c,
    struct err *err);
/* Variants a case has: what stat_replicate_new() is told (1 where whole
 * deployments are turned); 1 where nothing was put. */
uint32_t replicas_per_case(const struct replicas *r);
/*
 * Case i.
 * returns 1, 0 where nothing is known of it (*out is then empty), or RC_IO,
 *         RC_NOMEM
 */
int replicas_get(const struct replicas *r, uint64_t i,
    struct replica_case *out, struct err *err);

/* ---- from a case to statistics (replica_effect.c) ------------------------ */

struct replica_effect {
	double value;		/* candidate's less baseline's; NaN: the case
				   does not count */
	double base, cand;	/* of numbers of an answer: the arms' means,
				   echoes included; else NaN */
	uint32_t n;		/* variants it is over */
};

/*
 * The effect of a case, and, where r is given, sign times what relabelings
 * make of it added to a statistic of r.
 * sign    1: more is worse; -1: less is
 * returns RC_OK or RC_NOMEM
 */
int replica_effect(const struct replica_case *c, int what, double sign,
    struct stat_replicate *r, size_t stat, struct replica_effect *out);

/*
 * The d of each variant for stat_replicate_tail(): d and v hold c->n values
 * (at least 1); of whole deployments there is one.
 * *of     what their sum is divided by; 0: the case does not count
 * returns how many
 */
size_t replica_drifts(const struct replica_case *c, float *d, uint32_t *v,
    uint32_t *of);

/*
 * The variants of which the candidate's share of good answers is less than the
 * baseline's: a bit each, lowest first; those behind the 64th have none.
 */
uint64_t replica_lost(const struct replica_case *c);

/* One case's own evidence of REPLICA_GOOD. returns RC_OK or RC_NOMEM */
int replica_evidence(const struct replica_case *c,
    struct stat_replicate_good *out);

#endif
