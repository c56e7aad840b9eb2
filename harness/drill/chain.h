/* What answers cite, and whether they stay: checks over phases. */
#ifndef LOCKSTEP_DRILL_CHAIN_H
#define LOCKSTEP_DRILL_CHAIN_H

#include "harness/drill/phase.h"

/* Each answer cites, what it cites is among its passages, and its words come
 * from there and from no other section. */
void chain_fence(struct drill *d, const struct phase *p);

/* Of two phases of the same questions: in how many passages or citations
 * differ. At most 1 - gates.lambda_convergent of them may. */
void chain_stable(struct drill *d, const struct phase *a,
    const struct phase *b);

/* The passages' scores can be those of the metric that the answers' pins
 * name, which are in the outcome. */
void chain_scores(struct drill *d, const struct phase *p);

#endif
