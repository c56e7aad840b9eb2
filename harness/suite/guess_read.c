/* Recorded exchanges into shapes; see guess_part.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/suite/guess_part.h"
#include "harness/traffic/coding.h"
#include "harness/traffic/sse.h"

enum { TEXT_MAX = 8 << 20 };

/* One stream as it is read. */
struct stream {
	struct guess_shapes *s;
	size_t events, docs;	/* docs: those that are JSON */
	char first[128], last[128];	/* names */
	char odd[128];		/* the last event's data that is no JSON */
	int done;		/* the last event says "done": true */
};

static int
take_event(void *ctx, const struct sse_event *e)
{
	struct stream *st = ctx;
	struct json *j = json_parse(e->data, e->n, NULL);

	if (st->events++ == 0)
		(void)snprintf(st->first, sizeof(st->first), "%s", e->name);
	(void)snprintf(st->last, sizeof(st->last), "%s", e->name);
	st->odd[0] = '\0';
	if (j == NULL)
		(void)snprintf(st->odd, sizeof(st->odd), "%.*s",
		    (int)(e->n < 100 ? e->n : 100), e->data);
	st->done = json_get_bool(j, "done", 0);
	if (j != NULL)
		shape_add(&st->s->said, j, st->docs++ > 0);
	json_free(j);
	return 0;
}

static void
take_end(struct guess_shapes *s, const struct stream *st)
{
	const char *end = *st->odd != '\0' ? st->odd :
	    strcmp(st->last, st->first) != 0 ? st->last :
	    st->done ? "\"done\":true" : "";

	if (*end == '\0')
		return;
	if (s->ends == 0)
		(void)snprintf(s->end, sizeof(s->end), "%s", end);
	s->ends += strcmp(s->end, end) == 0;
}

static int
read_stream(struct guess_shapes *s, enum sse_format format, const char *p,
    size_t n, struct err *err)
{
	struct stream st = { .s = s };
	struct sse sse;
	int rc;

	sse_init(&sse, format, TEXT_MAX);
	rc = sse_feed(&sse, p, n, take_event, &st);
	if (rc == 0)
		rc = sse_end(&sse, take_event, &st);
	sse_fini(&sse);
	if (rc != 0)
		return err_set(err, RC_NOMEM, "out of memory");
	s->format = (char)format;
	take_end(s, &st);
	return RC_OK;
}

static int
read_answer(struct guess *g, struct guess_shapes *s,
    const struct exchange *ex, struct buf *plain, struct err *err)
{
	const char *p = ex->res_body.p, *codings;
	const char *type = exchange_header(ex, "content-type");
	size_t n = p == NULL ? 0 : ex->res_body.n;
	enum sse_format format;
	struct json *j;
	char list[128];

	codings = coding_of(ex->res_headers, ex->n_res_headers, list);
	buf_reset(plain);
	if (n > 0 && codings != NULL && coding_undo(codings, p, n, TEXT_MAX,
	    plain, NULL) == RC_OK) {
		p = buf_str(plain);
		n = plain->len;
	}
	format = type == NULL ? SSE_NONE : sse_of_type(type);
	if (format == SSE_NONE && n > 0 && sse_begins(p, n))
		format = SSE_EVENTS;
	if (format != SSE_NONE && n > 0) {
		g->streams++;
		return read_stream(s, format, p, n, err);
	}
	j = n == 0 ? NULL : json_parse(p, n, NULL);
	if (j != NULL)
		shape_add(&s->said, j, 0);
	json_free(j);
	return RC_OK;
}

static void
read_request(struct guess_shapes *s, const struct exchange *ex,
    struct buf *plain)
{
	const char *p = ex->req_body.p, *codings;
	size_t n = p == NULL ? 0 : ex->req_body.n;
	struct json *j;
	char list[128];

	if (n == 0)
		return;
	codings = coding_of(ex->req_headers, ex->n_req_headers, list);
	buf_reset(plain);
	if (codings != NULL && coding_undo(codings, p, n, TEXT_MAX, plain,
	    NULL) == RC_OK) {
		p = buf_str(plain);
		n = plain->len;
	}
	j = json_parse(p, n, NULL);
	if (j != NULL)
		shape_add(&s->asked, j, 0);
	json_free(j);
}

int
guess_read(struct guess *g, struct guess_shapes *s, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex;
	struct buf plain;
	size_t i;
	int rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") : RC_OK;

	buf_init(&plain, TEXT_MAX + 1);
	for (i = 0; i < g->n && rc == RC_OK; i++) {
		if (exchange_parse(rec, g->line[i].p, g->line[i].n, &ex,
		    NULL) != 1)
			continue;
		rc = read_answer(g, s, &ex, &plain, err);
		read_request(s, &ex, &plain);
	}
	buf_fini(&plain);
	exchange_rec_free(rec);
	if (rc == RC_OK && (s->said.nomem || s->asked.nomem))
		rc = err_set(err, RC_NOMEM, "out of memory");
	return rc;
}
