/* A suite from asking a service: what it is, then a question. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/cmd/cmd_init_part.h"
#include "harness/suite/openapi.h"
#include "harness/suite/template.h"
#include "replay/fetch.h"

enum { BODY_MAX = 16 << 20, HEADERS_MAX = 34 };
#define ASK_NS (60 * MONO_S)		/* a model may take its time */
#define LOOK_NS (10 * MONO_S)

struct visit {
	struct init *in;
	struct fetch *fetch;
	struct ex_header headers[HEADERS_MAX];
	size_t n_headers;
	struct buf values;	/* of the headers, NUL behind each */
	struct openapi_ask ask;
	uint64_t asked;
};

static int
ask(struct visit *v, const struct fetch_req *what,
    const struct http_call **c, struct err *err)
{
	struct fetch_req req = *what;

	req.headers = v->headers;
	req.n_headers = v->n_headers;
	return fetch_ask(v->fetch, &req, c, err);
}

/* A GET whose answer is a 2xx with JSON; NULL: it is none. */
static struct json *
look(struct visit *v, const char *path, int *rc, struct err *err)
{
	struct fetch_req req = { .method = "GET", .target = path,
		.timeout_ns = LOOK_NS };
	const struct http_call *c;

	if (*rc != RC_OK)
		return NULL;
	*rc = ask(v, &req, &c, err);
	if (*rc != RC_OK || c->status < 200 || c->status > 299)
		return NULL;
	return json_parse(c->res_body, c->res_body_n, NULL);
}

static void
says(struct visit *v, const char *what, const char *more)
{
	(void)snprintf(v->in->api, sizeof(v->in->api), "%s%s%s", what,
	    more != NULL ? ", " : "", more != NULL ? more : "");
}

static int
set_ask(struct visit *v, const char *method, const char *path,
    const char *body, struct err *err)
{
	(void)snprintf(v->ask.method, sizeof(v->ask.method), "%s", method);
	(void)snprintf(v->ask.path, sizeof(v->ask.path), "%s", path);
	v->ask.body = json_parse(body, strlen(body), err);
	return v->ask.body == NULL ? (int)err->code : 1;
}

/* ---- who it is: each returns 1 when it knows, 0, or an error ---- */

static int
by_openapi(struct visit *v, struct err *err)
{
	static const char *const at[] = { "/openapi.json",
		"/api/openapi.json", "/swagger.json", "/v3/api-docs" };
	struct json *doc = NULL;
	const char *only = v->in->args->route;
	int rc = RC_OK;
	size_t i;

	for (i = 0; i < 4 && doc == NULL; i++) {
		doc = look(v, at[i], &rc, err);
		if (json_get(doc, "paths") == NULL) {
			json_free(doc);
			doc = NULL;
		}
	}
	if (rc == RC_OK && doc != NULL && only != NULL &&
	    strchr(only, ' ') != NULL)
		only = strchr(only, ' ') + 1;
	if (rc == RC_OK && doc != NULL)
		rc = openapi_find(doc, only, &v->ask, err);
	if (rc == 1)
		says(v, json_get_str(json_get(doc, "info"), "title") == NULL ?
		    "an OpenAPI service" :
		    json_get_str(json_get(doc, "info"), "title"),
		    "by its OpenAPI description");
	json_free(doc);
	return rc;
}

static int
by_models(struct visit *v, struct err *err)
{
	static const char messages[] = "[{\"role\":\"user\",\"content\":"
	    "\"{{question}}\"}]";
	int rc = RC_OK;
	struct json *doc = look(v, "/v1/models", &rc, err);
	const char *model = json_get_str(json_first(json_get(doc, "data")),
	    "id");
	struct json_out o;
	struct buf b;

	if (rc == RC_OK && model != NULL) {
		buf_init(&b, 1 << 16);
		json_out_init(&o, &b, 0);
		json_out_obj(&o);
		json_put_str(&o, "model", model);
		json_out_key(&o, "messages");
		json_out_raw(&o, messages, sizeof(messages) - 1);
		json_out_end(&o, '}');
		rc = set_ask(v, "POST", "/v1/chat/completions", buf_str(&b),
		    err);
		buf_fini(&b);
		says(v, "an OpenAI-compatible service, model", model);
	}
	json_free(doc);
	return rc;
}

/* Stores that are asked by vectors, which only their clients can make. */
static int
vectors(const char *what, const struct init *in, struct err *err)
{
	return err_set(err, RC_USAGE, "%s: this is %s, and its queries are "
	    "vectors that the client makes. Record what the client sends, "
	    "`lockstep record --listen 127.0.0.1:9100 --upstream %s --out "
	    "t.jsonl.zst`, then `lockstep init --trace t.jsonl.zst`",
	    in->args->url, what, in->args->url);
}

