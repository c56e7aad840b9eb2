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

/*
 * Reads what was written as `check` would.
 * returns RC_OK; RC_FORMAT when it is no suite: its files are then removed
 */
int promote_check(const struct promote_out *out, struct err *err);

/* A text as YAML's double-quoted form that a manifest reads back as it is. */
void promote_quote(struct buf *b, const char *s, size_t n);
/* A value as YAML's flow form; its ${NAME} stay names. */
void promote_value(struct buf *b, const struct json *v);

#endif
