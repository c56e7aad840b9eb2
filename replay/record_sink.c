/* The writer of a recording; see record_sink.h. */
#include "replay/record_sink.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "replay/record_sum.h"

enum {
	TROUBLE_BYTES = 256,
	FLUSH_MS = 100,		/* to the file */
	SYNC_MS = 250,		/* to the disk, which follows as it can */
	TIDY_MS = 60000		/* parts grow old without traffic, too */
};

/*
 * A part changes hands: the syncer opens the next one, which may take a slow
 * disk a second, and closes the full one; the thread that writes only takes
 * the one for the other. So the syncer is the only one to close what it may
 * be syncing.
 */
struct record_sink {
	struct trace_parts *parts;	/* the syncer's while it runs */
	int rotate;
	struct record_queue *q;	/* its lock guards what follows sync, too */
	pthread_t thread, syncer;
	pthread_cond_t sync;	/* something was flushed, is wanted or full,
				   or the end */
	struct trace_part *now;	/* changed by the thread that writes */
	struct trace_part *next;	/* opened ahead */
	struct trace_part *full;	/* to be closed */
	int want;			/* a next one */
	uint64_t taken, flushed, safe;	/* by the trace; in its file; on
					   the disk: of all parts */
	uint64_t before;		/* flushed, of the parts before now */
	struct trace_tidied tidied;
	unsigned opened;		/* parts so far */
	char part_trouble[TROUBLE_BYTES];	/* of opening and closing */
	char trouble[TROUBLE_BYTES];
	/* the thread's own */
	uint64_t told[RECORD_DROPS_MAX];	/* of drops, to the trace */
	struct record_keep keep;
	struct record_write write;
	/* the syncer's, and stop's when both threads have ended */
	struct record_sum sum;
	struct err lost;		/* the first part that was not kept */
	int64_t tidy_ns;
};

/* ---- the thread ------------------------------------------------------- */

/* The disk's state as it is now, for whoever asks. */
static void
set_trouble(struct record_sink *s, const struct err *err)
{
	(void)pthread_mutex_lock(&s->q->lock);
	(void)snprintf(s->trouble, sizeof(s->trouble), "%.*s",
	    TROUBLE_BYTES - 1, err->msg);
	(void)pthread_mutex_unlock(&s->q->lock);
}

static const char disk_bad[] = "disk full or failing";

/* Why a part that is gone lost what was written to it. */
static const char *
lost_why(const struct trace_part *part)
{
	return part->cut ? "the trace was cut short" : "the trace was deleted";
}

static void
take_item(struct record_sink *s, struct record_item *it)
{
	struct err err = ERR_INIT;
	struct trace_part *now = s->now;
	int rc = now->deleted ? RC_IO :
	    record_write_item(&s->write, now, it, &err);

	if (rc == RC_OK && now->first_ns == 0)
		now->first_ns = mono_now_ns();
	if (rc != RC_OK) {
		record_queue_drop(s->q, now->deleted ? lost_why(now) :
		    rc == RC_IO ? disk_bad : "too large for a record");
		if (!now->deleted)
			set_trouble(s, &err);
	}
	(void)pthread_mutex_lock(&s->q->lock);
	record_queue_gone(s->q, it->bytes);
	s->taken += rc == RC_OK;
	(void)pthread_mutex_unlock(&s->q->lock);
	record_item_free(it);
}

/* Tells the trace what was dropped since the last time. returns whether
 * anything was */
