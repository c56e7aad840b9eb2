/*
 * A recorded request with several questions, split into requests with one
 * each: lists in its body keep one element. One thread at a time.
 */
#ifndef LOCKSTEP_BATCH_H
#define LOCKSTEP_BATCH_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json.h"

enum { BATCH_LISTS_MAX = 16, BATCH_MAX = 10000 };

struct batch {
	struct json_ptr *ptr[BATCH_LISTS_MAX];
	size_t n_ptr;
	const struct json *list[BATCH_LISTS_MAX];	/* of the body */
	size_t n_lists;
	size_t n;		/* elements; 0: it is no batch */
};

/*
 * ptrs    a pointer or a list of them, or NULL: nothing is a batch
 * returns RC_OK, caller frees with batch_fini(); RC_FORMAT, RC_NOMEM
 */
int batch_init(struct batch *b, const struct json *ptrs, struct err *err);
void batch_fini(struct batch *b);

/*
 * Looks at a body, which is borrowed until the next look. Lists of unequal
 * length, an empty list and more than BATCH_MAX elements are not a batch.
 * returns how many it asks for, 0: it is none
 */
size_t batch_look(struct batch *b, const struct json *body);

/* Appends the body with element k alone in each list. */
void batch_cut(const struct batch *b, const struct json *body, size_t k,
    struct buf *out);

/* Element k of the first list. */
const struct json *batch_element(const struct batch *b, size_t k);

#endif
