/*
 * What a proxy tells of an exchange, taken into an item. One thread at a
 * time.
 */
#ifndef LOCKSTEP_RECORD_TAKE_H
#define LOCKSTEP_RECORD_TAKE_H

#include "replay/proxy.h"
#include "replay/record_item.h"

extern const char record_memory_full[];		/* "memory full" */

/*
 * The head of the answer, and bytes of its body.
 * body_max  bytes of the body
 * returns NULL; or why the item cannot be kept, a literal
 */
const char *record_take_answer(struct record_item *it,
    const struct proxy_answer *a, size_t body_max);
const char *record_take_bytes(struct record_item *it, const char *p, size_t n,
    int64_t at_ns, size_t body_max);

/*
 * Closes the books: trailers, outcome, bodies, times since start_ns, the
 * first content of a stream.
 * returns NULL, or why the item cannot be kept
 */
const char *record_take_end(struct record_item *it,
    const struct proxy_end *e, int64_t start_ns);

#endif
