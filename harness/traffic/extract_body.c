/* The text of an answer: content codings undone, in UTF-8. If they cannot be
 * undone, that is an outcome with its reason. */
#include <string.h>

#include "harness/base/text.h"
#include "harness/traffic/charset.h"
#include "harness/traffic/coding.h"
#include "harness/traffic/extract_part.h"
#include "harness/traffic/sse.h"

/* Services, and proxies between, undo a coding and leave its header: text
 * that begins as JSON or as a stream's events is taken as it is. */
static int
is_plain(const struct ex_bytes *b)
{
	size_t i = 0;

	while (i < b->n && strchr(" \t\r\n", b->p[i]) != NULL &&
	    b->p[i] != '\0')
		i++;
	if (i == b->n)
		return 1;
	return (b->p[i] == '{' || b->p[i] == '[' ||
	    sse_begins(b->p + i, b->n - i)) && text_valid(b->p, b->n);
}

static int
undecodable(struct answer *out, const struct err *e)
{
	if (e->code == RC_NOMEM) {
		out->mem->nomem = 1;
		return RC_NOMEM;
	}
	out->outcome = OUTCOME_UNDECODABLE;
	out->why = extract_keep(out->mem, e->msg, strlen(e->msg));
	return RC_OK;
}

/* In UTF-8. */
static int
decode(const struct exchange *ex, struct answer *out, struct ex_bytes *body)
{
	struct err e = ERR_INIT;
	char room[CHARSET_NAME_MAX];
	const char *name = charset_of(ex->res_headers, ex->n_res_headers,
	    body, room);
	struct buf *text = &out->mem->decoded;

	if (name == NULL)
		return RC_OK;
	buf_reset(text);
	if (charset_undo(name, body->p, body->n, CODING_TEXT_MAX, text,
	    &e) != RC_OK)
		return undecodable(out, &e);
	body->p = buf_str(text);
	body->n = text->len;
	return RC_OK;
}

int
extract_body(const struct exchange *ex, struct answer *out,
    struct ex_bytes *body)
{
	struct answer_mem *mem = out->mem;
	struct err e = ERR_INIT;
	char list[128];
	const char *codings;
	int rc;

	*body = ex->res_body;
	if (body->p == NULL || body->n == 0)
		return RC_OK;
	codings = coding_of(ex->res_headers, ex->n_res_headers, list);
	if (codings == NULL)
		return decode(ex, out, body);
	buf_reset(&mem->unpacked);
	rc = coding_undo(codings, body->p, body->n, CODING_TEXT_MAX,
	    &mem->unpacked, &e);
	if (rc != RC_OK && rc != RC_NOMEM && is_plain(body)) {
		out->uncoded = 1;
		return RC_OK;
	}
	/* a stream may be whole though its packing has no end */
	body->p = buf_str(&mem->unpacked);
	body->n = mem->unpacked.len;
	return rc != RC_OK ? undecodable(out, &e) : decode(ex, out, body);
}
