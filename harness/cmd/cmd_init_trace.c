/* A suite from recorded traffic: which requests ask, and their shape. */
#include <stdio.h>
#include <string.h>

#include "harness/cmd/cmd_init_part.h"
#include "harness/suite/question.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/trace.h"

struct pass {
	struct init *in;
	struct question_reader reader;
	struct extract_spec *spec;
	uint64_t seen, step;	/* of the second: every step-th is taken */
};

typedef int pass_fn(struct pass *p, const struct exchange *ex,
    const struct trace_rec *line, struct err *err);

static int
each(struct pass *p, pass_fn *fn, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *r = NULL;
	struct trace_rec line;
	struct exchange ex;
	int rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    trace_reader_open(p->in->args->trace, 1, &r, err);

	if (rc == RC_OK)
		rc = 1;
	while (rc == 1 && (rc = trace_next(r, &line, err)) == 1) {
		rc = exchange_parse(rec, line.line, line.n, &ex, err);
		if (rc == 1)
			rc = fn(p, &ex, &line, err);
		rc = rc < 0 ? rc : 1;
	}
	trace_reader_close(&r);
	exchange_rec_free(rec);
	return rc;
}

/* The first: what there is. */
static int
count(struct pass *p, const struct exchange *ex,
    const struct trace_rec *line, struct err *err)
{
	struct init *in = p->in;
	struct route *r = routes_add(&in->routes, ex);
	struct json *body = NULL;
	size_t n;

	(void)line;
	in->exchanges++;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->questions += question_of(&p->reader, p->spec, ex, &body, &n) !=
	    NULL;
	json_free(body);
	if (ex->url != NULL && in->url[0] == '\0')
		(void)snprintf(in->url, sizeof(in->url), "%s", ex->url);
	return RC_OK;
}

static int
is_route(const struct route *r, const struct exchange *ex)
{
	char path[1024];

	routes_path(ex->target, path, sizeof(path));
	return strcmp(r->method, ex->method) == 0 &&
	    strcmp(r->path, path) == 0;
}

/* The second: answers of the chosen kind, spread over the trace. */
static int
take_answer(struct pass *p, const struct exchange *ex,
    const struct trace_rec *line, struct err *err)
{
	if (!is_route(p->in->route, ex) || ex->status < 200 ||
	    ex->status >= 300)
		return RC_OK;
	/* a query that is always the same is part of the path */
	if (p->seen == 0)
		(void)snprintf(p->in->path, sizeof(p->in->path), "%s",
		    ex->target);
	p->in->targets_differ |= strcmp(p->in->path, ex->target) != 0;
	if (p->seen++ % p->step != 0)
		return RC_OK;
	return guess_add(&p->in->guess, line->line, line->n, err);
}

/* A look-up counts little beside what sends something. */
static uint64_t
weight_of(const struct route *r)
{
	return strcmp(r->method, "GET") != 0 ? r->answered * 1001 :
	    r->answered;
}

/* The one that is named, else that with most questions, else the most used
 * one that is no mere look-up. */
static int
choose(struct init *in, struct err *err)
{
	const char *named = in->args->route;
	struct route *best = NULL, *r;
	char text[1100];
	size_t i;

	for (i = 0; i < in->routes.n; i++) {
		r = &in->routes.v[i];
		(void)snprintf(text, sizeof(text), "%s %s", r->method,
		    r->path);
		if (named != NULL && (strcmp(named, text) == 0 ||
		    strcmp(named, r->path) == 0))
			best = r;
		if (named != NULL || r->answered == 0)
			continue;
		if (best == NULL || r->questions > best->questions ||
		    (r->questions == best->questions &&
		    weight_of(r) > weight_of(best)))
			best = r;
	}
	in->route = best;
	if (best != NULL && best->answered > 0)
		return RC_OK;
	return named != NULL ? err_set(err, RC_USAGE, "--route: %s has no "
	    "answered request \"%s\"; `lockstep trace info` lists the "
	    "routes", in->args->trace, named) :
	    err_set(err, RC_FORMAT, "%s: no exchange was answered with a "
	    "2xx", in->args->trace);
}

int
init_from_trace(struct init *in, struct err *err)
{
	struct pass p = { .in = in };
	int rc;

	question_reader_init(&p.reader);
	p.spec = extract_new(NULL, err);
	rc = p.spec == NULL ? (int)err->code : each(&p, count, err);
	if (rc == RC_OK)
		rc = choose(in, err);
	if (rc == RC_OK) {
		p.step = 1 + (in->route->answered - 1) / GUESS_MAX;
		rc = each(&p, take_answer, err);
	}
	if (rc == RC_OK)
		rc = init_find_setup(in, err);
	if (rc == RC_OK)
		rc = guess_make(&in->guess, err);
	if (in->args->url != NULL)
		(void)snprintf(in->url, sizeof(in->url), "%s", in->args->url);
	question_reader_fini(&p.reader);
	extract_free(p.spec);
	return rc;
}
