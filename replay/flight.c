/* One request of a run: rendered, sent, retried, recorded. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/base/mono.h"
#include "replay/engine_part.h"

enum { RENDER_MAX = 64 << 20 };

struct flight *
flight_get(struct worker *w)
{
	struct flight *f = w->spare;

	if (f != NULL) {
		w->spare = f->next;
		f->next = NULL;
		return f;
	}
	f = calloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	buf_init(&f->case_id, RENDER_MAX);
	buf_init(&f->target, RENDER_MAX);
	buf_init(&f->body, RENDER_MAX);
	buf_init(&f->values, RENDER_MAX);
	return f;
}

void
flight_put(struct worker *w, struct flight *f)
{
	f->call = NULL;
	f->n_attempts = 0;
	f->warmup = f->renewed = f->probe = 0;
	f->stale = 0;
	f->deadline_ns = 0;
	f->n_headers = 0;
	f->next = w->spare;
	w->spare = f;
}

static void
flight_free(struct flight *f)
{
	struct flight *next;

	for (; f != NULL; f = next) {
		next = f->next;
		buf_fini(&f->case_id);
		buf_fini(&f->target);
		buf_fini(&f->body);
		buf_fini(&f->values);
		free(f->attempts);
		free(f);
	}
}

void
flight_fini(struct worker *w)
{
	int i;

	flight_free(w->spare);
	flight_free(w->retries);
	free(w->res_headers);
	buf_fini(&w->was_bytes);
	for (i = 0; i < ARM_N; i++) {
		buf_fini(&w->render[i].target);
		buf_fini(&w->render[i].body);
	}
}

/* ---- rendering ---------------------------------------------------------- */

static void
fill_vars(struct worker *w, enum arm arm, struct template_vars *v)
{
	const struct suite *s = w->e->job->suite;
	int made;

	memset(v, 0, sizeof(*v));
	v->question = gold_wording(&w->gold, s, w->item.p, &v->question_n,
	    &made);
	v->seed = s->seeds[w->item.s];
	v->paraphrase = w->item.p;
	v->repeat = w->item.r;
	v->session = json_get_str(w->gold.doc, "session");
	v->run = w->e->job->run_id;
	v->arm = arm_name(arm);
	v->doc = w->gold.doc;
	v->request = w->gold.request;
	v->was = &w->was;
}

static int
load_case(struct worker *w)
{
	int i, rc;

	if (w->gold_index == w->item.case_index)
		return RC_OK;
	w->gold_index = UINT64_MAX;
	rc = caseset_get(w->e->job->cases, w->item.case_index, &w->gold,
	    &w->err);
	if (rc != RC_OK)
		return rc;
	rc = sent_of(&w->gold, &w->was_bytes, &w->was, &w->err);
	if (rc != RC_OK)
		return rc;
	w->gold_index = w->item.case_index;
	for (i = 0; i < ARM_N; i++)
		w->render[i].valid = 0;
	return RC_OK;
}

/* The recorded request stays unchanged. */
static int
render_recorded(struct worker *w, const struct engine_arm *arm,
    const struct template_vars *vars, struct rendering *r)
{
	const struct sent_request *was = &w->was;
	const char *method = sent_method(&arm->rule, was), *path;
	struct template *target;
	int rc;

	r->has_body = r->body.len > 0 || was->body != NULL;
	if (method != NULL && strlen(method) < sizeof(r->method))
		(void)snprintf(r->method, sizeof(r->method), "%s", method);
	path = sent_path(&arm->rule, was, r->has_body);
	if (path == NULL)
		return RC_OK;
	buf_reset(&r->target);
	target = template_new_text(path, TEMPLATE_PATH, &w->err);
	rc = target == NULL ? (int)w->err.code :
	    template_render(target, vars, &r->target, &w->err);
	template_free(target);
	return rc;
}

static int
render_shape(struct worker *w, const struct engine_arm *arm,
    const struct template_vars *vars, struct rendering *r)
{
	int rc;

	if (r->target.max == 0) {
		buf_init(&r->target, RENDER_MAX);
		buf_init(&r->body, RENDER_MAX);
	}
	buf_reset(&r->target);
	buf_reset(&r->body);
	rc = template_render(arm->path, vars, &r->target, &w->err);
	r->has_body = arm->body != NULL;
	(void)snprintf(r->method, sizeof(r->method), "%s", arm->method);
	if (rc == RC_OK && arm->body != NULL)
		rc = template_render(arm->body, vars, &r->body, &w->err);
	if (rc == RC_OK && arm->as_recorded && w->was.known)
		rc = render_recorded(w, arm, vars, r);
	if (rc == RC_OK)
		rc = buf_check(&r->target, "a request's path", &w->err);
	if (rc == RC_OK)
		rc = buf_check(&r->body, "a request's body", &w->err);
	r->valid = rc == RC_OK;
	r->case_index = w->item.case_index;
	r->v = w->item.v;
	return rc;
}

