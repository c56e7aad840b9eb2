/* Targets and requests of a suite. */
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/suite/sent.h"
#include "harness/suite/suite_part.h"
#include "harness/traffic/credential.h"
#include "harness/suite/template.h"

enum { HEADERS_MAX = 64 };

/* ---- headers and placeholders ------------------------------------------ */

static void
check_template(struct suite_load *ld, const struct json *node,
    const char *text)
{
	struct err e = ERR_INIT;
	struct template *t = template_new_text(text, TEMPLATE_TEXT, &e);

	if (t == NULL)
		suite_error(ld, node, 0, "%s", e.msg);
	template_free(t);
}

static void
check_body(struct suite_load *ld, const struct json *j)
{
	const char *s = json_str(j);

	if (s != NULL)
		check_template(ld, j, s);
	for (j = json_first(j); j != NULL; j = json_next(j))
		check_body(ld, j);
}

static int
is_header_name(const char *s)
{
	if (*s == '\0')
		return 0;
	for (; *s != '\0'; s++) {
		if (!isalnum((unsigned char)*s) &&
		    strchr("!#$%&'*+-.^_`|~", *s) == NULL)
			return 0;
	}
	return 1;
}

static int
has_controls(const char *s)
{
	for (; *s != '\0'; s++) {
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return 1;
	}
	return 0;
}

/* Values from the command line are not part of the suite that others read: it
 * may be a secret, and is kept like one. */
static int
from_command(const struct suite_load *ld, const struct json *j)
{
	const struct src_pos *pos = srcmap_get(ld->map, j);

	return pos != NULL && strncmp(srcmap_name(ld->map, pos->file), "--set",
	    5) == 0;
}

static void
header(struct suite_load *ld, const struct json *j, struct suite_header *h)
{
	struct buf b;

	h->name = json_key(j);
	if (json_kind(j) == JSON_NUMBER) {
		buf_init(&b, 64);
		json_write(&b, j);
		h->value = suite_keep(ld, buf_str(&b));
		buf_fini(&b);
	} else {
		h->value = suite_expand(ld, j, &h->secret);
	}
	if (h->value == NULL)
		h->value = "";
	h->secret |= from_command(ld, j);
	if (!is_header_name(h->name))
		suite_error(ld, j, 1, "\"%s\" is not a header name",
		    h->name);
	if (has_controls(h->value))
		suite_error(ld, j, 0, "the value of header \"%s\" has a line "
		    "end or another control character", h->name);
	if (!h->secret)
		check_template(ld, j, h->value);
}

static void
headers(struct suite_load *ld, const struct json *obj,
    struct suite_header **out, size_t *n_out)
{
	size_t n = json_size(obj), i = 0;
	const struct json *j;

	if (n == 0)
		return;
	if (n > HEADERS_MAX) {
		suite_error(ld, obj, 1, "more than %d headers", HEADERS_MAX);
		return;
	}
	*out = calloc(n, sizeof(**out));
	if (*out == NULL) {
		suite_nomem(ld);
		return;
	}
	for (j = json_first(obj); j != NULL; j = json_next(j)) {
		if (json_kind(j) != JSON_NULL)
			header(ld, j, &(*out)[i++]);
	}
	*n_out = i;
}

/* ---- requests ---------------------------------------------------------- */

static struct extract_spec *
spec_of(struct suite_load *ld, const struct json *j)
{
	struct err e = ERR_INIT;
	struct extract_spec *spec;

	spec = extract_new(j, &e);
	if (spec == NULL)
		suite_error(ld, j, 0, "%s", e.msg);
	return spec;
}

/* Method, path and body where they are said, else those of a preset. */
struct asked {
	const char *method, *path;
	const struct json *body;
};

/* Headers alone are kept out of records. */
static void
note_recorded(struct suite_load *ld, const char *what)
{
	suite_note(ld, "request.%s: the value of ${NAME} is recorded with "
	    "every request; keep secrets in headers", what);
}

