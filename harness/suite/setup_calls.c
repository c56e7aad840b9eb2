/* The calls that must come first; see setup_calls.h. */
#include "harness/suite/setup_calls.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/traffic/coding.h"
#include "harness/traffic/trace.h"
#include "harness/traffic/where.h"

enum { RULES_MAX = 32, IDS_MAX = 16 };

struct rule {
	struct where *where;
	struct json_ptr *ids[IDS_MAX];
	size_t n_ids;
	char *trace;		/* path */
	int of_cases;		/* it is the cases' trace */
};

struct setup_calls {
	struct rule rule[RULES_MAX];
	size_t n_rules;
	struct setup_call *v;
	size_t n;
	struct buf plain;
};

/* ---- the rules ----------------------------------------------------------- */

static int
add_ids(struct rule *r, const struct json *ids, struct err *err)
{
	const struct json *j = json_kind(ids) == JSON_ARRAY ?
	    json_first(ids) : ids;

	for (; j != NULL; j = json_kind(ids) == JSON_ARRAY ? json_next(j) :
	    NULL) {
		if (r->n_ids == IDS_MAX)
			return err_set(err, RC_FORMAT, "setup: more than %d "
			    "pointers in `ids`", IDS_MAX);
		r->ids[r->n_ids] = json_ptr_new(json_str(j), err);
		if (r->ids[r->n_ids] == NULL)
			return err->code;
		r->n_ids++;
	}
	return RC_OK;
}

static int
add_rule(struct setup_calls *c, const struct suite *s,
    const struct json *said, struct err *err)
{
	const char *trace = json_get_str(said, "trace");
	struct rule *r = &c->rule[c->n_rules];
	int rc;

	if (c->n_rules == RULES_MAX)
		return err_set(err, RC_FORMAT, "setup: more than %d rules",
		    RULES_MAX);
	c->n_rules++;
	r->of_cases = trace == NULL;
	if (trace == NULL)
		trace = s->cases_trace;
	if (trace == NULL)
		return err_set(err, RC_FORMAT, "%s: setup: the calls come from "
		    "a trace: give `trace` there, or cases from one",
		    s->path);
	r->trace = suite_resolve(s, trace);
	r->where = where_new();
	if (r->where == NULL || r->trace == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = where_add_map(r->where, json_get(said, "where"), err);
	if (rc == RC_OK && where_n(r->where) == 0)
		rc = err_set(err, RC_FORMAT, "setup: `where` is missing: it "
		    "chooses the calls");
	return rc != RC_OK ? rc : add_ids(r, json_get(said, "ids"), err);
}

int
setup_calls_new(const struct suite *s, struct setup_calls **out,
    struct err *err)
{
	const struct json *said = json_get(s->doc, "setup"), *j;
	struct setup_calls *c;
	int rc = RC_OK;

	*out = NULL;
	if (json_size(said) == 0)
		return RC_OK;
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	buf_init(&c->plain, CODING_TEXT_MAX);
	for (j = json_first(said); j != NULL && rc == RC_OK;
	    j = json_next(j))
		rc = add_rule(c, s, j, err);
	if (rc != RC_OK)
		setup_calls_free(c);
	else
		*out = c;
	return rc;
}

void
setup_calls_free(struct setup_calls *c)
{
	size_t i, k;

	if (c == NULL)
		return;
	for (i = 0; i < c->n_rules; i++) {
		where_free(c->rule[i].where);
		free(c->rule[i].trace);
		for (k = 0; k < c->rule[i].n_ids; k++)
			json_ptr_free(c->rule[i].ids[k]);
	}
	for (i = 0; i < c->n; i++) {
		free(c->v[i].id);
		free(c->v[i].method);
		free(c->v[i].target);
		free(c->v[i].type);
		free(c->v[i].coding);
		free(c->v[i].body);
		free(c->v[i].answer);
	}
	free(c->v);
	buf_fini(&c->plain);
	free(c);
}

int
setup_calls_has(struct setup_calls *c, const struct exchange *ex,
    const char *line, size_t n)
{
	size_t i;

	for (i = 0; c != NULL && i < c->n_rules; i++) {
		if (c->rule[i].of_cases &&
		    where_holds(c->rule[i].where, ex, line, n))
			return 1;
	}
	return 0;
}

/* ---- the calls ----------------------------------------------------------- */

static int
same(const char *a, size_t a_n, const char *b, size_t b_n)
{
	return (a == NULL) == (b == NULL) && a_n == b_n &&
	    (a == NULL || memcmp(a, b, a_n) == 0);
}

static int
is_there(const struct setup_calls *c, const struct exchange *ex)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (strcmp(c->v[i].method, ex->method) == 0 &&
		    strcmp(c->v[i].target, ex->target) == 0 &&
		    same(c->v[i].body, c->v[i].body_n, ex->req_body.p,
		    ex->req_body.p == NULL ? 0 : ex->req_body.n))
			return 1;
	}
	return 0;
}

