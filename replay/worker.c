/*
 * A worker: one thread, one event loop, its share of the plan.  Nothing is
 * shared with the other workers but the number of the next variant.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mono.h"
#include "replay/engine_part.h"

static int
stopping(const struct engine *e)
{
	return atomic_load_explicit(&e->stopping, memory_order_relaxed);
}

static void
fatal(struct worker *w)
{
	engine_fatal(w->e, &w->err);
}

static int
is_closed(const struct engine *e)
{
	return e->pace.mode == PACE_CLOSED;
}

/* ---- answers ------------------------------------------------------------ */

static int
note_attempt(struct worker *w, struct flight *f, const struct http_call *c)
{
	int max = w->e->job->suite->retry.max_attempts;
	struct ex_attempt *a;

	if (f->attempts == NULL)
		f->attempts = calloc((size_t)max, sizeof(*f->attempts));
	if (f->attempts == NULL)
		return err_set(&w->err, RC_NOMEM, "out of memory");
	a = &f->attempts[f->n_attempts++];
	a->outcome = c->outcome;
	a->status = c->status;
	a->sent_ns = c->sent_ns - w->e->base_ns;
	a->total_ns = c->total_ns;
	return RC_OK;
}

/*
 * Whether the request goes out again, and when: never beyond the deadline
 * that all its attempts share.
 */
static int
wants_retry(struct worker *w, struct flight *f, const struct http_call *c)
{
	const struct suite_retry *r = &w->e->job->suite->retry;
	struct stack_state *s = &w->stack[c->origin];
	int64_t wait, asked;

	if (f->warmup || stopping(w->e) || !flight_retriable(c) ||
	    (int)f->n_attempts + 1 >= r->max_attempts)
		return 0;
	wait = stack_jitter(s, r->base_ns, r->cap_ns, (int)f->n_attempts);
	asked = r->honor_retry_after ? flight_retry_after(c) : -1;
	if (asked > wait)
		wait = asked;
	f->retry_ns = mono_now_ns() + wait;
	return f->retry_ns < f->deadline_ns;
}

static void
wait_for_retry(struct worker *w, struct flight *f)
{
	struct flight **at = &w->retries;

	while (*at != NULL && (*at)->retry_ns <= f->retry_ns)
		at = &(*at)->next;
	f->next = *at;
	*at = f;
	w->waiting++;
}

/* A refused token is renewed once; that is no attempt of the service's. */
static int
renew_token(struct worker *w, struct flight *f, const struct http_call *c)
{
	struct auth *auth = w->e->arm[f->arm].auth;

	if (auth == NULL || c->status != 401 || f->renewed)
		return 0;
	auth_renew(auth, f->auth_gen);
	f->renewed = 1;
	f->retry_ns = 0;
	return 1;
}

/* What was set aside for a request becomes what it cost. */
static void
settle(struct worker *w, struct flight *f, const struct http_call *c)
{
	const struct engine_arm *arm = &w->e->arm[f->arm];
	int64_t cost_nano;
	double cost;

	if (w->e->job->suite->budget_usd <= 0)
		return;
	cost = money_of(arm->target, arm->extract, c, &w->answer);
	w->stats[f->arm].cost += cost;
	cost_nano = (int64_t)(cost * 1e9);
	if (cost_nano > w->dearest_nano)
		w->dearest_nano = cost_nano;
	atomic_fetch_add(&w->e->spent_nano, cost_nano - f->reserved_nano);
	f->reserved_nano = 0;
}

/*
 * Sets aside what a request may cost: the dearest so far, at first a high
 * guess. returns 0 when the budget has no room for it
 */
static int
reserve(struct worker *w, struct flight *f)
{
	enum { GUESS_TOKENS = 4096 };
	const struct suite_target *t = w->e->arm[f->arm].target;
	double usd = w->e->job->suite->budget_usd;
	int64_t want = w->dearest_nano;

	if (usd <= 0)
		return 1;
	if (want == 0)
		want = (int64_t)(1e9 * (t->price_in * (double)f->body.len +
		    t->price_out * GUESS_TOKENS));
	f->reserved_nano = want;
	if (atomic_fetch_add(&w->e->spent_nano, want) + want <=
	    (int64_t)(usd * 1e9))
		return 1;
	atomic_fetch_sub(&w->e->spent_nano, want);
	f->reserved_nano = 0;
	return 0;
}

static void
count(struct worker *w, struct flight *f, const struct http_call *c)
{
	struct engine_arm_stats *st = &w->stats[f->arm];

	st->bytes_in += c->bytes_in;
	st->bytes_out += c->bytes_out;
	st->answered += c->status != 0;
	st->stale += c->stale;
	f->stale += c->stale;
	if (f->due_ns >= 0 && !f->warmup && f->n_attempts == 0)
		hist_add(w->late, c->sent_ns - f->due_ns);
	hist_add(w->latency, c->total_ns);
	settle(w, f, c);
}

