/* A trace without the findings of rules; see trace_cut.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/traffic/clean.h"
#include "harness/traffic/trace_cut.h"
#include "harness/traffic/trace_part.h"

struct redacting {
	const char *in, *out;
	struct redact_work *work;
	struct clean clean;
	struct trace_writer *w;	/* NULL: only counting */
	struct exchange_rec *rec;
	struct ex_header *req, *res;
	size_t cap_req, cap_res;
	struct buf line, body[2];
	struct trace_cut *cut;
	trace_tick_fn *tick;
	void *tick_ctx;
};

/* Headers that may be changed in place. */
static struct ex_header *
copy(struct ex_header **v, size_t *cap, const struct ex_header *from,
    size_t n)
{
	struct ex_header *to = *v;

	if (n + 1 > *cap) {
		to = realloc(*v, (n + 1) * sizeof(*to));
		if (to == NULL)
			return NULL;
		*v = to;
		*cap = n + 1;
	}
	if (n > 0)
		memcpy(to, from, n * sizeof(*to));
	return to;
}

static int
load_body(struct redacting *x, struct ex_bytes *b, struct buf *to,
    struct err *err)
{
	int rc;

	if (b->spill == NULL)
		return RC_OK;
	buf_reset(to);
	rc = trace_body_load(x->in, b, to, err);
	b->p = buf_str(to);
	b->n = to->len;
	b->spill = NULL;
	return rc;
}

static int
spill(struct redacting *x, struct ex_bytes *b, char *name, struct err *err)
{
	int rc;

	if (b->p == NULL || b->n <= EXCHANGE_BODY_MAX)
		return RC_OK;
	rc = trace_spill(x->w, b->p, b->n, name, err);
	b->spill = name;
	b->p = NULL;
	return rc;
}

static int
one(struct redacting *x, const struct trace_rec *rec, struct err *err)
{
	char names[2][HASH_HEX];
	struct exchange ex;
	struct ex_header *req, *res;
	int rc = exchange_parse(x->rec, rec->line, rec->n, &ex, err);

	if (rc < 0)
		return rc;
	rc = load_body(x, &ex.req_body, &x->body[0], err);
	if (rc == RC_OK)
		rc = load_body(x, &ex.res_body, &x->body[1], err);
	if (rc != RC_OK)
		return rc;
	req = copy(&x->req, &x->cap_req, ex.req_headers, ex.n_req_headers);
	res = copy(&x->res, &x->cap_res, ex.res_headers, ex.n_res_headers);
	if (req == NULL || res == NULL ||
	    clean_exchange(&x->clean, NULL, 0, &ex, req, res) != RC_OK ||
	    redact_exchange(x->work, &ex, req, res) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (x->w == NULL)
		return RC_OK;
	rc = spill(x, &ex.req_body, names[0], err);
	if (rc == RC_OK)
		rc = spill(x, &ex.res_body, names[1], err);
	if (rc != RC_OK)
		return rc;
	buf_reset(&x->line);
	exchange_write(&x->line, &ex);
	rc = buf_check(&x->line, "a record", err);
	if (rc == RC_OK)
		rc = trace_write(x->w, x->line.p, x->line.len, err);
	x->cut->written += rc == RC_OK;
	return rc;
}

static int
each(struct redacting *x, struct trace_reader *r, struct err *err)
{
	struct trace_rec rec;
	int rc;

	while ((rc = trace_next(r, &rec, err)) == 1) {
		if (!rec.is_exchange)
			continue;	/* made anew, or unknown: left out */
		x->cut->seen++;
		if (x->tick != NULL && x->cut->seen % 1000 == 0)
			x->tick(x->tick_ctx, x->cut->seen);
		rc = one(x, &rec, err);
		if (rc != RC_OK)
			return rc;
	}
	return rc;
}

/* What was found, for the head: rule, and how often. */
static struct json *
head_of(const struct redact *r, const struct redact_work *w)
{
	struct json *extra = json_new(JSON_OBJECT);
	struct json *hits = json_new(JSON_OBJECT);
	struct json *red = json_new(JSON_OBJECT);
	size_t i;

	for (i = 0; i < redact_n(r); i++)
		(void)json_set(hits, redact_name(r, i),
		    json_new_num((double)redact_hits(w, i)));
	(void)json_set(red, "hits", hits);
	(void)json_set(extra, "redaction", red);
	return extra;
}

static int
pass(struct redacting *x, const struct redact *r,
    const struct trace_opts *o, struct err *err)
{
	struct trace_opts mine = *o;
	struct json *extra = NULL;
	struct trace_reader *tr;
	int rc = trace_reader_open(x->in, 0, &tr, err);

	if (rc != RC_OK)
		return rc;
	memset(x->cut, 0, sizeof(*x->cut));
	if (x->work != NULL) {
		extra = head_of(r, x->work);
		mine.extra = extra;
		mine.start_wall_ns = trace_head_wall_ns(
		    trace_reader_head(tr));
		rc = trace_writer_open(x->out, &mine, 0, &x->w, err);
		redact_work_free(x->work);
	}
	json_free(extra);
	x->work = rc == RC_OK ? redact_work_new(r) : NULL;
	if (rc == RC_OK && x->work == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = each(x, tr, err);
	trace_reader_close(&tr);
	return rc;
}

int
trace_redact(const char *in, const char *out, const struct redact *r,
    const struct trace_redact_opts *o, struct trace_cut *cut,
    uint64_t *hits, struct err *err)
{
	struct redacting x = { .in = in, .out = out, .cut = cut,
	    .tick = o->tick, .tick_ctx = o->tick_ctx };
	size_t i;
	int rc, begun;

	clean_init(&x.clean);
	buf_init(&x.line, TRACE_LINE_MAX);
	buf_init(&x.body[0], (size_t)1 << 31);
	buf_init(&x.body[1], (size_t)1 << 31);
	x.rec = exchange_rec_new();
	rc = x.rec == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    pass(&x, r, &o->trace, err);	/* counts, for the head */
	if (rc == RC_OK)
		rc = pass(&x, r, &o->trace, err);
	for (i = 0; rc == RC_OK && i < redact_n(r); i++)
		hits[i] = redact_hits(x.work, i);
	begun = x.w != NULL;
	if (rc == RC_OK)
		rc = trace_writer_close(&x.w, err);
	trace_writer_abandon(&x.w);
	if (rc != RC_OK && begun)
		(void)unlink(out);
	redact_work_free(x.work);
	exchange_rec_free(x.rec);
	clean_fini(&x.clean);
	buf_fini(&x.line);
	buf_fini(&x.body[0]);
	buf_fini(&x.body[1]);
	free(x.req);
	free(x.res);
	return rc;
}
