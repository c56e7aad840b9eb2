/* The exchanges of a trace as cases: all that hold a question, or those that
 * the suite chooses; a batch becomes several. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/suite/batch.h"
#include "harness/suite/caseset_part.h"
#include "harness/suite/question.h"
#include "harness/suite/sent.h"
#include "harness/suite/setup_calls.h"
#include "harness/traffic/trace.h"
#include "harness/traffic/where.h"

enum { TITLE_BYTES = 160 };

/* An id that is free: the exchange's own, or with a number behind it. */
static void
free_id(const struct caseset *cs, const char *id, struct buf *out)
{
	unsigned k;

	buf_puts(out, id);
	for (k = 2; caseset_has(cs, buf_str(out)); k++) {
		buf_reset(out);
		buf_printf(out, "%s~%u", id, k);
	}
}

struct from_trace {
	struct caseset *cs;
	const struct suite *suite;
	struct gold gold;
	struct buf line, id, title, cut;
	struct question_reader reader;
	struct where *where;
	struct setup_calls *setup;
	struct batch batch;
	int replays;		/* a question is not needed */
	uint32_t n;
};

/* One request that becomes a case. */
struct asked {
	const char *question;	/* NULL: it holds none */
	size_t question_n;
	const struct json *body;
	const char *recorded;	/* id of the exchange whose answer is its
				   answer; NULL: none is */
};

/* What reports call a request without a question: what it sends. */
static void
make_title(struct buf *out, const struct exchange *ex, const char *body,
    size_t n)
{
	size_t i;

	buf_reset(out);
	buf_printf(out, "%s %s", ex->method, ex->target);
	if (body == NULL || n == 0)
		return;
	buf_putc(out, ' ');
	for (i = 0; i < n && i < TITLE_BYTES; i++)
		buf_putc(out, (char)((unsigned char)body[i] < ' ' ? ' ' :
		    body[i]));
	if (n > TITLE_BYTES)
		buf_puts(out, "\xe2\x80\xa6");
}

static void
write_case(struct from_trace *t, const struct exchange *ex,
    const struct asked *a)
{
	struct json_out o;

	json_out_init(&o, &t->line, 0);
	json_out_obj(&o);
	json_put_str(&o, "id", buf_str(&t->id));
	json_out_key(&o, "question");
	if (a->question != NULL) {
		json_out_strn(&o, a->question, a->question_n);
	} else {
		make_title(&t->title, ex, ex->req_body.p, ex->req_body.n);
		json_out_strn(&o, buf_str(&t->title), t->title.len);
		json_put_bool(&o, "no_question", 1);
	}
	if (a->recorded != NULL)
		json_put_str(&o, "recorded", a->recorded);
	if (ex->session != NULL)
		json_put_str(&o, "session", ex->session);
	sent_write(&o, ex, a->body);
	json_out_end(&o, '}');
}

static int
add_one(struct from_trace *t, const struct exchange *ex,
    const struct asked *a, struct err *err)
{
	if (a->question == NULL && !t->replays) {
		t->cs->skipped++;
		return RC_OK;
	}
	buf_reset(&t->line);
	write_case(t, ex, a);
	return caseset_spool(t->cs, t->suite, &t->gold, &t->line, t->n, err);
}

/* ---- batches ------------------------------------------------------------- */

/* What was packed is cut unpacked. */
static size_t
unpacked_headers(const struct exchange *ex, struct ex_header *out)
{
	size_t i, n = 0;

	for (i = 0; i < ex->n_req_headers; i++) {
		if (strcasecmp(ex->req_headers[i].name,
		    "content-encoding") != 0)
			out[n++] = ex->req_headers[i];
	}
	return n;
}

static int
add_part(struct from_trace *t, const struct exchange *ex,
    const struct json *body, size_t k, struct err *err)
{
	const struct json *e = batch_element(&t->batch, k);
	struct exchange one = *ex;
	struct asked a = { NULL, 0, NULL, NULL };
	struct json *part;
	int rc;

	buf_reset(&t->cut);
	batch_cut(&t->batch, body, k, &t->cut);
	rc = buf_check(&t->cut, "a part of a batch", err);
	if (rc != RC_OK)
		return rc;
	one.req_body.p = t->cut.p;
	one.req_body.n = t->cut.len;
	part = json_parse(t->cut.p, t->cut.len, err);
	if (part == NULL)
		return err->code;
	a.body = part;
	a.question = json_text(e, &a.question_n);
	if (a.question == NULL || a.question_n == 0)
		a.question = extract_question(t->suite->extract, part,
		    &a.question_n);
	buf_reset(&t->id);
	buf_printf(&t->title, "%s#%zu", ex->id, k + 1);
	free_id(t->cs, buf_str(&t->title), &t->id);
	rc = add_one(t, &one, &a, err);
	json_free(part);
	return rc;
}

