/*
 * What a suite's cases expect, found by the question that was asked: for
 * exchanges of production, which know no case.
 */
#ifndef LOCKSTEP_PROMOTE_GOLD_H
#define LOCKSTEP_PROMOTE_GOLD_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/suite/caseset.h"

struct promote_gold;

/*
 * Indexes questions and paraphrases of all cases, which are borrowed.
 * returns RC_OK, caller frees with promote_gold_close(); RC_NOMEM, or as
 * caseset_get()
 */
int promote_gold_open(const struct caseset *cases, struct promote_gold **out,
    struct err *err);
void promote_gold_close(struct promote_gold *g);

/*
 * Puts into doc what the first case expects that asks this, letter case,
 * punctuation and blanks aside, and its id as "gold". Where there is none,
 * nothing changes.
 * *found   set to 1, *n counted up, when there is one that expects something
 * returns RC_OK or RC_NOMEM; not safe from several threads
 */
int promote_gold_take(struct promote_gold *g, const char *question,
    struct json *doc, int *found, size_t *n);

/* Whether there is one that expects something. */
int promote_gold_knows(struct promote_gold *g, const char *question);

#endif
