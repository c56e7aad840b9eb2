/* The queue and the writer of a recording; see record_sink.h. */
#include "replay/record_sink.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/mono.h"
#include "harness/traffic/clean.h"

enum {
	TROUBLE_BYTES = 256,
	REASONS_MAX = 64,
	NAP_MS = 10,
	BATCH_BYTES = 1 << 20,
	FLUSH_MS = 100,		/* to the file */
	SYNC_MS = 250		/* to the disk, which follows as it can */
};

/* reason is one of the few literals of the callers. */
struct drop {
	const char *reason;
	int refused;
	uint64_t n;
};

struct record_sink {
	struct trace_writer *w;
	const char *path;
	const char *const *keep;
	size_t n_keep;
	size_t queue_max, batch;
	pthread_t thread, syncer;
	pthread_cond_t sync;	/* something was flushed, or the end */
	pthread_mutex_t lock;	/* guards what follows; never held while
				   something is written */
	pthread_cond_t wake;
	struct record_item *first, **last;
	size_t waiting;		/* bytes */
	int ending;
	uint64_t taken, flushed, safe;	/* by the trace; in its file; on
					   the disk */
	uint64_t counts[2];	/* dropped, refused */
	struct drop drops[REASONS_MAX];
	size_t n_drops;
	char trouble[TROUBLE_BYTES];
	/* the thread's own */
	uint64_t told[REASONS_MAX];	/* of drops, to the trace */
	int deleted;			/* the trace's file is gone */
	struct buf line;
	struct clean clean;
	struct redact_work *redact;	/* or NULL */
};

/* ---- cleaning --------------------------------------------------------- */

static int
clean_item(struct record_sink *s, struct record_item *it)
{
	struct exchange *ex = &it->ex;
	struct ex_header *req = it->headers;
	struct ex_header *res = ex->res_headers == NULL ? req :
	    req + (ex->res_headers - req);
	int rc = clean_exchange(&s->clean, s->keep, s->n_keep, ex, req, res);

	return rc == RC_OK && s->redact != NULL ?
	    redact_exchange(s->redact, ex, req, res) : rc;
}

/* ---- the thread ------------------------------------------------------- */

static int
spill(struct record_sink *s, struct ex_bytes *body, char *name,
    struct err *err)
{
	int rc;

	if (body->p == NULL || body->n <= EXCHANGE_BODY_MAX)
		return RC_OK;
	rc = trace_spill(s->w, body->p, body->n, name, err);
	if (rc == RC_OK) {
		body->spill = name;
		body->p = NULL;
	}
	return rc;
}

static int
write_item(struct record_sink *s, struct record_item *it, struct err *err)
{
	char names[2][HASH_HEX];
	int rc;

	rc = clean_item(s, it) == RC_OK ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = spill(s, &it->ex.req_body, names[0], err);
	if (rc == RC_OK)
		rc = spill(s, &it->ex.res_body, names[1], err);
	if (rc != RC_OK)
		return rc;
	buf_reset(&s->line);
	exchange_write(&s->line, &it->ex);
	rc = buf_check(&s->line, "a record", err);
	return rc != RC_OK ? rc :
	    trace_write(s->w, s->line.p, s->line.len, err);
}

/* The disk's state as it is now, for whoever asks. */
static void
set_trouble(struct record_sink *s, const struct err *err)
{
	(void)pthread_mutex_lock(&s->lock);
	(void)snprintf(s->trouble, sizeof(s->trouble), "%.*s",
	    TROUBLE_BYTES - 1, err->msg);
	(void)pthread_mutex_unlock(&s->lock);
}

static const char disk_bad[] = "disk full or failing";
static const char was_deleted[] = "the trace was deleted";

static void
take_item(struct record_sink *s, struct record_item *it)
{
	struct err err = ERR_INIT;
	int rc = s->deleted ? RC_IO : write_item(s, it, &err);

	if (rc != RC_OK) {
		record_sink_drop(s, s->deleted ? was_deleted : rc == RC_IO ?
		    disk_bad : "too large for a record");
		if (!s->deleted)
			set_trouble(s, &err);
	}
	(void)pthread_mutex_lock(&s->lock);
	s->waiting -= it->bytes;
	s->taken += rc == RC_OK;
	(void)pthread_mutex_unlock(&s->lock);
	record_item_free(it);
}

/* Tells the trace what was dropped since the last time. returns whether
 * anything was */
static int
tell_drops(struct record_sink *s)
{
	struct drop now[REASONS_MAX];
	size_t n, i;
	int any = 0;

	(void)pthread_mutex_lock(&s->lock);
	n = s->n_drops;
	memcpy(now, s->drops, sizeof(now));
	(void)pthread_mutex_unlock(&s->lock);
	for (i = 0; i < n; i++) {
		(now[i].refused ? trace_refuse : trace_drop)(s->w,
		    now[i].reason, now[i].n - s->told[i]);
		any |= now[i].n > s->told[i];
		s->told[i] = now[i].n;
	}
	return any;
}

