/* The recording reverse proxy; see record.h. */
#include "replay/record.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/traffic/credential.h"
#include "replay/httpd.h"
#include "replay/record_sink.h"
#include "replay/upstream.h"

struct record {
	struct record_opts o;
	struct httpd *httpd;
	struct upstream *upstream;
	struct record_sink *sink;
	char *url;		/* of the upstream, for the records */
	int64_t start_ns;
	char prefix[9];		/* of the exchanges' ids */
	atomic_uint_fast64_t count;
	atomic_int cut;		/* give up what is under way */
};

/* One request being passed on. */
struct pass {
	struct record *r;
	const struct httpd_request *req;
	struct upstream_request up;
	struct upstream_call *call;
	struct record_item *item;	/* NULL: not kept */
	const char *dropped;		/* why not, or NULL */
	int ended;			/* the answer was read to its end */
};

/* ---- keeping ---------------------------------------------------------- */

static int
is_allowed(const struct record *r, const char *target)
{
	size_t path = strcspn(target, "?#"), n, i;

	for (i = 0; i < r->o.n_allow; i++) {
		n = strlen(r->o.allow[i]);
		while (n > 1 && r->o.allow[i][n - 1] == '/')
			n--;
		if (path >= n && strncmp(target, r->o.allow[i], n) == 0 &&
		    (path == n || target[n] == '/' || n == 1))
			return 1;
	}
	return r->o.n_allow == 0;
}

static void
give_up(struct pass *p, const char *why)
{
	record_item_free(p->item);
	p->item = NULL;
	if (p->dropped == NULL)
		p->dropped = why;
}

static void
keep_request(struct pass *p)
{
	const struct httpd_request *q = p->req;
	struct record_item *it;

	if (!is_allowed(p->r, q->target)) {
		p->dropped = "path not allowed";
		return;
	}
	it = p->item = record_item_new(p->r->o.body_max);
	if (it == NULL || record_item_request(it, q->method, q->target,
	    q->headers, q->n_headers, &q->body) != RC_OK) {
		give_up(p, "out of memory");
		return;
	}
	(void)snprintf(it->id, sizeof(it->id), "%s-%llu", p->r->prefix,
	    (unsigned long long)atomic_fetch_add(&p->r->count, 1) + 1);
	it->ex.url = p->r->url;
}

static void
keep_body(struct pass *p, const char *bytes, size_t n)
{
	struct record_item *it = p->item;

	if (it == NULL)
		return;
	if (it->body.len + n > p->r->o.body_max) {
		give_up(p, "answer too large");
		return;
	}
	buf_add(&it->body, bytes, n);
	if (it->body.bad != RC_OK)
		give_up(p, "out of memory");
}

static enum outcome
outcome_of_status(int status)
{
	if (status == 429)
		return OUTCOME_HTTP_429;
	if (status >= 500)
		return OUTCOME_HTTP_5XX;
	return status >= 400 ? OUTCOME_HTTP_4XX : OUTCOME_OK;
}

/* Answers without Content-Length are streams: their timing is kept. */
static int
is_stream(const struct upstream_answer *a)
{
	return a->length < 0 && a->n_chunks > 0;
}

static void
keep_outcome(struct pass *p, const struct upstream_answer *a, int whole)
{
	struct exchange *ex = &p->item->ex;
	const char *why = NULL;

	ex->outcome = a->outcome;
	if (a->outcome != OUTCOME_OK) {
		why = a->why;
	} else if (!whole) {
		ex->outcome = OUTCOME_RESET;
		why = "the client went away";
	} else {
		ex->outcome = outcome_of_status(a->status);
	}
	if (why != NULL) {
		(void)snprintf(p->item->why, sizeof(p->item->why), "%s", why);
		ex->why = p->item->why;
	}
}

static void
keep_answer(struct pass *p, int whole)
{
	const struct upstream_answer *a = upstream_answer(p->call);
	struct exchange *ex = &p->item->ex;

	ex->sent_ns = a->sent_ns - p->r->start_ns;
	ex->total_ns = mono_now_ns() - a->sent_ns;
	if (a->first_ns >= 0)
		ex->ttfb_ns = a->first_ns - a->sent_ns;
	ex->status = a->status;
	if (a->status != 0 && record_item_answer(p->item, a->headers,
	    a->n_headers, a->chunks, is_stream(a) ? a->n_chunks : 0) !=
	    RC_OK) {
		give_up(p, "out of memory");
		return;
	}
	if (p->item->body.len > 0 || a->length == 0) {
		ex->res_body.p = buf_str(&p->item->body);
		ex->res_body.n = p->item->body.len;
	}
	keep_outcome(p, a, whole);
}

