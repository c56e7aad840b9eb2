/*
 * mitmproxy's flow files: typed netstrings, a dictionary a flow.
 * source  tnetstrings.org; mitmproxy's io/tnetstring.py documents the types
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/import/http_part.h"

/* A value: LENGTH:PAYLOAD TYPE, the payload borrowed. */
struct tnet {
	char type;	/* ',' ';' '#' '^' '!' '~' ']' '}' */
	const char *p;
	size_t n;
};

/* Takes the next value; returns 0, or -1: there is none. */
static int
tnet_next(const char **p, const char *end, struct tnet *out)
{
	size_t n = 0;
	const char *s = *p;
	int some = 0;

	for (; s < end && isdigit((unsigned char)*s); s++, some++) {
		if (some > 9)
			return -1;
		n = n * 10 + (size_t)(*s - '0');
	}
	if (some == 0 || s == end || *s != ':' || n >= (size_t)(end - s - 1))
		return -1;
	out->p = s + 1;
	out->n = n;
	out->type = s[1 + n];
	*p = s + n + 2;
	return 0;
}

/* A member of a dictionary; type 0: it is not there. */
static struct tnet
tnet_get(struct tnet d, const char *name)
{
	const char *p = d.p, *end = d.p + d.n;
	struct tnet key, v, none = { 0, NULL, 0 };

	if (d.type != '}')
		return none;
	while (tnet_next(&p, end, &key) == 0 && tnet_next(&p, end, &v) == 0) {
		if (key.n == strlen(name) && memcmp(key.p, name, key.n) == 0)
			return v;
	}
	return none;
}

struct mitm {
	struct import *im;
	struct import_src *src;
	struct import_http h;
};

static const char *
text(struct mitm *m, struct tnet v)
{
	return v.type == ',' || v.type == ';' ?
	    arena_strn(&m->h.arena, v.p, v.n) : NULL;
}

static double
number(struct mitm *m, struct tnet v)
{
	const char *s = v.type == '#' || v.type == '^' ?
	    arena_strn(&m->h.arena, v.p, v.n) : NULL;

	return s == NULL ? NAN : strtod(s, NULL);
}

/* Headers are a list of pairs. */
static void
headers(struct mitm *m, int response, struct tnet list)
{
	const char *p = list.p, *end = list.p + list.n, *q;
	struct tnet pair, name, value;

	if (list.type != ']')
		return;
	while (tnet_next(&p, end, &pair) == 0) {
		q = pair.p;
		if (pair.type == ']' &&
		    tnet_next(&q, pair.p + pair.n, &name) == 0 &&
		    tnet_next(&q, pair.p + pair.n, &value) == 0)
			import_http_header(&m->h, response, text(m, name),
			    text(m, value));
	}
}

static int64_t
nanos(double from, double to)
{
	double d = (to - from) * 1e9;

	return isfinite(d) && d >= 0 && d < 9e18 ? (int64_t)d : -1;
}

static int
flow(struct mitm *m, struct tnet v, struct err *err)
{
	struct import_http *h = &m->h;
	struct tnet req = tnet_get(v, "request");
	struct tnet res = tnet_get(v, "response");
	struct tnet error = tnet_get(v, "error"), body;
	double sent = number(m, tnet_get(req, "timestamp_start"));
	const char *method = text(m, tnet_get(req, "method"));
	const char *path = text(m, tnet_get(req, "path"));
	const char *scheme = text(m, tnet_get(req, "scheme"));
	const char *host = text(m, tnet_get(req, "host"));
	double port = number(m, tnet_get(req, "port"));
	size_t cap = host == NULL || scheme == NULL ? 0 :
	    strlen(scheme) + strlen(host) + 16;
	char *url;

	if (method == NULL || path == NULL) {
		import_unusable(m->im, m->src, "a flow that is not HTTP");
		return RC_OK;
	}
	h->ex.method = method;
	h->ex.target = path;
	url = cap == 0 ? NULL : arena_alloc(&h->arena, cap);
	if (url != NULL)
		(void)snprintf(url, cap, "%s://%s:%d", scheme, host,
		    port > 0 && port < 65536 ? (int)port : 80);
	h->ex.url = url;
	headers(m, 0, tnet_get(req, "headers"));
	headers(m, 1, tnet_get(res, "headers"));
	body = tnet_get(req, "content");
	if (body.type == ',' && body.n > 0)
		h->ex.req_body = (struct ex_bytes){ body.p, body.n, NULL };
	body = tnet_get(res, "content");
	if (body.type == ',' && body.n > 0)
		h->ex.res_body = (struct ex_bytes){ body.p, body.n, NULL };
	if (res.type == '}') {
		double code = number(m, tnet_get(res, "status_code"));

		h->ex.status = code > 0 && code < 1000 ? (int)code : 0;
	}
	h->ex.sent_ns = nanos(0, sent);
	h->ex.ttfb_ns = nanos(sent, number(m, tnet_get(res,
	    "timestamp_start")));
	h->ex.total_ns = nanos(sent, number(m, tnet_get(res,
	    "timestamp_end")));
	h->ex.why = text(m, tnet_get(error, "msg"));
	import_http_outcome(h);
	return import_exchange(m->im, &h->ex, h->req, h->res, err);
}

/* Reads "LENGTH:"; returns 1, 0 at the end, -1: it is none. */
static int
read_length(struct mitm *m, size_t *n, int *rc, struct err *err)
{
	char c;
	size_t got;
	int some = 0;

	*n = 0;
	for (;;) {
		*rc = import_read(m->src, &c, 1, &got, err);
		if (*rc != RC_OK || got == 0)
			return some > 0 ? -1 : 0;
		if (c == '\n' && some == 0)
			continue;	/* between files */
		if (c == ':' && some > 0)
			return 1;
		if (!isdigit((unsigned char)c) || ++some > 9)
			return -1;
		*n = *n * 10 + (size_t)(c - '0');
	}
}

static int
each_flow(struct mitm *m, struct buf *one, struct err *err)
{
	size_t n, got;
	char *p;
	int rc, more;

	while ((more = read_length(m, &n, &rc, err)) == 1) {
		if (n > IMPORT_VALUE_MAX)
			return err_set(err, RC_FORMAT, "a flow of %zu MB: the "
			    "limit is 64 MB", n >> 20);
		buf_reset(one);
		p = buf_reserve(one, n + 1);
		if (p == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		rc = import_read(m->src, p, n + 1, &got, err);
		if (rc != RC_OK)
			return rc;
		import_seen(m->im);
		import_http_start(&m->h);
		if (got < n + 1) {
			import_unusable(m->im, m->src, "a flow that was cut "
			    "off");
			return RC_OK;
		}
		rc = flow(m, (struct tnet){ p[n], p, n }, err);
		if (rc != RC_OK)
			return rc;
	}
	if (rc == RC_OK && more < 0)
		rc = err_set(err, RC_FORMAT, "not a mitmproxy flow file, or "
		    "damaged: export it again with `mitmdump -nr FILE -w "
		    "NEW`");
	return rc;
}

static int
read_mitmproxy(struct import *im, struct import_src *src, struct err *err)
{
	struct mitm m = { .im = im, .src = src };
	struct buf one;
	int rc;

	import_http_init(&m.h);
	buf_init(&one, IMPORT_VALUE_MAX + 16);
	rc = each_flow(&m, &one, err);
	buf_fini(&one);
	import_http_fini(&m.h);
	return rc;
}

const struct import_format import_mitmproxy = {
	.name = "mitmproxy",
	.help = "mitmproxy's flow files (mitmdump -w FILE)",
	.read = read_mitmproxy,
};
