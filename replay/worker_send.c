/* What a worker sends, and when; see engine_part.h. */
#include "harness/base/mono.h"
#include "replay/engine_part.h"

int
worker_launch(struct worker *w, struct flight *f, int probe)
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
		rc = worker_launch(w, f, gate == STACK_PROBE);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

static int
is_for_latency(const struct plan_item *item)
{
	return item->round == ROUND_LATENCY ||
	    item->round == ROUND_LATENCY_AGAIN;
}

/* Takes the next variant that has something to send. */
static int
next_item(struct worker *w)
{
	struct engine *e = w->e;
	uint64_t k;

	if (w->have_item)
		return 1;
	if (w->exhausted || engine_stopping(e))
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
	w->pairs += is_for_latency(&w->item);
	if (!engine_is_closed(e))
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
	if (!worker_reserve(w, f)) {
		flight_put(w, f);
		engine_halt(e, ENGINE_BUDGET);
		return RC_OK;
	}
	return worker_launch(w, f, probe);
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
joins_wave(struct worker *w, int64_t now, int64_t *wake)
{
	int64_t next = w->wave_ns + ENGINE_WAVE_NS;

	if (!w->e->waves || w->item_joined)
		return 1;
	if (w->inflight + w->waiting == 0) {
		if (is_for_latency(&w->item) && now < next) {
			*wake = next < *wake ? next : *wake;
			return 0;
		}
		w->wave_left = w->slots;
		w->wave_ns = now;
	} else if (w->wave_left <= 0) {
		return 0;
	}
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

	if (engine_stopping(e) || !next_item(w))
		return 0;
	if (!next_arm(w))
		return 1;
	if (w->item_due_ns > now) {
		*wake = w->item_due_ns < *wake ? w->item_due_ns : *wake;
		return 0;
	}
	if (!joins_wave(w, now, wake))
		return 0;
	if (!has_room(w)) {
		/* the queue empties without an event */
		if (now + MONO_MS < *wake && writer_pressed(e->writer))
			*wake = now + MONO_MS;
		return 0;
	}
	a = w->item.arms[w->item_pos];
	switch (stack_ask(&w->stack[e->arm[a].stack], !engine_is_closed(e), now,
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
		if (!engine_is_closed(e) &&
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

int
worker_fill(struct worker *w, int64_t *wake)
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
		if (!engine_is_closed(w->e))
			now = mono_now_ns();
	}
	if (rc == 1)
		*wake = now;
	return rc < 0 ? rc : RC_OK;
}