/* Whether the file is still there; what it says goes before anything else. */
static void
look_for_it(struct record_sink *s, struct err *err)
{
	struct err gone = ERR_INIT;

	switch (trace_where(s->w)) {
	case TRACE_DELETED:
		s->deleted = 1;
		(void)err_set(&gone, RC_IO, "%s was deleted: what was recorded "
		    "is lost. Traffic is still passed on; to record it, stop "
		    "and start again", s->path);
		*err = gone;
		break;
	case TRACE_MOVED:
		if (err->code != RC_OK)
			break;
		(void)err_set(err, RC_IO, "%s was moved: recording goes on "
		    "under its new name", s->path);
		break;
	case TRACE_THERE:
		break;
	}
}

static void
sync_trace(struct record_sink *s)
{
	struct err err = ERR_INIT;
	struct trace_account acc;
	int rc = tell_drops(s) ? trace_write_drops(s->w, &err) : RC_OK;

	if (!s->deleted && rc == RC_OK)
		(void)trace_flush(s->w, 0, &err);
	look_for_it(s, &err);
	set_trouble(s, &err);
	trace_account(s->w, &acc);
	(void)pthread_mutex_lock(&s->lock);
	s->flushed = s->deleted ? 0 : acc.safe;
	s->safe = s->deleted ? 0 : s->safe;
	(void)pthread_cond_signal(&s->sync);
	(void)pthread_mutex_unlock(&s->lock);
}

/*
 * A disk may take a second to sync, and what comes meanwhile must be in the
 * file all the same: this thread waits for the disk, and says what is safe.
 */
static void *
syncer_main(void *ctx)
{
	struct record_sink *s = ctx;
	struct err err;
	uint64_t n;

	(void)pthread_mutex_lock(&s->lock);
	while (!s->ending) {
		if (s->flushed == s->safe) {
			(void)pthread_cond_wait(&s->sync, &s->lock);
			continue;
		}
		n = s->flushed;
		(void)pthread_mutex_unlock(&s->lock);
		memset(&err, 0, sizeof(err));
		if (trace_sync(s->w, &err) != RC_OK)
			set_trouble(s, &err);
		mono_sleep_until_ns(mono_now_ns() + SYNC_MS * MONO_MS);
		(void)pthread_mutex_lock(&s->lock);
		if (err.code == RC_OK && s->flushed >= n)
			s->safe = n;
	}
	(void)pthread_mutex_unlock(&s->lock);
	return NULL;
}

static struct timespec
time_spec(int64_t ns)
{
	struct timespec ts = { (time_t)(ns / MONO_S), (long)(ns % MONO_S) };

	return ts;
}

/*
 * The whole queue; waits for something, until a time or the end. What comes
 * first waits a moment for more: a wake-up for each exchange costs the
 * proxy's thread more than passing it on.
 */
static struct record_item *
take_queue(struct record_sink *s, int64_t until_ns, int *ending)
{
	struct timespec until = time_spec(until_ns), nap;
	struct record_item *it;
	int late = 0;

	(void)pthread_mutex_lock(&s->lock);
	while (s->first == NULL && !s->ending && !late)
		late = pthread_cond_timedwait(&s->wake, &s->lock,
		    &until) != 0;
	nap = time_spec(mono_now_ns() + NAP_MS * MONO_MS);
	for (late = 0; s->first != NULL && !s->ending && !late &&
	    s->waiting < s->batch; )
		late = pthread_cond_timedwait(&s->wake, &s->lock, &nap) != 0;
	it = s->first;
	s->first = NULL;
	s->last = &s->first;
	*ending = s->ending;
	(void)pthread_mutex_unlock(&s->lock);
	return it;
}

static void *
sink_main(void *ctx)
{
	struct record_sink *s = ctx;
	struct record_item *it, *next;
	int64_t sync_ns = mono_now_ns() + FLUSH_MS * MONO_MS;
	int ending = 0;

	while (!ending) {
		for (it = take_queue(s, sync_ns, &ending); it != NULL;
		    it = next) {
			next = it->next;
			take_item(s, it);
		}
		if (mono_now_ns() >= sync_ns) {
			sync_trace(s);
			sync_ns = mono_now_ns() + FLUSH_MS * MONO_MS;
		}
	}
	return NULL;
}

/* ---- from outside ----------------------------------------------------- */

static void
end_syncer(struct record_sink *s)
{
	(void)pthread_mutex_lock(&s->lock);
	s->ending = 1;
	(void)pthread_cond_signal(&s->sync);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->syncer, NULL);
}

