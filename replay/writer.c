/* The writer thread of a run; see writer.h. */
#include "replay/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/mono.h"

enum {
	CHUNK_MAX = 1 << 30,		/* a record and what came before it */
	CHUNK_KEEP = 1 << 20,		/* larger ones are not kept */
	SYNC_BYTES = 8 << 20,
	NICE = 19
};
#define SYNC_AFTER_NS (250 * MONO_MS)

struct writer {
	struct trace_writer *tw;
	size_t queue_max;
	int yields;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_mutex_t spill;
	struct writer_chunk *queue, **tail, *spare;
	int ending;
	atomic_size_t waiting;		/* bytes handed over, not written */
	atomic_int failed;
	/* the thread's own */
	uint64_t unsynced;		/* records */
	size_t unsynced_bytes;
	int64_t unsynced_since_ns;
	struct err err;
};

static void
chunk_free(struct writer_chunk *c)
{
	struct writer_chunk *next;

	for (; c != NULL; c = next) {
		next = c->next;
		buf_fini(&c->lines);
		free(c);
	}
}

static void
sync_group(struct writer *w)
{
	if (w->unsynced == 0 || atomic_load(&w->failed))
		return;
	if (trace_flush(w->tw, 1, &w->err) != RC_OK) {
		atomic_store(&w->failed, 1);
		return;
	}
	w->unsynced = 0;
	w->unsynced_bytes = 0;
}

/* Takes the whole queue; waits for something, or for the time to sync. */
static struct writer_chunk *
take_queue(struct writer *w, int *ending)
{
	struct writer_chunk *c;
	struct timespec ts;
	int64_t until;
	int late = 0;

	(void)pthread_mutex_lock(&w->lock);
	while (w->queue == NULL && !w->ending && !late) {
		if (w->unsynced == 0) {
			(void)pthread_cond_wait(&w->wake, &w->lock);
			continue;
		}
		until = w->unsynced_since_ns + SYNC_AFTER_NS;
		ts.tv_sec = (time_t)(until / MONO_S);
		ts.tv_nsec = (long)(until % MONO_S);
		late = pthread_cond_timedwait(&w->wake, &w->lock, &ts) != 0;
	}
	c = w->queue;
	w->queue = NULL;
	w->tail = &w->queue;
	*ending = w->ending;
	(void)pthread_mutex_unlock(&w->lock);
	return c;
}

static void
recycle(struct writer *w, struct writer_chunk *c)
{
	if (c->lines.cap > CHUNK_KEEP)
		buf_fini(&c->lines);
	buf_reset(&c->lines);
	c->n = 0;
	(void)pthread_mutex_lock(&w->lock);
	c->next = w->spare;
	w->spare = c;
	(void)pthread_mutex_unlock(&w->lock);
}

static void
take_chunk(struct writer *w, struct writer_chunk *c)
{
	size_t bytes = c->lines.len;

	if (!atomic_load(&w->failed) && c->n > 0) {
		if (w->unsynced == 0)
			w->unsynced_since_ns = mono_now_ns();
		if (trace_write_lines(w->tw, c->lines.p, c->lines.len, c->n,
		    &w->err) != RC_OK)
			atomic_store(&w->failed, 1);
		w->unsynced += c->n;
		w->unsynced_bytes += bytes;
	}
	atomic_fetch_sub(&w->waiting, bytes);
	recycle(w, c);
}

static void *
writer_main(void *ctx)
{
	struct writer *w = ctx;
	struct writer_chunk *c, *next;
	int ending = 0;

	if (w->yields)
		(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	while (!ending) {
		for (c = take_queue(w, &ending); c != NULL; c = next) {
			next = c->next;
			take_chunk(w, c);
			if (w->unsynced_bytes >= SYNC_BYTES)
				sync_group(w);
		}
		if (w->unsynced > 0 &&
		    mono_now_ns() - w->unsynced_since_ns >= SYNC_AFTER_NS)
			sync_group(w);
	}
	sync_group(w);
	return NULL;
}

int
writer_start(struct trace_writer *tw, size_t queue_max, int yields,
    struct writer **out, struct err *err)
{
	struct writer *w = calloc(1, sizeof(*w));

	*out = NULL;
	if (w == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	w->tw = tw;
	w->queue_max = queue_max;
	w->yields = yields;
	w->tail = &w->queue;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_mutex_init(&w->spill, NULL);
	mono_cond_init(&w->wake);
	if (pthread_create(&w->thread, NULL, writer_main, w) != 0) {
		free(w);
		return err_set(err, RC_NOMEM, "cannot start a thread");
	}
	*out = w;
	return RC_OK;
}

struct writer_chunk *
writer_get(struct writer *w)
{
	struct writer_chunk *c;

	(void)pthread_mutex_lock(&w->lock);
	c = w->spare;
	if (c != NULL)
		w->spare = c->next;
	(void)pthread_mutex_unlock(&w->lock);
	if (c == NULL) {
		c = calloc(1, sizeof(*c));
		if (c != NULL)
			buf_init(&c->lines, CHUNK_MAX);
	}
	return c;
}

void
writer_put(struct writer *w, struct writer_chunk *c)
{
	atomic_fetch_add(&w->waiting, c->lines.len);
	c->next = NULL;
	(void)pthread_mutex_lock(&w->lock);
	*w->tail = c;
	w->tail = &c->next;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
}

/* A file of its own: it shares nothing with the writing thread but the
 * trace's path. */
int
writer_spill(struct writer *w, const void *p, size_t n, char name[HASH_HEX],
    struct err *err)
{
	int rc;

	(void)pthread_mutex_lock(&w->spill);
	rc = trace_spill(w->tw, p, n, name, err);
	(void)pthread_mutex_unlock(&w->spill);
	return rc;
}

int
writer_pressed(const struct writer *w)
{
	return atomic_load_explicit(&w->waiting, memory_order_relaxed) >
	    w->queue_max;
}

int
writer_failed(const struct writer *w)
{
	return atomic_load_explicit(&w->failed, memory_order_relaxed);
}

int
writer_stop(struct writer **wp, struct err *err)
{
	struct writer *w = *wp;
	int rc = RC_OK;

	*wp = NULL;
	if (w == NULL)
		return RC_OK;
	(void)pthread_mutex_lock(&w->lock);
	w->ending = 1;
	(void)pthread_cond_signal(&w->wake);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	if (atomic_load(&w->failed))
		rc = err_set(err, w->err.code, "%s", w->err.msg);
	chunk_free(w->queue);
	chunk_free(w->spare);
	(void)pthread_mutex_destroy(&w->lock);
	(void)pthread_mutex_destroy(&w->spill);
	(void)pthread_cond_destroy(&w->wake);
	free(w);
	return rc;
}
