/* Every exchange of a trace as a case. */
#include <stdlib.h>
#include <string.h>

#include "harness/suite/caseset_part.h"
#include "harness/suite/question.h"
#include "harness/suite/sent.h"
#include "harness/traffic/trace.h"

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

static void
write_case(struct buf *b, const struct exchange *ex, const char *id,
    const char *question, size_t question_n, const struct json *body)
{
	struct json_out o;

	json_out_init(&o, b, 0);
	json_out_obj(&o);
	json_out_key(&o, "id");
	json_out_str(&o, id);
	json_out_key(&o, "question");
	json_out_strn(&o, question, question_n);
	json_out_key(&o, "recorded");
	json_out_str(&o, ex->id);
	if (ex->session != NULL) {
		json_out_key(&o, "session");
		json_out_str(&o, ex->session);
	}
	sent_write(&o, ex, body);
	json_out_end(&o, '}');
}

struct from_trace {
	struct caseset *cs;
	const struct suite *suite;
	struct gold gold;
	struct buf line, id;
	struct question_reader reader;
	uint32_t n;
};

static int
add_exchange(struct from_trace *t, const struct exchange *ex,
    struct err *err)
{
	const char *question;
	struct json *body;
	size_t n;
	int rc = RC_OK;

	t->n++;
	buf_reset(&t->line);
	buf_reset(&t->id);
	if (ex->key.round != ROUND_PLAN || (ex->key.case_id != NULL &&
	    caseset_has(t->cs, ex->key.case_id)))
		return RC_OK;
	question = question_of(&t->reader, t->suite->extract, ex, &body, &n);
	if (question == NULL) {
		t->cs->skipped++;
		json_free(body);
		return RC_OK;
	}
	if (ex->key.case_id != NULL)
		buf_puts(&t->id, ex->key.case_id);
	else
		free_id(t->cs, ex->id, &t->id);
	write_case(&t->line, ex, buf_str(&t->id), question, n, body);
	rc = caseset_spool(t->cs, t->suite, &t->gold, &t->line, t->n, err);
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
			rc = add_exchange(t, &ex, err);
		if (rc < 0)
			return rc;
	}
	return rc;
}

int
caseset_from_trace(struct caseset *cs, const struct suite *s,
    const char *path, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *r = NULL;
	struct from_trace t;
	int rc;

	memset(&t, 0, sizeof(t));
	t.cs = cs;
	cs->of_trace = 1;
	t.suite = s;
	gold_init(&t.gold);
	buf_init(&t.line, CASE_LINE_MAX);
	buf_init(&t.id, 1 << 16);
	question_reader_init(&t.reader);
	rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    trace_reader_open(path, 1, &r, err);
	if (rc == RC_OK)
		rc = read_all(&t, r, rec, err);
	if (rc == RC_OK && cs->n == 0)
		rc = err_set(err, RC_FORMAT, "%s: no exchange holds a "
		    "question%s", path, cs->skipped > 0 ? "; say where it is "
		    "with extract: {question: POINTER}" : ", for there is "
		    "none");
	trace_reader_close(&r);
	exchange_rec_free(rec);
	buf_fini(&t.line);
	buf_fini(&t.id);
	question_reader_fini(&t.reader);
	gold_fini(&t.gold);
	return rc;
}
