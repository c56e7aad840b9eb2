/*
 * A worker: one thread, one event loop, its share of the plan. It shares only
 * the number of the next variant with other workers.
 */
#include "harness/base/mono.h"
#include "replay/engine_part.h"

static void
hand_over(struct worker *w, int64_t now, int all)
{
	struct writer_chunk *c = w->chunk;

	if (c == NULL || (!all && c->lines.len < ENGINE_CHUNK_BYTES &&
	    now - c->since_ns < ENGINE_TICK_NS))
		return;
	w->chunk = NULL;
	writer_put(w->e->writer, c);
}

static void
publish(struct worker *w, int64_t now)
{
	uint64_t errors = 0;
	int a, o;

	if (now - w->pub_at_ns < 2 * ENGINE_TICK_NS)
		return;
	w->pub_at_ns = now;
	for (a = 0; a < ARM_N; a++) {
		for (o = 0; o < OUTCOME_N; o++)
			errors += outcome_is_error((enum outcome)o) ?
			    w->stats[a].outcomes[o] : 0;
	}
	atomic_store(&w->pub.done, w->written + w->skipped);
	atomic_store(&w->pub.errors, errors);
	atomic_store(&w->pub.p95_ns, hist_quantile(w->latency, .95));
	atomic_store(&w->pub.late_p99_ns, hist_quantile(w->late, .99));
}

/* Whether the schedule has a request for now. */
static int
is_due(const struct worker *w)
{
	return !engine_is_closed(w->e) && !w->discard && w->have_item &&
	    w->item_due_ns <= mono_now_ns();
}

static int
receive(struct worker *w, int64_t wake)
{
	struct http_call *c;
	int rc = http_wait(w->client, wake, &w->err), n = 0;

	while (rc == RC_OK && (c = http_done(w->client)) != NULL) {
		rc = worker_answered(w, c);
		/* many answers must not make a request late */
		if (++n % 8 == 0 && is_due(w))
			break;
	}
	return rc;
}

/* After a stop: those that wait for a retry are left to a resumed run. */
static void
drop_retries(struct worker *w)
{
	struct flight *f;

	while ((f = w->retries) != NULL) {
		w->retries = f->next;
		w->waiting--;
		flight_put(w, f);
	}
}

static int
drain(struct worker *w)
{
	int64_t until = mono_now_ns() + ENGINE_GRACE_NS, now;
	int rc = RC_OK;

	drop_retries(w);
	while (rc == RC_OK && w->inflight > 0) {
		now = mono_now_ns();
		if (!w->discard && (atomic_load(&w->e->fatal) ||
		    writer_failed(w->e->writer) || (now > until &&
		    atomic_load(&w->e->reason) == ENGINE_INTERRUPTED))) {
			w->discard = 1;
			http_abandon(w->client);
		}
		rc = receive(w, now + ENGINE_TICK_NS);
		drop_retries(w);
		hand_over(w, mono_now_ns(), 0);
	}
	return rc;
}

static void
check_halt(struct worker *w, int64_t now)
{
	struct engine *e = w->e;

	if (e->job->stop != NULL &&
	    __atomic_load_n(e->job->stop, __ATOMIC_RELAXED) != 0)
		engine_halt(e, ENGINE_INTERRUPTED);
	if (now > e->end_ns)
		engine_wind_down(e);
	if (writer_failed(e->writer))
		engine_halt(e, ENGINE_INTERRUPTED);
}

static int
loop(struct worker *w)
{
	int64_t wake, now;
	int rc = RC_OK;

	for (;;) {
		now = mono_now_ns();
		check_halt(w, now);
		if (engine_stopping(w->e))
			return drain(w);
		wake = now + ENGINE_TICK_NS;
		rc = worker_fill(w, &wake);
		if (rc != RC_OK)
			return rc;
		if (w->exhausted && !w->have_item && w->inflight == 0 &&
		    w->waiting == 0)
			return RC_OK;
		rc = receive(w, wake);
		if (rc != RC_OK)
			return rc;
		now = mono_now_ns();
		hand_over(w, now, 0);
		publish(w, now);
	}
}

/* ---- warm-up ------------------------------------------------------------ */

/* One unjudged request to every arm but the echoes, of a variant in turn. */
static int
warm_variant(struct worker *w, uint64_t k)
{
	const struct engine *e = w->e;
	struct flight *f;
	int a, rc;

	engine_item(e, k % e->job->plan->n_items, &w->item);
	for (a = 0; a < ARM_N; a++) {
		if (!e->arm[a].live || (a > ARM_CANDIDATE &&
		    e->arm[a].target ==
		    e->arm[arm_of_echo((enum arm)a)].target))
			continue;
		f = flight_get(w);
		if (f == NULL)
			return err_set(&w->err, RC_NOMEM, "out of memory");
		f->warmup = 1;
		f->due_ns = -1;
		rc = flight_render(w, f, (enum arm)a);
		if (rc == RC_OK)
			rc = worker_launch(w, f, 0);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static int
warm_up(struct worker *w)
{
	struct engine *e = w->e;
	uint64_t k = 0;
	int rc = RC_OK;

	while (rc == RC_OK && !engine_stopping(e)) {
		check_halt(w, mono_now_ns());
		if (w->inflight < w->slots && k < e->job->suite->warmup)
			k = atomic_fetch_add(&e->warm_next, 1);
		if (k >= e->job->suite->warmup && w->inflight == 0)
			break;
		if (w->inflight < w->slots && k < e->job->suite->warmup)
			rc = warm_variant(w, k);
		else
			rc = receive(w, mono_now_ns() + ENGINE_TICK_NS);
	}
	return rc;
}

void *
worker_main(void *ctx)
{
	struct worker *w = ctx;
	int rc = RC_OK, last;

	(void)pthread_mutex_lock(&w->e->start);
	(void)pthread_mutex_unlock(&w->e->start);
	/* answers need no warm stack */
	if (w->e->job->suite->warmup > 0 &&
	    w->e->job->round != ROUND_CONFIRM)
		rc = warm_up(w);
	if (rc != RC_OK)
		engine_fatal(w->e, &w->err);
	/* all are warm: one of them starts the schedule */
	last = pthread_barrier_wait(&w->e->warm);
	if (last == PTHREAD_BARRIER_SERIAL_THREAD)
		engine_begin(w->e);
	(void)pthread_barrier_wait(&w->e->warm);
	if (rc == RC_OK)
		rc = loop(w);
	if (rc != RC_OK) {
		engine_fatal(w->e, &w->err);
		w->discard = 1;
		http_abandon(w->client);
		w->err.code = RC_OK;
		(void)receive(w, 0);
	}
	hand_over(w, mono_now_ns(), 1);
	engine_worker_ended(w->e);
	return NULL;
}
