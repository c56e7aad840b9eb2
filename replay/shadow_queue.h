/*
 * A queue that many put into and one takes from, without a lock: who puts
 * never waits for who takes, whatever that one does. Its bound is the
 * callers'.
 */
#ifndef LOCKSTEP_SHADOW_QUEUE_H
#define LOCKSTEP_SHADOW_QUEUE_H

#include <stdatomic.h>
#include <stdint.h>

#include "harness/base/err.h"

struct shadow_node {
	struct shadow_node *next;
	int kind;		/* of what it stands in: the callers' word */
};

struct shadow_queue {
	_Atomic(struct shadow_node *) head;	/* newest first */
	atomic_int asleep;	/* who takes waits: to be woken */
	int fd;			/* an eventfd; -1: not open */
};

int shadow_queue_init(struct shadow_queue *q, struct err *err);
void shadow_queue_fini(struct shadow_queue *q);

/* Any thread. */
void shadow_queue_put(struct shadow_queue *q, struct shadow_node *n);
/* Wakes who takes: something else has changed. Any thread. */
void shadow_queue_wake(struct shadow_queue *q);

/* All that is there, oldest first, linked by next; NULL: nothing. */
struct shadow_node *shadow_queue_take(struct shadow_queue *q);
/* Waits until there is something, at most until the time; may return early. */
void shadow_queue_wait(struct shadow_queue *q, int64_t until_ns);

#endif
