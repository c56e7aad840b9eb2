/* One exchange into its file; see record_write.h. */
#include "replay/record_write.h"

int
record_write_init(struct record_write *w, const struct record_keep *keep,
    struct err *err)
{
	w->keep = keep;
	w->redact = NULL;
	buf_init(&w->line, TRACE_LINE_MAX);
	clean_init(&w->clean);
	if (keep->redact == NULL)
		return RC_OK;
	w->redact = redact_work_new(keep->redact);
	return w->redact != NULL ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
}

void
record_write_fini(struct record_write *w)
{
	buf_fini(&w->line);
	clean_fini(&w->clean);
	redact_work_free(w->redact);
}

static int
clean_item(struct record_write *w, struct record_item *it)
{
	struct exchange *ex = &it->ex;
	struct ex_header *req = it->headers;
	struct ex_header *res = ex->res_headers == NULL ? req :
	    req + (ex->res_headers - req);
	int rc = clean_exchange(&w->clean, w->keep->v, w->keep->n, ex, req,
	    res);

	return rc == RC_OK && w->redact != NULL ?
	    redact_exchange(w->redact, ex, req, res) : rc;
}

static int
spill(struct trace_part *part, struct ex_bytes *body, char *name,
    struct err *err)
{
	int rc;

	if (body->p == NULL || body->n <= EXCHANGE_BODY_MAX)
		return RC_OK;
	rc = trace_spill(part->w, body->p, body->n, name, err);
	if (rc == RC_OK) {
		part->spilled += body->n;
		body->spill = name;
		body->p = NULL;
	}
	return rc;
}

static int
put_line(struct record_write *w, const struct record_item *it,
    struct err *err)
{
	buf_reset(&w->line);
	exchange_write(&w->line, &it->ex);
	return buf_check(&w->line, "a record", err);
}

int
record_write_line(struct record_write *w, struct record_item *it,
    struct err *err)
{
	int rc = clean_item(w, it) == RC_OK ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");

	return rc != RC_OK ? rc : put_line(w, it, err);
}

int
record_write_item(struct record_write *w, struct trace_part *part,
    struct record_item *it, struct err *err)
{
	char names[2][HASH_HEX];
	int rc;

	rc = clean_item(w, it) == RC_OK ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = spill(part, &it->ex.req_body, names[0], err);
	if (rc == RC_OK)
		rc = spill(part, &it->ex.res_body, names[1], err);
	if (rc == RC_OK)
		rc = put_line(w, it, err);
	return rc != RC_OK ? rc :
	    trace_write(part->w, w->line.p, w->line.len, err);
}
