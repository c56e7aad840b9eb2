/*
 * OpenAI's stored completions, and batch files: a request line ({"custom_id",
 * "method", "url", "body"}) or an output line ({"custom_id", "response":
 * {"status_code", "body"}}).  A batch's requests and outputs are joined by
 * their custom_id where they come in one import, requests first.
 * source  OpenAI's API reference, "Chat completions" and "Batch"
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/table.h"
#include "harness/import/http_part.h"

/* Requests of a batch that wait for their output: custom_id and the line. */
#define BATCH_BYTES_MAX ((size_t)512 << 20)

struct batch_line {
	char *id;		/* owned, with the body behind it */
	const char *body, *target;
};

struct openai {
	struct import *im;
	struct import_src *src;
	struct import_http h;
	struct table table;	/* of v, by id */
	struct batch_line *v;
	size_t cap, bytes;
};

static uint64_t
hash_of(const char *id)
{
	return hash_table(id, strlen(id));
}

static int
same_id(const void *ctx, const void *key, uint32_t at)
{
	const struct batch_line *v = ctx;

	return strcmp(v[at].id, key) == 0;
}

static uint32_t
find(const struct openai *o, const char *id)
{
	return table_find(&o->table, hash_of(id), same_id, o->v, id);
}

/* The last one takes its place. */
static void
drop(struct openai *o, uint32_t at)
{
	struct batch_line *l = &o->v[at];
	uint32_t last = o->table.n - 1;

	o->bytes -= sizeof(*l) + strlen(l->id) + strlen(l->body) +
	    strlen(l->target);
	(void)table_del(&o->table, hash_of(l->id), at);
	free(l->id);
	if (at == last)
		return;
	*l = o->v[last];
	(void)table_del(&o->table, hash_of(l->id), last);
	table_put(&o->table, hash_of(l->id), at);
}

static int
room(struct openai *o)
{
	struct batch_line *v;

	if (o->table.n < o->cap)
		return 0;
	v = table_grow(&o->table, o->v, &o->cap, sizeof(*v));
	if (v == NULL)
		return -1;
	o->v = v;
	return 0;
}

static int
keep_request(struct openai *o, const char *id, const struct json *v,
    struct err *err)
{
	const char *body, *target = json_get_str(v, "url");
	size_t n, nb, nt;
	int there = find(o, id) != TABLE_NONE;
	struct batch_line l;

	if (there || o->bytes > BATCH_BYTES_MAX) {
		import_unusable(o->im, o->src, there ?
		    "a custom_id that occurred before" :
		    "a request beyond the 512 MB that can wait for their "
		    "answers");
		return RC_OK;
	}
	body = import_text(&o->h.arena, json_get(v, "body"));
	if (body == NULL)
		body = "";
	if (target == NULL)
		target = "/v1/chat/completions";
	n = strlen(id) + 1;
	nb = strlen(body) + 1;
	nt = strlen(target) + 1;
	if (room(o) != 0 || (l.id = malloc(n + nb + nt)) == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	memcpy(l.id, id, n);
	l.body = memcpy(l.id + n, body, nb);
	l.target = memcpy(l.id + n + nb, target, nt);
	o->bytes += sizeof(l) + n + nb + nt - 3;
	o->v[o->table.n] = l;
	table_put(&o->table, hash_of(id), o->table.n);
	return RC_OK;
}

static void
json_header(struct import_http *h)
{
	import_http_header(h, 0, "Content-Type", "application/json");
	import_http_header(h, 1, "Content-Type", "application/json");
}

static void
set(struct ex_bytes *b, const char *text)
{
	b->p = text;
	b->n = text == NULL ? 0 : strlen(text);
}

/* Seconds since 1970, in nanoseconds; -1: not told. */
static int64_t
created(const struct json *v)
{
	int64_t s = json_get_int(v, "created", 0);

	return s > 0 && s < 9000000000LL ? s * 1000000000LL : -1;
}

static int
output(struct openai *o, const char *id, const struct json *v,
    struct err *err)
{
	struct import_http *h = &o->h;
	const struct json *res = json_get(v, "response");
	const struct json *body = json_get(res, "body");
	uint32_t at = find(o, id);
	int rc;

