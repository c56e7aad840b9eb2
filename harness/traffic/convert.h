/*
 * Exchanges in other tools' formats.  A format is a file convert_NAME.c with
 * a struct convert_format, and its row in convert_rows.h.
 * One thread at a time.
 */
#ifndef LOCKSTEP_CONVERT_H
#define LOCKSTEP_CONVERT_H

#include "harness/base/buf.h"
#include "harness/traffic/exchange.h"

struct convert_ctx {
	int64_t wall_ns;	/* of the trace's start; 0: not known */
	uint64_t n;		/* exchanges before this one */
};

/* Appends text; out is sticky and drained by the caller. */
typedef void convert_begin_fn(const struct convert_ctx *c, struct buf *out);
typedef void convert_put_fn(const struct convert_ctx *c,
    const struct exchange *ex, struct buf *out);

struct convert_format {
	const char *name, *help;
	convert_begin_fn *begin, *end;	/* or NULL */
	convert_put_fn *put;
};

#define CONVERT(name) extern const struct convert_format convert_##name;
#include "harness/traffic/convert_rows.h"
#undef CONVERT

/* All of them, NULL at the end. */
extern const struct convert_format *const convert_formats[];

/* The text of a body without its codings: plain or body itself.
 * *n  its length. returns NULL: there is none */
const char *convert_text(const struct ex_bytes *body,
    const struct ex_header *headers, size_t n_headers, struct buf *plain,
    size_t *n);

#endif