/* Values live in one buffer that may move: offsets until all are there. */
static void
add_value(struct flight *f, const char *name, const char *value, int secret)
{
	f->headers[f->n_headers].name = name;
	f->headers[f->n_headers].value = NULL;
	f->secret[f->n_headers++] = (unsigned char)secret;
	buf_puts(&f->values, value);
	buf_putc(&f->values, '\0');
}

static int
has_header(const struct engine_arm *arm, const char *name)
{
	size_t i;

	for (i = 0; i < arm->n_headers; i++) {
		if (strcasecmp(arm->headers[i].name, name) == 0)
			return 1;
	}
	return 0;
}

/* The content type of the body, unless the suite gives it. */
static void
add_body_headers(struct worker *w, struct flight *f)
{
	const struct engine_arm *arm = &w->e->arm[f->arm];
	int recorded = arm->as_recorded && w->was.known;
	const char *type = recorded && w->was.has_headers ? w->was.type :
	    "application/json";

	if (type != NULL && !has_header(arm, "content-type"))
		add_value(f, "Content-Type", type, 0);
	/* what a request is merged over has been unpacked */
	if (recorded && w->was.coding != NULL && w->gold.request == NULL &&
	    !has_header(arm, "content-encoding"))
		add_value(f, "Content-Encoding", w->was.coding, 0);
}

static int
render_headers(struct worker *w, struct flight *f,
    const struct template_vars *vars)
{
	const struct engine_arm *arm = &w->e->arm[f->arm];
	const struct engine_header *h;
	size_t i;
	int rc = RC_OK;

	buf_reset(&f->values);
	f->n_headers = 0;
	if (f->has_body)
		add_body_headers(w, f);
	for (i = 0; i < arm->n_headers && rc == RC_OK; i++) {
		h = &arm->headers[i];
		add_value(f, h->name, h->tmpl == NULL ? h->value : "",
		    h->secret);
		if (h->tmpl == NULL)
			continue;
		f->values.len--;	/* the NUL, put back behind it */
		rc = template_render(h->tmpl, vars, &f->values, &w->err);
		buf_putc(&f->values, '\0');
	}
	add_value(f, "X-Lockstep-Run", w->e->job->run_id, 0);
	add_value(f, "X-Lockstep-Shadow", "true", 0);
	add_value(f, "Idempotency-Key", f->idem, 0);
	if (arm->target->no_cache) {
		add_value(f, "Cache-Control", "no-cache, no-store", 0);
		add_value(f, "X-Lockstep-Nonce", f->idem, 0);
	}
	return rc;
}

static void
resolve_values(struct flight *f)
{
	const char *p = buf_str(&f->values);
	size_t i;

	for (i = 0; i < f->n_headers; i++) {
		f->headers[i].value = p;
		p += strlen(p) + 1;
	}
}

/* The request, with the stack's own ids. A packed body stays unchanged. */
static void
take_rendering(struct worker *w, struct flight *f, const struct rendering *r)
{
	const struct id_map *ids = w->e->job->ids[f->arm];
	size_t i;

	buf_reset(&f->target);
	buf_reset(&f->body);
	if (ids == NULL || id_map_n(ids) == 0) {
		buf_add(&f->target, buf_str(&r->target), r->target.len);
		if (r->has_body)
			buf_add(&f->body, buf_str(&r->body), r->body.len);
		return;
	}
	id_map_put(ids, buf_str(&r->target), r->target.len, &f->target);
	for (i = 0; i < f->n_headers; i++) {
		if (strcasecmp(f->headers[i].name, "content-encoding") == 0)
			ids = NULL;
	}
	if (r->has_body && ids != NULL)
		id_map_put(ids, buf_str(&r->body), r->body.len, &f->body);
	else if (r->has_body)
		buf_add(&f->body, buf_str(&r->body), r->body.len);
}