static int
on_done(struct worker *w, struct http_call *c)
{
	struct flight *f = c->user;
	int rc = RC_OK;

	stack_back(&w->stack[c->origin], c->outcome, f->probe,
	    c->outcome == OUTCOME_HTTP_429 ? flight_retry_after(c) : -1,
	    is_closed(w->e), mono_now_ns());
	w->inflight--;
	f->probe = 0;
	if (w->discard) {
		http_put(w->client, c);
		flight_put(w, f);
		return RC_OK;
	}
	count(w, f, c);
	if (renew_token(w, f, c)) {
		wait_for_retry(w, f);
	} else if (wants_retry(w, f, c)) {
		rc = note_attempt(w, f, c);
		w->stats[f->arm].retries++;
		wait_for_retry(w, f);
	} else {
		if (!f->warmup)
			rc = flight_record(w, f, c, NULL);
		f->call = NULL;
		http_put(w->client, c);
		flight_put(w, f);
		return rc;
	}
	f->call = NULL;
	http_put(w->client, c);
	return rc;
}

/* ---- sending ------------------------------------------------------------ */

static int
launch(struct worker *w, struct flight *f, int probe)
{
	int rc;

	f->probe = probe;
	stack_sent(&w->stack[w->e->arm[f->arm].stack], probe);
	w->inflight++;
	rc = flight_send(w, f);
	if (rc != RC_OK) {
		w->inflight--;
		flight_put(w, f);
	}
	return rc;
}

