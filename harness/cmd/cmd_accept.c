/* lockstep accept and bless: declare intended changes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/buf.h"
#include "harness/base/child.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/result/result.h"
#include "harness/suite/accept.h"
#include "harness/traffic/trace.h"

enum { GIT_MAX = 4096 };		/* bytes of a name or an address */
#define GIT_NS (10 * MONO_S)		/* for git to say it */

struct accept_opts {
	const char *home, *reason, *owner;
	struct opt_list case_ids;
	int all;
};

#define A(field) offsetof(struct accept_opts, field)

#define OPT_REASON { "reason", 0, OPT_STR, A(reason), 0, 0, "TEXT", \
	"why the change is intended" }
#define OPT_OWNER { "owner", 0, OPT_STR, A(owner), 0, 0, "WHO", \
	"who decides (default: git's user.name and user.email)" }
#define OPT_HOME CMD_OPT_HOME(A(home))
#define OPT_END CMD_OPT_END

static const struct opt accept_table[] = {
	{ "case", 0, OPT_LIST, A(case_ids), 0, 0, "ID",
	    "accept this case's new answer (repeat for more)" },
	{ "all", 0, OPT_FLAG, A(all), 0, 0, NULL,
	    "accept every case whose answers moved beyond the\n"
	    "margin of answer drift" },
	OPT_REASON, OPT_OWNER, OPT_HOME, OPT_END
};

static const struct opt_cmd accept_cmd = {
	"accept", "RUN --case ID|--all --reason TEXT",
	"Accepts the candidate's answers to a case in a run. Writes them,\n"
	"with the reason, to SUITE.accepted.jsonl beside the suite; review\n"
	"and commit that file with the change. From then on, that case's\n"
	"answers are compared with these instead of the baseline's. They\n"
	"expire at the next `lockstep bless`.\n\n"
	"  lockstep accept last --case q17 --reason 'the new refund policy'\n"
	"  lockstep accept last --all --reason 'the answers are shorter now'",
	accept_table
};

static const struct opt bless_table[] = {
	OPT_REASON, OPT_OWNER, OPT_HOME, OPT_END
};

static const struct opt_cmd bless_cmd = {
	"bless", "RUN --reason TEXT",
	"Makes the candidate's answers of a run the new baseline. Writes two\n"
	"files beside the suite: the answers as a trace,\n"
	"SUITE.baseline.jsonl.zst, and who blessed them and why,\n"
	"SUITE.baseline.json. Answers accepted with `accept` expire. To\n"
	"compare with the new baseline, use `run SUITE --baseline\n"
	"recorded:SUITE.baseline.jsonl.zst`, or name the trace in the suite\n"
	"(`recorded:`) and use `--baseline recorded`.\n\n"
	"  lockstep bless last --reason 'release 4.2 is in service'",
	bless_table
};

/* ---- who ---------------------------------------------------------------- */

static int
git_config(const char *key, char *out, size_t cap)
{
	char command[80];
	struct buf said;
	int status = -1, ok;

	(void)snprintf(command, sizeof(command),
	    "git config --get %s 2>/dev/null", key);
	buf_init(&said, GIT_MAX);
	ok = child_output(command, GIT_NS, &said, &status, NULL) == RC_OK &&
	    status == 0;
	(void)snprintf(out, cap, "%.*s", (int)strcspn(buf_str(&said), "\n"),
	    ok ? buf_str(&said) : "");
	buf_fini(&said);
	return *out != '\0';
}

static int
who(const struct accept_opts *o, char out[512], struct err *err)
{
	char name[240] = "", mail[240] = "";

	if (o->owner != NULL && *o->owner != '\0') {
		(void)snprintf(out, 512, "%s", o->owner);
		return RC_OK;
	}
	(void)git_config("user.name", name, sizeof(name));
	if (git_config("user.email", mail, sizeof(mail)))
		(void)snprintf(out, 512, "%s%s<%s>", name,
		    *name == '\0' ? "" : " ", mail);
	else
		(void)snprintf(out, 512, "%s", name);
	if (*out == '\0')
		return err_set(err, RC_USAGE, "no owner: give --owner WHO, or "
		    "set git's user.name");
	return RC_OK;
}

