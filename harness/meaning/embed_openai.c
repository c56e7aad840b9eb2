/*
 * openai:URL[#model], any service that speaks POST /v1/embeddings.
 *
 * Texts go in batches, several requests side by side, each retried as retry.h
 * says within its deadline. A batch that the service rejects (400, 413, 422)
 * is halved until the bad text is alone. A text without an answer is
 * EMBED_FAILED, never a number. A service that refuses us (401, 403, 404) or
 * that is down through all retries of a batch is left alone for the rest of
 * the call, and half a minute beyond.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/base/retry.h"
#include "harness/base/rng.h"
#include "harness/meaning/embed_part.h"

#define BATCH 64
#define BATCH_BYTES (1u << 20)		/* of texts in one request */
#define IN_FLIGHT 4
#define IN_FLIGHT_MAX 64
#define RESPONSE_MAX ((size_t)32 << 20)
#define REQUEST_MAX ((size_t)64 << 20)
#define DOWN_NS (30 * MONO_S)

struct service {
	embed_post_fn *post;
	void *ctx;
	char *url, *model;		/* model: NULL without one */
	char *auth;			/* a header, or NULL */
	const char *headers[3];
	size_t n_headers;
	size_t batch, in_flight;
	int64_t timeout_ns, deadline_ns;
	int64_t down_until_ns;
	uint64_t seed, draws;
	char trouble[256];
	struct batch *todo;		/* room of a call, cap texts */
	size_t *list, cap;
};

/* Texts first..first+n-1 of the list of one call. */
struct batch {
	size_t first, n;
	int attempts;
	int64_t not_before_ns, deadline_ns;	/* deadline: 0 until sent */
};

struct call {
	struct embedder *e;
	struct service *s;
	const struct embed_str *texts;
	const size_t *list;		/* indices into texts */
	struct embed_vec **out;
	enum embed_missing *why;
	struct batch *todo;
	size_t n_todo;
	int64_t success_ns;		/* when the last answer came */
	int given_up;
};

/* ---- the request ------------------------------------------------------- */

static void
build_body(const struct call *c, const struct batch *b, struct buf *out)
{
	struct json_out *o = malloc(sizeof(*o));
	size_t i;

	if (o == NULL) {
		out->bad = RC_NOMEM;
		return;
	}
	json_out_init(o, out, 0);
	json_out_obj(o);
	if (c->s->model != NULL)
		json_put_str(o, "model", c->s->model);
	json_put_str(o, "encoding_format", "float");
	json_out_key(o, "input");
	json_out_arr(o);
	for (i = 0; i < b->n; i++) {
		const struct embed_str *t = &c->texts[c->list[b->first + i]];

		json_out_strn(o, t->s, t->n);
	}
	json_out_end(o, ']');
	json_out_end(o, '}');
	free(o);
}

/* ---- the response ------------------------------------------------------ */

static int
trouble(struct service *s, const char *what)
{
	(void)snprintf(s->trouble, sizeof(s->trouble), "%s", what);
	return RC_FORMAT;
}

/* One embedding; RC_FORMAT leaves a word in s->trouble. */
static int
read_vector(struct call *c, const struct json *j, size_t at)
{
	size_t n = json_size(j), i;
	const struct json *x;
	float *f;

	if (n == 0 || n > EMBED_DIM_MAX)
		return trouble(c->s, "an answer without vectors");
	if (c->e->info.dim == 0)
		c->e->info.dim = (int)n;
	if (n != (size_t)c->e->info.dim) {
		(void)snprintf(c->s->trouble, sizeof(c->s->trouble),
		    "a vector of %zu dimensions, not %d", n, c->e->info.dim);
		return RC_FORMAT;
	}
	f = malloc(n * sizeof(*f));
	if (f == NULL)
		return RC_NOMEM;
	for (i = 0, x = json_first(j); i < n; i++, x = json_next(x))
		f[i] = (float)json_num(x, NAN);
	c->out[at] = embed_vec_from_f32(f, n, &c->why[at]);
	free(f);
	if (c->out[at] == NULL && c->why[at] == EMBED_OK)
		return RC_NOMEM;
	return c->why[at] == EMBED_FAILED ?
	    trouble(c->s, "a vector without numbers") : RC_OK;
}

static void
forget(struct call *c, const struct batch *b)
{
	size_t i, at;

	for (i = 0; i < b->n; i++) {
		at = c->list[b->first + i];
		free(c->out[at]);
		c->out[at] = NULL;
		c->why[at] = EMBED_FAILED;
	}
}