static int
by_root(struct visit *v, struct err *err)
{
	int rc = RC_OK;
	struct json *doc = look(v, "/", &rc, err);
	const char *line = json_get_str(doc, "tagline");
	const char *title = json_get_str(doc, "title");

	if (rc == RC_OK && line != NULL && (strstr(line, "Search") != NULL ||
	    strstr(line, "OpenSearch") != NULL)) {
		says(v, strstr(line, "OpenSearch") != NULL ? "OpenSearch" :
		    "Elasticsearch", NULL);
		rc = set_ask(v, "POST", "/_search", "{\"size\":5,\"query\":"
		    "{\"query_string\":{\"query\":\"{{question}}\","
		    "\"lenient\":true}}}", err);
	} else if (rc == RC_OK && title != NULL &&
	    strstr(title, "qdrant") != NULL) {
		rc = vectors("Qdrant", v->in, err);
	}
	json_free(doc);
	if (rc != RC_OK)
		return rc;
	doc = look(v, "/api/v2/heartbeat", &rc, err);
	if (rc == RC_OK && json_get(doc, "nanosecond heartbeat") != NULL)
		rc = vectors("Chroma", v->in, err);
	json_free(doc);
	return rc;
}

/* Paths where such services usually take a question. */
static int
by_trying(struct visit *v, struct err *err)
{
	static const char *const paths[] = { "/query", "/ask", "/chat",
		"/api/query", "/v1/query", "/api/ask", "/search" };
	static const char body[] = "{\"question\":\"ping\"}";
	struct fetch_req req = { .method = "POST", .body = body,
		.body_n = sizeof(body) - 1, .timeout_ns = ASK_NS };
	const struct http_call *c;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		req.target = paths[i];
		rc = ask(v, &req, &c, err);
		if (rc != RC_OK)
			return rc;
		if (c->status >= 200 && c->status < 300)
			return set_ask(v, "POST", paths[i],
			    "{\"question\":\"{{question}}\"}", err);
	}
	return 0;
}

/* ---- the question ---- */

static int
render(const struct visit *v, const char *question, struct buf *path,
    struct buf *body, struct err *err)
{
	struct template_vars vars = { .question = question,
		.question_n = strlen(question), .seed = 1 };
	struct template *t = template_new_text(v->ask.path, TEMPLATE_PATH,
	    err);
	int rc = t == NULL ? (int)err->code :
	    template_render(t, &vars, path, err);

	template_free(t);
	if (rc != RC_OK || v->ask.body == NULL)
		return rc;
	t = template_new(v->ask.body, err);
	rc = t == NULL ? (int)err->code :
	    template_render(t, &vars, body, err);
	template_free(t);
	return rc;
}

/* The exchange as a recording would hold it, for guess.h. */
static int
keep(struct visit *v, const struct fetch_req *req,
    const struct http_call *c, struct err *err)
{
	const struct ex_header type = { "Content-Type", "application/json" };
	struct exchange ex;
	struct buf line;
	char id[24];
	int rc;

	exchange_init(&ex);
	(void)snprintf(id, sizeof(id), "q%llu",
	    (unsigned long long)++v->asked);
	ex.id = id;
	ex.sent_ns = 0;
	ex.total_ns = c->total_ns;
	ex.method = req->method;
	ex.target = req->target;
	ex.req_headers = &type;
	ex.n_req_headers = 1;
	ex.req_body.p = req->body;
	ex.req_body.n = req->body_n;
	ex.status = c->status;
	ex.res_headers = c->res_headers;
	ex.n_res_headers = c->n_res_headers;
	ex.res_body.p = c->res_body;
	ex.res_body.n = c->res_body_n;
	buf_init(&line, 64 << 20);
	exchange_write(&line, &ex);
	rc = buf_check(&line, "an answer", err);
	if (rc == RC_OK)
		rc = guess_add(&v->in->guess, line.p, line.len, err);
	buf_fini(&line);
	return rc;
}

static int
put_question(struct visit *v, const char *question, struct err *err)
{
	struct fetch_req req = { .method = v->ask.method,
		.timeout_ns = ASK_NS };
	const struct http_call *c;
	struct buf path, body;
	int rc;

	buf_init(&path, 1 << 20);
	buf_init(&body, 1 << 20);
	rc = render(v, question, &path, &body, err);
	req.target = buf_str(&path);
	req.body = v->ask.body == NULL ? NULL : buf_str(&body);
	req.body_n = body.len;
	if (rc == RC_OK)
		rc = ask(v, &req, &c, err);
	if (rc == RC_OK && (c->status < 200 || c->status > 299))
		rc = err_set(err, RC_NET, "%s %s: %s; asked with %.200s",
		    req.method, req.target, c->why != NULL ? c->why :
		    "no answer", req.body != NULL ? req.body : "no body");
	if (rc == RC_OK)
		rc = keep(v, &req, c, err);
	buf_fini(&path);
	buf_fini(&body);
	return rc;
}

