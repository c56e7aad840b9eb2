/* What a command prints, or a request is answered, by a word of the suite. */
#ifndef LOCKSTEP_DRILL_SAID_H
#define LOCKSTEP_DRILL_SAID_H

#include "harness/drill/drill_part.h"

/*
 * word    "audit": the suite has {exec: COMMAND} or {request: {path}} there
 * out     gets the text
 * why     why there is none: a failed command, an answer that is not 200; ""
 *         with one
 * returns 1: there is a text or a reason why not; 0: the suite has neither;
 *         or an error
 */
int said(struct drill *d, const char *word, struct buf *out, char why[200],
    struct err *err);

#endif
