/*
 * Access logs: common and combined, as nginx and Apache write them, and JSON
 * lines. They have requests without bodies or answers, which is enough for
 * GETs with a question, arrivals, and rates.
 * source  Apache HTTP Server, "Log Files"; nginx, ngx_http_log_module
 */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/import/http_part.h"

struct access_log {
	struct import *im;
	struct import_src *src;
	struct import_http h;
	struct json_doc *doc;
};

/* "10/Oct/2000:13:55:36 -0700" */
static int64_t
log_time(const char *s)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	char iso[96], mon[4] = "";
	const char *m;
	int d, y, h, mi, sec, off;
	char sign;

	/* widths bound the numbers. NOLINTNEXTLINE(cert-err34-c) */
	if (sscanf(s, "%2d/%3[A-Za-z]/%4d:%2d:%2d:%2d %c%4d", &d, mon, &y, &h,
	    &mi, &sec, &sign, &off) != 8 || strlen(mon) != 3)
		return -1;
	m = strstr(months, mon);
	if (m == NULL || (m - months) % 3 != 0 || d < 1 || y < 1970 ||
	    y > 9999 || h < 0 || mi < 0 || sec < 0 || off < 0 || off > 9999)
		return -1;
	(void)snprintf(iso, sizeof(iso), "%04d-%02d-%02dT%02d:%02d:%02d%c%04d",
	    y, (int)(m - months) / 3 + 1, d, h, mi, sec, sign, off);
	return import_time(iso);
}

/* A quoted field with its escapes undone; *p behind it. NULL: none */
static char *
quoted(struct access_log *a, const char **p, const char *end)
{
	const char *s = *p;
	char *out, *to;

	while (s < end && *s == ' ')
		s++;
	if (s == end || *s != '"')
		return NULL;
	out = to = arena_alloc(&a->h.arena, (size_t)(end - s) + 1);
	if (out == NULL)
		return NULL;
	for (s++; s < end && *s != '"'; s++) {
		if (*s == '\\' && s + 1 < end)
			s++;
		*to++ = *s;
	}
	*to = '\0';
	*p = s < end ? s + 1 : s;
	return out;
}

/* "GET /path HTTP/1.1" */
static int
request_line(struct access_log *a, char *line)
{
	char *sp = line == NULL ? NULL : strchr(line, ' '), *last;

	if (sp == NULL)
		return -1;
	*sp++ = '\0';
	last = strrchr(sp, ' ');
	if (last != NULL)
		*last = '\0';
	a->h.ex.method = line;
	return import_http_url(&a->h, sp);
}

static int
combined(struct access_log *a, const char *line, size_t n)
{
	const char *end = line + n, *p = memchr(line, '[', n), *agent, *ref;
	char time[40];
	size_t k;

	if (p == NULL)
		return -1;
	k = (size_t)(end - p - 1);
	k = k < sizeof(time) - 1 ? k : sizeof(time) - 1;
	memcpy(time, p + 1, k);
	time[k] = '\0';
	a->h.ex.sent_ns = log_time(time);
	p = memchr(p, ']', (size_t)(end - p));
	if (p == NULL)
		return -1;
	p++;
	if (request_line(a, quoted(a, &p, end)) != 0)
		return -1;
	while (p < end && *p == ' ')
		p++;
	a->h.ex.status = p < end && isdigit((unsigned char)*p) ?
	    (int)strtol(p, NULL, 10) : 0;
	while (p < end && *p != '"')
		p++;
	ref = quoted(a, &p, end);
	agent = quoted(a, &p, end);
	if (ref != NULL && strcmp(ref, "-") != 0)
		import_http_header(&a->h, 0, "Referer", ref);
	if (agent != NULL && strcmp(agent, "-") != 0)
		import_http_header(&a->h, 0, "User-Agent", agent);
	return 0;
}

static int64_t
seconds(const struct json *v)
{
	double s = import_num(v);

	return isfinite(s) && s >= 0 && s < 1e6 ? (int64_t)(s * 1e9) : -1;
}

static int
from_json(struct access_log *a, const struct json *v)
{
	static const char *const time[] = { "time_iso8601", "time",
	    "@timestamp", "timestamp", "ts", "StartUTC", "start_time",
	    "time_local", NULL };
	static const char *const uri[] = { "request_uri", "uri", "path", "url",
	    "RequestPath", "target", NULL };
	static const char *const method[] = { "request_method", "method",
	    "RequestMethod", "verb", NULL };
	static const char *const status[] = { "status", "response_code",
	    "DownstreamStatus", "status_code", NULL };
	static const char *const took[] = { "request_time", "duration_s",
	    "upstream_response_time", NULL };
	static const char *const line[] = { "request", NULL };
	const char *s = json_str(json_get_any(v, time)), *u;
	double t = import_num(json_get_any(v, time)), code;

	a->h.ex.sent_ns = s != NULL && import_time(s) < 0 ? log_time(s) :
	    import_time(s);
	if (isfinite(t) && t > 1e8 && t < 1e11)
		a->h.ex.sent_ns = (int64_t)(t * 1e9);
	code = import_num(json_get_any(v, status));
	a->h.ex.status = isfinite(code) && code > 0 && code < 1000 ?
	    (int)code : 0;
	a->h.ex.total_ns = seconds(json_get_any(v, took));
	s = json_str(json_get_any(v, method));
	u = json_str(json_get_any(v, uri));
	if (u == NULL) {
		u = json_str(json_get_any(v, line));
		return request_line(a, u == NULL ? NULL :
		    arena_strn(&a->h.arena, u, strlen(u)));
	}
	if (s != NULL)
		a->h.ex.method = s;
	return import_http_url(&a->h, u);
}

static int
one(struct access_log *a, const char *line, size_t n, struct err *err)
{
	const struct json *v;
	int bad;

	import_seen(a->im);
	import_http_start(&a->h);
	if (*line == '{') {
		v = json_doc_parse(a->doc, line, n, NULL);
		bad = v == NULL || from_json(a, v) != 0;
	} else {
		bad = combined(a, line, n) != 0;
	}
	if (bad) {
		import_unusable(a->im, a->src, "a line that is not in common "
		    "or combined log format, nor JSON with a path");
		return RC_OK;
	}
	import_http_outcome(&a->h);
	a->h.ex.why = "access logs have no bodies";
	return import_exchange(a->im, &a->h.ex, a->h.req, a->h.res, err);
}

static int
read_accesslog(struct import *im, struct import_src *src, struct err *err)
{
	struct access_log a = { .im = im, .src = src, .doc = json_doc_new() };
	const char *line;
	size_t n;
	int rc;

	if (a.doc == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	import_http_init(&a.h);
	while ((rc = import_line(im, src, &line, &n, err)) == 1) {
		rc = one(&a, line, n, err);
		if (rc != RC_OK)
			break;
	}
	import_http_fini(&a.h);
	json_doc_free(a.doc);
	return rc;
}

const struct import_format import_accesslog = {
	.name = "accesslog",
	.help = "access logs of nginx, Apache and others: common, combined,\n"
	    "JSON lines",
	.read = read_accesslog,
};