int
flight_render(struct worker *w, struct flight *f, enum arm a)
{
	const struct engine_arm *arm = &w->e->arm[a];
	struct rendering *r = &w->render[arm->shape];
	struct template_vars vars;
	int rc = load_case(w);

	if (rc != RC_OK)
		return rc;
	f->arm = a;
	buf_reset(&f->case_id);
	buf_puts(&f->case_id, w->gold.id);
	f->key.case_id = buf_str(&f->case_id);
	f->key.p = w->item.p;
	f->key.s = w->item.s;
	f->key.r = w->item.r;
	f->key.round = w->item.round;
	f->key.n = w->item.n;
	f->expects_4xx = w->gold.expects_4xx;
	f->expects = w->gold.n_expect > 0;
	f->key.arm = a;
	/* a warm-up must not leave the judged request's receipt behind */
	memcpy(f->idem, "warm-", 5);
	plan_idem_key(w->e->job->run_id, &f->key,
	    f->idem + (f->warmup ? 5 : 0));
	fill_vars(w, a, &vars);
	if (!r->valid || r->case_index != w->item.case_index ||
	    r->v != w->item.v)
		rc = render_shape(w, arm, &vars, r);
	f->has_body = r->has_body;
	memcpy(f->method, r->method, sizeof(f->method));
	if (rc == RC_OK)
		rc = render_headers(w, f, &vars);
	take_rendering(w, f, r);
	if (rc == RC_OK)
		rc = buf_check(&f->values, "a request's headers", &w->err);
	resolve_values(f);
	if (rc != RC_OK)
		err_prefix(&w->err, "case %s", w->gold.id);
	return rc;
}

/* ---- sending ------------------------------------------------------------ */

/* The token may have been renewed since the request was rendered. */
static int
set_token(struct worker *w, struct flight *f)
{
	struct auth *auth = w->e->arm[f->arm].auth;
	size_t n = f->n_headers;
	int rc;

	if (auth == NULL)
		return RC_OK;
	if (n > 0 && strcmp(f->headers[n - 1].name, "Authorization") == 0 &&
	    f->secret[n - 1]) {
		f->values.len = (size_t)(f->headers[n - 1].value -
		    f->values.p);
		f->n_headers--;
	}
	f->headers[f->n_headers].name = "Authorization";
	f->secret[f->n_headers++] = 1;
	rc = auth_header(auth, &f->values, &f->auth_gen, &w->err);
	buf_putc(&f->values, '\0');
	resolve_values(f);
	return rc;
}

int
flight_send(struct worker *w, struct flight *f)
{
	const struct engine_arm *arm = &w->e->arm[f->arm];
	struct http_call *c;
	int rc = set_token(w, f);

	if (rc != RC_OK)
		return rc;
	c = http_get(w->client, arm->stack);
	if (c == NULL)
		return err_set(&w->err, RC_NOMEM, "out of memory");
	c->method = f->method;
	c->target = buf_str(&f->target);
	c->headers = f->headers;
	c->n_headers = f->n_headers;
	c->body = f->has_body ? buf_str(&f->body) : NULL;
	c->body_n = f->body.len;
	if (f->deadline_ns == 0)
		f->deadline_ns = mono_now_ns() + arm->deadline_ns;
	c->deadline_ns = f->deadline_ns;
	c->user = f;
	f->call = c;
	rc = http_start(w->client, c, &w->err);
	if (rc != RC_OK) {
		f->call = NULL;
		http_put(w->client, c);
		return rc;
	}
	w->stats[f->arm].sent++;
	return RC_OK;
}

/* ---- recording ---------------------------------------------------------- */

static void
view_request(const struct worker *w, const struct flight *f,
    struct ex_header *headers, struct exchange *ex)
{
	const struct engine_arm *arm = &w->e->arm[f->arm];
	size_t i;

	ex->id = f->idem;
	ex->key = f->key;
	ex->url = http_origin_url(w->e->stack[arm->stack].origin);
	ex->method = f->method;
	ex->target = buf_str(&f->target);
	for (i = 0; i < f->n_headers; i++) {
		if (!f->secret[i])
			headers[ex->n_req_headers++] = f->headers[i];
	}
	ex->req_headers = headers;
	if (f->has_body) {
		ex->req_body.p = buf_str(&f->body);
		ex->req_body.n = f->body.len;
	}
	ex->attempts = f->attempts;
	ex->n_attempts = f->n_attempts;
	ex->stale = f->stale;
	if (f->due_ns >= 0)
		ex->due_ns = f->due_ns - w->e->base_ns;
}

static int
view_response(struct worker *w, const struct http_call *c,
    struct exchange *ex)
{
	struct ex_header *h = w->res_headers;

