/* The calls before the first question; see setup.h. */
#include "replay/setup.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mono.h"
#include "harness/suite/setup_calls.h"
#include "harness/traffic/coding.h"
#include "replay/auth.h"
#include "replay/fetch.h"

enum { HEADERS_MAX = 80, BODY_MAX = 64 << 20, ID_MAX = 1 << 16 };
#define DEADLINE_NS (30 * MONO_S)

/* One stack at work. */
struct calls {
	const struct suite *suite;
	const struct suite_target *target;
	const char *name;
	struct id_map *ids;
	struct fetch *fetch;
	struct auth *auth;
	struct buf token, path, body, plain;
	struct ex_header headers[HEADERS_MAX];
	size_t n_headers, n_own;
};

static void
add_header(struct calls *c, const char *name, const char *value)
{
	size_t i;

	if (value == NULL || strstr(value, "{{") != NULL)
		return;		/* of a case, and there is none yet */
	for (i = 0; i < c->n_headers; i++) {
		if (strcasecmp(c->headers[i].name, name) == 0)
			break;
	}
	if (i == HEADERS_MAX)
		return;
	c->headers[i].name = name;
	c->headers[i].value = value;
	c->n_headers += i == c->n_headers;
}

/* What every call to the stack carries. */
static int
own_headers(struct calls *c, struct err *err)
{
	const struct suite_target *t = c->target;
	uint64_t gen;
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < c->suite->n_headers; i++)
		add_header(c, c->suite->headers[i].name,
		    c->suite->headers[i].value);
	for (i = 0; i < t->n_headers; i++)
		add_header(c, t->headers[i].name, t->headers[i].value);
	add_header(c, "X-Lockstep-Shadow", "true");
	if (t->auth_exec != NULL)
		rc = auth_new(t->auth_exec, &c->auth, err);
	if (rc == RC_OK && c->auth != NULL) {
		rc = auth_header(c->auth, &c->token, &gen, err);
		add_header(c, "Authorization", buf_str(&c->token));
	}
	c->n_own = c->n_headers;
	return rc;
}

/* ---- ids ----------------------------------------------------------------- */

struct words {
	struct buf *b;		/* NUL behind each */
	size_t n;
};

static int
add_word(void *ctx, const struct json *j)
{
	struct words *w = ctx;
	struct buf word;
	const char *s;

	buf_init(&word, ID_MAX);
	s = json_word(j, &word);
	buf_puts(w->b, s == NULL ? "" : s);
	buf_putc(w->b, '\0');
	buf_fini(&word);
	return ++w->n == SETUP_IDS_MAX;
}

/* The n-th value of the recording is the n-th of this answer. */
static int
take_ids(struct calls *c, const struct setup_calls *calls,
    const struct setup_call *call, const char *said, size_t said_n,
    struct err *err)
{
	struct json *was = json_parse(call->answer == NULL ? "" :
	    call->answer, call->answer_n, NULL);
	struct json *is = json_parse(said, said_n, NULL);
	struct buf a, b;
	struct words from = { &a, 0 }, to = { &b, 0 };
	const char *p, *q;
	size_t i;
	int rc = RC_OK;

	buf_init(&a, BODY_MAX);
	buf_init(&b, BODY_MAX);
	setup_calls_ids(calls, call, was, add_word, &from);
	setup_calls_ids(calls, call, is, add_word, &to);
	if (from.n != to.n)
		rc = err_set(err, RC_NET, "the recorded answer has %zu ids "
		    "where setup's `ids` point, this answer has "
		    "%zu", from.n, to.n);
	p = buf_str(&a);
	q = buf_str(&b);
	for (i = 0; i < from.n && rc == RC_OK; i++) {
		if (id_map_add(c->ids, p, q) != RC_OK)
			rc = err_set(err, RC_NOMEM, "out of memory");
		p += strlen(p) + 1;
		q += strlen(q) + 1;
	}
	buf_fini(&a);
	buf_fini(&b);
	json_free(was);
	json_free(is);
	return rc;
}

/* ---- sending ------------------------------------------------------------- */

static int
judge(struct calls *c, const struct setup_calls *calls,
    const struct setup_call *call, const struct http_call *got,
    struct err *err)
{
	char list[128];
	const char *codings = coding_of(got->res_headers, got->n_res_headers,
	    list);

	if (got->status < 200 || got->status >= 300)
		return err_set(err, RC_NET, "%s%s", got->why == NULL ?
		    "no answer" : got->why, got->status == 409 ? " (what it "
		    "creates already exists)" : "");
	if (codings == NULL)
		return take_ids(c, calls, call, got->res_body,
		    got->res_body_n, err);
	buf_reset(&c->plain);
	if (coding_undo(codings, got->res_body, got->res_body_n,
	    CODING_TEXT_MAX, &c->plain, err) != RC_OK)
		return err->code;
	return take_ids(c, calls, call, buf_str(&c->plain), c->plain.len,
	    err);
}

