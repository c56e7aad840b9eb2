/*
 * Metrics of the suite's own: what its scorers return, as the suite declares
 * it.  Beside the built-in ones (metric.h) in cells, gates and reports.
 */
#ifndef LOCKSTEP_SCORER_METRIC_H
#define LOCKSTEP_SCORER_METRIC_H

#include <stddef.h>

/* Of all scorers of a suite together, and bytes of a name with its NUL. */
enum { SCORER_METRICS_MAX = 16, SCORER_NAME_MAX = 49 };

/* Larger values, either way, are none. */
#define SCORER_VALUE_MAX 1e9

enum scorer_class { SCORER_GATE, SCORER_HARD, SCORER_INFO };

struct scorer_metric {
	const char *name;	/* [a-z][a-z0-9_]* */
	size_t scorer;		/* index of who returns it */
	int higher_is_better;
	enum scorer_class class;
	double margin;		/* of the change of the mean */
	double limit;		/* of the candidate's mean; NaN: none */
};

/* Whether a name may be one: [a-z][a-z0-9_]*, shorter than SCORER_NAME_MAX. So
 * every format can print it unchanged. */
int scorer_metric_is_name(const char *s);

#endif
