/* Takes in what is POSTed; see receive.h. */
#include "replay/receive.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/mono.h"
#include "harness/traffic/coding.h"
#include "replay/ack.h"
#include "replay/proxy.h"

enum { CONNECTIONS = 256 };

struct receive {
	struct receive_opts o;
	struct ack *ack;
	struct proxy *proxy;
};

/* One body on its way in. */
struct post {
	struct receive *r;
	const char *codings;	/* in list, or NULL */
	char list[128];
	struct buf body;
};

static int
is_ours(const struct receive *r, const struct proxy_request *q)
{
	const size_t n = strlen(r->o.path);

	return q->method.n == 4 && memcmp(q->method.p, "POST", 4) == 0 &&
	    q->target.n >= n && memcmp(q->target.p, r->o.path, n) == 0 &&
	    (q->target.n == n || q->target.p[n] == '?');
}

static void *
on_begin(void *ctx, const struct proxy_request *q)
{
	struct receive *r = ctx;
	struct post *p = is_ours(r, q) ? calloc(1, sizeof(*p)) : NULL;

	if (p == NULL)
		return NULL;
	p->r = r;
	p->codings = coding_of(q->headers, q->n_headers, p->list);
	buf_init(&p->body, r->o.body_max + 2);
	return p;
}

static void
on_request_bytes(void *kept, const char *bytes, size_t n)
{
	struct post *p = kept;

	buf_add(&p->body, bytes, n);
}

static void
on_answer(void *kept, const struct proxy_answer *a)
{
	(void)kept;
	(void)a;
}

static void
on_answer_bytes(void *kept, const char *bytes, size_t n, int64_t at_ns)
{
	(void)kept;
	(void)bytes;
	(void)n;
	(void)at_ns;
}

static void
on_end(void *ctx, void *kept, const struct proxy_end *e)
{
	struct receive *r = ctx;
	struct post *p = kept;

	if (p == NULL)
		return;
	if (e->how == PROXY_PASSED && p->body.bad == RC_OK)
		r->o.fn(r->o.ctx, p->codings, buf_str(&p->body),
		    p->body.len);
	buf_fini(&p->body);
	free(p);
}

static void
on_refused(void *ctx, const char *reason)
{
	(void)ctx;
	(void)reason;
}

int
receive_start(const struct receive_opts *o, struct receive **out,
    struct err *err)
{
	struct receive *r = calloc(1, sizeof(*r));
	struct proxy_opts po = { .listen = o->listen,
	    .body_max = o->body_max, .connections_max = CONNECTIONS,
	    .tap = { r, on_begin, on_request_bytes, on_answer,
	    on_answer_bytes, on_end, on_refused } };
	int rc;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->o = *o;
	rc = ack_start(o->answer, &r->ack, err);
	po.upstream = rc == RC_OK ? ack_url(r->ack) : NULL;
	if (rc == RC_OK)
		rc = proxy_open(&po, &r->proxy, err);
	if (rc == RC_OK)
		*out = r;
	else
		receive_stop(&r);
	return rc;
}

void
receive_stop(struct receive **rp)
{
	struct receive *r = *rp;

	*rp = NULL;
	if (r == NULL)
		return;
	proxy_close(&r->proxy);
	ack_stop(&r->ack);
	free(r);
}

const char *
receive_url(const struct receive *r)
{
	return proxy_url(r->proxy);
}
