/*
 * Spans on their way to answers: those of one trace are gathered until its
 * root and what may be late have come, then read as `lockstep import otlp`
 * reads them. One thread at a time.
 */
#ifndef LOCKSTEP_CMD_SHADOW_SPANS_H
#define LOCKSTEP_CMD_SHADOW_SPANS_H

#include "harness/traffic/exchange.h"
#include "replay/shadow.h"

struct shadow_spans;

/* An answer in the shape of the preset generic, and its key. */
typedef void shadow_spans_fn(void *ctx, const char *key,
    const struct exchange *ex);

/* key: header that joins; with another one than traceparent spans are looked
 * at for an attribute of its name. returns NULL: no memory */
struct shadow_spans *shadow_spans_new(const char *key, int64_t window_ns,
    shadow_spans_fn *fn, void *ctx);
void shadow_spans_free(struct shadow_spans *s);

/* An ExportTraceServiceRequest as JSON. returns RC_OK or RC_FORMAT */
int shadow_spans_take(struct shadow_spans *s, const char *text, size_t n,
    int64_t now_ns, struct err *err);

/* Tells the answers of the traces that are complete by now, or have waited for
 * the window. */
void shadow_spans_tell(struct shadow_spans *s, int64_t now_ns);

#endif