static void
ask(struct suite_load *ld, const struct json *request, struct asked *a)
{
	const struct json *j;

	/* {{method}} is the recorded request's own */
	if ((j = suite_get(request, "method")) != NULL &&
	    !sent_is_recorded(json_str(j), "method"))
		a->method = suite_expand(ld, j, NULL);
	if ((j = suite_get(request, "path")) != NULL) {
		a->path = suite_expand(ld, j, NULL);
		if (a->path != NULL)
			check_template(ld, j, a->path);
		if (a->path != json_str(j))
			note_recorded(ld, "path");
		if (a->path != NULL && *a->path != '/' &&
		    !sent_is_recorded(a->path, "target") &&
		    !sent_is_recorded(a->path, "path"))
			suite_error(ld, j, 0, "a path must begin with '/'");
	}
	if ((j = suite_get(request, "body")) != NULL) {
		a->body = suite_body(ld, j);
		if (a->body != j)
			note_recorded(ld, "body");
		check_body(ld, a->body);
	}
	if (a->method != NULL && !is_header_name(a->method))
		suite_error(ld, suite_get(request, "method"), 0,
		    "\"%s\" is not an HTTP method", a->method);
}

/* What a preset usually sends fills what the suite leaves open. */
static void
fill(struct asked *a, const struct extract_spec *spec)
{
	const struct json *usual = spec == NULL ? NULL :
	    extract_request(spec);
	int own = a->path != NULL && strstr(a->path, "{{") != NULL;
	int bare = a->method != NULL && (strcmp(a->method, "GET") == 0 ||
	    strcmp(a->method, "DELETE") == 0 ||
	    strcmp(a->method, "HEAD") == 0);

	if (a->body == NULL && !own && !bare)
		a->body = json_get(usual, "body");
	if (a->path == NULL)
		a->path = json_get_str(usual, "path");
	if (a->method == NULL)
		a->method = a->body == NULL ? "GET" : "POST";
}

/* Exchanges chosen from a trace without a `request` are sent as recorded. */
static void
as_recorded(struct suite_load *ld, struct asked *a)
{
	struct json *body = json_new_str("{{body}}");

	if (json_push(ld->mem->expanded, body) != RC_OK)
		suite_nomem(ld);
	else
		a->body = body;
}

void
suite_request(struct suite_load *ld)
{
	const struct json *doc = ld->mem->doc;
	const struct json *request = suite_get(doc, "request");
	struct suite *s = ld->s;
	struct asked a = { NULL, NULL, NULL };

	ld->mem->spec[ARM_N] = spec_of(ld, suite_get(doc, "extract"));
	s->extract = ld->mem->spec[ARM_N];
	ask(ld, request, &a);
	if (request == NULL && s->cases_where != NULL)
		as_recorded(ld, &a);
	if (s->extract != NULL)
		fill(&a, s->extract);
	s->method = a.method;
	s->request_path = a.path;
	s->body = a.body;
	headers(ld, suite_get(request, "headers"), &s->headers,
	    &s->n_headers);
}

static void
target_request(struct suite_load *ld, const struct json *j,
    struct suite_target *t)
{
	const struct json *own = suite_get(j, "extract");
	enum arm arm = (enum arm)(t - ld->s->target);
	struct asked a = { NULL, NULL, NULL };

	t->extract = ld->s->extract;
	if (own != NULL) {
		ld->mem->spec[arm] = spec_of(ld, own);
		t->extract = ld->mem->spec[arm];
	}
	ask(ld, suite_get(j, "request"), &a);
	ask(ld, j, &a);
	if (own != NULL && suite_get(ld->mem->doc, "request") == NULL)
		fill(&a, t->extract);
	t->method = a.method;
	t->path = a.path;
	t->body = a.body;
}

/* ---- where it is ------------------------------------------------------- */

