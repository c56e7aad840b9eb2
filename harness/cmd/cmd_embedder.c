/* Embedders with the network: posts through the replay engine's client. */
#include "harness/cmd/cmd_embedder.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mono.h"
#include "replay/http.h"

#define IN_FLIGHT 4
#define HEADERS_MAX 8

struct cmd_embedder {
	struct embedder *e;
	struct http_origin *origin;
	struct http_client *client;
	char *target;			/* path and query */
};

/* scheme://authority of a URL; caller frees. */
static char *
authority_of(const char *url)
{
	const char *host = strstr(url, "://");
	size_t n = host == NULL ? strlen(url) :
	    (size_t)(host - url) + 3 + strcspn(host + 3, "/?#");

	return strndup(url, n);
}

/* The client is made at the first post: local embedders need none. */
static int
connect_to(struct cmd_embedder *c, const struct embed_http_req *req,
    struct err *err)
{
	char *url = authority_of(req->url);
	struct http_origin_opts o = { .url = url };
	struct http_client_opts co = { .origins = &c->origin, .n_origins = 1,
	    .connections = IN_FLIGHT, .body_max = req->response_max };
	int rc;

	if (url == NULL)
		return err_set(err, RC_NOMEM, "embedding service");
	free(c->target);
	c->target = strdup(req->url + strlen(url));
	rc = c->target == NULL ? err_set(err, RC_NOMEM, "embedding service") :
	    http_global_init(err);
	if (rc == RC_OK)
		rc = http_origin_new(&o, &c->origin, err);
	if (rc == RC_OK)
		rc = http_client_new(&co, &c->client, err);
	free(url);
	return rc;
}

/* "Name: value" into its parts; the copies are the caller's to free. */
static size_t
split_headers(const struct embed_http_req *req, struct ex_header *out,
    char **copies)
{
	size_t i, n = 0;
	char *colon;

	for (i = 0; i < req->n_headers && n < HEADERS_MAX; i++) {
		char *copy = strdup(req->headers[i]);

		colon = copy == NULL ? NULL : strstr(copy, ": ");
		if (colon == NULL) {
			free(copy);
			continue;
		}
		*colon = '\0';
		copies[n] = copy;
		out[n++] = (struct ex_header){ copy, colon + 2 };
	}
	return n;
}

static void
take_answer(const struct http_call *call, struct embed_http_res *res)
{
	size_t i;

	/* A status whose body did not arrive whole is no answer. */
	res->status = call->outcome == OUTCOME_OK ||
	    call->outcome == OUTCOME_HTTP_4XX ||
	    call->outcome == OUTCOME_HTTP_429 ||
	    call->outcome == OUTCOME_HTTP_5XX ? call->status : 0;
	(void)snprintf(res->why, sizeof(res->why), "%s",
	    call->why != NULL ? call->why : "");
	for (i = 0; i < call->n_res_headers; i++) {
		if (strcasecmp(call->res_headers[i].name, "retry-after") == 0)
			(void)snprintf(res->retry_after,
			    sizeof(res->retry_after), "%s",
			    call->res_headers[i].value);
	}
	res->body = malloc(call->res_body_n + 1);
	if (res->body == NULL) {
		res->status = 0;
		return;
	}
	memcpy(res->body, call->res_body, call->res_body_n);
	res->body_n = call->res_body_n;
}

static int
start(struct cmd_embedder *c, const struct embed_http_req *req,
    const struct ex_header *headers, size_t n_headers,
    struct embed_http_res *res, struct err *err)
{
	struct http_call *call = http_get(c->client, 0);

	if (call == NULL)
		return err_set(err, RC_NOMEM, "embedding request");
	call->method = "POST";
	call->target = c->target;
	call->headers = headers;
	call->n_headers = n_headers;
	call->body = req->body;
	call->body_n = req->body_n;
	call->deadline_ns = mono_now_ns() + req->timeout_ns;
	call->user = res;
	return http_start(c->client, call, err);
}

static int
post(void *ctx, const struct embed_http_req *req, size_t n,
    struct embed_http_res *res, struct err *err)
{
	struct ex_header headers[HEADERS_MAX];
	char *copies[HEADERS_MAX];
	struct cmd_embedder *c = ctx;
	struct http_call *call;
	size_t n_headers, i, sent = 0, done = 0;
	int rc = c->client == NULL ? connect_to(c, req, err) : RC_OK;

	if (rc != RC_OK)
		return rc;
	n_headers = split_headers(req, headers, copies);
	while (rc == RC_OK && done < n) {
		while (rc == RC_OK && sent < n && sent - done < IN_FLIGHT) {
			rc = start(c, &req[sent], headers, n_headers,
			    &res[sent], err);
			sent++;
		}
		if (rc == RC_OK)
			rc = http_wait(c->client, mono_now_ns() + MONO_S,
			    err);
		while ((call = http_done(c->client)) != NULL) {
			take_answer(call, call->user);
			http_put(c->client, call);
			done++;
		}
	}
	for (i = 0; i < n_headers; i++)
		free(copies[i]);
	return rc;
}

static const char *
key(void)
{
	/* before any thread. NOLINTBEGIN(concurrency-mt-unsafe) */
	const char *k = getenv("LOCKSTEP_EMBED_KEY");

	return k != NULL && *k != '\0' ? k : getenv("OPENAI_API_KEY");
	/* NOLINTEND(concurrency-mt-unsafe) */
}

int
cmd_embedder_open(const char *spec, struct cmd_embedder **out,
    struct embedder **e, struct err *err)
{
	struct cmd_embedder *c = calloc(1, sizeof(*c));
	struct embed_opts o = { .spec = spec != NULL ? spec : "builtin",
	    .post = post, .post_ctx = c, .api_key = key(),
	    .in_flight = IN_FLIGHT };
	int rc;

	*out = NULL;
	if (c == NULL)
		return err_set(err, RC_NOMEM, "embedder");
	rc = embedder_open(&o, &c->e, err);
	if (rc != RC_OK) {
		cmd_embedder_close(&c);
		return rc;
	}
	*e = c->e;
	*out = c;
	return RC_OK;
}

/* ---- vectors kept between runs ---------------------------------------- */

static int
kept_get(void *ctx, const char *weights, const char *text, void **blob,
    size_t *n, struct err *err)
{
	return store_embed_get(ctx, weights, text, blob, n, err);
}

static int
kept_put(void *ctx, const char *weights, const char *text, const void *blob,
    size_t n, struct err *err)
{
	return store_embed_put(ctx, weights, text, blob, n, err);
}

static int
kept_begin(void *ctx, struct err *err)
{
	return store_embed_begin(ctx, err);
}

static int
kept_end(void *ctx, struct err *err)
{
	return store_embed_end(ctx, STORE_EMBED_BYTES, err);
}

void
cmd_embedder_keep(struct store *s, struct embed_store *out)
{
	*out = (struct embed_store){ s, kept_get, kept_put, kept_begin,
	    kept_end };
}

int
cmd_embedder_curve(struct embedder *e, double t, struct err *err)
{
	const struct embed_curve c = { .t = t, .t_lo = t, .t_hi = t };

	return isnan(t) ? RC_OK : embedder_set_curve(e, &c, err);
}

void
cmd_embedder_close(struct cmd_embedder **c)
{
	if (*c == NULL)
		return;
	embedder_close(&(*c)->e);
	http_client_free((*c)->client);
	http_origin_free((*c)->origin);
	free((*c)->target);
	free(*c);
	*c = NULL;
}
