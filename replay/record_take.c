/* What a proxy tells, taken into an item; see record_take.h. */
#include "replay/record_take.h"

#include <stdio.h>

#include "replay/stream.h"

const char record_memory_full[] = "memory full";
static const char too_large[] = "answer too large";

const char *
record_take_answer(struct record_item *it, const struct proxy_answer *a,
    size_t body_max)
{
	it->ex.status = a->status;
	it->has_body = a->has_body;
	it->length = a->length;
	/* what will be too long is not held to find out */
	if (a->length >= 0 && (uint64_t)a->length > body_max)
		return too_large;
	return record_item_answer(it, a->headers, a->n_headers) == RC_OK ?
	    NULL : record_memory_full;
}

/* Answers without Content-Length are streams: their timing is kept. */
const char *
record_take_bytes(struct record_item *it, const char *p, size_t n,
    int64_t at_ns, size_t body_max)
{
	if (n > body_max - it->body.len)
		return too_large;
	if (record_item_add(it, &it->body, p, n) != RC_OK ||
	    (it->length < 0 && record_item_mark(it, at_ns, n) != RC_OK))
		return record_memory_full;
	return NULL;
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

static void
keep_times(struct record_item *it, const struct proxy_end *e,
    int64_t start_ns)
{
	struct exchange *ex = &it->ex;
	int64_t sent = e->sent_ns >= 0 ? e->sent_ns : e->done_ns;
	size_t i;

	ex->sent_ns = sent - start_ns;
	ex->total_ns = e->done_ns - sent;
	if (e->first_ns >= 0)
		ex->ttfb_ns = e->first_ns - sent;
	for (i = 0; i < ex->n_chunks; i++)
		it->chunks[i].at_ns -= sent;
}

static void
keep_end(struct record_item *it, const struct proxy_end *e)
{
	struct exchange *ex = &it->ex;

	ex->outcome = e->outcome != OUTCOME_OK ? e->outcome :
	    outcome_of_status(ex->status);
	if (e->why != NULL) {
		(void)snprintf(it->why, sizeof(it->why), "%s", e->why);
		ex->why = it->why;
	}
	if (it->has_sent) {
		ex->req_body.p = buf_str(&it->sent);
		ex->req_body.n = it->sent.len;
	}
	if (it->body.len > 0 || (it->has_body &&
	    e->outcome == OUTCOME_OK)) {
		ex->res_body.p = buf_str(&it->body);
		ex->res_body.n = it->body.len;
	}
}

/* When the first content of a stream came, as the engine would see it. */
static void
keep_first(struct exchange *ex)
{
	struct stream_watch w;

	if (ex->n_chunks == 0 || ex->outcome != OUTCOME_OK)
		return;
	stream_init(&w);
	ex->ttft_ns = stream_first(&w, ex);
	stream_fini(&w);
}

const char *
record_take_end(struct record_item *it, const struct proxy_end *e,
    int64_t start_ns)
{
	if (record_item_trailers(it, e->trailers) != RC_OK)
		return record_memory_full;
	keep_times(it, e, start_ns);
	keep_end(it, e);
	keep_first(&it->ex);
	return NULL;
}
