/*
 * Where a recording proxy leaves its exchanges: a bounded queue and the
 * thread that writes them to the trace.  Used by record.c and its kin.
 */
#ifndef LOCKSTEP_RECORD_SINK_H
#define LOCKSTEP_RECORD_SINK_H

#include "harness/traffic/exchange.h"
#include "harness/traffic/trace.h"

/* One exchange on its way; allocated whole, strings and bodies inside. */
struct record_item {
	struct record_item *next;
	struct exchange ex;
	size_t bytes;		/* what it holds, for the queue's bound */
	char id[40];
	char why[256];
	struct buf text;	/* what ex points into */
	struct buf body;	/* of the answer */
	struct ex_header *headers;	/* of request, then of answer */
	struct ex_chunk *chunks;
};

struct record_item *record_item_new(size_t body_max);
void record_item_free(struct record_item *it);

/*
 * Copies method, target and headers of a request and its body.
 * returns RC_OK or RC_NOMEM
 */
int record_item_request(struct record_item *it, const char *method,
    const char *target, const struct ex_header *h, size_t n,
    const struct ex_bytes *body);
/* Copies headers and chunks of an answer. returns RC_OK or RC_NOMEM */
int record_item_answer(struct record_item *it, const struct ex_header *h,
    size_t n, const struct ex_chunk *chunks, size_t n_chunks);

struct record_sink;

/*
 * Starts the thread on a trace, which is the sink's from now on.
 * keep    headers that are kept though they look like credentials; borrowed
 */
int record_sink_start(struct trace_writer *w, size_t queue_max,
    const char *const *keep, size_t n_keep, struct record_sink **out,
    struct err *err);

/* Takes the item, or drops and counts it when the queue is full. */
void record_sink_put(struct record_sink *s, struct record_item *it);

/* Counts an exchange that was seen and is not kept. reason is a literal. */
void record_sink_drop(struct record_sink *s, const char *reason);

/* What the account would say; *waiting bytes; trouble at least 256 bytes. */
void record_sink_stats(struct record_sink *s, struct trace_account *acc,
    size_t *waiting, char *trouble);

/*
 * Writes what waits, closes the trace, nulls *s.
 * *acc    the closing account
 * each    told of the reasons, or NULL
 */
int record_sink_stop(struct record_sink **s, struct trace_account *acc,
    trace_drop_fn *each, void *ctx, struct err *err);

#endif