static int
send_call(struct calls *c, const struct setup_calls *calls,
    const struct setup_call *call, struct err *err)
{
	struct fetch_req req = { .method = call->method,
		.headers = c->headers, .timeout_ns =
		c->target->deadline_ns > 0 ? c->target->deadline_ns :
		DEADLINE_NS };
	const struct http_call *got = NULL;
	int rc;

	c->n_headers = c->n_own;
	add_header(c, "Content-Type", call->type);
	add_header(c, "Content-Encoding", call->coding);
	req.n_headers = c->n_headers;
	buf_reset(&c->path);
	id_map_put(c->ids, call->target, strlen(call->target), &c->path);
	req.target = buf_str(&c->path);
	buf_reset(&c->body);
	if (call->body != NULL && call->coding == NULL)
		id_map_put(c->ids, call->body, call->body_n, &c->body);
	else if (call->body != NULL)
		buf_add(&c->body, call->body, call->body_n);
	req.body = call->body == NULL ? NULL : buf_str(&c->body);
	req.body_n = c->body.len;
	rc = buf_check(&c->body, "a setup call", err);
	if (rc == RC_OK)
		rc = fetch_ask(c->fetch, &req, &got, err);
	if (rc == RC_OK)
		rc = judge(c, calls, call, got, err);
	if (rc != RC_OK)
		err_prefix(err, "%s: setup: %s %.120s", c->name, call->method,
		    call->target);
	return rc;
}

static int
open_stack(struct calls *c, const char *url, struct err *err)
{
	const struct suite_target *t = c->target;
	struct http_origin_opts o = { .url = url,
		.unix_socket = t->unix_socket, .ca_file = t->ca_file,
		.cert_file = t->cert_file, .key_file = t->key_file };
	int rc = own_headers(c, err);

	c->ids = id_map_new();
	if (rc == RC_OK && c->ids == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	return rc != RC_OK ? rc : fetch_open(&o, BODY_MAX, &c->fetch, err);
}

static int
set_up(const struct suite *s, enum arm arm, const char *url,
    const struct setup_calls *calls, const volatile sig_atomic_t *stop,
    struct id_map **ids, struct err *err)
{
	struct calls c;
	size_t i;
	int rc;

	memset(&c, 0, sizeof(c));
	c.suite = s;
	c.target = suite_target_of(s, arm);
	c.name = arm_name(arm);
	buf_init(&c.token, ID_MAX);
	buf_init(&c.path, BODY_MAX);
	buf_init(&c.body, BODY_MAX);
	buf_init(&c.plain, CODING_TEXT_MAX);
	rc = open_stack(&c, url, err);
	for (i = 0; i < setup_calls_n(calls) && rc == RC_OK; i++) {
		if (stop != NULL && *stop != 0)
			break;
		rc = send_call(&c, calls, setup_calls_at(calls, i), err);
	}
	fetch_close(&c.fetch);
	auth_free(c.auth);
	buf_fini(&c.token);
	buf_fini(&c.path);
	buf_fini(&c.body);
	buf_fini(&c.plain);
	*ids = c.ids;
	return rc;
}

/* The arm before this one that asks the same stack; ARM_N: none. */
static enum arm
twin(const struct suite *s, const char *const url[ARM_N], enum arm a)
{
	int i;

	for (i = 0; i < (int)a; i++) {
		if (url[i] != NULL && strcmp(url[i], url[a]) == 0 &&
		    suite_target_of(s, (enum arm)i) == suite_target_of(s, a))
			return (enum arm)i;
	}
	return ARM_N;
}

int
setup_run(const struct suite *s, const char *const url[ARM_N],
    const volatile sig_atomic_t *stop, struct setup *out, struct err *err)
{
	struct setup_calls *calls = NULL;
	int a, rc = setup_calls_new(s, &calls, err);

	memset(out, 0, sizeof(*out));
	if (rc == RC_OK && calls != NULL)
		rc = setup_calls_load(calls, err);
	for (a = 0; a < ARM_N && rc == RC_OK && calls != NULL; a++) {
		if (url[a] != NULL && twin(s, url, (enum arm)a) == ARM_N)
			rc = set_up(s, (enum arm)a, url[a], calls, stop,
			    &out->ids[a], err);
	}
	for (a = 0; a < ARM_N && rc == RC_OK && calls != NULL; a++) {
		if (url[a] != NULL && out->ids[a] == NULL)
			out->ids[a] = out->ids[twin(s, url, (enum arm)a)];
	}
	out->n = calls == NULL ? 0 : setup_calls_n(calls);
	setup_calls_free(calls);
	return rc;
}

void
setup_fini(struct setup *s)
{
	int a, i;

	for (a = 0; a < ARM_N; a++) {
		for (i = 0; i < a && s->ids[i] != s->ids[a]; i++)
			;
		if (i == a)
			id_map_free(s->ids[a]);
	}
	memset(s, 0, sizeof(*s));
}