int
record_sink_start(struct trace_writer *w, const char *path, size_t queue_max,
    const struct record_keep *keep, struct record_sink **out,
    struct err *err)
{
	struct record_sink *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->w = w;
	s->path = path;
	s->keep = keep->v;
	s->n_keep = keep->n;
	s->queue_max = queue_max;
	s->batch = queue_max / 2 < BATCH_BYTES ? queue_max / 2 :
	    (size_t)BATCH_BYTES;
	s->last = &s->first;
	buf_init(&s->line, TRACE_LINE_MAX);
	clean_init(&s->clean);
	if (keep->redact != NULL) {
		s->redact = redact_work_new(keep->redact);
		if (s->redact == NULL) {
			free(s);
			return err_set(err, RC_NOMEM, "out of memory");
		}
	}
	(void)pthread_mutex_init(&s->lock, NULL);
	mono_cond_init(&s->wake);
	mono_cond_init(&s->sync);
	if (pthread_create(&s->syncer, NULL, syncer_main, s) != 0) {
		free(s);
		return err_set(err, RC_NOMEM, "cannot start a thread");
	}
	if (pthread_create(&s->thread, NULL, sink_main, s) != 0) {
		end_syncer(s);
		free(s);
		return err_set(err, RC_NOMEM, "cannot start a thread");
	}
	*out = s;
	return RC_OK;
}

/* With the lock held. */
static void
count_drop(struct record_sink *s, const char *reason, int refused)
{
	size_t i;

	for (i = 0; i < s->n_drops && (s->drops[i].refused != refused ||
	    strcmp(s->drops[i].reason, reason) != 0); i++)
		continue;
	assert(i < REASONS_MAX);
	s->drops[i].reason = reason;
	s->drops[i].refused = refused;
	s->drops[i].n++;
	s->n_drops = i == s->n_drops ? i + 1 : s->n_drops;
	s->counts[refused]++;
}

void
record_sink_put(struct record_sink *s, struct record_item *it)
{
	size_t before;
	int full;

	it->next = NULL;
	(void)pthread_mutex_lock(&s->lock);
	full = s->waiting > 0 && s->waiting + it->bytes > s->queue_max;
	if (full) {
		count_drop(s, "queue full", 0);
	} else {
		before = s->first == NULL ? 0 : s->waiting;
		s->waiting += it->bytes;
		*s->last = it;
		s->last = &it->next;
		if (before == 0 || (before < s->batch &&
		    s->waiting >= s->batch))
			(void)pthread_cond_signal(&s->wake);
	}
	(void)pthread_mutex_unlock(&s->lock);
	if (full)
		record_item_free(it);
}

void
record_sink_drop(struct record_sink *s, const char *reason)
{
	(void)pthread_mutex_lock(&s->lock);
	count_drop(s, reason, 0);
	(void)pthread_mutex_unlock(&s->lock);
}

void
record_sink_refuse(struct record_sink *s, const char *reason)
{
	(void)pthread_mutex_lock(&s->lock);
	count_drop(s, reason, 1);
	(void)pthread_mutex_unlock(&s->lock);
}

void
record_sink_stats(struct record_sink *s, struct trace_account *acc,
    size_t *waiting, char *trouble)
{
	memset(acc, 0, sizeof(*acc));
	(void)pthread_mutex_lock(&s->lock);
	acc->written = acc->safe = s->safe;
	acc->dropped = s->counts[0];
	acc->refused = s->counts[1];
	acc->seen = s->taken + s->counts[0] + s->counts[1];
	*waiting = s->waiting;
	memcpy(trouble, s->trouble, TROUBLE_BYTES);
	(void)pthread_mutex_unlock(&s->lock);
}

/* What was taken and cannot be read is no longer told as written. */
static int
close_trace(struct record_sink *s, struct trace_account *acc,
    trace_drop_fn *each, void *ctx, struct err *err)
{
	struct err gone = ERR_INIT;
	int rc;

	(void)tell_drops(s);
	rc = trace_flush(s->w, 1, err);
	look_for_it(s, &gone);
	if (s->deleted) {
		rc = RC_IO;
		if (err != NULL)
			*err = gone;
	}
	if (rc != RC_OK) {
		trace_writer_give_up(&s->w, s->deleted ? was_deleted :
		    disk_bad, each, ctx, acc);
		return rc;
	}
	trace_account(s->w, acc);
	if (each != NULL)
		trace_each_drop(s->w, each, ctx);
	return trace_writer_close(&s->w, err);
}

int
record_sink_stop(struct record_sink **sp, struct trace_account *acc,
    trace_drop_fn *each, void *ctx, struct err *err)
{
	struct record_sink *s = *sp;
	int rc;

	(void)pthread_mutex_lock(&s->lock);
	s->ending = 1;
	(void)pthread_cond_signal(&s->wake);
	(void)pthread_mutex_unlock(&s->lock);
	(void)pthread_join(s->thread, NULL);
	end_syncer(s);
	rc = close_trace(s, acc, each, ctx, err);
	buf_fini(&s->line);
	clean_fini(&s->clean);
	redact_work_free(s->redact);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_cond_destroy(&s->wake);
	(void)pthread_cond_destroy(&s->sync);
	free(s);
	*sp = NULL;
	return rc;
}
