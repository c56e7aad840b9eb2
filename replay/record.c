/* The recording reverse proxy; see record.h. */
#include "replay/record.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/traffic/credential.h"
#include "replay/proxy.h"
#include "replay/ack.h"
#include "replay/kafka.h"
#include "replay/record_queue.h"
#include "replay/record_item.h"
#include "replay/record_share.h"
#include "replay/record_sink.h"
#include "replay/record_take.h"
#include "replay/record_topic.h"

enum { MMAP_BYTES = 256 << 10 };

struct record {
	struct record_opts o;
	struct record_pool pool;
	struct proxy *proxy;
	struct record_queue q;
	struct record_sink *sink;	/* this or the other */
	struct record_topic *topic;
	struct ack *ack;	/* behind mirrored traffic, or NULL */
	struct record_share share;	/* the proxy's thread's own */
	char *url;		/* of the upstream, for the records; NULL:
				   nobody knows it */
	int64_t start_ns;
	char prefix[9];		/* of the exchanges' ids */
	uint64_t count;		/* the proxy's thread's own */
};

/* One request being passed on. */
struct keep {
	struct record *r;
	struct record_item *item;	/* NULL: not kept */
	const char *dropped;		/* why not, or NULL */
	int ask_body;			/* it says whether it is kept */
};

/* ---- keeping ---------------------------------------------------------- */

static int
is_allowed(const struct record *r, struct h1_str target)
{
	const char *end = target.p + target.n, *p;
	size_t path, n, i;

	for (p = target.p; p < end && *p != '?' && *p != '#'; p++)
		continue;
	path = (size_t)(p - target.p);
	for (i = 0; i < r->o.n_allow; i++) {
		n = strlen(r->o.allow[i]);
		while (n > 1 && r->o.allow[i][n - 1] == '/')
			n--;
		if (path >= n && memcmp(target.p, r->o.allow[i], n) == 0 &&
		    (path == n || target.p[n] == '/' || n == 1))
			return 1;
	}
	return r->o.n_allow == 0;
}

/* Not kept from here on; what is held is given back at once. */
static void
give_up(struct keep *k, const char *why)
{
	record_item_free(k->item);
	k->item = NULL;
	if (k->dropped == NULL)
		k->dropped = why;
}

/* The next id: the prefix, a hyphen and a number. */
static void
put_id(struct record *r, char *to)
{
	uint64_t left = ++r->count;
	char digits[20], *at = digits + sizeof(digits);
	size_t n = strlen(r->prefix);

	do {
		*--at = (char)('0' + left % 10);
		left /= 10;
	} while (left != 0);
	memcpy(to, r->prefix, n);
	to[n] = '-';
	memcpy(to + n + 1, at, (size_t)(digits + sizeof(digits) - at));
	to[n + 1 + (size_t)(digits + sizeof(digits) - at)] = '\0';
}

static const char not_in_share[] = "not in the share";

static void *
on_begin(void *ctx, const struct proxy_request *q)
{
	struct record *r = ctx;
	struct keep *k = malloc(sizeof(*k));
	struct record_item *it;
	int in;

	if (k == NULL)
		return NULL;
	memset(k, 0, sizeof(*k));
	k->r = r;
	if (!is_allowed(r, q->target)) {
		k->dropped = "path not allowed";
		return k;
	}
	in = record_share_head(&r->share, q->headers, q->n_headers);
	if (in == 0) {
		k->dropped = not_in_share;
		return k;
	}
	k->ask_body = in < 0;
	it = k->item = record_item_new(&r->pool, r->o.body_max);
	if (it == NULL || record_item_request(it, q->method, q->target,
	    q->headers, q->n_headers) != RC_OK) {
		give_up(k, record_memory_full);
		return k;
	}
	put_id(r, it->id);
	it->ex.url = r->url;
	it->has_sent = q->has_body;
	return k;
}

static void
on_request_bytes(void *kept, const char *p, size_t n)
{
	struct keep *k = kept;

	if (k->item != NULL && record_item_add(k->item, &k->item->sent, p,
	    n) != RC_OK)
		give_up(k, record_memory_full);
}

static void
on_answer(void *kept, const struct proxy_answer *a)
{
	struct keep *k = kept;
	const char *why;

	if (k->item == NULL || k->r->ack != NULL)
		return;		/* a mirror's answer is our own */
	why = record_take_answer(k->item, a, k->r->o.body_max);
	if (why != NULL)
		give_up(k, why);
}

static void
on_answer_bytes(void *kept, const char *p, size_t n, int64_t at_ns)
{
	struct keep *k = kept;
	const char *why;

	if (k->item == NULL || k->r->ack != NULL)
		return;
	why = record_take_bytes(k->item, p, n, at_ns, k->r->o.body_max);
	if (why != NULL)
		give_up(k, why);
}

