/* Finding a drill by the name that a suite gives it. */
#ifndef LOCKSTEP_DRILL_ROWS_H
#define LOCKSTEP_DRILL_ROWS_H

#include "harness/drill/drill_part.h"

/* By name or alias, in any case, '-' as '_'; NULL: there is none. */
const struct drill_row *drill_find(const char *name);
const struct drill_row *drill_at(size_t i);	/* NULL behind the last */

/*
 * The drill that words of a manifest without scenarios ask for.
 * i  0, 1, ...: they may ask for several; NULL behind the last
 */
const struct drill_row *drill_meant(const struct suite *s, size_t i);

#endif
