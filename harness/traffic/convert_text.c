/* A body as the text that it is; see convert.h. */
#include "harness/traffic/coding.h"
#include "harness/traffic/convert.h"

const char *
convert_text(const struct ex_bytes *body, const struct ex_header *headers,
    size_t n_headers, struct buf *plain, size_t *n)
{
	char list[128];
	const char *codings = coding_of(headers, n_headers, list);

	*n = body->p == NULL ? 0 : body->n;
	if (body->p == NULL || codings == NULL)
		return body->p;
	buf_reset(plain);
	if (coding_undo(codings, body->p, body->n, CODING_TEXT_MAX, plain,
	    NULL) != RC_OK)
		return body->p;
	*n = plain->len;
	return buf_str(plain);
}