/* ---- passing on ------------------------------------------------------- */

static int
has_left(const struct pass *p)
{
	struct pollfd fd = { .fd = p->req->fd, .events = POLLRDHUP };

	return p->req->fd >= 0 && poll(&fd, 1, 0) == 1 &&
	    (fd.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

static int
cancelled(void *ctx)
{
	struct pass *p = ctx;

	return atomic_load_explicit(&p->r->cut, memory_order_relaxed) ||
	    has_left(p);
}

static ssize_t
read_answer(void *ctx, char *to, size_t n)
{
	struct pass *p = ctx;
	ssize_t got = upstream_read(p->call, to, n);

	if (got > 0)
		keep_body(p, to, (size_t)got);
	else
		p->ended = got == 0;
	return got;
}

static void
pass_done(void *ctx, int whole)
{
	struct pass *p = ctx;
	char rest[4096];
	ssize_t got;

	/* A body of known length is complete before its end was asked for. */
	while (whole && !p->ended && p->call != NULL &&
	    (got = upstream_read(p->call, rest, sizeof(rest))) >= 0) {
		keep_body(p, rest, (size_t)got);
		p->ended = got == 0;
	}
	if (p->item != NULL)
		keep_answer(p, whole);
	if (p->item != NULL)
		record_sink_put(p->r->sink, p->item);
	else
		record_sink_drop(p->r->sink, p->dropped);
	upstream_end(p->call);
	free(p);
}

static void
answer_502(struct pass *p, struct httpd_answer *answer)
{
	const struct upstream_answer *a = upstream_answer(p->call);
	struct buf b;

	buf_init(&b, 4096);
	buf_puts(&b, "{\"error\":\"the upstream service gave no answer: ");
	buf_puts(&b, a->why);
	buf_puts(&b, "\"}\n");
	httpd_header(answer, "Content-Type", "application/json");
	httpd_whole(answer, 502, b.p, b.len);
	httpd_done(answer, pass_done, p);
	buf_fini(&b);
}

static int
handle(void *ctx, const struct httpd_request *req,
    struct httpd_answer *answer)
{
	const struct upstream_answer *a;
	struct pass *p = calloc(1, sizeof(*p));
	size_t i;
	int none;

	if (p == NULL)
		return RC_NOMEM;
	p->r = ctx;
	p->req = req;
	p->up.method = req->method;
	p->up.target = req->target;
	p->up.headers = req->headers;
	p->up.n_headers = req->n_headers;
	p->up.body = req->body;
	p->up.cancelled = cancelled;
	p->up.ctx = p;
	keep_request(p);
	if (upstream_begin(p->r->upstream, &p->up, &p->call, NULL) !=
	    RC_OK) {
		give_up(p, "out of memory");
		record_sink_drop(p->r->sink, p->dropped);
		free(p);
		return RC_NOMEM;
	}
	a = upstream_answer(p->call);
	if (a->status == 0) {
		answer_502(p, answer);
		return RC_OK;
	}
	for (i = 0; i < a->n_headers; i++)
		httpd_header(answer, a->headers[i].name,
		    a->headers[i].value);
	/* These have no body, whatever their headers say. */
	none = a->status == 204 || a->status == 304;
	httpd_stream(answer, a->status, none ? 0 : a->length, read_answer,
	    pass_done, p);
	return RC_OK;
}

static void
refused(void *ctx)
{
	struct record *r = ctx;

	record_sink_drop(r->sink, "request too large");
}

/* ---- starting and stopping -------------------------------------------- */

static int
check_keep(const struct record_opts *o, struct err *err)
{
	size_t i;

	for (i = 0; i < o->n_keep; i++) {
		if (credential_header(o->keep[i]) == CREDENTIAL_SURE)
			return err_set(err, RC_USAGE, "%s is a credential "
			    "and is never written to a trace", o->keep[i]);
	}
	return RC_OK;
}

static struct json *
head_extra(const struct record *r)
{
	struct json *extra = json_new(JSON_OBJECT);
	struct json *red = json_new(JSON_OBJECT);
	struct json *kept = json_new(JSON_ARRAY);
	size_t i;

	for (i = 0; i < r->o.n_keep; i++)
		(void)json_push(kept, json_new_str(r->o.keep[i]));
	(void)json_set(red, "rules", json_new_str(credential_rules));
	(void)json_set(red, "kept_headers", kept);
	(void)json_set(extra, "redaction", red);
	(void)json_set(extra, "upstream", json_new_str(r->url));
	return extra;
}

/* The command line without what a URL may carry. */
static char **
clean_argv(int argc, char **argv)
{
	char **out = calloc((size_t)argc + 1, sizeof(*out));
	struct buf b;
	int i;

	for (i = 0; out != NULL && i < argc; i++) {
		buf_init(&b, 1 << 20);
		credential_target(&b, argv[i]);
		out[i] = buf_steal(&b);
		if (out[i] == NULL)
			out[i] = strdup("?");
	}
	return out;
}

static int
open_trace(struct record *r, struct trace_writer **w, struct err *err)
{
	char **argv = clean_argv(r->o.argc, r->o.argv);
	struct json *extra = head_extra(r);
	struct trace_opts o = { .kind = "recording", .extra = extra };
	int i, rc;

	o.argc = argv == NULL ? 0 : r->o.argc;
	o.argv = argv;
	r->start_ns = mono_now_ns();
	rc = trace_writer_open(r->o.out, &o, 0, w, err);
	json_free(extra);
	for (i = 0; argv != NULL && i < r->o.argc; i++)
		free(argv[i]);
	free(argv);
	return rc;
}

static int
set_up(struct record *r, struct err *err)
{
	struct upstream_opts up = { .url = r->o.upstream,
	    .ca_file = r->o.ca_file };
	struct httpd_opts o = { .listen = r->o.listen,
	    .body_max = r->o.body_max, .fn = handle, .refused = refused,
	    .ctx = r };
	struct trace_writer *w = NULL;
	unsigned char random[4];
	struct buf url;
	int rc;

	hash_random(random, sizeof(random));
	(void)snprintf(r->prefix, sizeof(r->prefix), "%02x%02x%02x%02x",
	    random[0], random[1], random[2], random[3]);
	buf_init(&url, 1 << 16);
	credential_target(&url, r->o.upstream);
	r->url = buf_steal(&url);
	if (r->url == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = upstream_open(&up, &r->upstream, err);
	if (rc == RC_OK)
		rc = open_trace(r, &w, err);
	if (rc == RC_OK)
		rc = record_sink_start(w, r->o.queue_max, r->o.keep,
		    r->o.n_keep, &r->sink, err);
	if (rc != RC_OK) {
		trace_writer_abandon(&w);
		return rc;
	}
	return httpd_open(&o, &r->httpd, err);
}

static void
record_free(struct record *r)
{
	upstream_close(&r->upstream);
	free(r->url);
	free(r);
}

int
record_start(const struct record_opts *o, struct record **out,
    struct err *err)
{
	struct record *r = calloc(1, sizeof(*r));
	struct trace_account acc;
	int rc;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->o = *o;
	rc = check_keep(o, err);
	if (rc == RC_OK)
		rc = set_up(r, err);
	if (rc != RC_OK) {
		if (r->sink != NULL) {
			(void)record_sink_stop(&r->sink, &acc, NULL, NULL,
			    err);
			/* or the next try would find it in its way */
			(void)unlink(o->out);
		}
		record_free(r);
		return rc;
	}
	*out = r;
	return RC_OK;
}

const char *
record_url(const struct record *r)
{
	return httpd_url(r->httpd);
}

void
record_stats(struct record *r, struct record_stats *out)
{
	struct trace_account acc;

	record_sink_stats(r->sink, &acc, &out->waiting_bytes, out->trouble);
	out->seen = acc.seen;
	out->written = acc.written;
	out->dropped = acc.dropped;
	out->busy = httpd_busy(r->httpd);
}

int
record_stop(struct record **rp, const struct record_end *end,
    struct record_stats *out, struct err *err)
{
	struct record *r = *rp;
	int64_t until = mono_now_ns() + end->grace_ns;
	struct trace_account acc;
	int rc;

	httpd_quiesce(r->httpd);
	while (httpd_busy(r->httpd) > 0 && mono_now_ns() < until &&
	    (end->now == NULL || *end->now == 0))
		mono_sleep_until_ns(mono_now_ns() + 20 * MONO_MS);
	atomic_store(&r->cut, 1);
	httpd_close(&r->httpd);
	memset(out, 0, sizeof(*out));
	rc = record_sink_stop(&r->sink, &acc, end->each, end->each_ctx, err);
	out->seen = acc.seen;
	out->written = acc.written;
	out->dropped = acc.dropped;
	record_free(r);
	*rp = NULL;
	return rc;
}
