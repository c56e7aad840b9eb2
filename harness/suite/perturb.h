/*
 * Benign perturbations of a question: other ways to write the same words
 * (METRICS 3).  Deterministic: a function of text, kind and round.
 * Pure; safe from any thread.
 */
#ifndef LOCKSTEP_PERTURB_H
#define LOCKSTEP_PERTURB_H

#include <stdint.h>

#include "harness/base/buf.h"

/* The kinds' names, NULL-terminated: whitespace, punctuation, case, unicode,
 * width, synonyms, clauses. */
extern const char *const perturb_names[];

/*
 * Appends text as `kind` rewrites it.
 * round   further ways of the same kind, from 0
 * returns 1 when the result differs from text, else 0 (then out is as it
 *         was), also for an unknown kind
 */
int perturb(const char *kind, const char *text, uint32_t round,
    struct buf *out);

#endif
