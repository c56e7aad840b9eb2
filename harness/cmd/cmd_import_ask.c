/* Answers of a store's API; see cmd_import_ask.h. */
#include "harness/cmd/cmd_import_ask.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/hash.h"
#include "harness/base/mono.h"
#include "harness/base/retry.h"
#include "harness/base/rng.h"
#include "replay/fetch.h"

enum { BODY_MAX = 64 << 20, SAID = 160 };
#define TIMEOUT_NS (60 * MONO_S)

struct import_ask {
	struct fetch *fetch;
	char *auth;		/* a header's value, or NULL */
	uint64_t requests;
};

static char *
authorization(const char *user, const char *pass)
{
	char *out = NULL, *both = NULL, *b64;
	size_t n;

	if (pass == NULL)
		return NULL;
	if (user == NULL)
		return asprintf(&out, "Bearer %s", pass) < 0 ? NULL : out;
	if (asprintf(&both, "%s:%s", user, pass) < 0)
		return NULL;
	n = strlen(both);
	b64 = malloc(HASH_B64_LEN(n));
	if (b64 != NULL) {
		hash_b64(both, n, b64, HASH_B64_LEN(n));
		if (asprintf(&out, "Basic %s", b64) < 0)
			out = NULL;
	}
	free(b64);
	free(both);
	return out;
}

int
import_ask_open(const char *url, const char *user, const char *pass,
    struct import_ask **out, struct err *err)
{
	struct http_origin_opts o = { .url = url, .accept_encoding = "" };
	struct import_ask *a = calloc(1, sizeof(*a));
	int rc;

	*out = NULL;
	if (a == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	a->auth = authorization(user, pass);
	rc = pass != NULL && a->auth == NULL ?
	    err_set(err, RC_NOMEM, "out of memory") : http_global_init(err);
	if (rc == RC_OK)
		rc = fetch_open(&o, BODY_MAX, &a->fetch, err);
	if (rc != RC_OK) {
		import_ask_close(&a);
		return rc;
	}
	*out = a;
	return RC_OK;
}

void
import_ask_close(struct import_ask **a)
{
	if (*a == NULL)
		return;
	if ((*a)->fetch != NULL)
		fetch_close(&(*a)->fetch);
	free((*a)->auth);
	free(*a);
	*a = NULL;
}

static int64_t
retry_after(const struct http_call *c)
{
	size_t i;

	for (i = 0; i < c->n_res_headers; i++) {
		if (strcasecmp(c->res_headers[i].name, "Retry-After") == 0)
			return retry_after_ns(c->res_headers[i].value,
			    mono_wall_ns());
	}
	return -1;
}

/* What is wrong with an answer, in the service's own words. */
static int
refused(const struct http_call *c, const char *target, int attempts,
    struct err *err)
{
	char said[SAID];
	size_t n = c->res_body_n < SAID - 1 ? c->res_body_n : SAID - 1, i;

	for (i = 0; i < n; i++)
		said[i] = isprint((unsigned char)c->res_body[i]) ?
		    c->res_body[i] : ' ';
	said[n] = '\0';
	if (c->status == 0)
		return err_set(err, RC_NET, "GET %.200s: no answer in %d "
		    "attempts: %s", target, attempts, c->why != NULL ?
		    c->why : outcome_name(c->outcome));
	return err_set(err, RC_NET, "GET %.200s: status %d%s%s%s%s", target,
	    c->status, attempts > 1 ? " after several attempts" : "",
	    c->status == 401 || c->status == 403 ? ": check the key in the "
	    "environment" : "", n > 0 ? ": " : "", said);
}

static int
take(const struct http_call *c, const char *target, struct buf *text,
    struct json **out, struct err *err)
{
	struct err bad = ERR_INIT;

	buf_add(text, c->res_body, c->res_body_n);
	*out = json_parse(c->res_body, c->res_body_n, &bad);
	if (*out == NULL)
		return err_set(err, RC_FORMAT, "GET %.200s: no JSON: %s",
		    target, bad.msg);
	return buf_check(text, "an answer", err);
}

int
import_ask(struct import_ask *a, const char *target, struct buf *text,
    struct json **out, struct err *err)
{
	struct ex_header headers[2] = { { "Accept", "application/json" },
	    { "Authorization", a->auth } };
	struct fetch_req req = { .method = "GET", .target = target,
	    .headers = headers, .n_headers = a->auth != NULL ? 2 : 1,
	    .timeout_ns = TIMEOUT_NS };
	const struct http_call *c;
	int attempt, rc;

	*out = NULL;
	buf_reset(text);
	for (attempt = 1; ; attempt++) {
		a->requests++;
		rc = fetch_ask(a->fetch, &req, &c, err);
		if (rc != RC_OK)
			return rc;
		if (c->status >= 200 && c->status < 300 &&
		    c->outcome == OUTCOME_OK)
			return take(c, target, text, out, err);
		if (c->status == 404)
			return RC_OK;
		if (attempt == RETRY_ATTEMPTS || !retry_worth(c->status))
			return refused(c, target, attempt, err);
		mono_sleep_until_ns(mono_now_ns() + retry_wait_ns(attempt,
		    rng_unit((uint64_t)mono_now_ns(), 7, a->requests),
		    retry_after(c)));
	}
}

uint64_t
import_ask_requests(const struct import_ask *a)
{
	return a->requests;
}

void
import_ask_escape(struct buf *b, const char *s)
{
	for (; *s != '\0'; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s) != NULL)
			buf_putc(b, *s);
		else
			buf_printf(b, "%%%02X", (unsigned char)*s);
	}
}
