/*
 * Lambda: whether a case is stable over its variants (METRICS 3). Pure
 * functions, safe from any thread.
 */
#ifndef LOCKSTEP_LAMBDA_H
#define LOCKSTEP_LAMBDA_H

#include <stddef.h>
#include <stdint.h>

#include "harness/terms/metric.h"

struct embed_doc;
struct embedder;

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
	uint32_t class;		/* where lambda_case has classes */
};

/* Which ids tell the state; without any, only collapses can be told. */
enum lambda_by { LAMBDA_BY_CITATIONS, LAMBDA_BY_RETRIEVED, LAMBDA_BY_NOTHING };

/* What the variants of a case are compared with. */
struct lambda_case {
	const char *const *gold;	/* expected ids, or n_gold 0: the set
					   that most variants agree on */
	size_t n_gold;
	enum lambda_by by;	/* of all variants on both arms, never mixed */
	const struct embedder *embedder;
	/* Jaccard of the ids that tell the state, by class: with each other
	 * (n_classes a row) and with gold; NULL: looked at each time */
	const double *alike, *hit;
	size_t n_classes;
};

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

/* Convergence and flip rate alone, without state: for many relabelings. */
void lambda_rates(const struct lambda_variant *v, size_t n,
    const struct lambda_case *c, double *convergence, double *flip);

#endif
