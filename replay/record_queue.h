/*
 * What waits to be kept: the exchanges of a recording between the thread that
 * passes them on and the one that writes them, and the counts of what is not
 * kept. Bounded: what does not fit is dropped and counted, nobody waits.
 *
 * Safe from any thread, but for record_queue_take(): one thread.
 */
#ifndef LOCKSTEP_RECORD_QUEUE_H
#define LOCKSTEP_RECORD_QUEUE_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "replay/record_item.h"

enum { RECORD_DROPS_MAX = 64 };

/* reason is one of the few literals of the callers. */
struct record_drop {
	const char *reason;
	int refused;
	uint64_t n;
};

struct record_queue {
	size_t max, batch;	/* bytes */
	pthread_mutex_t lock;	/* guards what follows, and what the reader
				   keeps under it; never held while
				   something is written */
	pthread_cond_t wake;
	struct record_item *first, **last;
	size_t waiting;		/* bytes, until record_queue_gone() */
	int ending;
	uint64_t counts[2];	/* dropped, refused */
	struct record_drop drops[RECORD_DROPS_MAX];
	size_t n_drops;
};

/* max  bytes that may wait */
void record_queue_init(struct record_queue *q, size_t max);
/* Frees what still waits. */
void record_queue_fini(struct record_queue *q);

/* Takes the item and those that follow it by next (NULL: none), or drops and
 * counts all of them when the queue is full. */
void record_queue_put(struct record_queue *q, struct record_item *it);

/* Counts an exchange that was seen and is not kept. reason is a literal. */
void record_queue_drop(struct record_queue *q, const char *reason);
/* Counts a request that was refused. reason is a literal. */
void record_queue_refuse(struct record_queue *q, const char *reason);

/*
 * The whole queue; waits for something, until a time or the end. What comes
 * first waits a moment for more: a wake-up for each exchange costs the
 * proxy's thread more than passing it on.
 * until_ns  of mono_now_ns()
 */
struct record_item *record_queue_take(struct record_queue *q,
    int64_t until_ns, int *ending);

/* Bytes that were taken wait no more. With the lock held. */
void record_queue_gone(struct record_queue *q, size_t bytes);

/* What was dropped and refused so far. returns how many rows */
size_t record_queue_drops(struct record_queue *q,
    struct record_drop out[RECORD_DROPS_MAX]);

/* No more will come: whoever takes is woken. */
void record_queue_end(struct record_queue *q);

#endif
