/* Private to where*.c: conditions, and what a record was parsed to. */
#ifndef LOCKSTEP_WHERE_PART_H
#define LOCKSTEP_WHERE_PART_H

#include "harness/base/buf.h"
#include "harness/traffic/where.h"

/* What a pointer goes into. */
enum where_part { WHERE_RECORD, WHERE_ASKED, WHERE_SAID, WHERE_PARTS };

struct where_ptr {
	enum where_part part;
	struct json_ptr *ptr;
};

struct where {
	struct where_cond *v;
	size_t n, cap;
	struct json *doc[WHERE_PARTS];	/* of the record at hand */
	unsigned parsed;		/* bits: which of them were */
	struct buf plain, word;
};

/* As where_ptr_each(), and keeps what was parsed for the next pointer. */
int where_ptr_look(struct where *w, const struct where_ptr *p,
    const struct exchange *ex, const char *line, size_t n, json_each_fn *fn,
    void *ctx);
void where_forget(struct where *w);

#endif
