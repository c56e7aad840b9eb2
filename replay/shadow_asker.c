/* Who asks a target: a thread, its connections, its memory; see
 * shadow_part.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "replay/money.h"
#include "replay/shadow_part.h"
#include "replay/stack.h"

/* How long what is put may lie there while others are under way. */
#define LOOK_NS (5 * MONO_MS)
/* The users' path goes first. */
enum { NICE = 10 };

struct shadow_asker {
	struct shadow_asker_opts o;
	struct http_origin *origin;
	struct auth *auth;		/* or NULL */
	struct shadow_queue in;
	pthread_t thread;
	int started;
	atomic_int ending;
	pthread_mutex_t lock;		/* of trouble */
	char trouble[256];
	/* the thread's own */
	struct http_client *client;
	int busy;
	struct answer scratch;
};

static void
set_trouble(struct shadow_asker *a, const char *text)
{
	(void)pthread_mutex_lock(&a->lock);
	(void)snprintf(a->trouble, sizeof(a->trouble), "%.250s", text);
	(void)pthread_mutex_unlock(&a->lock);
}

void
shadow_asker_trouble(struct shadow_asker *a, char *out)
{
	(void)pthread_mutex_lock(&a->lock);
	memcpy(out, a->trouble, sizeof(a->trouble));
	(void)pthread_mutex_unlock(&a->lock);
}

static void
give_back(struct shadow_asker *a, struct shadow_ask *k)
{
	shadow_queue_put(a->o.done, &k->node);
}

/* ---- sending ----------------------------------------------------------- */

/* The token stands behind the other headers, which are sent without one. */
static int
set_token(struct shadow_asker *a, struct shadow_ask *k, struct err *err)
{
	size_t i, kept = 0;
	int rc;

	if (a->auth == NULL)
		return RC_OK;
	buf_reset(&k->token);
	rc = auth_header(a->auth, &k->token, &k->token_gen, err);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < k->n_headers; i++) {
		if (strcasecmp(k->headers[i].name, "authorization") != 0)
			k->headers[kept++] = k->headers[i];
	}
	k->headers[kept].name = "Authorization";
	k->headers[kept++].value = buf_str(&k->token);
	k->n_headers = kept;
	return RC_OK;
}

static void
start(struct shadow_asker *a, struct shadow_ask *k)
{
	struct record_item *it = k->item;
	struct http_call *c = NULL;
	struct err err = ERR_INIT;

	if (set_token(a, k, &err) == RC_OK &&
	    (c = http_get(a->client, 0)) != NULL) {
		c->method = it->ex.method;
		c->target = it->ex.target;
		c->headers = k->headers;
		c->n_headers = k->n_headers;
		c->body = it->has_sent ? buf_str(&it->sent) : NULL;
		c->body_n = it->has_sent ? it->sent.len : 0;
		c->deadline_ns = mono_now_ns() + a->o.deadline_ns;
		c->user = k;
		if (http_start(a->client, c, &err) == RC_OK) {
			a->busy++;
			return;
		}
		http_put(a->client, c);
	}
	if (err.code != RC_OK)
		set_trouble(a, err.msg);
	k->lost = 1;
	give_back(a, k);
}

/* ---- answers ----------------------------------------------------------- */

static void
take_times(const struct shadow_asker *a, const struct http_call *c,
    struct exchange *ex)
{
	ex->sent_ns = c->sent_ns - a->o.base_ns;
	ex->ttfb_ns = c->ttfb_ns;
	ex->ttft_ns = c->ttft_ns;
	ex->total_ns = c->total_ns;
	ex->outcome = c->outcome;
	ex->status = c->status;
	ex->stale = c->stale;
}

/* By HTTP's rules; as the proxy has it of what users get. */
static int
is_bodyless(const struct http_call *c)
{
	return c->status == 204 || c->status == 304 ||
	    strcmp(c->method, "HEAD") == 0;
}

static int
take_answer(const struct shadow_asker *a, const struct http_call *c,
    struct record_item *it)
{
	struct exchange *ex = &it->ex;
	/* the method is in the item's text, which moves when it grows */
	int bodyless = is_bodyless(c);
	size_t i;
	int rc;

	take_times(a, c, ex);
	if (c->why != NULL) {
		(void)snprintf(it->why, sizeof(it->why), "%s", c->why);
		ex->why = it->why;
	}
	if (it->has_sent) {
		ex->req_body.p = buf_str(&it->sent);
		ex->req_body.n = it->sent.len;
	}
	if (c->status == 0)
		return RC_OK;
	rc = record_item_answer(it, c->res_headers, c->n_res_headers);
	if (rc == RC_OK)
		rc = record_item_add(it, &it->body, c->res_body,
		    c->res_body_n);
	for (i = 0; i < c->n_chunks && rc == RC_OK; i++)
		rc = record_item_mark(it, c->chunks[i].at_ns, c->chunks[i].n);
	if (bodyless)
		return rc;
	ex->res_body.p = buf_str(&it->body);
	ex->res_body.n = it->body.len;
	return rc;
}

