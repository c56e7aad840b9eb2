/*
 * HAR 1.2: what browsers' network panels open.
 * source  W3C web performance group, HTTP Archive (HAR) format 1.2
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/base/text.h"
#include "harness/base/version.h"
#include "harness/traffic/coding.h"
#include "harness/traffic/convert.h"

static void
begin(const struct convert_ctx *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "{\"log\":{\"version\":\"1.2\",\"creator\":{\"name\":"
	    "\"lockstep\",\"version\":\"" LOCKSTEP_VERSION "\"},"
	    "\"entries\":[");
}

static void
end(const struct convert_ctx *c, struct buf *out)
{
	(void)c;
	buf_puts(out, "\n]}}\n");
}

static const char *
header(const struct ex_header *h, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcasecmp(h[i].name, name) == 0)
			return h[i].value;
	}
	return NULL;
}

static void
put_headers(struct json_out *o, const struct ex_header *h, size_t n)
{
	size_t i;

	json_out_key(o, "headers");
	json_out_arr(o);
	for (i = 0; i < n; i++) {
		json_out_obj(o);
		json_put_str(o, "name", h[i].name);
		json_put_str(o, "value", h[i].value);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
}

/* Text, or base64 with "encoding". */
static void
put_text(struct json_out *o, const char *p, size_t n)
{
	struct buf b;
	char *to;

	json_out_key(o, "text");
	if (text_valid(p, n) && memchr(p, '\0', n) == NULL) {
		json_out_strn(o, p, n);
		return;
	}
	buf_init(&b, HASH_B64_LEN(n) + 1);
	to = buf_reserve(&b, HASH_B64_LEN(n));
	if (to != NULL) {
		hash_b64(p, n, to, HASH_B64_LEN(n));
		json_out_str(o, to);
	} else {
		json_out_str(o, "");
		o->b->bad = RC_NOMEM;
	}
	buf_fini(&b);
	json_put_str(o, "encoding", "base64");
}

static void
put_body(struct json_out *o, const struct ex_bytes *b,
    const struct ex_header *h, size_t n_headers)
{
	const char *type = header(h, n_headers, "content-type"), *text;
	struct buf plain;
	size_t n;

	buf_init(&plain, CODING_TEXT_MAX + 1);
	text = convert_text(b, h, n_headers, &plain, &n);
	json_out_obj(o);
	json_put_int(o, "size", (int64_t)n);
	json_put_str(o, "mimeType", type == NULL ? "application/octet-stream" :
	    type);
	if (text != NULL)
		put_text(o, text, n);
	json_out_end(o, '}');
	buf_fini(&plain);
}

static void
put_query(struct json_out *o, const char *target)
{
	const char *p = strchr(target, '?'), *eq;
	size_t n, key;

	json_out_key(o, "queryString");
	json_out_arr(o);
	for (; p != NULL && *p != '\0'; p += n) {
		p++;
		n = strcspn(p, "&#");
		if (n == 0)
			break;
		eq = memchr(p, '=', n);
		key = eq == NULL ? n : (size_t)(eq - p);
		json_out_obj(o);
		json_out_key(o, "name");
		json_out_strn(o, p, key);
		json_out_key(o, "value");
		json_out_strn(o, p + key + (eq != NULL), n - key -
		    (eq != NULL));
		json_out_end(o, '}');
		if (p[n] != '&')
			break;
	}
	json_out_end(o, ']');
}

static void
put_request(struct json_out *o, const struct exchange *ex)
{
	const char *host = header(ex->req_headers, ex->n_req_headers, "host");
	struct buf url;

	buf_init(&url, 1 << 20);
	if (ex->url != NULL)
		buf_puts(&url, ex->url);
	else
		buf_printf(&url, "http://%s", host == NULL ? "unknown" :
		    host);
	buf_puts(&url, ex->target);
	json_out_key(o, "request");
	json_out_obj(o);
	json_put_str(o, "method", ex->method);
	json_put_str(o, "url", buf_str(&url));
	json_put_str(o, "httpVersion", "HTTP/1.1");
	put_headers(o, ex->req_headers, ex->n_req_headers);
	put_query(o, ex->target);
	json_out_key(o, "cookies");
	json_out_arr(o);
	json_out_end(o, ']');
	json_put_int(o, "headersSize", -1);
	json_put_int(o, "bodySize", (int64_t)ex->req_body.n);
	if (ex->req_body.p != NULL) {
		json_out_key(o, "postData");
		put_body(o, &ex->req_body, ex->req_headers,
		    ex->n_req_headers);
	}
	json_out_end(o, '}');
	buf_fini(&url);
}

static void
put_response(struct json_out *o, const struct exchange *ex)
{
	json_out_key(o, "response");
	json_out_obj(o);
	json_put_int(o, "status", ex->status);
	json_put_str(o, "statusText", "");
	json_put_str(o, "httpVersion", "HTTP/1.1");
	put_headers(o, ex->res_headers, ex->n_res_headers);
	json_out_key(o, "cookies");
	json_out_arr(o);
	json_out_end(o, ']');
	json_out_key(o, "content");
	put_body(o, &ex->res_body, ex->res_headers, ex->n_res_headers);
	json_put_str(o, "redirectURL", "");
	json_put_int(o, "headersSize", -1);
	json_put_int(o, "bodySize", ex->status == 0 ? -1 :
	    (int64_t)ex->res_body.n);
	json_out_end(o, '}');
}

static double
ms(int64_t ns)
{
	return ns < 0 ? 0 : (double)ns / 1e6;
}

static void
put(const struct convert_ctx *c, const struct exchange *ex, struct buf *out)
{
	int64_t first = ex->ttfb_ns < 0 ? ex->total_ns : ex->ttfb_ns;
	char when[MONO_UTC_MAX];
	struct json_out o;

	mono_utc(c->wall_ns + (ex->sent_ns < 0 ? 0 : ex->sent_ns), when);
	buf_puts(out, c->n == 0 ? "\n" : ",\n");
	json_out_init(&o, out, 0);
	json_out_obj(&o);
	json_put_str(&o, "startedDateTime", when);
	json_put_num(&o, "time", ms(ex->total_ns));
	put_request(&o, ex);
	put_response(&o, ex);
	json_out_key(&o, "cache");
	json_out_obj(&o);
	json_out_end(&o, '}');
	json_out_key(&o, "timings");
	json_out_obj(&o);
	json_put_num(&o, "send", 0);
	json_put_num(&o, "wait", ms(first));
	json_put_num(&o, "receive", ms(ex->total_ns - first));
	json_out_end(&o, '}');
	json_put_str(&o, "comment", ex->id);
	json_out_end(&o, '}');
}

const struct convert_format convert_har = {
	.name = "har", .help = "HAR 1.2, for browsers and proxies",
	.begin = begin, .end = end, .put = put,
};
