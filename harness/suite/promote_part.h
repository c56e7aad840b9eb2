/*
 * Private to promote*.c: the manifest of a promoted suite.
 */
#ifndef LOCKSTEP_PROMOTE_PART_H
#define LOCKSTEP_PROMOTE_PART_H

#include <sys/types.h>

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

enum { PROMOTE_COPY_MAX = 16 << 20 };	/* bytes of a file that is copied */

/* Reads a file whole. returns RC_OK, RC_IO, RC_NOMEM; b may be too small */
int promote_read(const char *path, struct buf *b, struct err *err);
/*
 * Writes b to a file and the folders above it; what stands there already is
 * kept where it is the same.
 * returns RC_OK; RC_USAGE when another file is there; RC_IO, RC_NOMEM
 */
int promote_put(const struct promote_job *job, struct promote_out *out,
    const struct buf *b, mode_t mode, char *to, struct err *err);

/* Copies certificates. */
int promote_files(const struct promote_job *job, struct promote_out *out,
    struct err *err);

/*
 * Copies what the scorers' commands name.
 * returns RC_OK; RC_USAGE when the suite would not run without something that
 *         cannot be copied
 */
int promote_scorers(const struct promote_job *job, struct promote_out *out,
    struct err *err);
/* The manifest's `scorers`, their commands naming the copies. */
int promote_put_scorers(const struct promote_job *job, struct buf *b,
    struct err *err);

/*
 * Reads what was written as `check` would.
 * returns RC_OK; RC_FORMAT when it is no suite: its files are then removed
 */
int promote_check(const struct promote_out *out, struct err *err);

#endif
