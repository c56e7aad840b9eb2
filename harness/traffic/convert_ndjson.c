/* Flat JSON lines: what DuckDB and pandas read as a table. */
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/text.h"
#include "harness/traffic/coding.h"
#include "harness/traffic/convert.h"

static void
put_ms(struct json_out *o, const char *key, int64_t ns)
{
	json_out_key(o, key);
	if (ns < 0)
		json_out_null(o);
	else
		json_out_num(o, (double)ns / 1e6);
}

/* JSON as it is, other text as a text; what is neither is null. */
static void
put_body(struct json_out *o, const char *key, const struct ex_bytes *b,
    const struct ex_header *h, size_t n_headers)
{
	struct buf plain;
	struct json *j;
	const char *text;
	size_t n;

	buf_init(&plain, CODING_TEXT_MAX + 1);
	text = convert_text(b, h, n_headers, &plain, &n);
	j = text == NULL ? NULL : json_parse(text, n, NULL);
	json_out_key(o, key);
	if (j != NULL)
		json_out_json(o, j);
	else if (text != NULL && text_valid(text, n))
		json_out_strn(o, text, n);
	else
		json_out_null(o);
	json_free(j);
	buf_fini(&plain);
}

static void
put(const struct convert_ctx *c, const struct exchange *ex, struct buf *out)
{
	struct json_out o;

	(void)c;
	json_out_init(&o, out, 0);
	json_out_obj(&o);
	json_put_str(&o, "id", ex->id);
	json_put_str(&o, "session", ex->session);
	json_put_str(&o, "case", ex->key.case_id);
	json_put_str(&o, "arm", ex->key.case_id == NULL ? NULL :
	    arm_name(ex->key.arm));
	put_ms(&o, "sent_ms", ex->sent_ns);
	put_ms(&o, "ttfb_ms", ex->ttfb_ns);
	put_ms(&o, "ttft_ms", ex->ttft_ns);
	put_ms(&o, "total_ms", ex->total_ns);
	json_put_str(&o, "outcome", outcome_name(ex->outcome));
	json_put_str(&o, "method", ex->method);
	json_put_str(&o, "target", ex->target);
	json_put_int(&o, "status", ex->status);
	put_body(&o, "request", &ex->req_body, ex->req_headers,
	    ex->n_req_headers);
	put_body(&o, "response", &ex->res_body, ex->res_headers,
	    ex->n_res_headers);
	json_out_end(&o, '}');
	buf_putc(out, '\n');
}

const struct convert_format convert_ndjson = {
	.name = "ndjson", .help = "a flat JSON object a line",
	.put = put,
};
