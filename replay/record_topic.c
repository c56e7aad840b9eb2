/* Exchanges into a topic; see record_topic.h. */
#include "replay/record_topic.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "replay/kafka.h"

enum { WAIT_MS = 20 };

struct record_topic {
	struct record_queue *q;
	char *brokers, *topic;
	struct record_keep keep;
	struct record_write write;
	struct kafka_out *out;		/* the thread's until it has ended */
	int64_t start_ns, start_wall_ns;
	pthread_t thread;
	atomic_int ending;		/* what is full is waited for no more */
	/* with the queue's lock */
	struct record_topic_state s;
	/* the thread's own */
	uint64_t sent, lost;
};

/* A kafka_lost_fn. */
static void
on_lost(void *ctx, const char *why)
{
	struct record_topic *t = ctx;

	t->lost++;
	record_queue_drop(t->q, why);
}

/* Puts what is known where others see it. */
static void
tell(struct record_topic *t)
{
	struct kafka_out_state k;

	kafka_out_state(t->out, &k);
	(void)pthread_mutex_lock(&t->q->lock);
	t->s.acc.written = t->s.acc.safe = k.written;
	t->s.acc.seen = t->sent - t->lost;
	t->s.waiting = k.waiting_bytes;
	(void)snprintf(t->s.trouble, sizeof(t->s.trouble), "%s", k.trouble);
	(void)pthread_mutex_unlock(&t->q->lock);
}

/* Waits for room as long as there is time: meanwhile the queue fills up. */
static void
send_line(struct record_topic *t, const struct record_item *it)
{
	const struct buf *line = &t->write.line;
	int64_t at_ns = it->ex.sent_ns < 0 ? -1 :
	    t->start_wall_ns + it->ex.sent_ns;

	t->sent++;
	while (kafka_out_put(t->out, it->id, line->p, line->len, at_ns) ==
	    0) {
		if (atomic_load(&t->ending)) {
			on_lost(t, "not sent to Kafka");
			break;
		}
		kafka_out_poll(t->out, WAIT_MS);
		tell(t);
	}
}

static void
take_item(struct record_topic *t, struct record_item *it)
{
	struct err err = ERR_INIT;
	size_t bytes = it->bytes;

	if (record_write_line(&t->write, it, &err) == RC_OK)
		send_line(t, it);
	else
		record_queue_drop(t->q, "too large for a record");
	record_item_free(it);
	(void)pthread_mutex_lock(&t->q->lock);
	record_queue_gone(t->q, bytes);
	(void)pthread_mutex_unlock(&t->q->lock);
}

static void *
topic_main(void *ctx)
{
	struct record_topic *t = ctx;
	struct record_item *it, *next;
	int ending = 0;

	while (!ending) {
		for (it = record_queue_take(t->q, mono_now_ns() +
		    WAIT_MS * MONO_MS, &ending); it != NULL; it = next) {
			next = it->next;
			take_item(t, it);
		}
		kafka_out_poll(t->out, 0);
		tell(t);
	}
	return NULL;
}

/* ---- from outside ----------------------------------------------------- */

static void
free_topic(struct record_topic *t)
{
	kafka_out_close(&t->out);
	record_write_fini(&t->write);
	free(t->brokers);
	free(t->topic);
	free(t);
}

static int
begin(struct record_topic *t, const struct record_topic_opts *o,
    struct err *err)
{
	struct kafka_out_opts k = { .where = { NULL, NULL, o->set,
	    o->n_set }, .queue_max = o->queue_max, .lost = on_lost,
	    .lost_ctx = t };
	int rc = kafka_address(o->address, &t->brokers, &t->topic, err);

	t->start_ns = o->start_ns;
	t->start_wall_ns = mono_wall_ns() - (mono_now_ns() - o->start_ns);
	k.where.brokers = t->brokers;
	k.where.topic = t->topic;
	k.start_wall_ns = t->start_wall_ns;
	if (rc == RC_OK)
		rc = kafka_out_open(&k, &t->out, err);
	if (rc == RC_OK && pthread_create(&t->thread, NULL, topic_main, t) !=
	    0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	return rc;
}

int
record_topic_start(const struct record_topic_opts *o, struct record_queue *q,
    struct record_topic **out, struct err *err)
{
	struct record_topic *t = calloc(1, sizeof(*t));
	int rc;

	*out = NULL;
	if (t == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	t->q = q;
	t->keep = *o->keep;
	rc = record_write_init(&t->write, &t->keep, err);
	if (rc == RC_OK)
		rc = begin(t, o, err);
	if (rc != RC_OK) {
		free_topic(t);
		return rc;
	}
	*out = t;
	return RC_OK;
}

void
record_topic_stats(struct record_topic *t, struct record_topic_state *out)
{
	(void)pthread_mutex_lock(&t->q->lock);
	*out = t->s;
	out->waiting += t->q->waiting;
	out->acc.dropped = t->q->counts[0];
	out->acc.refused = t->q->counts[1];
	out->acc.seen += t->q->counts[0] + t->q->counts[1];
	(void)pthread_mutex_unlock(&t->q->lock);
}

/* Until everything has its answer, or there is no more time. The thread has
 * ended. */
static void
flush(struct record_topic *t, int64_t until_ns,
    const volatile sig_atomic_t *now)
{
	struct kafka_out_state k;

	kafka_out_state(t->out, &k);
	while (k.waiting > 0 && mono_now_ns() < until_ns && (now == NULL ||
	    *now == 0)) {
		kafka_out_poll(t->out, WAIT_MS);
		kafka_out_state(t->out, &k);
	}
}

/* The thread takes what is in the queue, for as long as there is time. */
static void
end_thread(struct record_topic *t, int64_t until_ns,
    const volatile sig_atomic_t *now)
{
	size_t left = 1;

	record_queue_end(t->q);
	while (left > 0 && mono_now_ns() < until_ns && (now == NULL ||
	    *now == 0)) {
		mono_sleep_until_ns(mono_now_ns() + WAIT_MS * MONO_MS / 4);
		(void)pthread_mutex_lock(&t->q->lock);
		left = t->q->waiting;
		(void)pthread_mutex_unlock(&t->q->lock);
	}
	atomic_store(&t->ending, 1);
	(void)pthread_join(t->thread, NULL);
}

int
record_topic_stop(struct record_topic **tp, int64_t until_ns,
    volatile sig_atomic_t *now, struct record_topic_state *out,
    struct err *err)
{
	struct record_topic *t = *tp;
	char trouble[KAFKA_TROUBLE_BYTES];
	struct kafka_out_state k;
	uint64_t lost;

	record_topic_stats(t, out);
	lost = out->acc.dropped;
	end_thread(t, until_ns, now);
	flush(t, until_ns, now);
	kafka_out_state(t->out, &k);
	(void)snprintf(trouble, sizeof(trouble), "%s", k.trouble);
	kafka_out_give_up(t->out);
	tell(t);
	record_topic_stats(t, out);
	lost = out->acc.dropped - lost;
	free_topic(t);
	*tp = NULL;
	return lost == 0 ? RC_OK : err_set(err, RC_NET, "Kafka did not take "
	    "the last %llu exchanges%s%s", (unsigned long long)lost,
	    trouble[0] != '\0' ? ": " : "", trouble);
}
