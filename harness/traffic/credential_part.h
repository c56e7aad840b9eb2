/*
 * Private to credential*.c.
 */
#ifndef LOCKSTEP_CREDENTIAL_PART_H
#define LOCKSTEP_CREDENTIAL_PART_H

#include <stddef.h>

#include "harness/base/buf.h"

enum { CREDENTIAL_NAME_MAX = 128 };

/* Whether a name looks like a credential's; one that is too long to be
 * judged does. */
int credential_looks(const char *s, size_t n);

/* Undoes percent-escapes once. returns whether there were any */
int credential_unescape(const char *s, size_t n, struct buf *out);

/*
 * Cleans what a value may be: a URL, a path with a query, or either in
 * percent-escapes, several times over.
 * returns 1 when something was replaced, 0 when out is the same as p
 */
int credential_clean(struct buf *out, const char *p, size_t n, int depth);

#endif
