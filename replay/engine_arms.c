/* How to ask each live arm: compiled once, before the workers start. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mono.h"
#include "replay/engine_part.h"

/* The deployment an arm's requests go to. */
static enum arm
target_of(const struct suite *s, enum arm a)
{
	if (a == ARM_CANDIDATE2)
		return ARM_CANDIDATE;
	if (a == ARM_BASELINE2 && !s->target[ARM_BASELINE2].present)
		return ARM_BASELINE;
	return a;
}

static struct engine_header *
header_slot(struct engine_arm *arm, const char *name)
{
	size_t i;

	for (i = 0; i < arm->n_headers; i++) {
		if (strcasecmp(arm->headers[i].name, name) == 0)
			return &arm->headers[i];
	}
	if (arm->n_headers == ENGINE_HEADERS_MAX - 8)
		return NULL;	/* the rest is for our own */
	return &arm->headers[arm->n_headers++];
}

static int
add_headers(struct engine_arm *arm, const struct suite_header *h, size_t n,
    struct err *err)
{
	struct engine_header *to;
	size_t i;

	for (i = 0; i < n; i++) {
		to = header_slot(arm, h[i].name);
		if (to == NULL)
			return err_set(err, RC_USAGE,
			    "more than %d headers", ENGINE_HEADERS_MAX - 8);
		template_free(to->tmpl);
		to->name = h[i].name;
		to->value = h[i].value;
		to->secret = h[i].secret;
		to->tmpl = NULL;
		if (strstr(h[i].value, "{{") == NULL)
			continue;
		to->tmpl = template_new_text(h[i].value, TEMPLATE_PLAIN, err);
		if (to->tmpl == NULL)
			return err->code;
	}
	return RC_OK;
}

/* The value of Accept-Encoding, which the client then sends. */
static const char *
take_accept_encoding(struct engine_arm *arm)
{
	const char *value = NULL;
	size_t i;

	for (i = 0; i < arm->n_headers; i++) {
		if (strcasecmp(arm->headers[i].name, "accept-encoding") != 0)
			continue;
		value = arm->headers[i].value;
		template_free(arm->headers[i].tmpl);
		arm->headers[i] = arm->headers[--arm->n_headers];
		break;
	}
	return value;
}

/* Arms with equal requests share templates and a rendering. */
static int
share_shape(struct engine *e, enum arm a, const char *path,
    const struct json *body)
{
	const struct suite *s = e->job->suite;
	const struct suite_target *t;
	struct engine_arm *arm = &e->arm[a], *other;
	int i;

	for (i = 0; i < (int)a; i++) {
		other = &e->arm[i];
		if (!other->live)
			continue;
		t = other->target;
		if ((t->path != NULL ? t->path : s->request_path) != path ||
		    (t->body != NULL ? t->body : s->body) != body ||
		    template_uses(other->path, "arm") ||
		    (other->body != NULL && template_uses(other->body, "arm")))
			continue;
		arm->path = other->path;
		arm->body = other->body;
		arm->shape = other->shape;
		return 1;
	}
	return 0;
}

static int
add_templates(struct engine *e, enum arm a, struct err *err)
{
	const struct suite *s = e->job->suite;
	struct engine_arm *arm = &e->arm[a];
	const char *path = arm->target->path != NULL ? arm->target->path :
	    s->request_path;
	const struct json *body = arm->target->body != NULL ?
	    arm->target->body : s->body;

	if (share_shape(e, a, path, body))
		return RC_OK;
	arm->own_templates = 1;
	arm->shape = e->n_shapes++;
	arm->path = template_new_text(path != NULL ? path : "/",
	    TEMPLATE_PATH, err);
	if (arm->path == NULL)
		return err->code;
	if (body == NULL)
		return RC_OK;
	arm->body = template_new(body, err);
	return arm->body == NULL ? (int)err->code : RC_OK;
}

