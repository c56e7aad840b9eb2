/*
 * GoReplay's files: payloads with a head line, "TYPE ID TIME LATENCY", and a
 * mark between them; type 1 a request, 2 its response.
 * source  GoReplay 1.3, pkg/proto and output_file.go
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/traffic/convert.h"

static const char mark[] = "\n\xf0\x9f\x90\xb5\xf0\x9f\x99\x88"
    "\xf0\x9f\x99\x89\n";

/* The body is whole here: how it was sent in parts is told no more. */
static void
put_message(const struct ex_header *h, size_t n, const struct ex_bytes *b,
    struct buf *out)
{
	int length = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcasecmp(h[i].name, "transfer-encoding") == 0)
			continue;
		length |= strcasecmp(h[i].name, "content-length") == 0;
		buf_printf(out, "%s: %s\r\n", h[i].name, h[i].value);
	}
	if (!length && b->p != NULL)
		buf_printf(out, "Content-Length: %zu\r\n", b->n);
	buf_puts(out, "\r\n");
	if (b->p != NULL)
		buf_add(out, b->p, b->n);
}

static void
put(const struct convert_ctx *c, const struct exchange *ex, struct buf *out)
{
	int64_t at = c->wall_ns + (ex->sent_ns < 0 ? 0 : ex->sent_ns);
	int64_t took = ex->total_ns < 0 ? 0 : ex->total_ns;
	char id[HASH_HEX];

	hash_hex(ex->id, strlen(ex->id), id);
	buf_printf(out, "1 %.24s %lld 0\n%s %s HTTP/1.1\r\n", id,
	    (long long)at, ex->method, ex->target);
	put_message(ex->req_headers, ex->n_req_headers, &ex->req_body, out);
	buf_puts(out, mark);
	if (ex->status == 0)
		return;
	buf_printf(out, "2 %.24s %lld %lld\nHTTP/1.1 %d \r\n", id,
	    (long long)at + (long long)took, (long long)took, ex->status);
	put_message(ex->res_headers, ex->n_res_headers, &ex->res_body, out);
	buf_puts(out, mark);
}

const struct convert_format convert_gor = {
	.name = "gor", .help = "GoReplay's requests and responses",
	.put = put,
};