static int
add_parts(struct from_trace *t, const struct exchange *ex,
    const struct json *body, struct err *err)
{
	struct ex_header *h = calloc(ex->n_req_headers + 1, sizeof(*h));
	struct exchange plain = *ex;
	size_t k;
	int rc = RC_OK;

	if (h == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	plain.n_req_headers = unpacked_headers(ex, h);
	plain.req_headers = h;
	for (k = 0; k < t->batch.n && rc == RC_OK; k++) {
		buf_reset(&t->title);
		rc = add_part(t, &plain, body, k, err);
	}
	free(h);
	return rc;
}

/* ---- exchanges ----------------------------------------------------------- */

static int
is_case(struct from_trace *t, const struct exchange *ex,
    const struct trace_rec *line)
{
	if (ex->key.round != ROUND_PLAN || (ex->key.case_id != NULL &&
	    caseset_has(t->cs, ex->key.case_id)))
		return 0;
	return where_holds(t->where, ex, line->line, line->n) &&
	    !setup_calls_has(t->setup, ex, line->line, line->n);
}

static int
add_exchange(struct from_trace *t, const struct exchange *ex,
    const struct trace_rec *line, struct err *err)
{
	struct asked a = { NULL, 0, NULL, ex->id };
	struct json *body;
	int rc;

	t->n++;
	if (!is_case(t, ex, line))
		return RC_OK;
	a.question = question_of(&t->reader, t->suite->extract, ex, &body,
	    &a.question_n);
	a.body = body;
	if (ex->key.case_id == NULL && batch_look(&t->batch, body) > 1) {
		rc = add_parts(t, ex, body, err);
	} else {
		buf_reset(&t->id);
		if (ex->key.case_id != NULL)
			buf_puts(&t->id, ex->key.case_id);
		else
			free_id(t->cs, ex->id, &t->id);
		rc = add_one(t, ex, &a, err);
	}
	json_free(body);
	return rc;
}

static int
read_all(struct from_trace *t, struct trace_reader *r,
    struct exchange_rec *rec, struct err *err)
{
	struct trace_rec line;
	struct exchange ex;
	int rc;

	while ((rc = trace_next(r, &line, err)) == 1) {
		rc = exchange_parse(rec, line.line, line.n, &ex, err);
		if (rc == 1)
			rc = add_exchange(t, &ex, &line, err);
		if (rc < 0)
			return rc;
	}
	return rc;
}

/* Why there is no case at all. */
static int
none(const struct from_trace *t, const char *path, struct err *err)
{
	if (t->suite->cases_where != NULL && t->cs->skipped == 0)
		return err_set(err, RC_FORMAT, "%s: no exchange matches "
		    "cases.where; `lockstep trace info` shows what the trace "
		    "has", path);
	return err_set(err, RC_FORMAT, "%s: no exchange has a question%s",
	    path, t->cs->skipped > 0 ? "; give its place with extract: "
	    "{question: POINTER}, or choose requests with cases.where and send "
	    "them as recorded (body: \"{{body}}\")" : ": the trace has no "
	        "exchanges");
}

static int
from_trace_init(struct from_trace *t, struct caseset *cs,
    const struct suite *s, struct err *err)
{
	int rc;

	memset(t, 0, sizeof(*t));
	t->cs = cs;
	t->suite = s;
	t->replays = s->cases_where != NULL && sent_replays(s);
	gold_init(&t->gold);
	buf_init(&t->line, CASE_LINE_MAX);
	buf_init(&t->id, 1 << 16);
	buf_init(&t->title, 1 << 20);
	buf_init(&t->cut, CASE_LINE_MAX);
	question_reader_init(&t->reader);
	t->where = where_new();
	if (t->where == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = where_add_map(t->where, s->cases_where, err);
	if (rc == RC_OK)
		rc = batch_init(&t->batch, s->cases_batch, err);
	return rc != RC_OK ? rc : setup_calls_new(s, &t->setup, err);
}

static void
from_trace_fini(struct from_trace *t)
{
	buf_fini(&t->line);
	buf_fini(&t->id);
	buf_fini(&t->title);
	buf_fini(&t->cut);
	question_reader_fini(&t->reader);
	gold_fini(&t->gold);
	where_free(t->where);
	setup_calls_free(t->setup);
	batch_fini(&t->batch);
}

int
caseset_from_trace(struct caseset *cs, const struct suite *s,
    const char *path, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *r = NULL;
	struct from_trace t;
	int rc;

	cs->of_trace = 1;
	rc = from_trace_init(&t, cs, s, err);
	if (rc == RC_OK)
		rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") :
		    trace_reader_open(path, 1, &r, err);
	if (rc == RC_OK)
		rc = read_all(&t, r, rec, err);
	if (rc == RC_OK && cs->n == 0)
		rc = none(&t, path, err);
	trace_reader_close(&r);
	exchange_rec_free(rec);
	from_trace_fini(&t);
	return rc;
}