/* Options, the run and its job, judged. */
struct decision {
	struct accept_opts o;
	struct store *store;
	struct job *job;
	struct cmd_line line;
	char by[512], at[MONO_UTC_MAX];
};

static int
begin(const struct opt_cmd *cmd, int argc, char **argv, struct decision *d,
    struct err *err)
{
	struct job_opts jo;
	int rc = cmd_begin(cmd, argc, argv, &d->o, &d->line, err);

	if (rc != RC_OK)
		return rc;
	d->job = calloc(1, sizeof(*d->job));
	if (d->job == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (d->line.n != 1)
		return err_set(err, RC_USAGE, "give one RUN, such as `last`");
	if (d->o.reason == NULL || *d->o.reason == '\0')
		return err_set(err, RC_USAGE, "--reason TEXT is missing: give "
		    "the reason, for the reviewer");
	rc = who(&d->o, d->by, err);
	if (rc == RC_OK)
		rc = store_open(store_home(d->o.home), &d->store, err);
	job_opts_init(&jo);
	jo.home = d->o.home;
	if (rc == RC_OK)
		rc = job_reopen(d->job, d->store, d->line.rest[0], &jo, NULL,
		    err);
	if (rc == RC_OK && strcmp(d->job->run.state, "judged") != 0)
		rc = err_set(err, RC_USAGE, "run %s is not judged yet",
		    d->job->run.id);
	mono_utc(mono_wall_ns(), d->at);
	return rc;
}

static int
end(const char *name, struct decision *d, int rc, struct err *err)
{
	if (d->job != NULL && d->job->suite != NULL)
		job_close(d->job);
	free(d->job);
	store_close(&d->store);
	return cmd_end(name, &d->line, rc, 0, err);
}

/* ---- accept ------------------------------------------------------------- */

/* Calls fn for each exchange of the run on the candidate and its echo. */
typedef int seen_fn(void *ctx, const struct trace_rec *rec,
    struct exchange *ex, struct err *err);

static int
each_candidate(const char *path, seen_fn *fn, void *ctx, struct err *err)
{
	struct trace_reader *r = NULL;
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_rec line;
	struct exchange ex;
	int rc;

	if (rec == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = trace_reader_open(path, 0, &r, err);
	while (rc == RC_OK && (rc = trace_next(r, &line, err)) == 1) {
		rc = line.is_exchange ? exchange_parse(rec, line.line,
		    line.n, &ex, err) : 0;
		if (rc == 1 && ex.key.round == ROUND_PLAN &&
		    (ex.key.arm == ARM_CANDIDATE ||
		    ex.key.arm == ARM_CANDIDATE2) && ex.key.case_id != NULL)
			rc = fn(ctx, &line, &ex, err);
		else if (rc == 1)
			rc = RC_OK;
	}
	trace_reader_close(&r);
	exchange_rec_free(rec);
	return rc;
}

/* The first answers to each wording of one case. */
struct answers {
	const char *case_id;
	struct accept_answer v[64];
	size_t n;
};

/* Of the cases that are accepted, sorted by id. */
struct chosen {
	const struct job *job;
	struct answers *v;
	size_t n;
	struct result *result;	/* that the ids are of, or NULL */
};

static int
by_id(const void *a, const void *b)
{
	const struct answers *x = a, *y = b;

	return strcmp(x->case_id, y->case_id);
}

static int
keep_answer(void *ctx, const struct trace_rec *rec, struct exchange *ex,
    struct err *err)
{
	struct chosen *ch = ctx;
	const struct suite_target *t = &ch->job->suite->target[ARM_CANDIDATE];
	const struct answers want = { .case_id = ex->key.case_id };
	struct answers *a = bsearch(&want, ch->v, ch->n, sizeof(*ch->v),
	    by_id);
	struct answer got;
	char *text;
	int rc;

	(void)rec;
	if (a == NULL || ex->key.arm != ARM_CANDIDATE || ex->key.s != 0 ||
	    ex->key.r != 0 || a->n == sizeof(a->v) / sizeof(a->v[0]))
		return RC_OK;
	answer_init(&got);
	rc = extract_answer(t->extract, ex, &got, err);
	if (rc == RC_OK && got.outcome == OUTCOME_OK && got.text != NULL &&
	    got.text_n > 0) {
		a->v[a->n].wording = ex->key.p;
		text = malloc(got.text_n);
		if (text == NULL) {
			rc = err_set(err, RC_NOMEM, "out of memory");
		} else {
			memcpy(text, got.text, got.text_n);
			a->v[a->n++] = (struct accept_answer){ ex->key.p, text,
			    got.text_n };
		}
	}
	answer_fini(&got);
	return rc;
}

static int
by_wording(const void *a, const void *b)
{
	const struct accept_answer *x = a, *y = b;

	return (x->wording > y->wording) - (x->wording < y->wording);
}

static int
accept_case(const struct decision *d, struct answers *a, struct err *err)
{
	struct accept_case c = { .id = a->case_id, .reason = d->o.reason,
	    .by = d->by, .at = d->at, .run = d->job->run.id };
	char *path;
	int rc;

	qsort(a->v, a->n, sizeof(a->v[0]), by_wording);
	c.answers = a->v;
	c.n_answers = a->n;
	rc = accepted_put(d->job->suite->path, &c, err);
	path = accept_path(d->job->suite->path, "accepted.jsonl");
	if (rc == RC_OK)
		cmd_wrapf(0, "%s: %zu answer%s accepted by %s, in %s",
		    a->case_id, a->n, a->n == 1 ? "" : "s", d->by,
		    path == NULL ? "" : path);
	free(path);
	return rc;
}

/* ---- which cases -------------------------------------------------------- */

static int
choose_named(const struct decision *d, struct chosen *ch, struct err *err)
{
	size_t i, k;

	ch->v = calloc(d->o.case_ids.n + 1, sizeof(*ch->v));
	if (ch->v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < d->o.case_ids.n; i++) {
		if (caseset_find(d->job->cases, d->o.case_ids.v[i]) ==
		    UINT64_MAX)
			return err_set(err, RC_USAGE, "run %s has no case "
			    "\"%s\"", d->job->run.id, d->o.case_ids.v[i]);
		for (k = 0; k < ch->n && strcmp(ch->v[k].case_id,
		    d->o.case_ids.v[i]) != 0; k++)
			;
		ch->v[k].case_id = d->o.case_ids.v[i];
		ch->n += k == ch->n;
	}
	return RC_OK;
}

/* Those whose answers moved, by the run's own report. */
static int
choose_all(const struct decision *d, struct chosen *ch, struct err *err)
{
	const double margin = d->job->suite->limits.answer_drift;
	const struct result_case *c;
	struct result_reader rd;
	char path[1100];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/report.json", d->job->run.dir);
	rc = result_read(path, &ch->result, err);
	if (rc != RC_OK)
		return rc;
	ch->v = calloc(ch->result->n_cases + 1, sizeof(*ch->v));
	if (ch->v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	result_reader_init(&rd, ch->result);
	while ((c = result_case_next(&rd)) != NULL) {
		if ((double)c->drift > margin &&
		    caseset_find(d->job->cases, c->id) != UINT64_MAX)
			ch->v[ch->n++].case_id = result_str(ch->result,
			    c->id);
	}
	rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	if (rc == RC_OK)
		rc = result_check(ch->result, err);
	if (rc == RC_OK && ch->n == 0)
		rc = err_set(err, RC_USAGE, "run %s: no case's answers moved "
		    "by more than %g; name a case with --case "
		    "ID", d->job->run.id,
		    margin);
	return rc;
}

static int
accept_chosen(const struct decision *d, struct chosen *ch, struct err *err)
{
	size_t i, silent = 0;
	int rc;

	qsort(ch->v, ch->n, sizeof(*ch->v), by_id);
	rc = each_candidate(d->job->trace_path, keep_answer, ch, err);
	/* of those named all are accepted, or none */
	for (i = 0; i < ch->n && rc == RC_OK && !d->o.all; i++) {
		if (ch->v[i].n == 0)
			rc = err_set(err, RC_USAGE, "case %s: the candidate "
			    "gave no answer to accept; nothing is accepted",
			    ch->v[i].case_id);
	}
	for (i = 0; i < ch->n && rc == RC_OK; i++) {
		/* with --all, cases without an answer do not stop it */
		if (d->o.all && ch->v[i].n == 0)
			silent++;
		else
			rc = accept_case(d, &ch->v[i], err);
	}
	if (rc == RC_OK && silent > 0)
		cmd_wrapf(0, "left out: %zu case%s without an answer", silent,
		    silent == 1 ? "" : "s");
	return rc;
}

static void
chosen_fini(struct chosen *ch)
{
	size_t i, k;

	for (i = 0; i < ch->n; i++) {
		for (k = 0; k < ch->v[i].n; k++)
			free((void *)(uintptr_t)ch->v[i].v[k].text);
	}
	free(ch->v);
	result_free(ch->result);
}

int
cmd_accept(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct chosen ch = { NULL, NULL, 0, NULL };
	struct decision d;
	int rc;

	memset(&d, 0, sizeof(d));
	rc = begin(&accept_cmd, argc, argv, &d, &err);
	if (rc == RC_OK && (d.o.case_ids.n > 0) == (d.o.all != 0))
		rc = err_set(&err, RC_USAGE, "choose the answers: --case ID, "
		    "or --all for all that moved");
	ch.job = d.job;
	if (rc == RC_OK)
		rc = d.o.all ? choose_all(&d, &ch, &err) :
		    choose_named(&d, &ch, &err);
	if (rc == RC_OK)
		rc = accept_chosen(&d, &ch, &err);
	chosen_fini(&ch);
	if (rc == RC_OK)
		cmd_wrapf(0, "review it and commit it with the change; "
		    "`lockstep score %s` uses it", d.job->run.id);
	return end("accept", &d, rc, &err);
}

/* ---- bless -------------------------------------------------------------- */

struct copy {
	struct trace_writer *w;
	const char *from, *to;
	struct buf line;
	uint64_t n;
};

/* The same exchange, as the baseline's. */
static int
copy_one(void *ctx, const struct trace_rec *rec, struct exchange *ex,
    struct err *err)
{
	struct copy *c = ctx;
	int rc = RC_OK;

	ex->key.arm = ex->key.arm == ARM_CANDIDATE ? ARM_BASELINE :
	    ARM_BASELINE2;
	if (ex->res_body.spill != NULL || ex->req_body.spill != NULL)
		rc = trace_body_copy(c->from, c->to, rec->line, rec->n, err);
	buf_reset(&c->line);
	exchange_write(&c->line, ex);
	if (rc == RC_OK)
		rc = buf_check(&c->line, c->to, err);
	if (rc == RC_OK)
		rc = trace_write(c->w, c->line.p, c->line.len, err);
	c->n++;
	return rc;
}

static int
write_trace(const struct decision *d, const char *path, uint64_t *n,
    struct err *err)
{
	struct trace_opts to = { .kind = "baseline", .argc = cmd_main_argc,
	    .argv = cmd_main_argv };
	struct copy c = { .from = d->job->trace_path, .to = path };
	int rc = trace_writer_open(path, &to, 1, &c.w, err);

	buf_init(&c.line, TRACE_LINE_MAX);
	if (rc == RC_OK)
		rc = each_candidate(d->job->trace_path, copy_one, &c, err);
	if (rc == RC_OK)
		rc = trace_writer_close(&c.w, err);
	else
		trace_writer_abandon(&c.w);
	buf_fini(&c.line);
	*n = c.n;
	return rc;
}

static int
write_note(const struct decision *d, const char *path, const char *trace,
    struct err *err)
{
	const char *slash = strrchr(trace, '/');
	struct json_out o;
	struct buf b;
	FILE *f;
	int rc = RC_OK;

	buf_init(&b, 1 << 20);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_int(&o, "lockstep_baseline", 1);
	json_put_str(&o, "run", d->job->run.id);
	json_put_str(&o, "trace", slash == NULL ? trace : slash + 1);
	json_put_str(&o, "suite_hash", d->job->suite->hash);
	json_put_str(&o, "reason", d->o.reason);
	json_put_str(&o, "by", d->by);
	json_put_str(&o, "at", d->at);
	json_out_end(&o, '}');
	buf_putc(&b, '\n');
	f = fopen(path, "wb");
	if (f == NULL || fwrite(b.p, 1, b.len, f) != b.len)
		rc = err_errno(err, RC_IO, "%s: cannot write", path);
	if (f != NULL && fclose(f) != 0 && rc == RC_OK)
		rc = err_errno(err, RC_IO, "%s: cannot write", path);
	buf_fini(&b);
	return rc;
}

/* The old baseline is what they were exceptions to. */
static int
expire(const struct decision *d, struct err *err)
{
	const char *suite = d->job->suite->path;
	struct accepted *a = NULL;
	char *path = accept_path(suite, "accepted.jsonl");
	size_t i;
	int rc = path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    accepted_open(suite, &a, err);

	for (i = 0; rc == RC_OK && i < accepted_n(a); i++)
		(void)printf("expired: %s, accepted by %s (%s)\n",
		    accepted_at(a, i)->id, accepted_at(a, i)->by,
		    accepted_at(a, i)->reason);
	if (rc == RC_OK && accepted_n(a) > 0 && unlink(path) != 0)
		rc = err_errno(err, RC_IO, "%s: cannot remove", path);
	accepted_free(a);
	free(path);
	return rc;
}

int
cmd_bless(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct decision d;
	char *trace = NULL, *note = NULL;
	uint64_t n = 0;
	int rc;

	memset(&d, 0, sizeof(d));
	rc = begin(&bless_cmd, argc, argv, &d, &err);
	if (rc == RC_OK) {
		trace = accept_path(d.job->suite->path, "baseline.jsonl.zst");
		note = accept_path(d.job->suite->path, "baseline.json");
		if (trace == NULL || note == NULL)
			rc = err_set(&err, RC_NOMEM, "out of memory");
	}
	if (rc == RC_OK)
		rc = write_trace(&d, trace, &n, &err);
	if (rc == RC_OK)
		rc = write_note(&d, note, trace, &err);
	if (rc == RC_OK)
		rc = expire(&d, &err);
	if (rc == RC_OK)
		(void)printf("%llu answers of run %s are now the baseline, in "
		    "%s\n"
		    "review and commit it; compare with --baseline "
		    "recorded:%s\n", (unsigned long long)n, d.job->run.id,
		    trace, trace);
	if (rc == RC_OK && *d.job->run.verdict != '\0' &&
	    strcmp(d.job->run.verdict, verdict_name(VERDICT_PASS)) != 0)
		(void)printf("this run was %s: what it got wrong is now the "
		    "baseline, too\n", d.job->run.verdict);
	free(trace);
	free(note);
	return end("bless", &d, rc, &err);
}