/* Whether what follows a host of n bytes and its colon can be a port: none,
 * a number, or one that a run fills in. */
static int
port_ok(const char *host, size_t n)
{
	const char *end = host + n, *colon = end;
	size_t digits;
	unsigned long port;

	while (colon > host && colon[-1] != ':' && colon[-1] != ']')
		colon--;
	if (colon == host || colon[-1] == ']' || colon == end ||
	    memchr(colon, '{', (size_t)(end - colon)) != NULL)
		return 1;
	digits = strspn(colon, "0123456789");
	port = strtoul(colon, NULL, 10);
	return colon + digits == end && port > 0 && port <= 65535;
}

/* A path within the URL goes before the request's path. */
static void
split_url(struct suite_load *ld, const struct json *node,
    struct suite_target *t, const char *url)
{
	const char *host = strstr(url, "://") + 3;
	size_t n = strcspn(host, "/?#");
	const char *path = t->path != NULL ? t->path : ld->s->request_path;
	char *joined = NULL, *origin;

	if (n == 0 || memchr(host, '@', n) != NULL || host[n] == '?' ||
	    host[n] == '#' || strpbrk(url, " \t\r\n\"<>\\") != NULL) {
		suite_error(ld, node, 0, memchr(host, '@', n) != NULL ?
		    "credentials belong in a header, not in the URL" :
		    "write a URL as scheme://host:port");
		return;
	}
	if (!port_ok(host, n)) {
		suite_error(ld, node, 0, "\"%.80s\": a port is a number from "
		    "1 to 65535", url);
		return;
	}
	origin = strndup(url, (size_t)(host - url) + n);
	if (origin == NULL) {
		suite_nomem(ld);
		return;
	}
	t->url = suite_keep(ld, origin);
	free(origin);
	if (host[n] == '\0' || host[n + 1] == '\0')
		return;
	n += strlen(host + n);
	n -= host[n - 1] == '/';
	if (asprintf(&joined, "%.*s%s", (int)(n - strcspn(host, "/")),
	    host + strcspn(host, "/"), path == NULL ? "/" : path) < 0) {
		suite_nomem(ld);
		return;
	}
	t->path = suite_keep(ld, joined);
	free(joined);
}

/* URLs are shown, kept and sent to reports. */
static int
has_credential(const char *url)
{
	struct buf b;
	int has;

	buf_init(&b, 1 << 20);
	has = credential_text(&b, url);
	buf_fini(&b);
	return has;
}

static void
set_arm(struct suite_load *ld, const struct json *node,
    struct suite_target *t, const char *arm)
{
	const char *sep = strstr(arm, "://"), *raw = json_str(node);
	size_t scheme = sep == NULL ? 0 : (size_t)(sep - arm);

	t->arm = arm;
	t->url = NULL;
	/* a host that only a run's environment names was noted already */
	if (ld->over->no_env && raw != NULL && strstr(raw, "${") != NULL &&
	    (*arm == '\0' || (sep != NULL &&
	    strchr(":/?#", sep[3]) != NULL))) {
		t->arm = t->url = raw;
		return;
	}
	if (sep == NULL)
		return;
	if ((scheme != 4 || strncmp(arm, "http", 4) != 0) &&
	    (scheme != 5 || strncmp(arm, "https", 5) != 0))
		suite_error(ld, node, 0, "\"%.80s\": only http:// and https:// "
		    "are supported", arm);
	else if (has_credential(arm))
		suite_error(ld, node, 0, "credentials belong in a header, not "
		    "in the URL");
	else
		split_url(ld, node, t, arm);
	if (strstr(arm, "{{port}}") != NULL && t->start == NULL)
		suite_error(ld, node, 0, "{{port}} is known only to a target "
		    "with `start`");
}

