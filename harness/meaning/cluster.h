/*
 * Texts that mean nearly the same as groups, and texts that differ most.
 * Deterministic: the order of the texts decides, nothing else.
 */
#ifndef LOCKSTEP_CLUSTER_H
#define LOCKSTEP_CLUSTER_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/meaning/embed.h"

/*
 * Each text joins the nearest earlier leader within the limit, else it leads
 * a group of its own: give the most frequent first.
 * v       n vectors; NULL: the text leads alone
 * limit   ΔS
 * leader  n entries: the index of the leader, its own for a leader
 * ds      n entries: the distance to it, 0 for a leader
 */
void cluster_lead(const struct embedder *e, struct embed_vec *const *v,
    size_t n, double limit, size_t *leader, double *ds);

/*
 * Picks k texts, each as far as can be from those picked before; the first
 * one is the first of all.
 * among   n indices into v
 * out     k entries, indices into v; n when there are no more
 * returns RC_OK or RC_NOMEM
 */
int cluster_different(const struct embedder *e, struct embed_vec *const *v,
    const size_t *among, size_t n, size_t k, size_t *out,
    struct err *err);

#endif
