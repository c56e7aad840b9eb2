/* Requests in waves, and their answers; see drill_part.h. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mono.h"
#include "harness/drill/drill_part.h"

#define MEM_MAX ((size_t)2 << 30)

void
wave_init(struct wave *w, int concurrency)
{
	memset(w, 0, sizeof(*w));
	arena_init(&w->mem, MEM_MAX);
	w->concurrency = concurrency > 0 ? concurrency : 1;
}

void
wave_fini(struct wave *w)
{
	arena_fini(&w->mem);
	free(w->v);
	memset(w, 0, sizeof(*w));
}

void
wave_reset(struct wave *w)
{
	arena_reset(&w->mem);
	w->n = 0;
}

static const char *
keep(struct wave *w, const char *s)
{
	return s == NULL ? NULL : arena_strn(&w->mem, s, strlen(s));
}

/* ---- making ------------------------------------------------------------- */

void
ask_header(struct wave *w, struct ask *a, const char *name,
    const char *value)
{
	size_t i;

	for (i = 0; i < a->n_h; i++) {
		if (strcasecmp(a->h[i].name, name) == 0)
			break;
	}
	if (value == NULL) {
		if (i < a->n_h)
			a->h[i] = a->h[--a->n_h];
		return;
	}
	if (i == ASK_HEADERS)
		return;
	a->h[i].name = keep(w, name);
	a->h[i].value = keep(w, value);
	a->n_h += i == a->n_h;
}

void
ask_headers(struct wave *w, struct ask *a, const struct json *headers)
{
	const struct json *m;
	struct buf b;

	buf_init(&b, 1 << 16);
	for (m = json_first(headers); m != NULL; m = json_next(m))
		ask_header(w, a, json_key(m), json_word(m, &b));
	buf_fini(&b);
}

static void
own_headers(struct drill *d, struct wave *w, struct ask *a)
{
	const struct suite *s = d->suite;
	const struct drill_stack *k = &d->stack[a->arm];
	size_t i;

	if (a->body != NULL)
		ask_header(w, a, "Content-Type", "application/json");
	for (i = 0; i < s->n_headers; i++) {
		if (strstr(s->headers[i].value, "{{") == NULL)
			ask_header(w, a, s->headers[i].name,
			    s->headers[i].value);
	}
	for (i = 0; i < k->t->n_headers; i++) {
		if (strstr(k->t->headers[i].value, "{{") == NULL)
			ask_header(w, a, k->t->headers[i].name,
			    k->t->headers[i].value);
	}
	if (k->auth != NULL)
		ask_header(w, a, "Authorization", buf_str(&k->token));
	ask_header(w, a, "X-Lockstep-Run", d->id);
}

static int
grow(struct wave *w)
{
	size_t cap = w->cap == 0 ? 64 : w->cap * 2;
	struct ask **v;

	if (w->n < w->cap)
		return 0;
	v = realloc(w->v, cap * sizeof(*v));
	if (v == NULL)
		return -1;
	w->v = v;
	w->cap = cap;
	return 0;
}

struct ask *
wave_add(struct drill *d, struct wave *w, enum arm arm, const char *method,
    const char *target, const struct buf *body)
{
	struct ask *a = arena_alloc(&w->mem, sizeof(*a));

	if (a == NULL || grow(w) != 0)
		return NULL;
	a->arm = arm;
	a->method = keep(w, method);
	a->target = keep(w, target);
	if (body != NULL) {
		a->body = arena_strn(&w->mem, buf_str(body), body->len);
		a->body_n = body->len;
	}
	a->outcome = OUTCOME_N;
	own_headers(d, w, a);
	if (w->mem.bad)
		return NULL;
	w->v[w->n++] = a;
	return a;
}

/* ---- sending ------------------------------------------------------------ */

struct sending {
	struct drill *d;
	struct wave *w;
	struct http_client *client;
	int64_t begun_ns;
	size_t next, under_way;
};

static void
take_answer(struct sending *s, struct http_call *c)
{
	struct ask *a = c->user;
	struct wave *w = s->w;
	struct ex_header *h;
	size_t i;

	a->outcome = c->outcome;
	a->why = keep(w, c->why);
	a->status = c->status;
	a->total_ns = c->total_ns;
	a->res = arena_strn(&w->mem, c->res_body, c->res_body_n);
	a->res_n = a->res == NULL ? 0 : c->res_body_n;
	h = arena_calloc(&w->mem, c->n_res_headers + 1, sizeof(*h));
	a->rh = h;
	for (i = 0; h != NULL && i < c->n_res_headers; i++) {
		h[i].name = keep(w, c->res_headers[i].name);
		h[i].value = keep(w, c->res_headers[i].value);
		a->n_rh++;
	}
	s->under_way--;
	http_put(s->client, c);
}