static int
put_questions(struct visit *v, struct err *err)
{
	const struct opt_list *q = &v->in->args->questions;
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < q->n && rc == RC_OK; i++)
		rc = put_question(v, q->v[i], err);
	if (rc == RC_OK)
		rc = guess_make(&v->in->guess, err);
	if (rc != RC_OK)
		return rc;
	(void)snprintf(v->in->method, sizeof(v->in->method), "%s",
	    v->ask.method);
	(void)snprintf(v->in->path, sizeof(v->in->path), "%s", v->ask.path);
	json_free(v->in->guess.body);
	v->in->guess.body = v->ask.body;
	v->ask.body = NULL;
	return RC_OK;
}

/* ---- the whole ---- */

/* "NAME: VALUE"; a value that is ${NAME} comes from the environment. */
static int
add_headers(struct visit *v, struct err *err)
{
	static const char json[] = "application/json";
	const struct opt_list *l = &v->in->args->headers;
	const char *colon, *value, *end, *p;
	char name[256];
	size_t i;

	v->headers[v->n_headers++] = (struct ex_header){ "Content-Type",
		json };
	for (i = 0; i < l->n && i + 2 < HEADERS_MAX; i++) {
		colon = strchr(l->v[i], ':');
		if (colon == NULL || colon == l->v[i])
			return err_set(err, RC_USAGE, "--header \"%.60s\": "
			    "write NAME: VALUE", l->v[i]);
		buf_add(&v->values, l->v[i], (size_t)(colon - l->v[i]));
		buf_putc(&v->values, '\0');
		for (value = colon + 1; *value == ' '; value++)
			;
		while ((p = strstr(value, "${")) != NULL &&
		    (end = strchr(p, '}')) != NULL) {
			(void)snprintf(name, sizeof(name), "%.*s",
			    (int)(end - p - 2), p + 2);
			/* before any thread is started.
			 * NOLINTNEXTLINE(concurrency-mt-unsafe) */
			colon = getenv(name);
			if (colon == NULL)
				return err_set(err, RC_USAGE, "--header: "
				    "${%s} is not set", name);
			buf_add(&v->values, value, (size_t)(p - value));
			buf_puts(&v->values, colon);
			value = end + 1;
		}
		buf_puts(&v->values, value);
		buf_putc(&v->values, '\0');
	}
	p = buf_str(&v->values);
	for (i = 0; i < l->n && v->n_headers < HEADERS_MAX; i++) {
		struct ex_header *h = &v->headers[v->n_headers++];

		h->name = p;
		h->value = p + strlen(p) + 1;
		p = h->value + strlen(h->value) + 1;
	}
	return RC_OK;
}

static int
find(struct visit *v, struct err *err)
{
	int rc = by_openapi(v, err);

	if (rc == 0)
		rc = by_models(v, err);
	if (rc == 0)
		rc = by_root(v, err);
	if (rc == 0)
		rc = by_trying(v, err);
	if (rc == 0)
		rc = err_set(err, RC_USAGE, "%s is there, but how to ask it is "
		    "unknown: it has no OpenAPI description, is not a known "
		    "API, and takes no question at /query, /ask, /chat or "
		    "/search. Record some traffic, then use `lockstep init "
		    "--trace FILE`", v->in->args->url);
	return rc == 1 ? RC_OK : rc;
}

int
init_from_url(struct init *in, struct err *err)
{
	struct http_origin_opts o = { .url = in->args->url,
		.accept_encoding = "" };
	struct visit v = { .in = in };
	const struct http_call *c;
	struct fetch_req req = { .method = "GET", .target = "/",
		.timeout_ns = LOOK_NS };
	int rc;

	(void)snprintf(in->url, sizeof(in->url), "%s", in->args->url);
	buf_init(&v.values, 1 << 16);
	rc = add_headers(&v, err);
	if (rc == RC_OK)
		rc = fetch_open(&o, BODY_MAX, &v.fetch, err);
	if (rc == RC_OK)
		rc = ask(&v, &req, &c, err);
	/* one that hangs up on a path that it does not know may know others */
	if (rc == RC_OK && c->status == 0 && c->outcome != OUTCOME_RESET)
		rc = err_set(err, RC_NET, "%s: %s", in->args->url,
		    c->why != NULL ? c->why : "no answer");
	if (rc == RC_OK)
		rc = find(&v, err);
	if (rc == RC_OK)
		rc = put_questions(&v, err);
	json_free(v.ask.body);
	fetch_close(&v.fetch);
	buf_fini(&v.values);
	return rc;
}