/* An address, and the arms that share it. */
static int
add_stack(struct engine *e, enum arm a, const char *encoding,
    struct err *err)
{
	const struct suite_target *t = e->arm[a].target;
	struct http_origin_opts o = {
		.url = e->job->url[a],
		.ca_file = t->ca_file,
		.cert_file = t->cert_file,
		.key_file = t->key_file,
		.unix_socket = t->unix_socket,
		.accept_encoding = encoding,
		.http2 = t->http2,
		.no_fast_path = e->job->no_fast_path,
		.extract = e->arm[a].extract,
	};
	int i, rc;

	for (i = 0; i < (int)a; i++) {
		if (e->arm[i].live && e->arm[i].target == t &&
		    strcmp(e->job->url[i], e->job->url[a]) == 0) {
			e->arm[a].stack = e->arm[i].stack;
			return RC_OK;
		}
	}
	rc = http_origin_new(&o, &e->origins[e->n_stacks], err);
	if (rc != RC_OK)
		return rc;
	e->arm[a].stack = e->n_stacks;
	e->stack[e->n_stacks].origin = e->origins[e->n_stacks];
	e->stack[e->n_stacks++].target = t;
	return RC_OK;
}

static int
check_price(const struct engine *e, enum arm a, struct err *err)
{
	const struct suite_target *t = e->arm[a].target;

	if (e->job->suite->budget_usd <= 0 ||
	    (t->price_in >= 0 && t->price_out >= 0))	/* NaN fails both */
		return RC_OK;
	return err_set(err, RC_USAGE, "budget.usd is set, but %s has no "
	    "prices: give prices: {tokens_in: …, tokens_out: …}",
	    arm_name(a));
}

static int
arm_init(struct engine *e, enum arm a, struct err *err)
{
	const struct suite *s = e->job->suite;
	struct engine_arm *arm = &e->arm[a];
	const struct suite_target *t = &s->target[target_of(s, a)];
	int rc;

	arm->live = 1;
	arm->target = t;
	arm->extract = t->extract != NULL ? t->extract : s->extract;
	arm->method = t->method != NULL ? t->method : s->method;
	if (arm->method == NULL)
		arm->method = "POST";
	arm->deadline_ns = t->deadline_ns > 0 ? t->deadline_ns :
	    30 * MONO_S;
	rc = check_price(e, a, err);
	if (rc == RC_OK)
		rc = add_headers(arm, s->headers, s->n_headers, err);
	if (rc == RC_OK)
		rc = add_headers(arm, t->headers, t->n_headers, err);
	if (rc == RC_OK)
		rc = add_templates(e, a, err);
	arm->as_recorded = rc == RC_OK && template_is_body(arm->body);
	arm->rule = sent_rule_of(s, t);
	if (rc == RC_OK)
		rc = add_stack(e, a, take_accept_encoding(arm), err);
	if (rc == RC_OK && t->auth_exec != NULL)
		rc = auth_new(t->auth_exec, &arm->auth, err);
	if (rc != RC_OK)
		err_prefix(err, "%s", arm_name(a));
	return rc;
}

int
engine_arms_init(struct engine *e, struct err *err)
{
	int a, rc;

	for (a = 0; a < ARM_N; a++) {
		if (e->job->url[a] == NULL)
			continue;
		rc = arm_init(e, (enum arm)a, err);
		if (rc != RC_OK)
			return rc;
	}
	return RC_OK;
}

void
engine_arms_fini(struct engine *e)
{
	struct engine_arm *arm;
	size_t i;
	int a;

	for (a = 0; a < ARM_N; a++) {
		arm = &e->arm[a];
		for (i = 0; i < arm->n_headers; i++)
			template_free(arm->headers[i].tmpl);
		if (arm->own_templates) {
			template_free(arm->path);
			template_free(arm->body);
		}
		auth_free(arm->auth);
	}
	for (a = 0; a < e->n_stacks; a++)
		http_origin_free(e->origins[a]);
}
