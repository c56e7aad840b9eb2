/* Spans to answers; see cmd_shadow_spans.h. */
#include "harness/cmd/cmd_shadow_spans.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/import/import.h"

/* Other processes' spans may come behind the root. */
#define SETTLE_NS MONO_S
enum { BUCKETS = 1024, TRACES_MAX = 8192, ID_BYTES = 64,
	TRACE_BYTES = 8 << 20, ALL_BYTES = 64 << 20, SERVER = 2,
	LOST = 4096 };

/* The spans of one request. */
struct trace {
	struct trace *chain;
	char id[ID_BYTES], key[SHADOW_KEY_BYTES];
	struct buf spans;	/* JSON, with commas between */
	int rooted;
	int given_up;		/* a span of it found no room: a part of a
				   trace would be judged as all of it */
	int64_t first_ns, last_ns;
};

struct shadow_spans {
	const char *key;
	int64_t window_ns;
	shadow_spans_fn *fn;
	void *ctx;
	struct trace *bucket[BUCKETS];
	size_t n, bytes;
	uint64_t lost[LOST];	/* hashes of traces that found no room, each
				   until another one takes its place */
};

struct shadow_spans *
shadow_spans_new(const char *key, int64_t window_ns, shadow_spans_fn *fn,
    void *ctx)
{
	struct shadow_spans *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->key = key;
	s->window_ns = window_ns;
	s->fn = fn;
	s->ctx = ctx;
	return s;
}

static void
trace_free(struct shadow_spans *s, struct trace *t)
{
	s->n--;
	s->bytes -= t->spans.len;
	buf_fini(&t->spans);
	free(t);
}

void
shadow_spans_free(struct shadow_spans *s)
{
	struct trace *t, *next;
	size_t i;

	for (i = 0; s != NULL && i < BUCKETS; i++) {
		for (t = s->bucket[i]; t != NULL; t = next) {
			next = t->chain;
			trace_free(s, t);
		}
	}
	free(s);
}

/* ---- gathering ----------------------------------------------------------- */

static struct trace *
trace_of(struct shadow_spans *s, const char *id, int64_t now_ns)
{
	struct trace **b, *t;
	uint64_t h;

	if (id == NULL || *id == '\0' || strlen(id) >= ID_BYTES)
		return NULL;
	h = hash_table(id, strlen(id));	/* users choose them */
	b = &s->bucket[h % BUCKETS];
	for (t = *b; t != NULL; t = t->chain) {
		if (strcmp(t->id, id) == 0)
			return t;
	}
	t = s->n < TRACES_MAX ? calloc(1, sizeof(*t)) : NULL;
	if (t == NULL) {
		s->lost[h % LOST] = h;
		return NULL;
	}
	t->given_up = s->lost[h % LOST] == h;
	(void)snprintf(t->id, sizeof(t->id), "%s", id);
	buf_init(&t->spans, TRACE_BYTES);
	t->first_ns = now_ns;
	t->chain = *b;
	*b = t;
	s->n++;
	return t;
}

/* The first span of a service: what called it is not of this trace's makers. */
static int
is_root(const struct json *span)
{
	const char *parent = json_get_str(span, "parentSpanId");
	const char *kind = json_get_str(span, "kind");

	return parent == NULL || *parent == '\0' ||
	    json_get_int(span, "kind", 0) == SERVER ||
	    (kind != NULL && strcmp(kind, "SPAN_KIND_SERVER") == 0);
}

static void
put_span(struct trace *t, const struct json *span, int root)
{
	const struct json *m;
	struct json_out o;

	if (t->spans.len > 0)
		buf_putc(&t->spans, ',');
	json_out_init(&o, &t->spans, 0);
	json_out_obj(&o);
	for (m = json_first(span); m != NULL; m = json_next(m)) {
		if (root && strcmp(json_key(m), "parentSpanId") == 0)
			continue;
		json_out_key(&o, json_key(m));
		json_out_json(&o, m);
	}
	json_out_end(&o, '}');
}

