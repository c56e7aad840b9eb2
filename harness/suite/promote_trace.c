/* Promotion of chosen exchanges of a trace; see promote.h. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/suite/promote.h"
#include "harness/suite/question.h"
#include "harness/suite/yaml_out.h"
#include "harness/suite/promote_part.h"
#include "harness/traffic/extract.h"
#include "harness/traffic/trace.h"

enum { KINDS_MAX = 64 };

/* Where requests went, and how many of them hold a question. */
struct kind {
	char *text;			/* "POST /query" */
	size_t n, questions;
	int has_body;
	int queries;			/* targets have parameters */
};

/* The chosen exchanges, as the cases they become. */
struct chosen {
	char *id[PROMOTE_MAX];		/* of the case */
	unsigned char of[PROMOTE_MAX];	/* its kind */
	size_t n;
	uint64_t seen;			/* exchanges in the trace */
	struct kind kind[KINDS_MAX];
	size_t n_kinds;
	unsigned char *found;		/* of job->pick's ids */
};

static void
chosen_fini(struct chosen *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->id[i]);
	for (i = 0; i < c->n_kinds; i++)
		free(c->kind[i].text);
	free(c->found);
	free(c);
}

/* The kind of a request; the last takes all beyond those that have room. */
static struct kind *
kind_of(struct chosen *c, const struct exchange *ex)
{
	struct kind *k;
	const char *target = ex->target == NULL ? "/" : ex->target;
	size_t i, n = strcspn(target, "?");
	char *text;

	if (asprintf(&text, "%s %.*s", ex->method == NULL ? "POST" :
	    ex->method, (int)n, target) < 0)
		return NULL;
	for (i = 0; i < c->n_kinds && strcmp(c->kind[i].text, text) != 0; i++)
		continue;
	if (i == KINDS_MAX)
		i--;
	k = &c->kind[i];
	if (i == c->n_kinds) {
		c->n_kinds++;
		k->text = text;
		k->has_body = ex->req_body.n > 0;
	} else {
		free(text);
	}
	k->queries |= target[n] == '?';
	return k;
}

static int
has_question(const struct suite *s, const struct exchange *ex)
{
	struct question_reader r;
	struct json *body;
	size_t n;
	int has;

	question_reader_init(&r);
	has = question_of(&r, s->extract, ex, &body, &n) != NULL;
	json_free(body);
	question_reader_fini(&r);
	return has;
}

