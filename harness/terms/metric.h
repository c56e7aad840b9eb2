/*
 * Metrics as words: one name, unit, direction, definition and source each
 * (METRICS).  Code, `lockstep metrics`, README and reports read this one
 * truth; how a metric is computed is in the score room.  A value that is
 * undefined is NaN with a reason, never 0.
 */
#ifndef LOCKSTEP_METRIC_H
#define LOCKSTEP_METRIC_H

/* Per-observation metrics, in the order of METRICS 2. */
enum metric_id {
#define METRIC(id, name, unit, dir, help, source) id,
#include "harness/terms/metric_rows.h"
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

struct metric {
	enum metric_id id;
	enum metric_direction direction;
	const char *name;
	const char *unit;	/* "distance", "share", "ns", ... */
	const char *help;	/* the definition in words */
	const char *source;
};
extern const struct metric metrics[METRIC_N];

/* Metrics of a case or a run, which have no value for one observation: their
 * id is METRIC_N. Ends with a row whose name is NULL. */
extern const struct metric metrics_of_case[];

/* A row of either table by name, or NULL. */
const struct metric *metric_find(const char *name);

/* The state of one variant on one arm. */
enum lambda_state {
	LAMBDA_CONVERGENT, LAMBDA_SPLIT, LAMBDA_COLLAPSED, LAMBDA_CHAOS,
	LAMBDA_NONE,		/* the variant was not asked */
	LAMBDA_STATE_N
};
/* The symbols of METRICS: → <> ← × and "" for none. */
const char *lambda_symbol(enum lambda_state s);

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

#endif