static void
answered(struct shadow_asker *a, struct http_call *c)
{
	const struct suite_target *t = a->o.target;
	struct shadow_ask *k = c->user;

	a->busy--;
	if (a->auth != NULL && c->status == 401 && !k->renewed) {
		auth_renew(a->auth, k->token_gen);
		k->renewed = 1;
		http_put(a->client, c);
		start(a, k);
		return;
	}
	k->status = c->status;
	k->outcome = c->outcome;
	k->retry_after_ns = stack_asked_wait(c->res_headers,
	    c->n_res_headers);
	if (t != NULL)
		k->money = money_of(t, t->extract, c, &a->scratch);
	k->lost |= take_answer(a, c, k->item) != RC_OK;
	http_put(a->client, c);
	give_back(a, k);
}

/* ---- the thread -------------------------------------------------------- */

static void
take_queue(struct shadow_asker *a)
{
	struct shadow_node *n = shadow_queue_take(&a->in), *next;

	for (; n != NULL; n = next) {
		next = n->next;
		start(a, (struct shadow_ask *)n);
	}
}

/* What is under way comes back as lost: it was not the target's fault. */
static void
give_up(struct shadow_asker *a)
{
	struct http_call *c;
	struct shadow_ask *k;

	http_abandon(a->client);
	while ((c = http_done(a->client)) != NULL) {
		k = c->user;
		k->lost = 1;
		http_put(a->client, c);
		give_back(a, k);
	}
	a->busy = 0;
}

static int
open_client(struct shadow_asker *a)
{
	struct http_client_opts o = { .origins = &a->origin, .n_origins = 1,
		.connections = a->o.in_flight,
		.body_max = a->o.answer_max,
		/* as users get it through the proxy */
		.head_max = H1_ANSWER_MAX };
	struct err err = ERR_INIT;
	int rc = http_client_new(&o, &a->client, &err);

	if (rc != RC_OK)
		set_trouble(a, err.msg);
	return rc;
}

/* A client that cannot go on is replaced; what it had is lost. */
static void
work(struct shadow_asker *a)
{
	struct err err = ERR_INIT;
	struct http_call *c;

	take_queue(a);
	if (a->busy == 0) {
		shadow_queue_wait(&a->in, mono_now_ns() + MONO_S);
		return;
	}
	if (http_wait(a->client, mono_now_ns() + LOOK_NS, &err) != RC_OK) {
		set_trouble(a, err.msg);
		give_up(a);
		mono_sleep_until_ns(mono_now_ns() + 100 * MONO_MS);
	}
	while ((c = http_done(a->client)) != NULL)
		answered(a, c);
}

/* Nothing can be asked, or the end is there. */
static void
return_all(struct shadow_asker *a)
{
	struct shadow_node *n = shadow_queue_take(&a->in), *next;

	for (; n != NULL; n = next) {
		next = n->next;
		((struct shadow_ask *)n)->lost = 1;
		give_back(a, (struct shadow_ask *)n);
	}
}

static void *
asker_main(void *ctx)
{
	struct shadow_asker *a = ctx;

	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	answer_init(&a->scratch);
	if (open_client(a) == RC_OK) {
		while (!atomic_load(&a->ending))
			work(a);
		give_up(a);
	}
	while (!atomic_load(&a->ending)) {
		shadow_queue_wait(&a->in, mono_now_ns() + MONO_S);
		return_all(a);
	}
	return_all(a);
	http_client_free(a->client);
	answer_fini(&a->scratch);
	return NULL;
}

/* ---- from outside ------------------------------------------------------ */

static int
open_origin(struct shadow_asker *a, struct err *err)
{
	const struct suite_target *t = a->o.target;
	struct http_origin_opts o = { .url = a->o.url };
	int rc = http_global_init(err);

	if (t != NULL) {
		o.ca_file = t->ca_file;
		o.cert_file = t->cert_file;
		o.key_file = t->key_file;
		o.unix_socket = t->unix_socket;
		o.http2 = t->http2;
		o.extract = t->extract;
	}
	if (rc == RC_OK)
		rc = http_origin_new(&o, &a->origin, err);
	if (rc == RC_OK && t != NULL && t->auth_exec != NULL)
		rc = auth_new(t->auth_exec, &a->auth, err);
	return rc;
}

int
shadow_asker_start(const struct shadow_asker_opts *o,
    struct shadow_asker **out, struct err *err)
{
	struct shadow_asker *a = calloc(1, sizeof(*a));
	int rc;

	*out = a;
	if (a == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	a->o = *o;
	a->in.fd = -1;
	(void)pthread_mutex_init(&a->lock, NULL);
	rc = shadow_queue_init(&a->in, err);
	if (rc == RC_OK)
		rc = open_origin(a, err);
	if (rc == RC_OK && pthread_create(&a->thread, NULL, asker_main,
	    a) != 0)
		rc = err_set(err, RC_NOMEM, "cannot start a thread");
	a->started = rc == RC_OK;
	if (rc != RC_OK)
		shadow_asker_stop(out);
	return rc;
}

void
shadow_asker_put(struct shadow_asker *a, struct shadow_ask *k)
{
	shadow_queue_put(&a->in, &k->node);
}

void
shadow_asker_stop(struct shadow_asker **ap)
{
	struct shadow_asker *a = *ap;

	*ap = NULL;
	if (a == NULL)
		return;
	if (a->started) {
		atomic_store(&a->ending, 1);
		shadow_queue_wake(&a->in);
		(void)pthread_join(a->thread, NULL);
	}
	shadow_queue_fini(&a->in);
	auth_free(a->auth);
	http_origin_free(a->origin);
	(void)pthread_mutex_destroy(&a->lock);
	free(a);
}