static int
read_vectors(struct call *c, const struct batch *b, const struct json *json)
{
	const struct json *data = json_get(json, "data"), *j;
	size_t done = 0, at;
	int64_t index;
	int rc = RC_OK;

	for (j = json_first(data); j != NULL && rc == RC_OK;
	    j = json_next(j)) {
		index = json_get_int(j, "index", (int64_t)done);
		if (index < 0 || (uint64_t)index >= b->n)
			return trouble(c->s, "an index beyond the request");
		at = c->list[b->first + (size_t)index];
		if (c->out[at] != NULL)
			return trouble(c->s, "two vectors of one index");
		rc = read_vector(c, json_get(j, "embedding"), at);
		done++;
	}
	if (rc == RC_OK && done != b->n)
		return trouble(c->s, "not a vector for each text");
	return rc;
}

/* returns RC_OK, RC_FORMAT (the batch is lost), RC_NOMEM */
static int
read_answer(struct call *c, const struct batch *b,
    const struct embed_http_res *res)
{
	struct err err = ERR_INIT;
	struct json *json = json_parse(res->body ? res->body : "",
	    res->body_n, &err);
	const struct json *usage;
	int rc;

	if (json == NULL && err.code == RC_NOMEM)
		return RC_NOMEM;
	rc = json == NULL ? trouble(c->s, "an answer that is not JSON") :
	    read_vectors(c, b, json);
	usage = json_get(json, "usage");
	c->e->usage.tokens += (uint64_t)json_get_int(usage, "total_tokens",
	    json_get_int(usage, "prompt_tokens", 0));
	json_free(json);
	if (rc != RC_OK)
		forget(c, b);
	return rc;
}

/* ---- one wave ---------------------------------------------------------- */

static void
drop_todo(struct call *c, size_t i)
{
	c->todo[i] = c->todo[--c->n_todo];
}

/* What to do after a failed attempt at batch c->todo[i]. */
static void
after_failure(struct call *c, size_t i, const struct embed_http_res *res)
{
	struct batch *b = &c->todo[i];
	int64_t now = mono_now_ns(), wait;
	struct service *s = c->s;

	(void)snprintf(s->trouble, sizeof(s->trouble), "status %d %s",
	    res->status, res->why);
	if ((res->status == 400 || res->status == 413 ||
	    res->status == 422) && b->n > 1) {
		c->todo[c->n_todo++] = (struct batch){
			.first = b->first + b->n / 2, .n = b->n - b->n / 2 };
		*b = (struct batch){ .first = b->first, .n = b->n / 2 };
		return;
	}
	wait = retry_wait_ns(b->attempts, rng_unit(s->seed, 0, s->draws++),
	    retry_after_ns(res->retry_after, mono_wall_ns()));
	if (retry_worth(res->status) && b->attempts < RETRY_ATTEMPTS &&
	    now + wait < b->deadline_ns) {
		b->not_before_ns = now + wait;
		c->e->usage.retries++;
		return;
	}
	if (res->status == 401 || res->status == 403 || res->status == 404 ||
	    (retry_worth(res->status) &&
	    c->success_ns < b->deadline_ns - s->deadline_ns)) {
		c->given_up = 1;
		s->down_until_ns = now + DOWN_NS;
	}
	c->e->usage.failures++;
	forget(c, b);
	drop_todo(c, i);
}

/* Moves the batches that may go to the front; returns how many. */
static size_t
pick_ready(struct call *c, int64_t now)
{
	size_t i, n = 0;

	for (i = 0; i < c->n_todo && n < c->s->in_flight; i++) {
		if (c->todo[i].not_before_ns <= now) {
			struct batch b = c->todo[i];

			c->todo[i] = c->todo[n];
			c->todo[n++] = b;
		}
	}
	return n;
}

static int64_t
earliest(const struct call *c)
{
	int64_t t = INT64_MAX;
	size_t i;

	for (i = 0; i < c->n_todo; i++) {
		if (c->todo[i].not_before_ns < t)
			t = c->todo[i].not_before_ns;
	}
	return t;
}

/* The requests of the first n batches; bodies are the caller's to free. */
static int
build_wave(struct call *c, size_t n, struct embed_http_req *req,
    char **bodies, struct err *err)
{
	int64_t now = mono_now_ns(), left;
	struct buf body;
	size_t i;

	for (i = 0; i < n; i++) {
		struct batch *b = &c->todo[i];

		if (b->deadline_ns == 0)
			b->deadline_ns = now + c->s->deadline_ns;
		b->attempts++;
		left = b->deadline_ns - now;
		buf_init(&body, REQUEST_MAX);
		build_body(c, b, &body);
		if (buf_check(&body, "embedding request", err) != RC_OK) {
			buf_fini(&body);
			return RC_NOMEM;
		}
		req[i] = (struct embed_http_req){ .url = c->s->url,
		    .headers = c->s->headers, .n_headers = c->s->n_headers,
		    .body_n = body.len,
		    .timeout_ns = left < c->s->timeout_ns ? left :
			c->s->timeout_ns, .response_max = RESPONSE_MAX };
		bodies[i] = buf_steal(&body);
		req[i].body = bodies[i];
	}
	return RC_OK;
}

