/*
 * The cells of a run: in memory while it is small, in an unlinked
 * temporary file beyond, so that a million cases stay within the memory that
 * a job has.  One thread writes; afterwards any number may read.
 */
#ifndef LOCKSTEP_CELLS_H
#define LOCKSTEP_CELLS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/terms/cell.h"

#define CELLS_IN_MEMORY 32768

/* The cells of a run, in the order of the case set. */
struct cells;

uint64_t cells_n(const struct cells *cs);
/* Case i; cells that were never scored have arm[].n == 0. The pointer lives
 * until the next call from the same thread. */
const struct cell *cells_get(const struct cells *cs, uint64_t i);

/* A cell of which nothing is known: counts 0, numbers NaN. */
void cell_init(struct cell *c, uint64_t case_index);

/*
 * n cells of which nothing is known.
 * in_memory  how many to keep in memory at most; 0: CELLS_IN_MEMORY
 * returns RC_OK, caller frees with cells_free(); RC_NOMEM, RC_IO
 */
int cells_new(uint64_t n, uint64_t in_memory, struct cells **out,
    struct err *err);
void cells_free(struct cells *cs);

/* Stores a copy at c->case_index, which is below n. */
int cells_put(struct cells *cs, const struct cell *c, struct err *err);

#endif
