/* The requests of one case as a run sends them; see cmd_check_case.h. */
#include "harness/cmd/cmd_check_case.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "harness/suite/template.h"
#include "harness/traffic/credential.h"

enum { RENDER_MAX = 64 << 20 };

static const char hidden[] = "(not shown)";

static int
put(struct json *obj, const char *key, const char *value, struct err *err)
{
	return json_set(obj, key, json_new_str(value)) == RC_OK ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
}

/* One template's text; t may be NULL after an error, which err has. */
static int
render(struct template *t, const struct template_vars *v, struct buf *out,
    struct err *err)
{
	int rc = t == NULL ? (int)err->code :
	    template_render(t, v, out, err);

	template_free(t);
	return rc == RC_OK ? buf_check(out, "a request", err) : rc;
}

static int
put_headers(struct json *to, const struct suite_header *h, size_t n,
    const struct template_vars *v, struct err *err)
{
	struct buf b;
	size_t i;
	int rc = RC_OK;

	buf_init(&b, RENDER_MAX);
	for (i = 0; i < n && rc == RC_OK; i++) {
		buf_reset(&b);
		if (h[i].secret || credential_header(h[i].name) !=
		    CREDENTIAL_NO)
			buf_puts(&b, hidden);
		else
			rc = render(template_new_text(h[i].value,
			    TEMPLATE_PLAIN, err), v, &b, err);
		if (rc == RC_OK)
			rc = put(to, h[i].name, buf_str(&b), err);
	}
	buf_fini(&b);
	return rc;
}

static int
put_url(struct json *to, const struct suite_target *t, const char *path,
    const struct template_vars *v, struct err *err)
{
	struct buf url, clean;
	int rc;

	buf_init(&url, RENDER_MAX);
	buf_init(&clean, RENDER_MAX);
	buf_puts(&url, t->url != NULL ? t->url : "");
	rc = render(template_new_text(path != NULL ? path : "/",
	    TEMPLATE_PATH, err), v, &url, err);
	credential_target(&clean, buf_str(&url));
	if (rc == RC_OK)
		rc = put(to, "url", buf_str(&clean), err);
	buf_fini(&url);
	buf_fini(&clean);
	return rc;
}

static int
put_body(struct json *to, const struct json *body,
    const struct template_vars *v, struct err *err)
{
	struct buf b;
	int rc;

	if (body == NULL)
		return RC_OK;
	buf_init(&b, RENDER_MAX);
	rc = render(template_new(body, err), v, &b, err);
	if (rc == RC_OK)
		rc = put(to, "body", buf_str(&b), err);
	buf_fini(&b);
	return rc;
}

struct shown {
	const char *method, *path, *type;
};

/* A body that is {{body}} alone: the recorded request is meant. */
static void
as_recorded(const struct suite *s, const struct suite_target *t,
    const struct sent_request *was, const struct json **body,
    struct shown *how)
{
	struct sent_rule rule = sent_rule_of(s, t);
	struct template *tmpl = *body == NULL ? NULL :
	    template_new(*body, NULL);
	const char *path, *method = sent_method(&rule, was);

	if (template_is_body(tmpl)) {
		if (was->body == NULL)
			*body = NULL;
		path = sent_path(&rule, was, *body != NULL);
		how->path = path != NULL ? path : how->path;
		how->method = method != NULL ? method : how->method;
		if (was->has_headers)
			how->type = was->type;
	}
	template_free(tmpl);
}

static int
one_arm(const struct suite *s, enum arm a, const struct gold *g,
    struct json *to, struct err *err)
{
	const struct suite_target *t = &s->target[a];
	struct template_vars v = { .question = g->question,
		.question_n = g->question_n, .seed = s->seeds[0],
		.run = "RUN", .arm = arm_name(a),
		.session = json_get_str(g->doc, "session"), .doc = g->doc,
		.request = g->request };
	const struct json *body = t->body != NULL ? t->body : s->body;
	struct json *headers = json_new(JSON_OBJECT);
	struct shown how = { t->method != NULL ? t->method : s->method,
		t->path != NULL ? t->path : s->request_path,
		"application/json" };
	struct sent_request was;
	struct buf scratch;
	int rc = put(to, "case", g->id, err);

	buf_init(&scratch, RENDER_MAX);
	if (rc == RC_OK)
		rc = sent_of(g, &scratch, &was, err);
	v.was = &was;
	if (rc == RC_OK && was.known)
		as_recorded(s, t, &was, &body, &how);

	if (rc == RC_OK)
		rc = put(to, "arm", arm_name(a), err);
	if (rc == RC_OK)
		rc = put(to, "method", how.method, err);
	if (rc == RC_OK)
		rc = put_url(to, t, how.path, &v, err);
	if (rc == RC_OK && body != NULL && how.type != NULL)
		rc = put(headers, "Content-Type", how.type, err);
	if (rc == RC_OK)
		rc = put_headers(headers, s->headers, s->n_headers, &v, err);
	if (rc == RC_OK)
		rc = put_headers(headers, t->headers, t->n_headers, &v, err);
	if (json_set(to, "headers", headers) != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = put_body(to, body, &v, err);
	buf_fini(&scratch);
	return rc;
}

int
check_case(const struct suite *s, const struct caseset *cases,
    const char *id, struct json *requests, struct err *err)
{
	uint64_t i = caseset_find(cases, id);
	struct json *one;
	struct gold g;
	int a, rc, named = 0;

	if (i == UINT64_MAX)
		return err_set(err, RC_USAGE, "%s: no case is named \"%s\"",
		    s->path, id);
	gold_init(&g);
	rc = caseset_get(cases, i, &g, err);
	for (a = 0; a < ARM_N; a++)
		named |= s->target[a].present;
	for (a = 0; a < ARM_N && rc == RC_OK; a++) {
		/* a suite without stacks is given one when it runs */
		if (!s->target[a].present && (named || a != ARM_CANDIDATE))
			continue;
		one = json_new(JSON_OBJECT);
		if (one == NULL || json_push(requests, one) != RC_OK)
			rc = err_set(err, RC_NOMEM, "out of memory");
		else
			rc = one_arm(s, (enum arm)a, &g, one, err);
	}
	gold_fini(&g);
	return rc;
}

void
check_case_print(const struct json *requests)
{
	const struct json *r, *h;

	for (r = json_first(requests); r != NULL; r = json_next(r)) {
		(void)printf("\n  case %s as a run sends it to the %s, "
		    "original wording, first seed:\n\n"
		    "%s %s\n",
		    json_get_str(r, "case"), json_get_str(r, "arm"),
		    json_get_str(r, "method"), json_get_str(r, "url"));
		for (h = json_first(json_get(r, "headers")); h != NULL;
		    h = json_next(h))
			(void)printf("%s: %s\n", json_key(h), json_str(h));
		(void)printf("\n%s\n", json_get(r, "body") == NULL ? "" :
		    json_get_str(r, "body"));
	}
}
