/* Private to result*.c: what a result owns. */
#ifndef LOCKSTEP_RESULT_PART_H
#define LOCKSTEP_RESULT_PART_H

#include "harness/base/arena.h"
#include "harness/base/spool.h"
#include "harness/result/result.h"

/* One case in so many has its place noted; the others are found from it. */
enum { RESULT_MARK_EVERY = 8 };

struct result_mem {
	struct arena arena;	/* of all but the cases */
	struct spool cases;	/* packed, in order */
	uint64_t *marks;
	size_t cap_marks;
	struct buf pack;	/* the case that is being added */
};

static inline struct result_mem *
result_mem(const struct result *r)
{
	return r->mem;
}

#endif