/* The attribute that is named like the header, or holds it. */
static void
take_key(const struct shadow_spans *s, struct trace *t,
    const struct json *span)
{
	static const char of_header[] = "http.request.header.";
	const struct json *a = json_first(json_get(span, "attributes"));
	const struct json *v;
	const char *name;

	if (strcasecmp(s->key, "traceparent") == 0) {
		(void)shadow_key_of(s->key, t->id, t->key);
		return;
	}
	for (; a != NULL && t->key[0] == '\0'; a = json_next(a)) {
		name = json_get_str(a, "key");
		if (name != NULL && strncmp(name, of_header,
		    sizeof(of_header) - 1) == 0)
			name += sizeof(of_header) - 1;
		if (name == NULL || strcasecmp(name, s->key) != 0)
			continue;
		v = json_first(json_get(a, "value"));
		/* headers may be lists of values */
		if (json_kind(v) == JSON_OBJECT)
			v = json_first(json_first(json_get(v, "values")));
		if (json_str(v) != NULL)
			(void)shadow_key_of(s->key, json_str(v), t->key);
	}
}

/* Its place is kept until it is due, so that later spans do not begin it
 * anew. */
static void
give_up(struct shadow_spans *s, struct trace *t)
{
	s->bytes -= t->spans.len;
	buf_fini(&t->spans);
	t->given_up = 1;
}

static void
take_span(struct shadow_spans *s, const struct json *span, int64_t now_ns)
{
	struct trace *t = trace_of(s, json_get_str(span, "traceId"), now_ns);
	size_t before;
	int root;

	if (t == NULL || json_kind(span) != JSON_OBJECT || t->given_up)
		return;
	before = t->spans.len;
	root = is_root(span);
	take_key(s, t, span);
	put_span(t, span, root);
	s->bytes += t->spans.len - before;
	if (t->spans.bad != RC_OK || s->bytes > ALL_BYTES) {
		give_up(s, t);
		return;
	}
	t->rooted |= root;
	t->last_ns = now_ns;
}

int
shadow_spans_take(struct shadow_spans *s, const char *text, size_t n,
    int64_t now_ns, struct err *err)
{
	struct json *doc = json_parse(text, n, err);
	const struct json *r, *c, *span;

	if (doc == NULL)
		return err == NULL ? RC_FORMAT : (int)err->code;
	for (r = json_first(json_get(doc, "resourceSpans")); r != NULL;
	    r = json_next(r)) {
		for (c = json_first(json_get(r, "scopeSpans")); c != NULL;
		    c = json_next(c)) {
			for (span = json_first(json_get(c, "spans"));
			    span != NULL; span = json_next(span))
				take_span(s, span, now_ns);
		}
	}
	json_free(doc);
	return RC_OK;
}

/* ---- telling ------------------------------------------------------------- */

struct feed {
	const struct trace *t;
	struct shadow_spans *s;
	int given;
};

static int
give(void *ctx, struct buf *out, struct err *err)
{
	struct feed *f = ctx;

	if (f->given)
		return 0;
	f->given = 1;
	buf_puts(out, "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[");
	buf_add(out, f->t->spans.p, f->t->spans.len);
	buf_puts(out, "]}]}]}");
	return buf_check(out, "a trace", err) == RC_OK ? 1 : (int)err->code;
}

static int
take_answer(void *ctx, const struct exchange *ex, struct err *err)
{
	static const struct ex_header type = { "Content-Type",
		"application/json" };
	const struct feed *f = ctx;
	struct exchange own = *ex;

	(void)err;
	own.res_headers = &type;
	own.n_res_headers = 1;
	own.generic = 1;
	f->s->fn(f->s->ctx, f->t->key, &own);
	return RC_OK;
}

static void
tell(struct shadow_spans *s, const struct trace *t)
{
	struct feed f = { t, s, 0 };
	const struct import_opts o = { .take = take_answer, .take_ctx = &f,
		.feed = give, .feed_ctx = &f, .feed_name = "spans",
		.format = import_format_of("otlp"), .sample = 1 };
	static struct import_account account;	/* large, and not looked at */
	struct err ignored = ERR_INIT;

	if (t->key[0] != '\0' && t->spans.len > 0)
		(void)import_run(&o, NULL, 0, &account, &ignored);
}

static int
is_due(const struct shadow_spans *s, const struct trace *t, int64_t now_ns)
{
	return now_ns - t->first_ns >= s->window_ns ||
	    (t->rooted && now_ns - t->last_ns >= SETTLE_NS);
}

void
shadow_spans_tell(struct shadow_spans *s, int64_t now_ns)
{
	struct trace **at, *t;
	size_t i;

	for (i = 0; i < BUCKETS; i++) {
		for (at = &s->bucket[i]; (t = *at) != NULL;) {
			if (!is_due(s, t, now_ns)) {
				at = &t->chain;
				continue;
			}
			*at = t->chain;
			tell(s, t);
			trace_free(s, t);
		}
	}
}