/* Works off the answers, last first: batches that leave the list are
 * replaced by its end. */
static int
take_wave(struct call *c, size_t n, const struct embed_http_res *res)
{
	int rc = RC_OK;
	size_t i;

	for (i = n; i-- > 0 && rc != RC_NOMEM;) {
		c->e->usage.requests++;
		if (res[i].status < 200 || res[i].status > 299) {
			after_failure(c, i, &res[i]);
			continue;
		}
		rc = read_answer(c, &c->todo[i], &res[i]);
		if (rc == RC_OK)
			c->success_ns = mono_now_ns();
		else
			c->e->usage.failures++;
		drop_todo(c, i);
	}
	return rc == RC_NOMEM ? rc : RC_OK;
}

static int
send_wave(struct call *c, struct err *err)
{
	struct embed_http_req req[IN_FLIGHT_MAX] = { { .url = NULL } };
	struct embed_http_res res[IN_FLIGHT_MAX] = { { .status = 0 } };
	char *bodies[IN_FLIGHT_MAX] = { NULL };
	size_t n, i;
	int rc;

	mono_sleep_until_ns(earliest(c));
	n = pick_ready(c, mono_now_ns());
	rc = build_wave(c, n, req, bodies, err);
	if (rc == RC_OK)
		rc = c->s->post(c->s->ctx, req, n, res, err);
	if (rc == RC_OK && take_wave(c, n, res) != RC_OK)
		rc = err_set(err, RC_NOMEM, "vectors");
	for (i = 0; i < n; i++) {
		free(bodies[i]);
		free(res[i].body);
	}
	return rc;
}

/* ---- a call ------------------------------------------------------------ */

/* Cuts the list into batches; there is room to halve each to single texts. */
static void
make_batches(struct call *c, size_t n)
{
	size_t first = 0, i, bytes = 0;

	for (i = 0; i < n; i++) {
		size_t len = c->texts[c->list[i]].n;

		if (i > first && (i - first == c->s->batch ||
		    bytes + len > BATCH_BYTES)) {
			c->todo[c->n_todo++] = (struct batch){
				.first = first, .n = i - first };
			first = i;
			bytes = 0;
		}
		bytes += len;
	}
	if (n > first)
		c->todo[c->n_todo++] = (struct batch){
			.first = first, .n = n - first };
}

/* Room for a call of n texts; kept for the next call. */
static int
make_room(struct service *s, size_t n)
{
	struct batch *todo;
	size_t *list;

	if (n <= s->cap)
		return RC_OK;
	todo = realloc(s->todo, n * sizeof(*todo));
	if (todo == NULL)
		return RC_NOMEM;
	s->todo = todo;
	list = realloc(s->list, n * sizeof(*list));
	if (list == NULL)
		return RC_NOMEM;
	s->list = list;
	s->cap = n;
	return RC_OK;
}

static int
openai_many(struct embedder *e, const struct embed_str *texts, size_t n,
    struct embed_vec **out, enum embed_missing *why, struct err *err)
{
	struct service *s = e->state;
	struct call c = { .e = e, .s = s, .texts = texts, .out = out };
	size_t k = 0, i;
	int rc = RC_OK;

	if (make_room(s, n) != RC_OK)
		return err_set(err, RC_NOMEM, "vectors");
	c.why = why;
	c.todo = s->todo;
	c.list = s->list;
	for (i = 0; i < n; i++) {
		if (why[i] == EMBED_OK)
			s->list[k++] = i;
	}
	make_batches(&c, k);
	c.given_up = mono_now_ns() < s->down_until_ns;
	while (c.n_todo > 0 && !c.given_up && rc == RC_OK)
		rc = send_wave(&c, err);
	for (i = 0; i < c.n_todo; i++) {
		forget(&c, &c.todo[i]);
		e->usage.failures++;
	}
	return rc;
}

/* ---- opening ----------------------------------------------------------- */