static void
ready(const struct json *j, struct suite_load *ld, struct suite_target *t)
{
	const struct json *r = suite_get(j, "ready");

	if (json_str(r) != NULL) {
		t->ready_path = suite_expand(ld, r, NULL);
		r = NULL;
	} else if (suite_get(r, "path") != NULL) {
		t->ready_path = suite_text(ld, r, "path", NULL);
	}
	t->ready_timeout_ns = suite_time(r, "@target.ready", "timeout");
	if (t->ready_path != NULL && *t->ready_path != '/')
		suite_error(ld, suite_get(j, "ready"), 0,
		    "the path of `ready` must begin with '/'");
}

/* A file for the client, who knows no suite: from the manifest's folder. */
static const char *
own_file(struct suite_load *ld, const struct json *j, const char *key)
{
	const char *path = suite_file(ld, j, key), *kept;
	char *whole = path == NULL ? NULL : suite_resolve(ld->s, path);

	kept = whole == NULL ? NULL : suite_keep(ld, whole);
	free(whole);
	return kept;
}

static void
connection(struct suite_load *ld, const struct json *j,
    struct suite_target *t)
{
	t->start = suite_raw(j, "start");
	ready(j, ld, t);
	headers(ld, suite_get(j, "headers"), &t->headers, &t->n_headers);
	t->auth_exec = suite_raw(suite_get(j, "auth"), "exec");
	t->concurrency = (int)suite_int(j, "@target", "concurrency");
	t->rate = suite_num(j, "@target", "rate");
	t->burst = suite_num(j, "@target", "burst");
	if (isnan(t->rate))
		t->rate = 0;
	if (isnan(t->burst))
		t->burst = 0;
	t->deadline_ns = suite_time(j, "@target", "deadline");
	if (t->deadline_ns <= 0)
		suite_error(ld, suite_get(j, "deadline"), 0,
		    "a deadline must be longer than 0");
	t->no_cache = suite_bool(j, "@target", "no_cache");
	t->http2 = suite_bool(j, "@target", "http2");
	t->ca_file = own_file(ld, j, "ca_file");
	t->cert_file = own_file(ld, j, "cert_file");
	t->key_file = own_file(ld, j, "key_file");
	t->unix_socket = own_file(ld, j, "unix_socket");
}

static void
prices(struct suite_load *ld, const struct json *j, struct suite_target *t)
{
	const struct json *p = suite_get(j, "prices");

	if (p == NULL)
		p = suite_get(ld->mem->doc, "prices");
	t->price_in = suite_num(p, "prices", "tokens_in");
	t->price_out = suite_num(p, "prices", "tokens_out");
}

static void
target(struct suite_load *ld, enum arm a, const struct json *node)
{
	struct suite_target *t = &ld->s->target[a];
	const struct json *j = json_kind(node) == JSON_OBJECT ? node : NULL;
	const struct json *at = j == NULL ? node : suite_get(j, "url");
	const char *arm = suite_expand(ld, at, NULL);

	if (ld->over->arm[a] != NULL) {
		arm = suite_keep(ld, ld->over->arm[a]);
		at = NULL;
	}
	if (arm == NULL && j == NULL)
		return;
	t->present = arm != NULL || suite_raw(j, "start") != NULL;
	connection(ld, j, t);
	target_request(ld, j, t);
	prices(ld, j, t);
	/* Another stack than the suite's is not started by the suite. */
	if (ld->over->arm[a] != NULL)
		t->start = NULL;
	if (t->start != NULL && arm == NULL)
		arm = "http://127.0.0.1:{{port}}";
	if (arm != NULL)
		set_arm(ld, at, t, arm);
}

void
suite_targets(struct suite_load *ld)
{
	static const enum arm arms[] = {
		ARM_BASELINE, ARM_CANDIDATE, ARM_BASELINE2
	};
	const struct json *all = suite_get(ld->mem->doc, "targets");
	size_t i;

	for (i = 0; i < 3; i++)
		target(ld, arms[i], suite_get(all, arm_name(arms[i])));
}
