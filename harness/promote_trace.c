/* Promotion of chosen exchanges of a trace; see promote.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/buf.h"
#include "harness/json.h"
#include "harness/promote.h"
#include "harness/trace.h"

/* The chosen exchanges, as the cases they become. */
struct chosen {
	char *id[PROMOTE_MAX];		/* of the case */
	size_t n;
	uint64_t seen;			/* exchanges in the trace */
	char *method, *target;		/* of the first */
	char *other;			/* a target that differs, or NULL */
	int has_body;
};

static void
chosen_fini(struct chosen *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->id[i]);
	free(c->method);
	free(c->target);
	free(c->other);
	free(c);
}

/* Where the requests went, and whether all went there. */
static int
take_shape(struct chosen *c, const struct exchange *ex, struct err *err)
{
	const char *method = ex->method == NULL ? "POST" : ex->method;
	const char *target = ex->target == NULL ? "/" : ex->target;
	int bad = 0;

	if (c->n == 0) {
		c->method = strdup(method);
		c->target = strdup(target);
		c->has_body = ex->req_body.n > 0;
		bad = c->method == NULL || c->target == NULL;
	} else if (c->other == NULL && (strcmp(method, c->method) != 0 ||
	    strcmp(target, c->target) != 0)) {
		bad = asprintf(&c->other, "%s %s", method, target) < 0;
	}
	return bad ? err_set(err, RC_NOMEM, "out of memory") : RC_OK;
}

/* An exchange of a run is a case by its key, any other by its own id. */
static int
choose_one(struct chosen *c, const struct exchange *ex, struct err *err)
{
	const char *id = ex->key.case_id != NULL ? ex->key.case_id : ex->id;
	int rc;

	if (c->n == PROMOTE_MAX)
		return err_set(err, RC_USAGE, "more than %d exchanges are "
		    "chosen; say which by --id, --outcome, --from and --to, "
		    "or take a sample with `lockstep trace slice --sample`",
		    PROMOTE_MAX);
	rc = take_shape(c, ex, err);
	if (rc != RC_OK)
		return rc;
	c->id[c->n] = strdup(id == NULL ? "" : id);
	if (c->id[c->n] == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c->n++;
	return RC_OK;
}

static int
choose(const struct promote_trace *job, struct chosen *c, struct err *err)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *r = NULL;
	struct trace_rec line;
	struct exchange ex;
	int rc = rec == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    trace_reader_open(job->path, 0, &r, err);

	if (rc == RC_OK)
		rc = 1;
	while (rc == 1 && (rc = trace_next(r, &line, err)) == 1) {
		if (!line.is_exchange)
			continue;
		c->seen++;
		rc = exchange_parse(rec, line.line, line.n, &ex, err);
		if (rc == 1 && trace_pick_has(job->pick, &ex) &&
		    choose_one(c, &ex, err) != RC_OK)
			rc = err->code;
		if (rc == 0)
			rc = 1;		/* of a type that is not known */
	}
	trace_reader_close(&r);
	exchange_rec_free(rec);
	if (rc == 0 && c->n == 0)
		rc = err_set(err, RC_USAGE, "%s: none of its %llu exchanges is "
		    "chosen; `lockstep trace info` tells what is in it",
		    job->path, (unsigned long long)c->seen);
	return rc;
}

/* ---- the shape of the requests ------------------------------------------ */

/* A suite for a trace alone: every request as it was recorded. */
static int
write_bare(const struct chosen *c, char *path, struct err *err)
{
	int fd = mkstemps(path, 4);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");
	struct buf b;
	int rc;

	if (f == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return err_errno(err, RC_IO, "%s", path);
	}
	buf_init(&b, 1 << 20);
	buf_puts(&b, "lockstep: 1\nname: trace\nrequest: {method: ");
	json_write_str(&b, c->method, strlen(c->method));
	buf_puts(&b, ", path: ");
	json_write_str(&b, c->target, strlen(c->target));
	buf_puts(&b, c->has_body ? ", body: \"{{body}}\"}\n" : "}\n");
	rc = buf_check(&b, "a request", err);
	if (rc == RC_OK && fwrite(buf_str(&b), 1, b.len, f) != b.len)
		rc = err_errno(err, RC_IO, "%s", path);
	if (fclose(f) != 0 && rc == RC_OK)
		rc = err_errno(err, RC_IO, "%s", path);
	buf_fini(&b);
	return rc;
}

static int
open_shape(const struct promote_trace *job, const struct chosen *c,
    struct suite **out, struct err *err)
{
	struct suite_over over = { .set = job->set, .n_set = job->n_set,
		.no_env = 1 };
	char path[] = "/tmp/lockstep-promote.XXXXXX.yml";
	int rc;

	if (job->suite_path != NULL)
		return suite_load(job->suite_path, &over, out, err);
	if (c->other != NULL)
		return err_set(err, RC_USAGE, "the chosen requests are not of "
		    "one kind (%s %s, %s): choose such as are, or say by "
		    "--suite how to ask", c->method, c->target, c->other);
	rc = write_bare(c, path, err);
	if (rc == RC_OK)
		rc = suite_load(path, &over, out, err);
	(void)unlink(path);
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
		rc = err_set(err, RC_FORMAT, "%s: no chosen exchange holds a "
		    "question; say where it is with --set "
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

int
promote_from_trace(const struct promote_trace *job,
    struct promote_out *out, size_t *without, struct err *err)
{
	struct promote_expect x = job->expect;
	struct chosen *c = calloc(1, sizeof(*c));
	struct caseset *gold = NULL, *cases = NULL;
	struct suite *s = NULL;
	int rc;

	*without = 0;
	if (c == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = choose(job, c, err);
	if (rc == RC_OK)
		rc = open_shape(job, c, &s, err);
	if (rc == RC_OK)
		rc = open_gold(job, s, &x, &gold, err);
	if (rc == RC_OK)
		rc = open_cases(job, s, c, &cases, err);
	if (rc == RC_OK)
		rc = write_all(job, s, cases, &x, out, err);
	if (rc == RC_OK && c->n > out->n_cases)
		*without = c->n - out->n_cases;
	caseset_close(&cases);
	caseset_close(&gold);
	suite_free(s);
	chosen_fini(c);
	return rc;
}
