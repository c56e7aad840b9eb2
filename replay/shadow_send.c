/* A user's request as a target is asked it; see shadow_part.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "replay/shadow_part.h"

enum { OURS_MAX = 64 };		/* headers of suite and tags */

void
shadow_sender_init(struct shadow_sender *s, const struct shadow_opts *o,
    struct record_pool *pool)
{
	memset(s, 0, sizeof(*s));
	s->o = o;
	s->pool = pool;
	clean_init(&s->clean);
	answer_init(&s->answer);
}

void
shadow_sender_fini(struct shadow_sender *s)
{
	clean_fini(&s->clean);
	answer_fini(&s->answer);
	free(s->headers);
}

const struct suite_target *
shadow_target_of(const struct shadow_opts *o, enum arm a)
{
	const struct suite_target *t;

	if (o->suite == NULL)
		return NULL;
	t = suite_target_of(o->suite, a);
	return t != NULL && t->present ? t : NULL;
}

/* Of one hop, or the client's own; a receipt of the user's is for one
 * request, which this is not, as is the user's trace; and what only we say. */
static int
stays_here(const char *name)
{
	static const char *const names[] = { "connection", "keep-alive", "te",
		"trailer", "transfer-encoding", "upgrade", "proxy-connection",
		"proxy-authorization", "host", "content-length", "expect",
		"idempotency-key", "traceparent", "tracestate", "b3" };
	size_t i;

	if (strncasecmp(name, "x-lockstep-", 11) == 0)
		return 1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcasecmp(name, names[i]) == 0)
			return 1;
	}
	return 0;
}

/* Connection names others that are of this hop. */
static int
is_named(const struct exchange *ex, const char *name)
{
	size_t i, n = strlen(name), len;
	const char *p;

	for (i = 0; i < ex->n_req_headers; i++) {
		if (strcasecmp(ex->req_headers[i].name, "connection") != 0)
			continue;
		for (p = ex->req_headers[i].value; *p != '\0'; p += len) {
			p += strspn(p, " \t,");
			len = strcspn(p, " \t,");
			if (len == n && strncasecmp(p, name, n) == 0)
				return 1;
		}
	}
	return 0;
}

/*
 * A copy of the user's request, which s owns until the next call; cleaned of
 * credentials unless they are to stay.
 */
static int
view(struct shadow_sender *s, const struct shadow_pair *p, int as_it_is,
    struct exchange *ex)
{
	const struct exchange *was = &p->item->ex;
	size_t n = was->n_req_headers, i, kept = 0;
	struct ex_header *h = s->headers;

	if (n + OURS_MAX > s->cap_headers) {
		h = realloc(h, (n + OURS_MAX) * sizeof(*h));
		if (h == NULL)
			return RC_NOMEM;
		s->headers = h;
		s->cap_headers = n + OURS_MAX;
	}
	for (i = 0; i < n; i++) {
		if (!stays_here(was->req_headers[i].name) &&
		    (s->o->join_key == NULL || strcasecmp(s->o->join_key,
		    was->req_headers[i].name) != 0) &&
		    !is_named(was, was->req_headers[i].name))
			h[kept++] = was->req_headers[i];
	}
	exchange_init(ex);
	ex->method = was->method;
	ex->target = was->target;
	ex->req_headers = h;
	ex->n_req_headers = kept;
	if (p->item->has_sent) {
		ex->req_body.p = buf_str(&p->item->sent);
		ex->req_body.n = p->item->sent.len;
	}
	return as_it_is ? RC_OK :
	    clean_exchange(&s->clean, NULL, 0, ex, h, NULL);
}

int
shadow_send_name(struct shadow_sender *s, struct shadow_pair *p, uint64_t n)
{
	struct exchange ex;
	struct buf b;
	int rc = view(s, p, 0, &ex);

	if (rc != RC_OK)
		return rc;
	buf_init(&b, (size_t)2 << 30);
	buf_printf(&b, "%s %s\n", ex.method, ex.target);
	if (ex.req_body.p != NULL)
		buf_add(&b, ex.req_body.p, ex.req_body.n);
	rc = buf_check(&b, "a request", NULL);
	if (rc == RC_OK) {
		(void)snprintf(p->hash, sizeof(p->hash), "%016llx",
		    (unsigned long long)hash_u64(b.p, b.len));
		(void)snprintf(p->id, sizeof(p->id), "%s-%llu", p->hash,
		    (unsigned long long)n);
	}
	buf_fini(&b);
	return rc;
}

/* ---- pins -------------------------------------------------------------- */

/* Into a header goes what is visible and short. */
static void
take_pin(const struct answer *a, const char *name, char out[SHADOW_PIN_BYTES])
{
	const char *v, *p;
	size_t i;

	for (i = 0; i < a->n_pins; i++) {
		v = a->pins[i].value;
		if (strcmp(a->pins[i].name, name) != 0 || v == NULL ||
		    strlen(v) >= SHADOW_PIN_BYTES)
			continue;
		for (p = v; *p > ' ' && *p < 0x7f; p++)
			continue;
		if (*p == '\0')
			(void)snprintf(out, SHADOW_PIN_BYTES, "%s", v);
	}
}

void
shadow_send_pins(struct shadow_sender *s, const struct exchange *primary,
    struct shadow_pins *out)
{
	const struct suite_target *t = shadow_target_of(s->o, ARM_BASELINE);

