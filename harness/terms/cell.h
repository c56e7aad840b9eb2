/*
 * The result of scoring one case: one cell, plain numbers. Gates read columns
 * of cells; nothing else of the observations is kept in memory. NaN: undefined
 * for this case.
 */
#ifndef LOCKSTEP_CELL_H
#define LOCKSTEP_CELL_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/terms/metric.h"
#include "harness/terms/scorer_metric.h"

/* Why a case fails on an arm: bits, with names in cell.c. */
enum {
	CASE_QUESTION = 1 << 0,		/* ds_question_retrieved >= .60 */
	CASE_COVERAGE = 1 << 1,
	CASE_CONVERGENCE = 1 << 2,
	CASE_CHAOS = 1 << 3,
	CASE_SCHEMA = 1 << 4,
	CASE_CITATIONS = 1 << 5,
	CASE_EXPECT = 1 << 6,
	CASE_ANSWER = 1 << 7,
	CASE_UNANSWERABLE = 1 << 8,
	CASE_REFUSED = 1 << 9,		/* declined an answerable question */
	CASE_EMPTY = 1 << 10,		/* nothing retrieved */
	CASE_MUTE = 1 << 11,		/* an answer without its text */
	CASE_BROKEN = 1 << 12,		/* the service says that it failed */
	CASE_FILTERED = 1 << 13,	/* its filter stopped the answer */
	CASE_CUT = 1 << 14,		/* it stopped at its limit of tokens */
	CASE_LOST = 1 << 15,		/* a number that other answers have */
	CASE_REASONS = 16
};
/* "coverage below its limit", ...; i in [0,CASE_REASONS) */
const char *case_reason_text(int i);
const char *case_reason_name(int i);

enum case_state { CASE_UNJUDGED, CASE_PASS, CASE_FAIL };

/* One arm's side of a cell: means over the variants that answered. */
struct cell_arm {
	uint8_t state;			/* enum case_state */
	uint8_t in_band;		/* mean ΔS in [ds_max, ds_case_max) */
	uint16_t reasons;		/* CASE_* */
	uint16_t n, n_error, n_5xx, n_429;	/* observations, errors
				   included; judged on the first attempt */
	uint16_t answered;		/* that the means are over */
	uint16_t missed;		/* of them, that fail the case */
	uint16_t lambda[LAMBDA_STATE_N];
	float m[METRIC_N];		/* means */
	float convergence, flip_rate;
	float refusal;			/* share of refusals */
	float graded[LAMBDA_GRADES];
	float variance_ratio;		/* of ds_question_retrieved: mean σ/μ
				   over what was asked more than once */
};

struct cell {
	uint64_t case_index;
	uint8_t critical;
	uint8_t unanswerable;		/* declining is right */
	uint8_t cached_echo;		/* an echo came from a cache */
	uint16_t pairs;			/* variants with both arms answered */
	uint16_t err[3];	/* pairs in error: baseline only, candidate
				   only, both; first attempts */
	uint16_t http_5xx[3], http_429[3];	/* the same of these */
	struct cell_arm arm[2];		/* baseline, candidate; echoes fold in
					   only where named */
	float drift;			/* d of METRICS 4, mean over variants */
	float ds_answer;		/* mean ΔS(baseline, candidate) */
	float floor_b, floor_c;		/* mean ΔS(answer, its echo) */
	float order;			/* 1-RBO less the echo's */
	float ln_latency;		/* mean ln(candidate/baseline) */
	float pad;
	float scored[2][SCORER_METRICS_MAX];	/* means of what the suite's
				   scorers say, on baseline and candidate */
};

#endif