/* Those whose time has come; the caps hold for them, too. */
static int
send_retries(struct worker *w, int64_t now, int64_t *wake)
{
	struct stack_state *s;
	struct flight *f;
	int64_t until;
	enum stack_gate gate;
	int rc;

	while ((f = w->retries) != NULL) {
		until = f->retry_ns;
		s = &w->stack[w->e->arm[f->arm].stack];
		gate = until > now ? STACK_WAIT :
		    stack_ask(s, 0, now, &until);
		if (gate == STACK_SHED || now > f->deadline_ns)
			gate = STACK_SEND;	/* it fails, and is recorded */
		if (gate == STACK_WAIT) {
			*wake = until < *wake ? until : *wake;
			return RC_OK;
		}
		w->retries = f->next;
		f->next = NULL;
		w->waiting--;
		rc = launch(w, f, gate == STACK_PROBE);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

/* Takes the next variant that has something to send. */
static int
next_item(struct worker *w)
{
	struct engine *e = w->e;
	uint64_t k;

	if (w->have_item)
		return 1;
	if (w->exhausted || stopping(e))
		return 0;
	k = atomic_fetch_add_explicit(&e->next, 1, memory_order_relaxed);
	if (k >= atomic_load_explicit(&e->limit, memory_order_relaxed) &&
	    !engine_measures_on(e, k, w->latency)) {
		w->exhausted = 1;
		return 0;
	}
	engine_item(e, k, &w->item);
	w->item_k = k;
	w->item_pos = 0;
	w->item_joined = 0;
	w->have_item = 1;
	w->item_due_ns = -1;
	w->pairs += w->item.round == ROUND_LATENCY ||
	    w->item.round == ROUND_LATENCY_AGAIN;
	if (!is_closed(e))
		w->item_due_ns = e->t0_ns - e->first_due_ns +
		    pace_due_ns(&e->pace, &w->cursor, k);
	return 1;
}

/* Moves to the next arm of the item that is to be asked. */
static int
next_arm(struct worker *w)
{
	enum arm a;

	while (w->item_pos < w->item.n_arms) {
		a = w->item.arms[w->item_pos];
		if (w->e->arm[a].live && !engine_is_done(w->e, &w->item, a))
			return 1;
		w->skipped += w->e->arm[a].live;
		w->item_pos++;
	}
	w->have_item = 0;
	return 0;
}

static int
shed(struct worker *w, enum arm a, const char *why)
{
	struct flight *f = flight_get(w);
	int rc;

	if (f == NULL)
		return err_set(&w->err, RC_NOMEM, "out of memory");
	rc = flight_render(w, f, a);
	f->due_ns = w->item_due_ns;
	if (rc == RC_OK)
		rc = flight_record(w, f, NULL, why);
	flight_put(w, f);
	w->item_pos++;
	return rc;
}

static int
send_arm(struct worker *w, enum arm a, int probe)
{
	struct engine *e = w->e;
	struct flight *f;
	int rc;

	f = flight_get(w);
	if (f == NULL)
		return err_set(&w->err, RC_NOMEM, "out of memory");
	rc = flight_render(w, f, a);
	f->due_ns = w->item_due_ns;
	w->item_pos++;
	if (rc != RC_OK) {
		flight_put(w, f);
		return rc;
	}
	if (!reserve(w, f)) {
		flight_put(w, f);
		engine_halt(e, ENGINE_BUDGET);
		return RC_OK;
	}
	return launch(w, f, probe);
}

/* In an open loop a full worker makes requests late, and that is told. */
static int
has_room(const struct worker *w)
{
	return w->inflight + w->waiting < w->slots &&
	    !writer_pressed(w->e->writer);
}

/* Whether a variant that is not begun may go out; see ENGINE.md, "Waves". */
static int
joins_wave(struct worker *w)
{
	if (!w->e->waves || w->item_joined)
		return 1;
	if (w->inflight + w->waiting == 0)
		w->wave_left = w->slots;
	else if (w->wave_left < w->item.n_arms)
		return 0;
	w->wave_left -= w->item.n_arms;
	w->item_joined = 1;
	return 1;
}

/* returns 1 when there may be more to send now, 0 not, or an error */
static int
send_next(struct worker *w, int64_t now, int64_t *wake)
{
	const struct engine *e = w->e;
	int64_t until = INT64_MAX;
	enum arm a;
	int rc;

	if (stopping(e) || !next_item(w))
		return 0;
	if (!next_arm(w))
		return 1;
	if (w->item_due_ns > now) {
		*wake = w->item_due_ns < *wake ? w->item_due_ns : *wake;
		return 0;
	}
	if (!joins_wave(w))
		return 0;
	if (!has_room(w)) {
		/* the queue empties without an event */
		if (now + MONO_MS < *wake && writer_pressed(e->writer))
			*wake = now + MONO_MS;
		return 0;
	}
	a = w->item.arms[w->item_pos];
	switch (stack_ask(&w->stack[e->arm[a].stack], !is_closed(e), now,
	    &until)) {
	case STACK_SEND:
		rc = send_arm(w, a, 0);
		break;
	case STACK_PROBE:
		rc = send_arm(w, a, 1);
		break;
	case STACK_SHED:
		rc = shed(w, a, "the circuit is open: the target has not "
		    "answered for some time");
		break;
	default:
		if (!is_closed(e) &&
		    now > w->item_due_ns + e->arm[a].deadline_ns) {
			rc = shed(w, a, "a cap kept it waiting past its "
			    "deadline");
			break;
		}
		*wake = until < *wake ? until : *wake;
		return 0;
	}
	return rc == RC_OK ? 1 : rc;
}

static int
fill(struct worker *w, int64_t *wake)
{
	int64_t now = mono_now_ns();
	int rc = send_retries(w, now, wake);
	int sent = 0;

	if (rc != RC_OK)
		return rc;
	while ((rc = send_next(w, now, wake)) == 1) {
		/* a long burst must not leave the answers unread */
		if (++sent % 64 == 0)
			break;
		if (!is_closed(w->e))
			now = mono_now_ns();
	}
	if (rc == 1)
		*wake = now;
	return rc < 0 ? rc : RC_OK;
}

/* ---- the loop ----------------------------------------------------------- */

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
	return !is_closed(w->e) && !w->discard && w->have_item &&
	    w->item_due_ns <= mono_now_ns();
}

static int
receive(struct worker *w, int64_t wake)
{
	struct http_call *c;
	int rc = http_wait(w->client, wake, &w->err), n = 0;

	while (rc == RC_OK && (c = http_done(w->client)) != NULL) {
		rc = on_done(w, c);
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
		if (stopping(w->e))
			return drain(w);
		wake = now + ENGINE_TICK_NS;
		rc = fill(w, &wake);
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
			rc = launch(w, f, 0);
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

	while (rc == RC_OK && !stopping(e)) {
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
		fatal(w);
	/* all are warm: one of them starts the schedule */
	last = pthread_barrier_wait(&w->e->warm);
	if (last == PTHREAD_BARRIER_SERIAL_THREAD)
		engine_begin(w->e);
	(void)pthread_barrier_wait(&w->e->warm);
	if (rc == RC_OK)
		rc = loop(w);
	if (rc != RC_OK) {
		fatal(w);
		w->discard = 1;
		http_abandon(w->client);
		w->err.code = RC_OK;
		(void)receive(w, 0);
	}
	hand_over(w, mono_now_ns(), 1);
	engine_worker_ended(w->e);
	return NULL;
}
