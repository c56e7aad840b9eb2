/*
 * What the formats of spans share: reading an input, beginning a span. A
 * format says where an id, a time and the attributes are.
 */
#ifndef LOCKSTEP_IMPORT_SPAN_READ_PART_H
#define LOCKSTEP_IMPORT_SPAN_READ_PART_H

#include "harness/import/attr_part.h"

struct span_reader {
	struct import *im;
	struct import_src *src;
	struct spans *spans;
	struct arena arena;	/* texts of the span at hand */
	struct attr_span s;	/* the span at hand */
};

/*
 * Reads an input: fn gets each value as of import_values(), its ctx being the
 * struct span_reader; then the traces that are open are written.
 */
int span_read(struct import *im, struct import_src *src, const char *path,
    import_value_fn *fn, struct err *err);

/*
 * The open trace that a record belongs to.
 * id      NULL or empty: the record is counted as unusable
 * lacks   the reason, a static text: "a span without a trace_id"
 * *t      NULL when it is unusable
 * returns RC_OK, or an error of writing an older trace
 */
int span_trace(struct span_reader *r, const char *id, const char *lacks,
    struct spans_trace **t, struct err *err);

/* Begins a span: nothing is known of it. */
void span_begin(struct span_reader *r, int is_root);

/* Nanoseconds since 1970, a number or a text that holds one; -1: none. */
int64_t span_nanos(const struct json *v);

#endif
