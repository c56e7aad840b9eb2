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

enum { TEXT_BYTES = 512 << 20, TROUBLE_BYTES = 256, REASONS_MAX = 16 };

/* reason is one of the few literals of the callers. */
struct drop {
	const char *reason;
	uint64_t n;
};

struct record_sink {
	struct trace_writer *w;
	const char *const *keep;
	size_t n_keep;
	size_t queue_max;
	pthread_t thread;
	pthread_mutex_t lock;	/* guards what follows; never held while
				   something is written */
	pthread_cond_t wake;
	struct record_item *first, **last;
	size_t waiting;		/* bytes */
	int ending;
	uint64_t written, dropped;
	struct drop drops[REASONS_MAX];
	size_t n_drops;
	char trouble[TROUBLE_BYTES];
	/* the thread's own */
	uint64_t told[REASONS_MAX];	/* of drops, to the trace */
	struct buf line;
	struct clean clean;
};

/* ---- items ------------------------------------------------------------ */

struct record_item *
record_item_new(size_t body_max)
{
	struct record_item *it = calloc(1, sizeof(*it));

	if (it == NULL)
		return NULL;
	exchange_init(&it->ex);
	it->ex.id = it->id;
	buf_init(&it->text, TEXT_BYTES);
	buf_init(&it->body, body_max + 2);
	return it;
}

void
record_item_free(struct record_item *it)
{
	if (it == NULL)
		return;
	buf_fini(&it->text);
	buf_fini(&it->body);
	free(it->headers);
	free(it->chunks);
	free(it);
}

/* Makes room in text first: pointers into it must stay. */
static int
reserve_text(struct record_item *it, const struct ex_header *h, size_t n,
    size_t more)
{
	size_t i;

	for (i = 0; i < n; i++)
		more += strlen(h[i].name) + strlen(h[i].value) + 2;
	return buf_reserve(&it->text, more) == NULL ? RC_NOMEM : RC_OK;
}

static const char *
keep_text(struct record_item *it, const char *s, size_t n)
{
	size_t at = it->text.len;

	buf_add(&it->text, s, n);
	buf_putc(&it->text, '\0');
	return it->text.p + at;
}

static void
keep_headers(struct record_item *it, struct ex_header *to,
    const struct ex_header *h, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		to[i].name = keep_text(it, h[i].name, strlen(h[i].name));
		to[i].value = keep_text(it, h[i].value, strlen(h[i].value));
	}
}

int
record_item_request(struct record_item *it, const char *method,
    const char *target, const struct ex_header *h, size_t n,
    const struct ex_bytes *body)
{
	it->headers = calloc(n + 1, sizeof(*it->headers));
	if (it->headers == NULL || reserve_text(it, h, n, strlen(method) +
	    strlen(target) + body->n + 3) != RC_OK)
		return RC_NOMEM;
	keep_headers(it, it->headers, h, n);
	it->ex.method = keep_text(it, method, strlen(method));
	it->ex.target = keep_text(it, target, strlen(target));
	it->ex.req_headers = it->headers;
	it->ex.n_req_headers = n;
	if (body->p != NULL)
		it->ex.req_body.p = keep_text(it, body->p, body->n);
	it->ex.req_body.n = body->n;
	return RC_OK;
}

/* text may move when it grows; what pointed into it moves along. */
static void
rebase(struct record_item *it, const char *old)
{
	struct exchange *ex = &it->ex;
	size_t i;

	if (old == it->text.p)
		return;
	for (i = 0; i < ex->n_req_headers; i++) {
		it->headers[i].name = it->text.p +
		    (it->headers[i].name - old);
		it->headers[i].value = it->text.p +
		    (it->headers[i].value - old);
	}
	ex->method = it->text.p + (ex->method - old);
	ex->target = it->text.p + (ex->target - old);
	if (ex->req_body.p != NULL)
		ex->req_body.p = it->text.p + (ex->req_body.p - old);
}

int
record_item_answer(struct record_item *it, const struct ex_header *h,
    size_t n, const struct ex_chunk *chunks, size_t n_chunks)
{
	const char *old = it->text.p;
	size_t before = it->ex.n_req_headers;
	struct ex_header *all;

	if (reserve_text(it, h, n, 0) != RC_OK)
		return RC_NOMEM;
	rebase(it, old);
	all = realloc(it->headers, (before + n + 1) * sizeof(*all));
	if (all == NULL)
		return RC_NOMEM;
	it->headers = all;
	keep_headers(it, all + before, h, n);
	it->ex.req_headers = all;
	it->ex.res_headers = all + before;
	it->ex.n_res_headers = n;
	if (n_chunks == 0)
		return RC_OK;
	it->chunks = malloc(n_chunks * sizeof(*chunks));
	if (it->chunks == NULL)
		return RC_NOMEM;
	memcpy(it->chunks, chunks, n_chunks * sizeof(*chunks));
	it->ex.chunks = it->chunks;
	it->ex.n_chunks = n_chunks;
	return RC_OK;
}

/* ---- cleaning --------------------------------------------------------- */

