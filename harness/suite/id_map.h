/*
 * Replaces ids of a recording by another stack's ids in requests. An id is
 * replaced where it appears whole: neither a letter, a digit, `_` nor `-`
 * beside it; one of fewer than eight characters only as a whole part of a path
 * or a whole JSON string, as it may mean something else. Immutable once made;
 * may then be used from any thread.
 */
#ifndef LOCKSTEP_ID_MAP_H
#define LOCKSTEP_ID_MAP_H

#include <stddef.h>

#include "harness/base/buf.h"

struct id_map;

struct id_map *id_map_new(void);	/* NULL: out of memory */
void id_map_free(struct id_map *m);	/* NULL is safe */

/* Copies both; the first of equal `from` counts. returns RC_OK or RC_NOMEM */
int id_map_add(struct id_map *m, const char *from, const char *to);
size_t id_map_n(const struct id_map *m);

/* Appends the text with every id replaced. out is sticky. */
void id_map_put(const struct id_map *m, const char *p, size_t n,
    struct buf *out);

#endif
