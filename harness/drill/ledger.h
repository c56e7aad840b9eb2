/*
 * How a service keeps its idempotency keys, by what it says itself: the
 * manifest's words `stores` and `logging`. Nothing is added without them.
 */
#ifndef LOCKSTEP_DRILL_LEDGER_H
#define LOCKSTEP_DRILL_LEDGER_H

#include "harness/drill/drill_part.h"

/* What it reports (config) is what `stores` says; a number may be greater. */
int ledger_stores(struct drill *d, struct err *err);

/* Each line of its log (logs) about a key of this drill has the fields of
 * `logging.include_fields`. */
int ledger_logging(struct drill *d, struct err *err);

#endif