static void
on_end(void *ctx, void *kept, const struct proxy_end *e)
{
	struct ex_bytes sent = { NULL, 0, NULL };
	struct record *r = ctx;
	struct keep *k = kept;
	const char *why;

	if (e->how == PROXY_REFUSED) {
		record_queue_refuse(&r->q, e->why);
		if (k != NULL)
			record_item_free(k->item);
		free(k);
		return;
	}
	if (k != NULL && e->how == PROXY_CUT)
		give_up(k, e->why);
	if (k != NULL && k->item != NULL && k->ask_body) {
		sent.p = k->item->has_sent ? buf_str(&k->item->sent) : NULL;
		sent.n = k->item->sent.len;
		if (!record_share_body(&r->share, &sent))
			give_up(k, not_in_share);
	}
	if (k == NULL || k->item == NULL) {
		record_queue_drop(&r->q, k == NULL ? record_memory_full :
		    k->dropped);
		free(k);
		return;
	}
	why = record_take_end(k->item, e, r->start_ns);
	if (why != NULL) {
		give_up(k, why);
		record_queue_drop(&r->q, k->dropped);
		free(k);
		return;
	}
	if (r->ack != NULL)
		k->item->ex.total_ns = k->item->ex.ttfb_ns = -1;
	record_queue_put(&r->q, k->item);
	free(k);
}