static int
clean_item(struct record_sink *s, struct record_item *it)
{
	struct exchange *ex = &it->ex;
	struct ex_header *req = it->headers;
	struct ex_header *res = ex->res_headers == NULL ? req :
	    req + (ex->res_headers - req);

	return clean_exchange(&s->clean, s->keep, s->n_keep, ex, req, res);
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

static void
take(struct record_sink *s, struct record_item *it)
{
	struct err err = ERR_INIT;
	int rc = write_item(s, it, &err);

	if (rc != RC_OK) {
		record_sink_drop(s, rc == RC_IO ? "disk full or failing" :
		    "too large for a record");
		set_trouble(s, &err);
	}
	(void)pthread_mutex_lock(&s->lock);
	s->waiting -= it->bytes;
	s->written += rc == RC_OK;
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
		trace_drop(s->w, now[i].reason, now[i].n - s->told[i]);
		any |= now[i].n > s->told[i];
		s->told[i] = now[i].n;
	}
	return any;
}

static void
sync_trace(struct record_sink *s)
{
	struct err err = ERR_INIT;
	int rc = tell_drops(s) ? trace_write_drops(s->w, &err) : RC_OK;

	if (rc == RC_OK)
		(void)trace_flush(s->w, 1, &err);
	set_trouble(s, &err);
}

/* The whole queue; waits for something, until a time or the end. */
static struct record_item *
take_queue(struct record_sink *s, int64_t until_ns, int *ending)
{
	struct timespec ts = { (time_t)(until_ns / MONO_S),
	    (long)(until_ns % MONO_S) };
	struct record_item *it;
	int late = 0;

	(void)pthread_mutex_lock(&s->lock);
	while (s->first == NULL && !s->ending && !late)
		late = pthread_cond_timedwait(&s->wake, &s->lock, &ts) != 0;
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
	int64_t sync_ns = mono_now_ns() + MONO_S;
	int ending = 0;

	while (!ending) {
		for (it = take_queue(s, sync_ns, &ending); it != NULL;
		    it = next) {
			next = it->next;
			take(s, it);
		}
		if (mono_now_ns() >= sync_ns) {
			sync_trace(s);
			sync_ns = mono_now_ns() + MONO_S;
		}
	}
	return NULL;
}

/* ---- from outside ----------------------------------------------------- */

int
record_sink_start(struct trace_writer *w, size_t queue_max,
    const char *const *keep, size_t n_keep, struct record_sink **out,
    struct err *err)
{
	struct record_sink *s = calloc(1, sizeof(*s));

	*out = NULL;
	if (s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->w = w;
	s->keep = keep;
	s->n_keep = n_keep;
	s->queue_max = queue_max;
	s->last = &s->first;
	buf_init(&s->line, TRACE_LINE_MAX);
	clean_init(&s->clean);
	(void)pthread_mutex_init(&s->lock, NULL);
	mono_cond_init(&s->wake);
	if (pthread_create(&s->thread, NULL, sink_main, s) != 0) {
		free(s);
		return err_set(err, RC_NOMEM, "cannot start a thread");
	}
	*out = s;
	return RC_OK;
}

/* With the lock held. */
static void
count_drop(struct record_sink *s, const char *reason)
{
	size_t i;

	for (i = 0; i < s->n_drops &&
	    strcmp(s->drops[i].reason, reason) != 0; i++)
		continue;
	assert(i < REASONS_MAX);
	s->drops[i].reason = reason;
	s->drops[i].n++;
	s->n_drops = i == s->n_drops ? i + 1 : s->n_drops;
	s->dropped++;
}

void
record_sink_put(struct record_sink *s, struct record_item *it)
{
	int full;

	it->bytes = sizeof(*it) + it->text.len + it->body.len +
	    it->ex.n_chunks * sizeof(struct ex_chunk);
	it->next = NULL;
	(void)pthread_mutex_lock(&s->lock);
	full = s->waiting > 0 && s->waiting + it->bytes > s->queue_max;
	if (full) {
		count_drop(s, "queue full");
	} else {
		s->waiting += it->bytes;
		*s->last = it;
		s->last = &it->next;
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
	count_drop(s, reason);
	(void)pthread_mutex_unlock(&s->lock);
}

void
record_sink_stats(struct record_sink *s, struct trace_account *acc,
    size_t *waiting, char *trouble)
{
	memset(acc, 0, sizeof(*acc));
	(void)pthread_mutex_lock(&s->lock);
	acc->written = s->written;
	acc->dropped = s->dropped;
	acc->seen = s->written + s->dropped;
	*waiting = s->waiting;
	memcpy(trouble, s->trouble, TROUBLE_BYTES);
	(void)pthread_mutex_unlock(&s->lock);
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
	(void)tell_drops(s);
	trace_account(s->w, acc);
	if (each != NULL)
		trace_each_drop(s->w, each, ctx);
	rc = trace_writer_close(&s->w, err);
	buf_fini(&s->line);
	clean_fini(&s->clean);
	(void)pthread_mutex_destroy(&s->lock);
	(void)pthread_cond_destroy(&s->wake);
	free(s);
	*sp = NULL;
	return rc;
}
