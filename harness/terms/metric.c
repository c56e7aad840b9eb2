/* The words of metrics and of lambda; see metric.h and metric_rows.h. */
#include "harness/terms/metric.h"

#include <string.h>

const struct metric metrics[METRIC_N] = {
#define METRIC(id, name, unit, dir, help, source) \
	[id] = { id, dir, #name, unit, help, source },
#include "harness/terms/metric_rows.h"
};

const struct metric metrics_of_case[] = {
#define FACT(name, unit, dir, help, source) \
	{ METRIC_N, dir, name, unit, help, source },
#include "harness/terms/metric_rows.h"
	{ METRIC_N, INFORMATION, NULL, NULL, NULL, NULL }
};

const char *
metric_missing_text(enum metric_missing why)
{
	static const char *const text[METRIC_MISSING_N] = {
		[METRIC_HERE] = "",
		[METRIC_NOT_APPLICABLE] =
		    "the suite's data or extraction does not provide for it",
		[METRIC_NO_RETRIEVED] = "nothing was retrieved",
		[METRIC_NO_ANSWER] = "there was no answer",
		[METRIC_NO_GOLD] = "the case does not specify it",
		[METRIC_NO_TEXT] = "the retrieved passages have no text",
		[METRIC_NO_EMBEDDING] = "a text has no embedding",
		[METRIC_FAILED] = "the request failed",
		[METRIC_NOT_ASKED] = "it was not sent",
		[METRIC_NO_CITATIONS] = "nothing was cited",
	};

	return text[why];
}

const struct metric *
metric_find(const char *name)
{
	const struct metric *m;
	int i;

	for (i = 0; i < METRIC_N; i++) {
		if (strcmp(metrics[i].name, name) == 0)
			return &metrics[i];
	}
	for (m = metrics_of_case; m->name != NULL; m++) {
		if (strcmp(m->name, name) == 0)
			return m;
	}
	return NULL;
}

const char *
lambda_symbol(enum lambda_state s)
{
	static const char *const symbol[LAMBDA_STATE_N] = {
		[LAMBDA_CONVERGENT] = "\xe2\x86\x92",	/* → */
		[LAMBDA_SPLIT] = "<>",
		[LAMBDA_COLLAPSED] = "\xe2\x86\x90",	/* ← */
		[LAMBDA_CHAOS] = "\xc3\x97",		/* × */
		[LAMBDA_NONE] = "",
	};

	return symbol[s];
}

const char *
lambda_grade_name(enum lambda_grade g)
{
	static const char *const name[LAMBDA_GRADES] = {
		[GRADE_RANK] = "lambda_rank",
		[GRADE_SWAP] = "rank_swap_rate",
		[GRADE_CITE] = "lambda_cite",
		[GRADE_CSS] = "css",
		[GRADE_ANSWER] = "lambda_answer",
		[GRADE_NED50] = "ned50",
		[GRADE_REFUSAL] = "refusal_consistency",
		[GRADE_CONTAIN] = "contain_rate",
		[GRADE_GOLD_HIT] = "gold_hit_rate",
	};

	return name[g];
}
