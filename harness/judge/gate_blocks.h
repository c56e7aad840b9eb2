/* Latency by blocks of time, for the gates on it; internal to the gates. */
#ifndef LOCKSTEP_GATE_BLOCKS_H
#define LOCKSTEP_GATE_BLOCKS_H

#include "harness/judge/gate_kind.h"
#include "harness/stat/stat_blocks.h"

/*
 * Cuts the pairs of the cases that count.
 * returns RC_OK, *out NULL where there is none, else the caller frees it with
 *         stat_blocks_free(); RC_NOMEM
 */
int gate_blocks_cut(const struct gate_in *in, struct stat_blocks **out,
    struct err *err);

/* What a test by blocks says: p, interval, bound, sizes, and what relabelings
 * show; g->base has to be there. returns RC_OK or RC_NOMEM */
int gate_blocks_fill(const struct gate_job *job, const struct stat_blocks *b,
    const struct stat_block_test *t, struct result_gate *g,
    struct gate_seen *seen, struct err *err);

/* A kind's look(). */
int gate_blocks_look(const struct gate_job *job, int b,
    const struct gate_seen *seen, struct result_gate *g);

#endif
