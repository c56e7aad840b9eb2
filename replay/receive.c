/* Takes in what is POSTed; see receive.h. */
#include "replay/receive.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/traffic/coding.h"
#include "replay/ack.h"
#include "replay/proxy.h"

enum { CONNECTIONS = 256 };
/* Within a request without a byte: others want the memory that it has. */
#define QUIET_NS (30 * MONO_S)

/* One body on its way in. */
struct post {
	struct receive *r;
	const char *codings;	/* in list, or NULL */
	char list[128];
	struct buf body;
	int full;		/* there was no room for all of it */
};

struct receive {
	struct receive_opts o;
	struct ack *ack;
	struct proxy *proxy;
	struct post other;	/* stands for each that is not ours */
	size_t held;		/* by all bodies */
	int said;
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
	struct post *p;

	if (!is_ours(r, q))
		return &r->other;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->r = r;
	p->codings = coding_of(q->headers, q->n_headers, p->list);
	buf_init(&p->body, r->o.body_max + 2);
	return p;
}

static void
drop(struct post *p)
{
	p->r->held -= p->body.cap;
	buf_fini(&p->body);
}

static void
on_request_bytes(void *kept, const char *bytes, size_t n)
{
	struct post *p = kept;
	struct receive *r = p->r;
	size_t cap = p->body.cap, grow;

	if (p == &r->other || p->full)
		return;
	/* as buf_reserve() does, at most */
	grow = p->body.len + n < cap ? 0 : cap + 2 * (n + 64);
	p->full = r->held + grow > r->o.bodies_max;
	if (!p->full) {
		buf_add(&p->body, bytes, n);
		r->held += p->body.cap - cap;
		p->full = p->body.bad != RC_OK;
	}
	if (!p->full)
		return;
	drop(p);
	if (!r->said++)
		log_msg(LOG_WARN, "receive", "no room for a POST to %s: it is "
		    "to be sent again (503)", r->o.path);
}

static int
is_full(void *ctx, const void *kept)
{
	const struct post *p = kept;

	(void)ctx;
	return p == NULL || p->full;
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

	if (p == NULL || p == &r->other)
		return;
	if (e->how == PROXY_PASSED && !p->full)
		r->o.fn(r->o.ctx, p->codings, buf_str(&p->body),
		    p->body.len);
	drop(p);
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
	    .quiet_ns = QUIET_NS,
	    .tap = { .ctx = r, .begin = on_begin,
	    .request_bytes = on_request_bytes, .full = is_full,
	    .answer = on_answer, .answer_bytes = on_answer_bytes,
	    .end = on_end, .refused = on_refused } };
	int rc;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->o = *o;
	r->other.r = r;
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
