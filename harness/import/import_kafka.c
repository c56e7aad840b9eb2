/*
 * Messages of a queue: an exchange as `record --out kafka://…` sends it, a
 * line of a trace, or JSON of any shape, by pointers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/import/import_part.h"

struct reading {
	struct import *im;
	struct import_src *src;
	struct import_mapper *mapper;
	struct exchange_rec *rec;
	struct json_doc *doc;
	struct ex_header *headers;	/* that may be changed in place */
	size_t cap;
	char topic[256], id[48];
};

/* Headers that may be changed, of both sides. */
static int
own_headers(struct reading *r, struct exchange *ex, struct ex_header **req,
    struct ex_header **res)
{
	size_t n = ex->n_req_headers + ex->n_res_headers;
	struct ex_header *v;

	if (n + 2 > r->cap) {
		v = realloc(r->headers, (n + 2) * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		r->headers = v;
		r->cap = n + 2;
	}
	*req = r->headers;
	*res = r->headers + ex->n_req_headers + 1;
	if (ex->n_req_headers > 0)
		memcpy(*req, ex->req_headers,
		    ex->n_req_headers * sizeof(**req));
	if (ex->n_res_headers > 0)
		memcpy(*res, ex->res_headers,
		    ex->n_res_headers * sizeof(**res));
	ex->req_headers = *req;
	ex->res_headers = *res;
	return RC_OK;
}

/* An exchange's own time, as exact as it was recorded; else the message's. */
static int64_t
time_of(const struct import_message *m, const struct exchange *ex)
{
	if (m->start_ns < 0 || ex->sent_ns < 0 ||
	    ex->sent_ns > INT64_MAX - m->start_ns)
		return m->at_ns;
	return m->start_ns + ex->sent_ns;
}

/* returns 1: it was one; 0: it is something else; or an error */
static int
take_exchange(struct reading *r, const struct import_message *m,
    struct err *err)
{
	struct ex_header *req, *res;
	struct err bad = ERR_INIT;
	struct exchange ex;
	int rc = exchange_parse(r->rec, m->p, m->n, &ex, &bad);

	if (rc == RC_NOMEM)
		return err_set(err, RC_NOMEM, "out of memory");
	if (rc < 0) {
		import_unusable(r->im, r->src, "an exchange that cannot be "
		    "read");
		return 1;
	}
	if (rc == 0)
		return 0;
	if (ex.req_body.spill != NULL || ex.res_body.spill != NULL) {
		import_unusable(r->im, r->src, "an exchange without its body, "
		    "which is in a file");
		return 1;
	}
	ex.sent_ns = time_of(m, &ex);
	ex.due_ns = -1;		/* of another clock */
	if (*ex.id == '\0')
		ex.id = NULL;
	if (own_headers(r, &ex, &req, &res) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = import_exchange(r->im, &ex, req, res, err);
	return rc == RC_OK ? 1 : rc;
}

static int
take_json(struct reading *r, const struct import_message *m, struct err *err)
{
	struct import_dflt dflt = { r->id, m->at_ns };
	struct err bad = ERR_INIT;
	const struct json *v = m->n > IMPORT_VALUE_MAX ? NULL :
	    json_doc_parse(r->doc, m->p, m->n, &bad);

	if (v == NULL && bad.code == RC_NOMEM)
		return err_set(err, RC_NOMEM, "out of memory");
	if (v != NULL)
		return import_mapped(r->mapper, r->src, v, &dflt, err);
	import_unusable(r->im, r->src, m->n == 0 ? "an empty message" :
	    m->n > IMPORT_VALUE_MAX ? "a message of more than 64 MB" :
	    "a message that is not JSON");
	return RC_OK;
}

static int
take(struct reading *r, const struct import_message *m, struct err *err)
{
	static const char exchange[] = "{\"type\":\"exchange\"";
	struct import_at at = { r->topic, (uint64_t)m->offset - 1 };
	int rc = 0;

	(void)snprintf(r->topic, sizeof(r->topic), "%.200s partition %d, "
	    "offset", import_options(r->im)->queue->topic, (int)m->partition);
	(void)snprintf(r->id, sizeof(r->id), "%d-%lld", (int)m->partition,
	    (long long)m->offset);
	import_src_at(r->src, &at);
	import_of(r->im, m);
	import_seen(r->im);
	if (m->n >= sizeof(exchange) - 1 &&
	    memcmp(m->p, exchange, sizeof(exchange) - 1) == 0)
		rc = take_exchange(r, m, err);
	if (rc == 0)
		rc = take_json(r, m, err);
	return rc < 0 ? rc : RC_OK;
}

static int
each(struct reading *r, const struct import_queue *q, struct err *err)
{
	struct import_message m;
	int rc;

	while ((rc = q->next(q->ctx, &m, err)) != IMPORT_END && rc > 0) {
		if (rc == IMPORT_KEEP) {
			rc = import_keep(r->im, err);
		} else {
			rc = import_has(r->im, &m, err);
			if (rc >= 0)
				rc = rc > 0 ? RC_OK : take(r, &m, err);
			if (rc == RC_OK)
				rc = import_took(r->im, &m, err);
		}
		if (rc != RC_OK)
			return rc;
	}
	return rc;
}

static int
read_kafka(struct import *im, struct import_src *src, struct err *err)
{
	const struct import_queue *q = import_options(im)->queue;
	struct reading r = { .im = im, .src = src };
	int rc;

	if (q == NULL)
		return err_set(err, RC_USAGE, "kafka reads no files: give "
		    "--brokers, --topic and --group");
	r.mapper = import_mapper_new(im);
	r.rec = exchange_rec_new();
	r.doc = json_doc_new();
	rc = r.mapper == NULL || r.rec == NULL || r.doc == NULL ?
	    err_set(err, RC_NOMEM, "out of memory") : each(&r, q, err);
	import_mapper_free(r.mapper);
	exchange_rec_free(r.rec);
	json_doc_free(r.doc);
	free(r.headers);
	return rc;
}

const struct import_format import_kafka = {
	.name = "kafka",
	.help = "messages of a topic: what record --out kafka://...\n"
	    "sends, or JSON of any shape, read by pointers",
	.mapped = 1,
	.read = read_kafka,
};
