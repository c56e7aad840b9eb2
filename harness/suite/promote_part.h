/*
 * Private to promote*.c: the manifest of a promoted suite.
 */
#ifndef LOCKSTEP_PROMOTE_PART_H
#define LOCKSTEP_PROMOTE_PART_H

#include "harness/base/buf.h"
#include "harness/suite/promote.h"

/* Writes a file whole or not at all. returns RC_OK, RC_IO or RC_NOMEM */
int promote_file(const char *path, const struct buf *b, struct err *err);

/* Writes out->suite, once the other files are there. */
int promote_manifest(const struct promote_job *job, struct promote_out *out,
    struct err *err);

/* Writes out->setup, a trace of the calls that come first; none: nothing. */
int promote_setup(const struct promote_job *job, struct promote_out *out,
    struct err *err);
/* The manifest's `setup`, its calls in a file beside it. */
void promote_put_setup(const struct suite *s, const char *file,
    struct buf *b);

/* Copies certificates and what scorers name below the suite's folder. */
int promote_files(const struct promote_job *job, struct promote_out *out,
    struct err *err);

/*
 * Reads what was written as `check` would.
 * returns RC_OK; RC_FORMAT when it is no suite: its files are then removed
 */
int promote_check(const struct promote_out *out, struct err *err);

#endif