static void
on_refused(void *ctx, const char *reason)
{
	struct record *r = ctx;

	record_queue_refuse(&r->q, reason);
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
	struct json *rules = json_new(JSON_ARRAY);
	size_t i;

	for (i = 0; i < r->o.n_keep; i++)
		(void)json_push(kept, json_new_str(r->o.keep[i]));
	(void)json_set(red, "rules", json_new_str(credential_rules));
	(void)json_set(red, "kept_headers", kept);
	if (r->o.redact != NULL) {
		for (i = 0; i < redact_n(r->o.redact); i++)
			(void)json_push(rules, json_new_str(
			    redact_name(r->o.redact, i)));
		(void)json_set(red, "personal", rules);
		rules = NULL;
	}
	json_free(rules);
	(void)json_set(extra, "redaction", red);
	if (r->url != NULL)
		(void)json_set(extra, "upstream", json_new_str(r->url));
	else
		(void)json_set(extra, "mirrored", json_new_bool(1));
	if (r->share.share < 1)
		(void)json_set(extra, "share", json_new_num(r->share.share));
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

/* The files to come; their heads are alike. */
static int
new_parts(struct record *r, struct trace_parts **out, struct err *err)
{
	struct trace_parts_opts o = { .out = r->o.out,
	    .limits = r->o.limits, .extra = head_extra(r),
	    .argv = clean_argv(r->o.argc, r->o.argv),
	    .say = r->o.say, .say_ctx = r->o.say_ctx };
	int i, rc;

	o.argc = o.argv == NULL ? 0 : r->o.argc;
	rc = trace_parts_new(&o, out, err);
	for (i = 0; i < o.argc; i++)
		free(o.argv[i]);
	free(o.argv);
	return rc;
}

/* Where exchanges go: a topic, or files. */
static int
open_out(struct record *r, struct err *err)
{
	struct record_keep keep = { r->o.keep, r->o.n_keep, r->o.redact };
	struct record_topic_opts o = { r->o.out, r->o.kafka_set,
	    r->o.n_kafka_set, r->o.queue_max / 2, 0, &keep };
	struct trace_parts *parts;
	int rc;

	o.start_ns = r->start_ns = mono_now_ns();
	if (kafka_is(r->o.out))
		return record_topic_start(&o, &r->q, &r->topic, err);
	rc = new_parts(r, &parts, err);
	return rc != RC_OK ? rc :
	    record_sink_start(parts, &r->q, &keep, &r->sink, err);
}

static int
set_up(struct record *r, struct err *err)
{
	struct proxy_opts o = { .listen = r->o.listen,
	    .upstream = r->o.upstream, .ca_file = r->o.ca_file,
	    .body_max = r->o.body_max,
	    .connections_max = r->o.connections_max,
	    .head_ns = r->o.head_ns,
	    .tap = { r, on_begin, on_request_bytes, NULL, on_answer,
	    on_answer_bytes, on_end, on_refused } };
	unsigned char random[4];
	struct buf url;
	int rc;

	/* Large bodies go back to the system when they are freed; no other
	 * thread is there yet. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	(void)mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
	hash_random(random, sizeof(random));
	(void)snprintf(r->prefix, sizeof(r->prefix), "%02x%02x%02x%02x",
	    random[0], random[1], random[2], random[3]);
	if (r->o.upstream != NULL) {
		buf_init(&url, 1 << 16);
		credential_target(&url, r->o.upstream);
		r->url = buf_steal(&url);
		if (r->url == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
	} else {
		rc = ack_start(NULL, &r->ack, err);
		if (rc != RC_OK)
			return rc;
		o.upstream = ack_url(r->ack);
	}
	rc = open_out(r, err);
	return rc != RC_OK ? rc : proxy_open(&o, &r->proxy, err);
}

static void
record_free(struct record *r)
{
	ack_stop(&r->ack);
	record_share_fini(&r->share);
	record_queue_fini(&r->q);
	record_pool_fini(&r->pool);
	free(r->url);
	free(r);
}

static void
put_acc(struct record_stats *out, const struct trace_account *acc)
{
	memset(out, 0, sizeof(*out));
	out->seen = acc->seen;
	out->written = acc->written;
	out->dropped = acc->dropped;
	out->refused = acc->refused;
}

static void
put_stats(struct record_stats *out, const struct record_sink_state *s)
{
	put_acc(out, &s->acc);
	out->waiting_bytes = s->waiting;
	out->parts = s->parts;
	out->tidied = s->tidied;
	(void)snprintf(out->trouble, sizeof(out->trouble), "%s", s->trouble);
}

static void
put_topic(struct record_stats *out, const struct record_topic_state *s)
{
	put_acc(out, &s->acc);
	out->waiting_bytes = s->waiting;
	(void)snprintf(out->trouble, sizeof(out->trouble), "%s", s->trouble);
}

static int
close_topic(struct record *r, const struct record_end *end,
    struct record_stats *out, struct err *err)
{
	struct record_drop drops[RECORD_DROPS_MAX];
	struct record_topic_state s;
	size_t n, i;
	int rc = record_topic_stop(&r->topic, mono_now_ns() + end->grace_ns,
	    end->now, &s, err);

	n = record_queue_drops(&r->q, drops);
	for (i = 0; end->each != NULL && i < n; i++)
		end->each(end->each_ctx, drops[i].refused, drops[i].reason,
		    drops[i].n);
	put_topic(out, &s);
	return rc;
}

static int
close_out(struct record *r, const struct record_end *end,
    struct record_stats *out, struct err *err)
{
	struct record_sink_end e = { end->forget, end->each, end->each_ctx };
	struct record_sink_state s;
	int rc;

	memset(out, 0, sizeof(*out));
	if (r->topic != NULL)
		return close_topic(r, end, out, err);
	if (r->sink == NULL)
		return RC_OK;
	rc = record_sink_stop(&r->sink, &e, &s, err);
	put_stats(out, &s);
	return rc;
}

int
record_start(const struct record_opts *o, struct record **out,
    struct err *err)
{
	struct record *r = calloc(1, sizeof(*r));
	struct record_end end = { 0, NULL, 1, NULL, NULL };
	struct record_stats last;
	int rc;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->o = *o;
	record_pool_init(&r->pool, o->memory_max);
	/* of what may wait, a half waits for Kafka's answer */
	record_queue_init(&r->q, kafka_is(o->out) ? o->queue_max / 2 :
	    o->queue_max);
	rc = check_keep(o, err);
	if (rc == RC_OK)
		rc = record_share_init(&r->share, o->share > 0 ? o->share : 1,
		    o->sticky, err);
	if (rc == RC_OK)
		rc = set_up(r, err);
	if (rc != RC_OK) {
		(void)close_out(r, &end, &last, err);
		record_free(r);
		return rc;
	}
	*out = r;
	return RC_OK;
}

const char *
record_url(const struct record *r)
{
	return proxy_url(r->proxy);
}

char *
record_path(struct record *r)
{
	return r->sink != NULL ? record_sink_path(r->sink) :
	    strdup(r->o.out);
}

void
record_stats(struct record *r, struct record_stats *out)
{
	struct record_topic_state t;
	struct record_sink_state s;

	if (r->topic != NULL) {
		record_topic_stats(r->topic, &t);
		put_topic(out, &t);
	} else {
		record_sink_stats(r->sink, &s);
		put_stats(out, &s);
	}
	out->busy = proxy_busy(r->proxy);
}

int
record_stop(struct record **rp, const struct record_end *end,
    struct record_stats *out, struct err *err)
{
	struct record *r = *rp;
	int64_t until = mono_now_ns() + end->grace_ns;
	int rc;

	proxy_quiesce(r->proxy);
	while (proxy_busy(r->proxy) > 0 && mono_now_ns() < until &&
	    (end->now == NULL || *end->now == 0))
		mono_sleep_until_ns(mono_now_ns() + 20 * MONO_MS);
	proxy_close(&r->proxy);
	rc = close_out(r, end, out, err);
	record_free(r);
	*rp = NULL;
	return rc;
}