	if (s->o->suite == NULL || extract_answer(t != NULL &&
	    t->extract != NULL ? t->extract : s->o->suite->extract, primary,
	    &s->answer, NULL) != RC_OK)
		return;
	take_pin(&s->answer, "MODEL_VER", out->model_rev);
	take_pin(&s->answer, "INDEX_HASH", out->index_hash);
}

/* ---- headers ----------------------------------------------------------- */

static void
put(struct exchange *ex, struct ex_header *h, const char *name,
    const char *value)
{
	size_t i, kept = 0;

	for (i = 0; i < ex->n_req_headers; i++) {
		if (strcasecmp(h[i].name, name) != 0)
			h[kept++] = h[i];
	}
	h[kept].name = name;
	h[kept++].value = value;
	ex->n_req_headers = kept;
}

/* The suite's own headers of a target; secret ones only where asked for. */
static size_t
put_own(struct exchange *ex, struct ex_header *h,
    const struct suite_header *own, size_t n, int secret, size_t room)
{
	size_t i;

	for (i = 0; i < n && room > 0; i++) {
		if (own[i].secret != secret ||
		    strstr(own[i].value, "{{") != NULL)
			continue;
		put(ex, h, own[i].name, own[i].value);
		room--;
	}
	return room;
}

static void
put_suite(const struct shadow_opts *o, enum arm a, struct exchange *ex,
    struct ex_header *h, int secret)
{
	const struct suite_target *t = shadow_target_of(o, a);
	size_t room = OURS_MAX / 2 - 8;

	if (o->suite == NULL)
		return;
	room = put_own(ex, h, o->suite->headers, o->suite->n_headers, secret,
	    room);
	if (t != NULL)
		(void)put_own(ex, h, t->headers, t->n_headers, secret, room);
}

static void
put_tags(const struct shadow_pair *p, const char *idem, struct exchange *ex,
    struct ex_header *h)
{
	put(ex, h, "X-Lockstep-Shadow", "true");
	put(ex, h, "X-Lockstep-Shadow-Id", p->id);
	put(ex, h, "X-Lockstep-Req-Hash", p->hash);
	if (p->pins.model_rev[0] != '\0')
		put(ex, h, "X-Lockstep-Model-Rev", p->pins.model_rev);
	if (p->pins.index_hash[0] != '\0')
		put(ex, h, "X-Lockstep-Index-Hash", p->pins.index_hash);
	put(ex, h, "Idempotency-Key", idem);
}

/* ---- the ask ----------------------------------------------------------- */

void
shadow_ask_free(struct shadow_ask *k)
{
	if (k == NULL)
		return;
	record_item_free(k->item);
	if (k->token.p != NULL)
		explicit_bzero(k->token.p, k->token.cap);
	buf_fini(&k->token);
	free(k->headers);
	free(k);
}

static void
name_item(struct record_item *it, const struct shadow_pair *p, enum arm a)
{
	static const char *const ends[ARM_N] = { "b", "c", "b2", "c2" };

	(void)snprintf(it->id, sizeof(it->id), "%.30s-%s", p->id, ends[a]);
	(void)snprintf(it->case_id, sizeof(it->case_id), "%s", p->id);
	it->ex.key.case_id = it->case_id;
	it->ex.key.arm = a;
}

/* What is kept of it, and what is sent: secrets are in the latter alone. */
static int
fill(struct shadow_sender *s, struct shadow_ask *k, struct shadow_pair *p,
    struct exchange *ex)
{
	struct record_item *it = k->item;
	struct h1_str method = { ex->method, strlen(ex->method) };
	struct h1_str target = { ex->target, strlen(ex->target) };
	struct exchange sent;

	name_item(it, p, k->arm);
	put_suite(s->o, k->arm, ex, s->headers, 0);
	put_tags(p, it->id, ex, s->headers);
	if (record_item_request(it, method, target, s->headers,
	    ex->n_req_headers) != RC_OK)
		return RC_NOMEM;
	it->ex.url = s->o->url[k->arm] != NULL ? s->o->url[k->arm] :
	    s->o->url[arm_of_echo(k->arm)];
	it->has_sent = ex->req_body.p != NULL;
	if (it->has_sent && record_item_add(it, &it->sent, ex->req_body.p,
	    ex->req_body.n) != RC_OK)
		return RC_NOMEM;
	k->headers = calloc(it->ex.n_req_headers + OURS_MAX,
	    sizeof(*k->headers));
	if (k->headers == NULL)
		return RC_NOMEM;
	memcpy(k->headers, it->ex.req_headers, it->ex.n_req_headers *
	    sizeof(*k->headers));
	sent = it->ex;
	put_suite(s->o, k->arm, &sent, k->headers, 1);
	k->n_headers = sent.n_req_headers;
	return RC_OK;
}

int
shadow_send_make(struct shadow_sender *s, struct shadow_pair *p, enum arm a)
{
	struct shadow_ask *k = calloc(1, sizeof(*k));
	struct exchange ex;

	if (k == NULL)
		return RC_NOMEM;
	k->pair = p;
	k->arm = a;
	k->retry_after_ns = -1;
	buf_init(&k->token, 64 << 10);
	k->item = record_item_new(s->pool, s->o->answer_max >
	    s->o->body_max ? s->o->answer_max : s->o->body_max);
	if (k->item == NULL ||
	    view(s, p, s->o->forward_auth, &ex) != RC_OK ||
	    fill(s, k, p, &ex) != RC_OK) {
		shadow_ask_free(k);
		return RC_NOMEM;
	}
	p->ask[a] = k;
	return RC_OK;
}