/* An exchange of a run is a case by its key, any other by its own id. */
static int
choose_one(struct chosen *c, const struct suite *s,
    const struct exchange *ex, struct err *err)
{
	const char *id = ex->key.case_id != NULL ? ex->key.case_id : ex->id;
	struct kind *k;

	if (c->n == PROMOTE_MAX)
		return err_set(err, RC_USAGE, "more than %d exchanges are "
		    "chosen; choose fewer with --id, --outcome, --from and "
		    "--to, or take a sample with `lockstep trace slice "
		    "--sample`",
		    PROMOTE_MAX);
	k = kind_of(c, ex);
	c->id[c->n] = strdup(id == NULL ? "" : id);
	if (k == NULL || c->id[c->n] == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->of[c->n++] = (unsigned char)(k - c->kind);
	k->n++;
	k->questions += (size_t)has_question(s, ex);
	return RC_OK;
}

static int
check_found(const struct promote_trace *job, const struct chosen *c,
    struct err *err)
{
	size_t i;

	if (c->seen == 0)
		return err_set(err, RC_FORMAT, "%s: no exchange in it; "
		    "`lockstep trace info` shows what it has", job->path);
	for (i = 0; i < job->pick->n_ids; i++) {
		if (!c->found[i])
			return err_set(err, RC_USAGE, "%s: none of its %llu "
			    "exchanges has the id \"%s\"", job->path,
			    (unsigned long long)c->seen, job->pick->ids[i]);
	}
	if (c->n == 0)
		return err_set(err, RC_USAGE, "%s: none of its %llu exchanges "
		    "is chosen; `lockstep trace info` shows what it has",
		    job->path, (unsigned long long)c->seen);
	return RC_OK;
}

static void
mark_found(const struct promote_trace *job, struct chosen *c,
    const struct exchange *ex)
{
	size_t i;

	for (i = 0; i < job->pick->n_ids && ex->id != NULL; i++)
		c->found[i] |= strcmp(job->pick->ids[i], ex->id) == 0;
}

static int
choose(const struct promote_trace *job, const struct suite *s,
    struct chosen *c, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *r = NULL;
	struct trace_rec line;
	struct exchange ex;
	int rc;

	c->found = calloc(job->pick->n_ids + 1, 1);
	rc = rec == NULL || c->found == NULL ?
	    err_set(err, RC_NOMEM, "out of memory") :
	    trace_reader_open(job->path, 0, &r, err);
	if (rc == RC_OK)
		rc = 1;
	while (rc == 1 && (rc = trace_next(r, &line, err)) == 1) {
		if (!line.is_exchange)
			continue;
		c->seen++;
		rc = exchange_parse(rec, line.line, line.n, &ex, err);
		if (rc == 1 && ex.key.round == ROUND_PLAN) {
			mark_found(job, c, &ex);
			if (trace_pick_takes(job->pick, &ex, line.line,
			    line.n) && choose_one(c, s, &ex, err) != RC_OK)
				rc = err->code;
		} else if (rc == 0) {
			rc = 1;		/* of a type that is not known */
		}
	}
	trace_reader_close(&r);
	exchange_rec_free(rec);
	return rc == RC_OK ? check_found(job, c, err) : rc;
}

/* Keeps the kind that asks most; requests as they were recorded all go to
 * one place. returns it */
static const struct kind *
keep_one_kind(struct chosen *c, struct promote_left *left)
{
	size_t best = 0, i, n = 0;

	for (i = 1; i < c->n_kinds; i++) {
		if (c->kind[i].questions > c->kind[best].questions)
			best = i;
	}
	for (i = 0; i < c->n_kinds; i++) {
		if (i == best)
			continue;
		(void)snprintf(left->kind, sizeof(left->kind), "%s",
		    c->kind[i].text);
		left->other += c->kind[i].n;
	}
	for (i = 0; i < c->n; i++) {
		if (c->of[i] == best)
			c->id[n++] = c->id[i];
		else
			free(c->id[i]);
	}
	c->n = n;
	return &c->kind[best];
}

/* ---- the shape of the requests ------------------------------------------ */

/* A recorded path as the path of a manifest: braces that would begin a
 * placeholder are percent-encoded, which means the same. */
static void
quote_path(struct buf *b, const char *path)
{
	struct buf text;
	const char *p;

	buf_init(&text, 1 << 20);
	for (p = path; *p != '\0'; p++) {
		if (p[0] == '{' && (p[1] == '{' || (p > path && p[-1] == '{')))
			buf_puts(&text, "%7B");
		else
			buf_putc(&text, *p);
	}
	yaml_quote(b, buf_str(&text), text.len);
	buf_fini(&text);
}

/* A suite for a trace alone: every request as it was recorded. */
static int
write_bare(const struct kind *k, struct buf *b, struct err *err)
{
	size_t method;

	assert(k->text != NULL);
	method = strcspn(k->text, " ");
	buf_puts(b, "lockstep: 1\nname: trace\nrequest: {method: ");
	yaml_quote(b, k->text, method);
	buf_puts(b, ", path: ");
	if (k->queries)
		buf_puts(b, "\"{{target}}\"");
	else
		quote_path(b, k->text + method + 1);
	buf_puts(b, k->has_body ? ", body: \"{{body}}\"}\n" : "}\n");
	return buf_check(b, "a request", err);
}

/* k  the requests' kind, where no suite says how to ask */
static int
open_shape(const struct promote_trace *job, const struct kind *k,
    struct suite **out, struct err *err)
{
	struct suite_over over = { .set = job->set, .n_set = job->n_set,
		.no_env = 1 };
	struct buf text;
	int rc;

	if (job->suite_path != NULL)
		return suite_load(job->suite_path, &over, out, err);
	buf_init(&text, 1 << 20);
	rc = write_bare(k, &text, err);
	over.text = buf_str(&text);
	if (rc == RC_OK)
		rc = suite_load(job->path, &over, out, err);
	buf_fini(&text);
	return rc;
}

static int
open_gold(const struct promote_trace *job, const struct suite *s,
    struct promote_expect *x, struct caseset **gold, struct err *err)
{
	int rc;

	*gold = NULL;
	if (job->suite_path == NULL)
		return RC_OK;
	x->suite = s;
	/* a suite over that very trace knows no more than the trace */
	if (s->cases_trace != NULL && s->cases_file == NULL)
		return RC_OK;
	rc = caseset_open(s, NULL, gold, err);
	x->gold = *gold;
	return rc;
}

static int
open_cases(const struct promote_trace *job, const struct suite *s,
    const struct chosen *c, struct caseset **out, struct err *err)
{
	const struct caseset_filter only = {
		.ids = (const char *const *)c->id, .n_ids = c->n };
	struct suite of_trace = *s;
	char *path = realpath(job->path, NULL);
	int rc;

	if (path == NULL)
		return err_errno(err, RC_IO, "%s", job->path);
	of_trace.cases_file = NULL;
	of_trace.cases_inline = NULL;
	of_trace.cases_trace = path;
	of_trace.sample = 0;
	of_trace.stratify = NULL;
	rc = caseset_open(&of_trace, &only, out, err);
	free(path);
	if (rc == RC_OK && caseset_n(*out) == 0)
		rc = err_set(err, RC_FORMAT, "%s: no chosen exchange has a "
		    "question; give its place with --set "
		    "extract.question=POINTER", job->path);
	return rc;
}

/* ---- all together -------------------------------------------------------- */

static int
write_all(const struct promote_trace *job, const struct suite *s,
    const struct caseset *cases, const struct promote_expect *x,
    struct promote_out *out, struct err *err)
{
	struct promote_job p = { .suite = s, .cases = cases, .expect = x,
		.n = (size_t)caseset_n(cases), .trace_path = job->path,
		.incident = job->incident, .owner = job->owner,
		.reason = job->reason, .dir = job->dir,
		.replace = job->replace, .argc = job->argc,
		.argv = job->argv };
	const char *slash = strrchr(job->path, '/');
	uint64_t *index = calloc(p.n + 1, sizeof(*index));
	char from[256];
	size_t i;
	int rc;

	if (index == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < p.n; i++)
		index[i] = i;
	(void)snprintf(from, sizeof(from), "trace %.200s", slash == NULL ?
	    job->path : slash + 1);
	p.index = index;
	p.from = from;
	rc = promote_write(&p, out, err);
	free(index);
	return rc;
}

/* The chosen exchanges and how they are asked. */
static int
open_all(const struct promote_trace *job, struct chosen *c,
    struct suite **out, struct promote_left *left, struct err *err)
{
	char any_text[] = "POST /";
	struct kind any = { .text = any_text };
	const struct kind *k;
	int rc = open_shape(job, &any, out, err);

	if (rc == RC_OK)
		rc = choose(job, *out, c, err);
	if (rc != RC_OK || job->suite_path != NULL)
		return rc;
	suite_free(*out);
	*out = NULL;
	k = keep_one_kind(c, left);
	return open_shape(job, k, out, err);
}

int
promote_from_trace(const struct promote_trace *job,
    struct promote_out *out, struct promote_left *left, struct err *err)
{
	struct promote_expect x = job->expect;
	struct chosen *c = calloc(1, sizeof(*c));
	struct caseset *gold = NULL, *cases = NULL;
	struct suite *s = NULL;
	int rc;

	memset(left, 0, sizeof(*left));
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = open_all(job, c, &s, left, err);
	assert(rc != RC_OK || s != NULL);
	if (rc == RC_OK)
		rc = open_gold(job, s, &x, &gold, err);
	if (rc == RC_OK)
		rc = open_cases(job, s, c, &cases, err);
	if (rc == RC_OK)
		rc = write_all(job, s, cases, &x, out, err);
	if (rc == RC_OK && c->n > out->n_cases + out->n_left_declined)
		left->without = c->n - out->n_cases - out->n_left_declined;
	caseset_close(&cases);
	caseset_close(&gold);
	suite_free(s);
	chosen_fini(c);
	return rc;
}