static int
tell_drops(struct record_sink *s)
{
	struct record_drop now[RECORD_DROPS_MAX];
	size_t n = record_queue_drops(s->q, now), i;
	int any = 0;

	for (i = 0; i < n; i++) {
		(now[i].refused ? trace_refuse : trace_drop)(s->now->w,
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

	switch (trace_where(s->now->w)) {
	case TRACE_DELETED:
		s->now->deleted = 1;
		(void)err_set(&gone, RC_IO, s->rotate ? "%s was deleted: what "
		    "was recorded there is lost" : "%s was deleted: what was "
		    "recorded is lost. Traffic is still passed on; to record "
		    "it, stop and start again", s->now->path);
		*err = gone;
		break;
	case TRACE_CUT:
		s->now->deleted = 1;
		s->now->cut = 1;
		(void)err_set(&gone, RC_IO, "%s was cut short by another "
		    "program: what was recorded behind the cut is lost.%s",
		    s->now->path, s->rotate ? "" : " Traffic is still passed "
		    "on; to record it, stop and start again");
		*err = gone;
		break;
	case TRACE_MOVED:
		if (err->code != RC_OK)
			break;
		(void)err_set(err, RC_IO, "%s was moved: recording goes on "
		    "under its new name", s->now->path);
		break;
	case TRACE_THERE:
		break;
	}
}

/* Takes the part that was opened ahead, or asks for one. */
static void
turn_over(struct record_sink *s)
{
	(void)pthread_mutex_lock(&s->q->lock);
	if (s->next != NULL && s->full == NULL) {
		s->before = s->flushed;
		s->full = s->now;
		s->now = s->next;
		s->next = NULL;
	} else {
		s->want = s->next == NULL;
	}
	(void)pthread_cond_signal(&s->sync);
	(void)pthread_mutex_unlock(&s->q->lock);
}

static void
sync_trace(struct record_sink *s)
{
	struct err err = ERR_INIT;
	struct trace_account acc;
	struct trace_writer *w = s->now->w;
	int rc = tell_drops(s) ? trace_write_drops(w, &err) : RC_OK;

	if (!s->now->deleted && rc == RC_OK)
		rc = trace_flush(w, 0, &err);
	look_for_it(s, &err);
	set_trouble(s, &err);
	trace_account(w, &acc);
	(void)pthread_mutex_lock(&s->q->lock);
	if (rc == RC_OK && !s->now->deleted && s->part_trouble[0] != '\0')
		memcpy(s->trouble, s->part_trouble, TROUBLE_BYTES);
	s->flushed = s->before + (s->now->deleted ? 0 : acc.safe);
	if (s->safe > s->flushed)
		s->safe = s->flushed;
	(void)pthread_cond_signal(&s->sync);
	(void)pthread_mutex_unlock(&s->q->lock);
	if (s->rotate && (s->now->deleted || (rc == RC_OK &&
	    trace_parts_full(s->parts, s->now))))
		turn_over(s);
}

/* ---- parts: the syncer's ---------------------------------------------- */

static void
say_part(struct record_sink *s, const struct trace_part *part,
    const struct trace_account *acc)
{
	char line[4400];

	(void)snprintf(line, sizeof(line), "%.4095s: seen %llu = written %llu "
	    "+ dropped %llu + refused %llu", part->path,
	    (unsigned long long)acc->seen, (unsigned long long)acc->written,
	    (unsigned long long)acc->dropped,
	    (unsigned long long)acc->refused);
	trace_parts_say(s->parts, line);
}

/*
 * Closes a part's writer and adds up what is in it.
 * *acc    what a reader finds, whatever went wrong
 */
static int
close_part(struct record_sink *s, struct trace_part *part,
    struct trace_account *acc, struct err *err)
{
	int rc = part->deleted ? err_set(err, RC_IO, part->cut ? "%s was cut "
	    "short by another program: what was recorded behind the cut is "
	    "lost" : "%s was deleted: what was recorded there is lost",
	    part->path) : trace_flush(part->w, 1, err);

	if (rc != RC_OK) {
		trace_writer_give_up(&part->w, part->deleted ? lost_why(part) :
		    disk_bad, record_sum_reason, &s->sum, acc);
	} else {
		trace_account(part->w, acc);
		trace_each_drop(part->w, record_sum_reason, &s->sum);
		rc = trace_writer_close(&part->w, err);
	}
	record_sum_add(&s->sum, acc);
	return rc;
}

static void
note_part_trouble(struct record_sink *s, const struct err *err)
{
	(void)pthread_mutex_lock(&s->q->lock);
	(void)snprintf(s->part_trouble, sizeof(s->part_trouble), "%.*s",
	    TROUBLE_BYTES - 1, err->msg);
	(void)pthread_mutex_unlock(&s->q->lock);
}

/* The part that is full; what of it a reader will not find is lost. */
static void
close_full(struct record_sink *s)
{
	struct trace_part *part = s->full;
	struct trace_account before, acc;
	struct err err = ERR_INIT;

	trace_account(part->w, &before);
	if (close_part(s, part, &acc, &err) != RC_OK &&
	    s->lost.code == RC_OK)
		s->lost = err;
	(void)pthread_mutex_lock(&s->q->lock);
	s->full = NULL;
	if (acc.written < before.written) {
		s->taken -= before.written - acc.written;
		s->q->counts[0] += before.written - acc.written;
		if (!part->deleted)	/* else it was never counted there */
			s->before -= before.written - acc.written;
	}
	(void)pthread_mutex_unlock(&s->q->lock);
	say_part(s, part, &acc);
	trace_part_free(&part);
	s->tidy_ns = 0;
}

static void
open_next(struct record_sink *s)
{
	struct trace_part *part;
	struct err err = ERR_INIT;
	int rc = trace_parts_open(s->parts, &part, &err);

	note_part_trouble(s, &err);
	if (rc != RC_OK)
		return;
	(void)pthread_mutex_lock(&s->q->lock);
	s->next = part;
	s->want = 0;
	s->opened++;
	(void)pthread_mutex_unlock(&s->q->lock);
}

static void
tidy(struct record_sink *s)
{
	if (mono_now_ns() < s->tidy_ns)
		return;
	s->tidy_ns = mono_now_ns() + TIDY_MS * MONO_MS;
	trace_parts_tidy(s->parts);
	(void)pthread_mutex_lock(&s->q->lock);
	trace_parts_tidied(s->parts, &s->tidied);
	(void)pthread_mutex_unlock(&s->q->lock);
}

static struct timespec
time_spec(int64_t ns)
{
	struct timespec ts = { (time_t)(ns / MONO_S), (long)(ns % MONO_S) };

	return ts;
}

/* Waits until there is something to do. With the lock held. */
static void
await_work(struct record_sink *s)
{
	struct timespec until = time_spec(s->tidy_ns);

	while (!s->q->ending && s->flushed == s->safe && s->full == NULL &&
	    !s->want && (!s->rotate || mono_now_ns() < s->tidy_ns)) {
		if (s->rotate)
			(void)pthread_cond_timedwait(&s->sync, &s->q->lock,
			    &until);
		else
			(void)pthread_cond_wait(&s->sync, &s->q->lock);
	}
}

/*
 * A disk may take a second to sync, and what comes meanwhile must be in the
 * file all the same: this thread waits for the disk, and says what is safe.
 */
static void *
syncer_main(void *ctx)
{
	struct record_sink *s = ctx;
	struct trace_writer *w;
	struct err err;
	uint64_t n;
	int full, want;

	(void)pthread_mutex_lock(&s->q->lock);
	for (await_work(s); !s->q->ending; await_work(s)) {
		n = s->flushed;
		w = s->now->w;
		full = s->full != NULL;
		want = s->want;
		(void)pthread_mutex_unlock(&s->q->lock);
		if (full)
			close_full(s);
		if (want)
			open_next(s);
		memset(&err, 0, sizeof(err));
		if (trace_sync(w, &err) != RC_OK)
			set_trouble(s, &err);
		if (s->rotate)
			tidy(s);
		mono_sleep_until_ns(mono_now_ns() + SYNC_MS * MONO_MS);
		(void)pthread_mutex_lock(&s->q->lock);
		if (err.code == RC_OK && s->flushed >= n)
			s->safe = n;
	}
	(void)pthread_mutex_unlock(&s->q->lock);
	return NULL;
}

static void *
sink_main(void *ctx)
{
	struct record_sink *s = ctx;
	struct record_item *it, *next;
	int64_t sync_ns = mono_now_ns() + FLUSH_MS * MONO_MS;
	int ending = 0;

	while (!ending) {
		for (it = record_queue_take(s->q, sync_ns, &ending); it != NULL;
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
	(void)pthread_mutex_lock(&s->q->lock);
	s->q->ending = 1;
	(void)pthread_cond_signal(&s->sync);
	(void)pthread_mutex_unlock(&s->q->lock);
	(void)pthread_join(s->syncer, NULL);
}

static void
free_sink(struct record_sink *s)
{
	trace_part_free(&s->now);
	trace_parts_free(s->parts);
	record_write_fini(&s->write);
	(void)pthread_cond_destroy(&s->sync);
	free(s);
}

static int
start_threads(struct record_sink *s, struct err *err)
{
	if (pthread_create(&s->syncer, NULL, syncer_main, s) != 0)
		return err_set(err, RC_NOMEM, "cannot start a thread");
	if (pthread_create(&s->thread, NULL, sink_main, s) != 0) {
		end_syncer(s);
		return err_set(err, RC_NOMEM, "cannot start a thread");
	}
	return RC_OK;
}

int
record_sink_start(struct trace_parts *parts, struct record_queue *q,
    const struct record_keep *keep, struct record_sink **out,
    struct err *err)
{
	struct record_sink *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (s == NULL) {
		trace_parts_free(parts);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	s->parts = parts;
	s->rotate = trace_parts_rotate(parts);
	s->opened = 1;
	s->keep = *keep;
	s->q = q;
	mono_cond_init(&s->sync);
	rc = record_write_init(&s->write, &s->keep, err);
	if (rc == RC_OK)
		rc = trace_parts_open(parts, &s->now, err);
	if (rc == RC_OK)
		rc = start_threads(s, err);
	if (rc == RC_OK) {
		*out = s;
		return rc;
	}
	trace_part_discard(&s->now);
	free_sink(s);
	return rc;
}

char *
record_sink_path(struct record_sink *s)
{
	char *path;

	(void)pthread_mutex_lock(&s->q->lock);
	path = strdup(s->now->path);
	(void)pthread_mutex_unlock(&s->q->lock);
	return path;
}

void
record_sink_stats(struct record_sink *s, struct record_sink_state *out)
{
	memset(out, 0, sizeof(*out));
	(void)pthread_mutex_lock(&s->q->lock);
	out->acc.written = out->acc.safe = s->safe;
	out->acc.dropped = s->q->counts[0];
	out->acc.refused = s->q->counts[1];
	out->acc.seen = s->taken + s->q->counts[0] + s->q->counts[1];
	out->waiting = s->q->waiting;
	out->parts = s->opened;
	out->tidied = s->tidied;
	memcpy(out->trouble, s->trouble, TROUBLE_BYTES);
	(void)pthread_mutex_unlock(&s->q->lock);
}

/* ---- the end ---------------------------------------------------------- */

/* The last part. One that nothing came for is not kept, if there are others
 * or forget is set. */
static int
close_last(struct record_sink *s, int forget, struct err *err)
{
	struct trace_part *part = s->now;
	struct trace_account acc;
	struct err gone = ERR_INIT;
	int rc;

	(void)tell_drops(s);
	look_for_it(s, &gone);
	trace_account(part->w, &acc);
	if (acc.seen == 0 && s->sum.parts > 0) {
		trace_part_discard(&s->now);
		return RC_OK;
	}
	rc = close_part(s, part, &acc, err);
	if (acc.seen == 0 && (forget || rc != RC_OK) &&
	    !part->deleted && !part->again)	/* the next try wants it */
		(void)unlink(part->path);
	else if (s->rotate)
		say_part(s, part, &acc);
	return rc;
}

int
record_sink_stop(struct record_sink **sp, const struct record_sink_end *end,
    struct record_sink_state *out, struct err *err)
{
	struct record_sink *s = *sp;
	int rc;

	record_queue_end(s->q);
	(void)pthread_join(s->thread, NULL);
	end_syncer(s);
	if (s->full != NULL)
		close_full(s);
	trace_part_discard(&s->next);
	rc = close_last(s, end->forget, err);
	if (s->lost.code != RC_OK) {
		rc = s->lost.code;
		if (err != NULL && err->code == RC_OK)
			*err = s->lost;
	}
	trace_parts_tidy(s->parts);
	record_sink_stats(s, out);
	out->acc = s->sum.acc;
	out->parts = s->sum.parts;
	trace_parts_tidied(s->parts, &out->tidied);
	record_sum_each(&s->sum, end->each, end->each_ctx);
	free_sink(s);
	*sp = NULL;
	return rc;
}