static int
start(struct sending *s, struct ask *a, struct err *err)
{
	struct http_call *c;
	int64_t limit = a->deadline_ns > 0 ? a->deadline_ns :
	    s->d->stack[a->arm].t->deadline_ns;

	a->sent_ns = mono_now_ns() - s->begun_ns;
	atomic_fetch_add(&s->d->requests, 1);
	if (a->cut != ASK_WHOLE) {
		cut_send(s->d, a);
		return RC_OK;
	}
	c = http_get(s->client, a->arm == ARM_CANDIDATE &&
	    s->d->stack[ARM_BASELINE].origin != NULL ? 1 : 0);
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->method = a->method;
	c->target = a->target;
	c->headers = a->h;
	c->n_headers = a->n_h;
	c->body = a->body;
	c->body_n = a->body_n;
	c->deadline_ns = mono_now_ns() + (limit > 0 ? limit :
	    ASK_DEADLINE_NS);
	c->user = a;
	s->under_way++;
	return http_start(s->client, c, err);
}

static int
by_time(const void *x, const void *y)
{
	const struct ask *a = *(struct ask *const *)x;
	const struct ask *b = *(struct ask *const *)y;

	return a->at_ns < b->at_ns ? -1 : a->at_ns > b->at_ns;
}

/* The asks that were not sent, in order, at the end of the list. */
static size_t
order(struct wave *w)
{
	size_t from = 0, i;
	struct ask *a;

	for (i = 0; i < w->n; i++) {
		a = w->v[i];
		if (a->outcome == OUTCOME_N)
			continue;
		w->v[i] = w->v[from];
		w->v[from++] = a;
	}
	/* equal times keep their order: stable for few, so sort by hand */
	for (i = from; i + 1 < w->n && w->v[i]->at_ns <= w->v[i + 1]->at_ns;
	    i++)
		;
	if (i + 1 < w->n)
		qsort(w->v + from, w->n - from, sizeof(struct ask *), by_time);
	return from;
}

static int
turn(struct sending *s, struct err *err)
{
	struct wave *w = s->w;
	int64_t now = mono_now_ns(), until = now + MONO_S;
	struct http_call *c;
	int rc = RC_OK;

	if (w->stop != NULL && atomic_load(w->stop))
		s->next = w->n;
	while (rc == RC_OK && s->next < w->n &&
	    s->under_way < (size_t)w->concurrency) {
		until = s->begun_ns + w->v[s->next]->at_ns;
		if (until > now)
			break;
		if (drill_stopped(s->d))
			return err_set(err, RC_USAGE, "stopped");
		rc = start(s, w->v[s->next++], err);
	}
	if (rc == RC_OK && s->under_way == 0 && s->next < w->n) {
		if (until > now + 100 * MONO_MS)
			until = now + 100 * MONO_MS;
		if (until > now)
			mono_sleep_until_ns(until);
		return drill_stopped(s->d) ? err_set(err, RC_USAGE,
		    "stopped") : RC_OK;
	}
	if (rc == RC_OK && s->under_way > 0)
		rc = http_wait(s->client, until > now ? until : now + MONO_S,
		    err);
	while ((c = http_done(s->client)) != NULL)
		take_answer(s, c);
	return rc;
}

int
wave_send(struct drill *d, struct wave *w, struct err *err)
{
	struct http_origin *origins[2];
	struct http_client_opts o = { .origins = origins,
		.connections = w->concurrency, .body_max = 16 << 20 };
	struct sending s = { .d = d, .w = w };
	int rc;

	if (d->stack[ARM_BASELINE].origin != NULL)
		origins[o.n_origins++] = d->stack[ARM_BASELINE].origin;
	if (d->stack[ARM_CANDIDATE].origin != NULL)
		origins[o.n_origins++] = d->stack[ARM_CANDIDATE].origin;
	assert(o.n_origins > 0);
	rc = http_client_new(&o, &s.client, err);
	s.next = order(w);
	s.begun_ns = w->begun_ns = mono_now_ns();
	while (rc == RC_OK && (s.next < w->n || s.under_way > 0))
		rc = turn(&s, err);
	http_client_free(s.client);
	if (rc == RC_OK)
		rc = arena_check(&w->mem, "a drill's answers", err);
	return rc;
}

struct ask *
wave_one(struct drill *d, struct wave *w, struct ask *a, struct err *err)
{
	if (a == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	return wave_send(d, w, err) == RC_OK ? a : NULL;
}

/* ---- answers ------------------------------------------------------------ */

const char *
ask_answer_header(const struct ask *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->n_rh; i++) {
		if (strcasecmp(a->rh[i].name, name) == 0)
			return a->rh[i].value;
	}
	return NULL;
}

struct json *
ask_json(const struct ask *a)
{
	return a->res == NULL ? NULL : json_parse(a->res, a->res_n, NULL);
}

const char *
ask_say(const struct ask *a, char out[160])
{
	const char *after = ask_answer_header(a, "retry-after");

	if (a->status == 0)
		(void)snprintf(out, 160, "no answer (%s)", a->why != NULL ?
		    a->why : outcome_name(a->outcome));
	else
		(void)snprintf(out, 160, "%d%s%.40s", a->status,
		    after != NULL ? " with Retry-After " : "",
		    after != NULL ? after : "");
	return out;
}
