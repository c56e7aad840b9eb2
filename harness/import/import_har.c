/*
 * HAR 1.2: what browsers and proxies export.
 * source  W3C web performance group, HTTP Archive (HAR) format 1.2
 */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/import/http_part.h"

struct har {
	struct import *im;
	const struct import_src *src;
	struct import_http h;
};

static void
headers(struct har *r, int response, const struct json *message)
{
	const struct json *v;

	for (v = json_first(json_get(message, "headers")); v != NULL;
	    v = json_next(v))
		import_http_header(&r->h, response, json_get_str(v, "name"),
		    json_get_str(v, "value"));
}

/* A body: text, or base64 of it. */
static void
body(struct har *r, struct ex_bytes *to, const struct json *content)
{
	const char *text = json_get_str(content, "text");
	const char *encoding = json_get_str(content, "encoding");
	size_t n;
	char *raw;

	if (text == NULL)
		return;
	to->p = text;
	to->n = strlen(text);
	if (encoding == NULL || strcmp(encoding, "base64") != 0)
		return;
	raw = arena_alloc(&r->h.arena, to->n + 1);
	if (raw != NULL && hash_unb64(text, to->n, raw, to->n + 1, &n) == 0) {
		to->p = raw;
		to->n = n;
	}
}

/* Browsers keep the text that they decoded. */
static void
drop_coding(struct import_http *h)
{
	size_t i, n = 0;

	for (i = 0; i < h->ex.n_res_headers; i++) {
		if (strcasecmp(h->res[i].name, "Content-Encoding") != 0)
			h->res[n++] = h->res[i];
	}
	h->ex.n_res_headers = n;
}

static int64_t
ms(const struct json *j)
{
	double v = json_num(j, NAN);

	return isfinite(v) && v >= 0 && v < 1e12 ? (int64_t)(v * 1e6) : -1;
}

static int
entry(void *ctx, const struct json *e, struct err *err)
{
	struct har *r = ctx;
	struct import_http *h = &r->h;
	const struct json *req = json_get(e, "request");
	const struct json *res = json_get(e, "response");
	const struct json *t = json_get(e, "timings");
	const char *url = json_get_str(req, "url");
	int64_t wait;

	import_seen(r->im);
	import_http_start(h);
	if (url == NULL || import_http_url(h, url) != 0) {
		import_unusable(r->im, r->src, "an entry without a request");
		return RC_OK;
	}
	if (json_get_str(req, "method") != NULL)
		h->ex.method = json_get_str(req, "method");
	headers(r, 0, req);
	headers(r, 1, res);
	drop_coding(h);
	body(r, &h->ex.req_body, json_get(req, "postData"));
	body(r, &h->ex.res_body, json_get(res, "content"));
	h->ex.status = (int)json_get_int(res, "status", 0);
	h->ex.sent_ns = import_time(json_get_str(e, "startedDateTime"));
	h->ex.total_ns = ms(json_get(e, "time"));
	wait = ms(json_get(t, "wait"));
	if (wait >= 0)
		h->ex.ttfb_ns = wait + (ms(json_get(t, "send")) > 0 ?
		    ms(json_get(t, "send")) : 0);
	import_http_outcome(h);
	return import_exchange(r->im, &h->ex, h->req, h->res, err);
}

static int
read_har(struct import *im, struct import_src *src, struct err *err)
{
	struct har r = { .im = im, .src = src };
	int rc;

	import_http_init(&r.h);
	rc = import_values(im, src, "log.entries", entry, &r, err);
	import_http_fini(&r.h);
	return rc;
}

const struct import_format import_har = {
	.name = "har",
	.help = "HAR 1.2, from browsers and proxies",
	.read = read_har,
};
