/* Pointers into a record and the JSON of its bodies; see where.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/where_part.h"

static const char *const parts[WHERE_PARTS] = {
	[WHERE_RECORD] = "", [WHERE_ASKED] = "/request/body",
	[WHERE_SAID] = "/response/body"
};

struct where_ptr *
where_ptr_new(const char *text, struct err *err)
{
	struct where_ptr *p = calloc(1, sizeof(*p));
	size_t n;
	int i;

	if (p == NULL) {
		(void)err_set(err, RC_NOMEM, "out of memory");
		return NULL;
	}
	for (i = WHERE_ASKED; i < WHERE_PARTS; i++) {
		n = strlen(parts[i]);
		if (strncmp(text, parts[i], n) != 0 ||
		    (text[n] != '/' && text[n] != '\0'))
			continue;
		p->part = (enum where_part)i;
		text += n;
		break;
	}
	p->ptr = json_ptr_new(text, err);
	if (p->ptr != NULL)
		return p;
	free(p);
	return NULL;
}

void
where_ptr_free(struct where_ptr *p)
{
	if (p == NULL)
		return;
	json_ptr_free(p->ptr);
	free(p);
}

static struct json *
parse_body(struct where *w, const struct ex_bytes *b,
    const struct ex_header *headers, size_t n)
{
	char list[128];
	const char *codings = coding_of(headers, n, list);

	if (b->p == NULL || b->n == 0)
		return NULL;
	if (codings == NULL)
		return json_parse(b->p, b->n, NULL);
	buf_reset(&w->plain);
	if (coding_undo(codings, b->p, b->n, CODING_TEXT_MAX, &w->plain,
	    NULL) != RC_OK)
		return json_parse(b->p, b->n, NULL);
	return json_parse(buf_str(&w->plain), w->plain.len, NULL);
}

/* The document that a part is; parsed once a record. */
static const struct json *
doc_of(struct where *w, enum where_part part, const struct exchange *ex,
    const char *line, size_t n)
{
	if (w->parsed & 1u << part)
		return w->doc[part];
	w->parsed |= 1u << part;
	if (part == WHERE_RECORD)
		w->doc[part] = json_parse(line, n, NULL);
	else if (part == WHERE_ASKED)
		w->doc[part] = parse_body(w, &ex->req_body, ex->req_headers,
		    ex->n_req_headers);
	else
		w->doc[part] = parse_body(w, &ex->res_body, ex->res_headers,
		    ex->n_res_headers);
	return w->doc[part];
}

void
where_forget(struct where *w)
{
	int i;

	for (i = 0; i < WHERE_PARTS; i++) {
		json_free(w->doc[i]);
		w->doc[i] = NULL;
	}
	w->parsed = 0;
}

int
where_ptr_look(struct where *w, const struct where_ptr *p,
    const struct exchange *ex, const char *line, size_t n, json_each_fn *fn,
    void *ctx)
{
	const struct json *doc = doc_of(w, p->part, ex, line, n);

	return doc == NULL ? 0 : json_ptr_each(p->ptr, doc, fn, ctx);
}

int
where_ptr_each(struct where *w, const struct where_ptr *p,
    const struct exchange *ex, const char *line, size_t n, json_each_fn *fn,
    void *ctx)
{
	int rc = where_ptr_look(w, p, ex, line, n, fn, ctx);

	where_forget(w);
	return rc;
}
