/* One request at a time, with waiting; see fetch.h. */
#include "replay/fetch.h"

#include <stdlib.h>

#include "harness/base/mono.h"

struct fetch {
	struct http_origin *origin;
	struct http_client *client;
	struct http_call *last;
};

int
fetch_open(const struct http_origin_opts *o, size_t body_max,
    struct fetch **out, struct err *err)
{
	struct fetch *f = calloc(1, sizeof(*f));
	struct http_client_opts c = { .n_origins = 1, .connections = 1,
		.body_max = body_max };
	int rc;

	*out = NULL;
	if (f == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = http_global_init(err);
	if (rc == RC_OK)
		rc = http_origin_new(o, &f->origin, err);
	c.origins = &f->origin;
	if (rc == RC_OK)
		rc = http_client_new(&c, &f->client, err);
	if (rc != RC_OK)
		fetch_close(&f);
	*out = f;
	return rc;
}

void
fetch_close(struct fetch **fp)
{
	struct fetch *f = *fp;

	*fp = NULL;
	if (f == NULL)
		return;
	if (f->last != NULL)
		http_put(f->client, f->last);
	http_client_free(f->client);
	http_origin_free(f->origin);
	free(f);
}

int
fetch_ask(struct fetch *f, const struct fetch_req *req,
    const struct http_call **out, struct err *err)
{
	struct err own = ERR_INIT;
	struct http_call *c;
	int rc;

	*out = NULL;
	if (f->last != NULL)
		http_put(f->client, f->last);
	f->last = NULL;
	c = http_get(f->client, 0);
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->method = req->method;
	c->target = req->target;
	c->headers = req->headers;
	c->n_headers = req->n_headers;
	c->body = req->body;
	c->body_n = req->body_n;
	c->deadline_ns = mono_now_ns() + req->timeout_ns;
	rc = http_start(f->client, c, &own);
	if (rc != RC_OK)
		http_put(f->client, c);
	while (rc == RC_OK && f->last == NULL) {
		rc = http_wait(f->client, mono_now_ns() + MONO_S, &own);
		f->last = http_done(f->client);
	}
	if (rc != RC_OK)
		return err_set(err, own.code, "%s", own.msg);
	*out = f->last;
	return RC_OK;
}
