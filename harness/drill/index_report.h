/* What a stack reports of its index, against its answers and its build. */
#ifndef LOCKSTEP_DRILL_INDEX_REPORT_H
#define LOCKSTEP_DRILL_INDEX_REPORT_H

#include "harness/drill/questions.h"

/*
 * Checks: its hash is INDEX_HASH of an answer, its partitions add up to its
 * count, its dim, norm and metric are the pins', and it is what was built, as
 * far as `index` says where to look. Without index.path one check is skipped.
 * subject  "its index": begins the checks' names
 */
int index_report(struct questions *q, const char *subject, struct err *err);

#endif