	if (at == TABLE_NONE) {
		import_unusable(o->im, o->src, "an output without its request: "
		    "give the batch's input file first");
		return RC_OK;
	}
	h->ex.id = id;
	h->ex.method = "POST";
	h->ex.target = o->v[at].target;
	h->ex.status = (int)json_get_int(res, "status_code", 500);
	h->ex.sent_ns = created(body);
	set(&h->ex.req_body, o->v[at].body);
	set(&h->ex.res_body, import_text(&h->arena, body != NULL ? body :
	    json_get(v, "error")));
	json_header(h);
	import_http_outcome(h);
	rc = import_exchange(o->im, &h->ex, h->req, h->res, err);
	drop(o, at);
	return rc;
}

/* A stored message as it was sent: without the id and the empty members that
 * the store adds, which no service takes. */
static void
put_message(struct json_out *out, const struct json *m)
{
	const struct json *e, *parts = json_get(m, "content_parts");
	const char *key;

	json_out_obj(out);
	for (e = json_first(m); e != NULL; e = json_next(e)) {
		key = json_key(e);
		if (strcmp(key, "id") == 0 ||
		    strcmp(key, "content_parts") == 0 ||
		    (json_kind(e) == JSON_NULL &&
		    strcmp(key, "content") != 0))
			continue;
		json_out_key(out, key);
		json_out_json(out, strcmp(key, "content") == 0 &&
		    json_kind(e) == JSON_NULL && parts != NULL ? parts : e);
	}
	json_out_end(out, '}');
}

/* Parameters of the request that the store keeps, unless they say nothing. */
static const struct parameter {
	const char *name;
	double dflt;		/* NaN: there is none */
} parameters[] = {
	{ "temperature", 1 },
	{ "top_p", 1 },
	{ "presence_penalty", 0 },
	{ "frequency_penalty", 0 },
	{ "tools", NAN },
	{ "tool_choice", NAN },
	{ "response_format", NAN },
};

static void
put_request(struct json_out *out, const struct json *v, const struct json *m)
{
	const struct parameter *p = parameters;
	const struct json *e;
	size_t i, n = sizeof(parameters) / sizeof(parameters[0]);

	json_out_obj(out);
	json_out_key(out, "model");
	json_out_str(out, json_get_str(v, "model"));
	json_out_key(out, "messages");
	json_out_arr(out);
	for (e = json_first(m); e != NULL; e = json_next(e))
		put_message(out, e);
	json_out_end(out, ']');
	for (i = 0; i < n; i++, p++) {
		e = json_get(v, p->name);
		if (e == NULL || json_kind(e) == JSON_NULL ||
		    json_num(e, NAN) == p->dflt)
			continue;
		json_out_key(out, p->name);
		json_out_json(out, e);
	}
	json_out_end(out, '}');
}

/* The answer as it was given, without what was written beside it. */
static const char *
answer_of(struct openai *o, const struct json *v)
{
	struct json *own = json_copy(v);
	const char *text;

	json_free(json_take(own, "messages"));
	json_free(json_take(own, "request"));
	text = import_text(&o->h.arena, own);
	json_free(own);
	return text;
}

/* A stored completion: the answer, and its "messages" where they came. */
static int
stored(struct openai *o, const struct json *v, struct err *err)
{
	struct import_http *h = &o->h;
	const struct json *m = json_get(v, "messages");
	struct json_out out;
	struct buf b;
	int rc;

	if (m == NULL)
		m = json_get(json_get(v, "request"), "messages");
	if (json_kind(m) != JSON_ARRAY || json_get(v, "choices") == NULL) {
		import_unusable(o->im, o->src, json_get(v, "choices") != NULL ?
		    "a stored completion without \"messages\": add those of "
		    "/v1/chat/completions/ID/messages" :
		    json_get(v, "role") != NULL ? "a message alone: add it to "
		    "its completion, as an element of \"messages\"" :
		    "a record without messages and choices");
		return RC_OK;
	}
	buf_init(&b, IMPORT_VALUE_MAX);
	json_out_init(&out, &b, 0);
	put_request(&out, v, m);
	h->ex.id = json_get_str(v, "id");
	h->ex.method = "POST";
	h->ex.target = "/v1/chat/completions";
	h->ex.status = 200;
	h->ex.sent_ns = created(v);
	h->ex.req_body.p = buf_str(&b);
	h->ex.req_body.n = b.len;
	set(&h->ex.res_body, answer_of(o, v));
	json_header(h);
	import_http_outcome(h);
	rc = buf_check(&b, "a request", err);
	if (rc == RC_OK)
		rc = import_exchange(o->im, &h->ex, h->req, h->res, err);
	buf_fini(&b);
	return rc;
}

static int
record(void *ctx, const struct json *v, struct err *err)
{
	struct openai *o = ctx;
	const char *id = json_get_str(v, "custom_id");

	import_seen(o->im);
	import_http_start(&o->h);
	if (id == NULL)
		return stored(o, v, err);
	if (json_get(v, "response") != NULL || json_get(v, "error") != NULL)
		return output(o, id, v, err);
	return keep_request(o, id, v, err);
}

static int
page(void *ctx, const struct json *v, struct err *err)
{
	return import_page(v, record, ctx, err);
}

static int
read_openai(struct import *im, struct import_src *src, struct err *err)
{
	struct openai o = { .im = im, .src = src };
	int rc;

	import_http_init(&o.h);
	rc = import_values(im, src, NULL, page, &o, err);
	while (o.table.n > 0) {
		if (rc == RC_OK)
			import_unusable(im, src, "a request without its "
			    "output");
		drop(&o, o.table.n - 1);
	}
	table_fini(&o.table);
	free(o.v);
	import_http_fini(&o.h);
	return rc;
}

const struct import_format import_openai = {
	.name = "openai",
	.help = "OpenAI's stored completions; a batch's input file followed "
	    "by\nits output file",
	.read = read_openai,
};
