/*
 * A short expected answer in the words of another text, as the same amount:
 * normalised words have lost the signs that tell 5 from 0.5, -5, <5 and 5 %,
 * and C from C++. METRICS.md "Expected answers" has the rule.
 */
#ifndef LOCKSTEP_PHRASE_H
#define LOCKSTEP_PHRASE_H

#include "harness/score/ctext.h"

enum { PHRASE_WORDS = 8 };	/* longer answers are sentences */

/* Whether the words of want, 1 to PHRASE_WORDS, stand in text in a row and
 * say the same there. Linear in text and without memory for it; a holds the
 * words of want. */
int phrase_stands(struct ctext *want, const struct ctext *text,
    struct arena *a);

#endif
