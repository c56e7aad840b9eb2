/*
 * One exchange on its way into a trace, as a recording proxy fills it.
 * What it holds counts against a budget.  One thread at a time.
 *
 * Items are made by one thread and freed by another, so their memory is kept
 * for the next ones: malloc() would have the two wait for each other.
 */
#ifndef LOCKSTEP_RECORD_ITEM_H
#define LOCKSTEP_RECORD_ITEM_H

#include <pthread.h>

#include "harness/traffic/exchange.h"
#include "replay/budget.h"
#include "replay/h1_lines.h"

/* What items may hold, and those that wait for the next exchange: of small
 * buffers, 4 MB in all, which do not count. Safe from any thread. */
struct record_pool {
	struct budget budget;
	pthread_mutex_t lock;
	struct record_item *first;
	size_t bytes;
};

void record_pool_init(struct record_pool *p, size_t memory_max);
void record_pool_fini(struct record_pool *p);

struct record_item {
	struct record_item *next;	/* in the sink's queue, or the pool */
	struct exchange ex;
	struct record_pool *pool;
	size_t bytes;		/* what it holds, as the budget counts it */
	char id[40];
	char case_id[48];	/* for ex.key, where it is an observation's */
	char why[256];
	struct buf text;	/* method, target and headers */
	struct buf sent;	/* body of the request */
	struct buf body;	/* of the answer */
	struct ex_header *headers;	/* of request, then of answer */
	struct ex_header *trailers;	/* of both */
	struct ex_chunk *chunks;	/* times are absolute until the end */
	size_t cap_headers, cap_chunks;
	int has_sent, has_body;
	int64_t length;		/* of the answer's body, or -1 */
};

/* body_max  bytes of either body
 * returns NULL: no memory, or the budget is used up */
struct record_item *record_item_new(struct record_pool *pool,
    size_t body_max);
void record_item_free(struct record_item *it);
/* What is there already, of another process. ex: its id and case are short, its
 * bodies stand in it. returns NULL: no memory, the budget is used up, or ids
 * are too long */
struct record_item *record_item_copy(struct record_pool *pool,
    size_t body_max, const struct exchange *ex);

/* All return RC_OK; RC_NOMEM: no memory, or the budget is used up. */

/* Copies method, target and headers of a request. */
int record_item_request(struct record_item *it, struct h1_str method,
    struct h1_str target, const struct ex_header *h, size_t n);
/* Copies headers of the answer. */
int record_item_answer(struct record_item *it, const struct ex_header *h,
    size_t n);
/*
 * Trailers, lines of "Name: value" as they came. To be called last.
 */
int record_item_trailers(struct record_item *it, const char *const lines[2]);
/* Bytes of a body: to is &it->sent or &it->body. */
int record_item_add(struct record_item *it, struct buf *to, const char *p,
    size_t n);
/* A piece of the answer that came at at_ns; what comes in one read is one. */
int record_item_mark(struct record_item *it, int64_t at_ns, size_t n);

#endif
