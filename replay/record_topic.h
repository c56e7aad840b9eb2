/*
 * Sends the exchanges of a recording proxy, which wait in a queue, to a topic
 * of Kafka, on a thread of its own: without credentials and personal data, as
 * the lines of a trace, bodies within them. Used by record.c.
 */
#ifndef LOCKSTEP_RECORD_TOPIC_H
#define LOCKSTEP_RECORD_TOPIC_H

#include <signal.h>

#include "harness/traffic/trace.h"
#include "replay/record_queue.h"
#include "replay/record_write.h"

struct record_topic;

struct record_topic_opts {
	const char *address;	/* kafka://HOST:PORT[,...]/TOPIC */
	const char *const *set;	/* as in kafka.h; borrowed */
	size_t n_set;
	size_t queue_max;	/* bytes that may wait for Kafka's answer */
	int64_t start_ns;	/* that times count from, of mono_now_ns() */
	const struct record_keep *keep;	/* borrowed */
};

/*
 * Starts the thread. Brokers that are away are no error.
 * q       borrowed: the caller puts, and frees it behind record_topic_stop()
 * returns RC_OK, caller ends with record_topic_stop(); RC_USAGE, RC_NOMEM
 */
int record_topic_start(const struct record_topic_opts *o,
    struct record_queue *q, struct record_topic **out, struct err *err);

/*
 * What the account would say; written is what Kafka has taken for certain,
 * and what it has not answered yet counts as seen alone.
 */
struct record_topic_state {
	struct trace_account acc;
	size_t waiting;		/* bytes */
	char trouble[256];	/* of the brokers, or "" */
};
void record_topic_stats(struct record_topic *t,
    struct record_topic_state *out);

/*
 * Sends what waits, until a time of mono_now_ns() or until *now becomes
 * non-0; drops and counts the rest; nulls *t.
 * now     or NULL
 * *out    the closing account
 * returns RC_OK; RC_NET: Kafka did not take all of it
 */
int record_topic_stop(struct record_topic **t, int64_t until_ns,
    volatile sig_atomic_t *now, struct record_topic_state *out,
    struct err *err);

#endif
