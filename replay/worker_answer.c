/* What a worker does with an answer; see engine_part.h. */
#include <stdlib.h>

#include "harness/base/mono.h"
#include "replay/engine_part.h"

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

	if (f->warmup || engine_stopping(w->e) || !flight_retriable(c) ||
	    (int)f->n_attempts + 1 >= r->max_attempts)
		return 0;
	wait = stack_jitter(s, r->base_ns, r->cap_ns, (int)f->n_attempts);
	asked = r->honor_retry_after ? stack_asked_wait(c->res_headers,
	    c->n_res_headers) : -1;
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
	worker_settle(w, f, c);
}

int
worker_answered(struct worker *w, struct http_call *c)
{
	struct flight *f = c->user;
	int rc = RC_OK;

	stack_back(&w->stack[c->origin], c->outcome, f->probe,
	    c->outcome == OUTCOME_HTTP_429 ?
	    stack_asked_wait(c->res_headers, c->n_res_headers) : -1,
	    engine_is_closed(w->e), mono_now_ns());
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