static int
copy_header(const struct exchange *ex, const char *name, char **out)
{
	size_t i;

	for (i = 0; i < ex->n_req_headers && *out == NULL; i++) {
		if (strcasecmp(ex->req_headers[i].name, name) != 0)
			continue;
		*out = strdup(ex->req_headers[i].value);
		if (*out == NULL)
			return 0;
	}
	return 1;
}

/* The answer's text, its codings undone. */
static int
copy_answer(struct setup_calls *c, const struct exchange *ex,
    struct setup_call *call)
{
	const struct ex_bytes *b = &ex->res_body;
	char list[128];
	const char *codings = coding_of(ex->res_headers, ex->n_res_headers,
	    list);

	if (b->p == NULL)
		return 1;
	buf_reset(&c->plain);
	if (codings != NULL && coding_undo(codings, b->p, b->n,
	    CODING_TEXT_MAX, &c->plain, NULL) == RC_OK) {
		call->answer_n = c->plain.len;
		call->answer = buf_dup(buf_str(&c->plain), c->plain.len);
	} else {
		call->answer_n = b->n;
		call->answer = buf_dup(b->p, b->n);
	}
	return call->answer != NULL;
}

static int
add_call(struct setup_calls *c, const struct exchange *ex, size_t rule,
    struct err *err)
{
	struct setup_call *v, *call;
	int whole;

	if (c->n == SETUP_CALLS_MAX)
		return err_set(err, RC_FORMAT, "setup: more than %d calls; "
		    "make `where` choose fewer", SETUP_CALLS_MAX);
	v = realloc(c->v, (c->n + 1) * sizeof(*v));
	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->v = v;
	call = &v[c->n++];
	memset(call, 0, sizeof(*call));
	call->rule = rule;
	call->id = strdup(ex->id);
	call->method = strdup(ex->method);
	call->target = strdup(ex->target);
	whole = call->id != NULL && call->method != NULL &&
	    call->target != NULL && copy_header(ex, "content-type",
	    &call->type) &&
	    copy_header(ex, "content-encoding", &call->coding) &&
	    copy_answer(c, ex, call);
	if (whole && ex->req_body.p != NULL) {
		call->body_n = ex->req_body.n;
		call->body = buf_dup(ex->req_body.p, ex->req_body.n);
		whole = call->body != NULL;
	}
	return whole ? RC_OK : err_set(err, RC_NOMEM, "out of memory");
}

/* Takes an exchange that one of the rules for this trace means. */
static int
look_at(struct setup_calls *c, size_t first, const struct exchange *ex,
    const struct trace_rec *line, struct err *err)
{
	size_t i;

	if (ex->key.case_id != NULL || is_there(c, ex))
		return RC_OK;
	for (i = first; i < c->n_rules; i++) {
		if (strcmp(c->rule[i].trace, c->rule[first].trace) == 0 &&
		    where_holds(c->rule[i].where, ex, line->line, line->n))
			return add_call(c, ex, i, err);
	}
	return RC_OK;
}

/* One pass over a trace for all the rules that name it. */
static int
read_calls(struct setup_calls *c, size_t first, struct exchange_rec *rec,
    struct err *err)
{
	struct trace_reader *r = NULL;
	struct trace_rec line;
	struct exchange ex;
	int rc = trace_reader_open(c->rule[first].trace, 1, &r, err);

	if (rc != RC_OK)
		return rc;
	while ((rc = trace_next(r, &line, err)) == 1) {
		rc = exchange_parse(rec, line.line, line.n, &ex, err);
		if (rc == 1)
			rc = look_at(c, first, &ex, &line, err);
		if (rc < 0)
			break;
	}
	trace_reader_close(&r);
	return rc;
}

static int
is_read(const struct setup_calls *c, size_t rule)
{
	size_t i;

	for (i = 0; i < rule; i++) {
		if (strcmp(c->rule[i].trace, c->rule[rule].trace) == 0)
			return 1;
	}
	return 0;
}

int
setup_calls_load(struct setup_calls *c, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	size_t i, k;
	int rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") : RC_OK;

	for (i = 0; i < c->n_rules && rc == RC_OK; i++) {
		if (!is_read(c, i))
			rc = read_calls(c, i, rec, err);
	}
	exchange_rec_free(rec);
	for (i = 0; i < c->n_rules && rc == RC_OK; i++) {
		for (k = 0; k < c->n && c->v[k].rule != i; k++)
			;
		if (k == c->n)
			rc = err_set(err, RC_FORMAT, "%s: no exchange matches "
			    "rule %zu of setup", c->rule[i].trace,
			    i + 1);
	}
	return rc;
}

size_t
setup_calls_n(const struct setup_calls *c)
{
	return c->n;
}

const struct setup_call *
setup_calls_at(const struct setup_calls *c, size_t i)
{
	return &c->v[i];
}

void
setup_calls_ids(const struct setup_calls *c, const struct setup_call *call,
    const struct json *answer, json_each_fn *fn, void *ctx)
{
	const struct rule *r = &c->rule[call->rule];
	size_t i;

	for (i = 0; i < r->n_ids; i++)
		(void)json_ptr_each(r->ids[i], answer, fn, ctx);
}
