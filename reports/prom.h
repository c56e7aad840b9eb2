/*
 * The lines of OpenMetrics text. Every sample carries the suite's name; label
 * values are escaped. Failures stick to out. Safe from any thread.
 */
#ifndef LOCKSTEP_REPORTS_PROM_H
#define LOCKSTEP_REPORTS_PROM_H

#include "harness/base/buf.h"

struct prom {
	struct buf *out;
	const char *prefix;	/* of every name: "lockstep_" */
	const char *suite;	/* NULL: "" */
};

void prom_family(const struct prom *m, const char *name,
    const char *type, const char *help);

/* NAMESUFFIX{suite="...": more labels may follow, each behind a comma, and
 * prom_value() ends it. */
void prom_begin(const struct prom *m, const char *name,
    const char *suffix);
void prom_value(const struct prom *m, double v);

/* NAME{suite="..."[,KEY="..."]} V, key NULL: without it */
void prom_sample(const struct prom *m, const char *name,
    const char *key, const char *of, double v);

#endif