/* The address to post to: .../embeddings, before any query. */
static char *
service_url(const char *arg, size_t n)
{
	const char *query = memchr(arg, '?', n);
	size_t path = query != NULL ? (size_t)(query - arg) : n;
	struct buf b;

	while (path > 0 && arg[path - 1] == '/')
		path--;
	buf_init(&b, n + 32);
	buf_add(&b, arg, path);
	if (path < 11 || strncmp(arg + path - 11, "/embeddings", 11) != 0) {
		if (path < 3 || strncmp(arg + path - 3, "/v1", 3) != 0)
			buf_puts(&b, "/v1");
		buf_puts(&b, "/embeddings");
	}
	if (query != NULL)
		buf_add(&b, query, n - (size_t)(query - arg));
	return buf_steal(&b);
}

static int
check_url(const char *url, struct err *err)
{
	const char *host = strstr(url, "://"), *end;

	if ((strncmp(url, "http://", 7) != 0 &&
	    strncmp(url, "https://", 8) != 0) || host[3] == '\0')
		return err_set(err, RC_USAGE, "openai: needs http://... or "
		    "https://..., not \"%.80s\"", url);
	end = host + 3 + strcspn(host + 3, "/?#");
	if (memchr(host, '@', (size_t)(end - host)) != NULL)
		return err_set(err, RC_USAGE, "the URL of an embedding service "
		    "must have no credentials: set the key in the environment");
	return RC_OK;
}

static int
service_headers(struct service *s, const char *key)
{
	struct buf b;

	s->headers[s->n_headers++] = "Content-Type: application/json";
	if (key == NULL || *key == '\0')
		return RC_OK;
	buf_init(&b, 1 << 16);
	buf_printf(&b, "Authorization: Bearer %s", key);
	s->auth = buf_steal(&b);
	s->headers[s->n_headers++] = s->auth;
	return s->auth == NULL ? RC_NOMEM : RC_OK;
}

/* A query may hold a key: it is no part of the name that reports print. */
static void
hide_query(char *name)
{
	char *query = strchr(name, '?'), *model;

	if (query == NULL)
		return;
	model = strchr(query, '#');
	if (model != NULL)
		memmove(query, model, strlen(model) + 1);
	else
		*query = '\0';
}

static void
openai_close(struct embedder *e)
{
	struct service *s = e->state;

	if (s == NULL)
		return;
	free(s->url);
	free(s->model);
	free(s->auth);
	free(s->todo);
	free(s->list);
	free(s);
}

static int
openai_open(struct embedder *e, const char *arg,
    const struct embed_opts *opts, struct err *err)
{
	struct service *s = calloc(1, sizeof(*s));
	size_t n = strcspn(arg, "#");
	char hash[HASH_HEX];

	e->state = s;
	e->info.remote = 1;
	hide_query(e->name);
	if (s == NULL)
		return err_set(err, RC_NOMEM, "embedder");
	if (check_url(arg, err) != RC_OK)
		return RC_USAGE;
	if (opts->post == NULL)
		return err_set(err, RC_USAGE, "openai: has no network here");
	s->post = opts->post;
	s->ctx = opts->post_ctx;
	s->batch = opts->batch ? opts->batch : BATCH;
	s->in_flight = opts->in_flight ? opts->in_flight : IN_FLIGHT;
	if (s->in_flight > IN_FLIGHT_MAX)
		s->in_flight = IN_FLIGHT_MAX;
	s->timeout_ns = opts->timeout_ns ? opts->timeout_ns : 30 * MONO_S;
	s->deadline_ns = opts->deadline_ns ? opts->deadline_ns :
	    120 * MONO_S;
	hash_random(&s->seed, sizeof(s->seed));
	s->url = service_url(arg, n);
	if (arg[n] == '#' && arg[n + 1] != '\0')
		s->model = strdup(arg + n + 1);
	if (s->url == NULL || (arg[n] == '#' && arg[n + 1] != '\0' &&
	    s->model == NULL) || service_headers(s, opts->api_key) != RC_OK)
		return err_set(err, RC_NOMEM, "embedder");
	if (opts->dim < 0 || opts->dim > EMBED_DIM_MAX)
		return err_set(err, RC_USAGE, "%d dimensions", opts->dim);
	e->info.dim = opts->dim;
	/* The weights are not ours to see: the address replaces them. */
	hash_hex(arg, strlen(arg), hash);
	memcpy(e->info.weights_hash, hash, sizeof(hash));
	return RC_OK;
}

static const char *
openai_trouble(const struct embedder *e)
{
	const struct service *s = e->state;

	return s->trouble;
}

const struct embed_kind embed_openai_kind = {
	.name = "openai:",
	.open = openai_open,
	.close = openai_close,
	.many = openai_many,
	.trouble = openai_trouble,
};
