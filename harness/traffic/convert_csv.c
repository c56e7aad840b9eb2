/* A row an exchange, without bodies: for spreadsheets (RFC 4180). */
#include <string.h>

#include "harness/traffic/convert.h"

static void
begin(const struct convert_ctx *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "id,session,case,arm,sent_ms,ttfb_ms,ttft_ms,total_ms,"
	    "outcome,method,target,status,request_bytes,response_bytes\r\n");
}

/* Quoted where it must be; a cell that a spreadsheet would take for a formula
 * begins with an apostrophe. */
static void
put_text(struct buf *out, const char *s)
{
	const char *p;

	if (s == NULL)
		return;
	if (strpbrk(s, ",\"\r\n") == NULL && strchr("=+-@\t", *s) == NULL) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
	if (*s != '\0' && strchr("=+-@\t", *s) != NULL)
		buf_putc(out, '\'');
	for (p = s; *p != '\0'; p++) {
		if (*p == '"')
			buf_putc(out, '"');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
}

static void
put_ms(struct buf *out, int64_t ns)
{
	buf_putc(out, ',');
	if (ns >= 0)
		buf_printf(out, "%.3f", (double)ns / 1e6);
}

static void
put(const struct convert_ctx *c, const struct exchange *ex, struct buf *out)
{
	(void)c;
	put_text(out, ex->id);
	buf_putc(out, ',');
	put_text(out, ex->session);
	buf_putc(out, ',');
	put_text(out, ex->key.case_id);
	buf_putc(out, ',');
	if (ex->key.case_id != NULL)
		buf_puts(out, arm_name(ex->key.arm));
	put_ms(out, ex->sent_ns);
	put_ms(out, ex->ttfb_ns);
	put_ms(out, ex->ttft_ns);
	put_ms(out, ex->total_ns);
	buf_printf(out, ",%s,", outcome_name(ex->outcome));
	put_text(out, ex->method);
	buf_putc(out, ',');
	put_text(out, ex->target);
	buf_printf(out, ",%d,%zu,%zu\r\n", ex->status, ex->req_body.n,
	    ex->res_body.n);
}

const struct convert_format convert_csv = {
	.name = "csv", .help = "a row each, without bodies",
	.begin = begin, .put = put,
};
