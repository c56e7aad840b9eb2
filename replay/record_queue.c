/* The queue of a recording; see record_queue.h. */
#include "replay/record_queue.h"

#include <assert.h>
#include <string.h>
#include <time.h>

#include "harness/base/mono.h"

enum { NAP_MS = 10, BATCH_BYTES = 1 << 20 };

void
record_queue_init(struct record_queue *q, size_t max)
{
	memset(q, 0, sizeof(*q));
	q->max = max;
	q->batch = max / 2 < BATCH_BYTES ? max / 2 : (size_t)BATCH_BYTES;
	q->last = &q->first;
	(void)pthread_mutex_init(&q->lock, NULL);
	mono_cond_init(&q->wake);
}

void
record_queue_fini(struct record_queue *q)
{
	struct record_item *it, *next;

	for (it = q->first; it != NULL; it = next) {
		next = it->next;
		record_item_free(it);
	}
	(void)pthread_mutex_destroy(&q->lock);
	(void)pthread_cond_destroy(&q->wake);
}

/* With the lock held. */
static void
count_drop(struct record_queue *q, const char *reason, int refused)
{
	size_t i;

	for (i = 0; i < q->n_drops && (q->drops[i].refused != refused ||
	    strcmp(q->drops[i].reason, reason) != 0); i++)
		continue;
	assert(i < RECORD_DROPS_MAX);
	q->drops[i].reason = reason;
	q->drops[i].refused = refused;
	q->drops[i].n++;
	q->n_drops = i == q->n_drops ? i + 1 : q->n_drops;
	q->counts[refused]++;
}

/* With the lock held. */
static void
append(struct record_queue *q, struct record_item *it, size_t bytes)
{
	size_t before = q->first == NULL ? 0 : q->waiting;

	q->waiting += bytes;
	*q->last = it;
	for (; it != NULL; it = it->next)
		q->last = &it->next;
	if (before == 0 || (before < q->batch && q->waiting >= q->batch))
		(void)pthread_cond_signal(&q->wake);
}

void
record_queue_put(struct record_queue *q, struct record_item *it)
{
	struct record_item *i, *next;
	size_t bytes = 0;
	int full;

	for (i = it; i != NULL; i = i->next)
		bytes += i->bytes;
	(void)pthread_mutex_lock(&q->lock);
	full = q->waiting > 0 && q->waiting + bytes > q->max;
	if (!full)
		append(q, it, bytes);
	for (i = it; full && i != NULL; i = i->next)
		count_drop(q, "queue full", 0);
	(void)pthread_mutex_unlock(&q->lock);
	for (i = it; full && i != NULL; i = next) {
		next = i->next;
		record_item_free(i);
	}
}

static void
count_one(struct record_queue *q, const char *reason, int refused)
{
	(void)pthread_mutex_lock(&q->lock);
	count_drop(q, reason, refused);
	(void)pthread_mutex_unlock(&q->lock);
}

void
record_queue_drop(struct record_queue *q, const char *reason)
{
	count_one(q, reason, 0);
}

void
record_queue_refuse(struct record_queue *q, const char *reason)
{
	count_one(q, reason, 1);
}

static struct timespec
time_spec(int64_t ns)
{
	struct timespec ts = { (time_t)(ns / MONO_S), (long)(ns % MONO_S) };

	return ts;
}

struct record_item *
record_queue_take(struct record_queue *q, int64_t until_ns, int *ending)
{
	struct timespec until = time_spec(until_ns), nap;
	struct record_item *it;
	int late = 0;

	(void)pthread_mutex_lock(&q->lock);
	while (q->first == NULL && !q->ending && !late)
		late = pthread_cond_timedwait(&q->wake, &q->lock,
		    &until) != 0;
	nap = time_spec(mono_now_ns() + NAP_MS * MONO_MS);
	for (late = 0; q->first != NULL && !q->ending && !late &&
	    q->waiting < q->batch; )
		late = pthread_cond_timedwait(&q->wake, &q->lock, &nap) != 0;
	it = q->first;
	q->first = NULL;
	q->last = &q->first;
	*ending = q->ending;
	(void)pthread_mutex_unlock(&q->lock);
	return it;
}

void
record_queue_gone(struct record_queue *q, size_t bytes)
{
	q->waiting -= bytes;
}

size_t
record_queue_drops(struct record_queue *q,
    struct record_drop out[RECORD_DROPS_MAX])
{
	size_t n;

	(void)pthread_mutex_lock(&q->lock);
	n = q->n_drops;
	memcpy(out, q->drops, sizeof(q->drops));
	(void)pthread_mutex_unlock(&q->lock);
	return n;
}

void
record_queue_end(struct record_queue *q)
{
	(void)pthread_mutex_lock(&q->lock);
	q->ending = 1;
	(void)pthread_cond_signal(&q->wake);
	(void)pthread_mutex_unlock(&q->lock);
}
