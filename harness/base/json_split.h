/*
 * A JSON document with one large array in it, read without holding that
 * array: its elements one by one, and all else as one value.
 */
#ifndef LOCKSTEP_JSON_SPLIT_H
#define LOCKSTEP_JSON_SPLIT_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"

/* An element, borrowed. returns RC_OK or an error, which ends the reading */
typedef int json_element_fn(void *ctx, const struct json *j, struct err *err);

/*
 * Reads a file.  The elements of the array that is the member `key` of the
 * document's object go to fn, in order; in the value that comes back that
 * array is empty.  A member that is no array, or is there a second time,
 * stays as it is.
 * max_bytes  what an element, or the rest, may have
 * returns the value, caller frees with json_free(); or NULL with RC_IO,
 *         RC_FORMAT (with line and column), RC_NOMEM or fn's code in err
 */
struct json *json_split(const char *path, const char *key, size_t max_bytes,
    json_element_fn *fn, void *ctx, struct err *err);

#endif