	if (c->n_res_headers > w->cap_res_headers) {
		h = realloc(h, c->n_res_headers * sizeof(*h));
		if (h == NULL)
			return err_set(&w->err, RC_NOMEM, "out of memory");
		w->res_headers = h;
		w->cap_res_headers = c->n_res_headers;
	}
	ex->sent_ns = c->sent_ns - w->e->base_ns;
	ex->ttfb_ns = c->ttfb_ns;
	ex->ttft_ns = c->ttft_ns;
	ex->total_ns = c->total_ns;
	ex->outcome = c->outcome;
	ex->why = c->why;
	ex->status = c->status;
	if (c->n_res_headers > 0)
		memcpy(h, c->res_headers, c->n_res_headers * sizeof(*h));
	ex->n_res_headers = c->n_res_headers;
	ex->res_headers = h;
	if (c->status != 0) {
		ex->res_body.p = c->res_body;
		ex->res_body.n = c->res_body_n;
	}
	ex->chunks = c->chunks;
	ex->n_chunks = c->n_chunks;
	return RC_OK;
}

static int
spill(struct worker *w, struct ex_bytes *body, char name[HASH_HEX])
{
	if (body->n <= EXCHANGE_BODY_MAX)
		return RC_OK;
	body->spill = name;
	return writer_spill(w->e->writer, body->p, body->n, name, &w->err);
}

/* A whole line or none: the other lines of the chunk are good. */
static int
put_line(struct worker *w, const struct flight *f, const struct exchange *ex)
{
	struct buf *b = &w->chunk->lines;
	size_t at = b->len;
	int rc;

	exchange_write(b, ex);
	buf_putc(b, '\n');
	rc = b->len - at > TRACE_LINE_MAX ? err_set(&w->err, RC_USAGE,
	    "case %s: a record of more than %u bytes", f->key.case_id,
	    TRACE_LINE_MAX) : buf_check(b, "records", &w->err);
	if (rc != RC_OK) {
		b->len = at;
		b->bad = RC_OK;
	}
	return rc;
}

static int
clean(struct worker *w, const struct flight *f, struct exchange *ex,
    struct ex_header *req)
{
	const char *keep = extract_pins_header(w->e->arm[f->arm].extract);

	return clean_exchange(&w->clean, &keep, 1, ex, req, w->res_headers) ==
	    RC_OK ? RC_OK : err_set(&w->err, RC_NOMEM, "out of memory");
}

/* Of a request for latency only, nothing else is kept. */
static void
drop_contents(struct exchange *ex)
{
	const struct ex_bytes none = { NULL, 0, NULL };

	ex->n_req_headers = ex->n_res_headers = 0;
	ex->req_body = ex->res_body = none;
	ex->chunks = NULL;
	ex->n_chunks = 0;
}

int
flight_record(struct worker *w, struct flight *f, const struct http_call *c,
    const char *why)
{
	struct ex_header headers[ENGINE_HEADERS_MAX];
	char req_name[HASH_HEX], res_name[HASH_HEX];
	struct exchange ex;

	if (w->chunk == NULL) {
		w->chunk = writer_get(w->e->writer);
		if (w->chunk == NULL)
			return err_set(&w->err, RC_NOMEM, "out of memory");
	}
	exchange_init(&ex);
	view_request(w, f, headers, &ex);
	if (c != NULL) {
		if (view_response(w, c, &ex) != RC_OK)
			return w->err.code;
	} else {
		ex.outcome = OUTCOME_SHED;
		ex.why = why;
	}
	engine_started(w, f, &ex);
	if (f->key.round == ROUND_LATENCY ||
	    f->key.round == ROUND_LATENCY_AGAIN)
		drop_contents(&ex);
	if (clean(w, f, &ex, headers) != RC_OK ||
	    spill(w, &ex.req_body, req_name) != RC_OK ||
	    spill(w, &ex.res_body, res_name) != RC_OK ||
	    put_line(w, f, &ex) != RC_OK)
		return w->err.code;
	if (w->chunk->n++ == 0)
		w->chunk->since_ns = mono_now_ns();
	w->stats[f->arm].outcomes[ex.outcome]++;
	w->written++;
	return RC_OK;
}

/* ---- sending again ------------------------------------------------------ */

int
flight_retriable(const struct http_call *c)
{
	switch (c->outcome) {
	case OUTCOME_RESET:
	case OUTCOME_UNREACHABLE:
	case OUTCOME_TIMEOUT:
	case OUTCOME_HTTP_429:
		return 1;
	default:
		return c->status == 408 || c->status == 500 ||
		    c->status == 502 || c->status == 503 || c->status == 504;
	}
}
