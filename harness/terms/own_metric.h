/*
 * Metrics of the suite's own: what its scorers return, as the suite declares
 * it.  Beside the built-in ones (metric.h) in cells, gates and reports.
 */
#ifndef LOCKSTEP_OWN_METRIC_H
#define LOCKSTEP_OWN_METRIC_H

#include <stddef.h>

/* Of all scorers of a suite together, and bytes of a name with its NUL. */
enum { OWN_METRICS_MAX = 16, OWN_NAME_MAX = 49 };

/* Larger values, either way, are none. */
#define OWN_VALUE_MAX 1e9

enum own_class { OWN_GATE, OWN_HARD, OWN_INFO };

struct own_metric {
	const char *name;	/* [a-z][a-z0-9_]* */
	size_t scorer;		/* index of who returns it */
	int higher_is_better;
	enum own_class class;
	double margin;		/* of the change of the mean */
	double limit;		/* of the candidate's mean; NaN: none */
};

/* Whether a name may be one: [a-z][a-z0-9_]*, shorter than OWN_NAME_MAX. So
 * every format may print it as it stands. */
int own_metric_is_name(const char *s);

#endif
