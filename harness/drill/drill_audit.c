/* What the service itself counts; see drill_part.h. */
#include <stdio.h>

#include "harness/drill/said.h"

enum { OUTPUT_MAX = 16 << 20 };

/* The number at the suite's pointer, or the whole text when it is one. */
static int64_t
number_of(const struct drill *d, const char *text, size_t n, char why[200])
{
	const char *at = json_str(drill_word(d, "audit.effects"));
	struct json *j = json_parse(text, n, NULL);
	struct json_ptr *p = json_ptr_new(at == NULL ? "/effects" : at, NULL);
	const struct json *v = json_kind(j) == JSON_NUMBER ? j :
	    json_ptr_find(p, j);
	int64_t got = json_kind(v) == JSON_NUMBER ? json_int(v, -1) : -1;

	if (got < 0)
		(void)snprintf(why, 200, "the audit has no number at %.100s",
		    at == NULL ? "/effects" : at);
	json_ptr_free(p);
	json_free(j);
	return got;
}

int
audit_count(struct drill *d, int64_t *n, char why[200], struct err *err)
{
	struct buf text;
	int rc;

	*n = -1;
	buf_init(&text, OUTPUT_MAX);
	rc = said(d, "audit", &text, why, err);
	if (rc > 0 && *why == '\0')
		*n = number_of(d, buf_str(&text), text.len, why);
	buf_fini(&text);
	if (rc == 0)
		(void)snprintf(why, 200, "needs `audit`: how the service "
		    "counts effects (audit: {request: {path: …}, effects: "
		    "POINTER}, or {exec: COMMAND})");
	return rc < 0 ? rc : RC_OK;
}
