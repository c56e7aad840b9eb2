/* lockstep drill: scenarios of the guardrails, on real stacks. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_argv.h"
#include "harness/cmd/cmd_drill_artifacts.h"
#include "harness/cmd/cmd_drill_gates.h"
#include "harness/cmd/cmd_drill_keep.h"
#include "harness/cmd/cmd_drill_resume.h"
#include "harness/cmd/cmd_drill_tell.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_proofs.h"
#include "harness/cmd/cmd_stop.h"
#include "harness/drill/drill.h"
#include "harness/drill/drill_load.h"
#include "harness/result/store.h"
#include "reports/drill_report.h"
#include "reports/reports.h"

struct drill_options {
	const char *arm[ARM_N], *with, *home, *now, *report_dir;
	struct opt_list only, set;
	int json, resume;
	int64_t seed;
};

#define O(field) offsetof(struct drill_options, field)

static const struct opt drill_table[] = {
	{ "candidate", 0, OPT_STR, O(arm[ARM_CANDIDATE]), 0, 0, "URL",
	    "the stack to drill" },
	{ "baseline", 0, OPT_STR, O(arm[ARM_BASELINE]), 0, 0, "URL",
	    "the stack in service, where a drill compares" },
	{ "only", 0, OPT_LIST, O(only), 0, 0, "NAME",
	    "only this scenario or drill (repeat for more)" },
	{ "with", 0, OPT_STR, O(with), 0, 0, "SUITE",
	    "merge this manifest over the first: targets, write,\n"
	    "audit and levers of your service" },
	{ "set", 0, OPT_LIST, O(set), 0, 0, "KEY=VALUE",
	    "override a key, e.g. write.path=/orders" },
	{ "now", 0, OPT_STR, O(now), 0, 0, "TIME",
	    "for calendars: 2026-01-31T12:00:00Z (the clock)" },
	{ "resume", 0, OPT_FLAG, O(resume), 0, 0, NULL,
	    "resume an interrupted drill: scenarios and steps of\n"
	    "one that it finished are taken as they were, SUITE and\n"
	    "options are those that it had" },
	{ "report-dir", 0, OPT_STR, O(report_dir), 0, 0, "DIR",
	    "write report.html, report.json, report.md, junit.xml" },
	{ "seed", 0, OPT_INT, O(seed), 0, 9e15, "N",
	    "seed of every random choice (from the suite's hash)" },
	CMD_OPT_HOME(O(home)), CMD_OPT_JSON(O(json)), CMD_OPT_END
};

static const char about[] =
	"Tries the scenarios of a suite on the stacks that it names, and says\n"
	"of each what held, what did not, and the likely root cause. Levers\n"
	"that it pulls are taken back at the end, on Ctrl-C, and, if it was\n"
	"killed, before the next drill. A manifest without `scenarios` is\n"
	"drilled by what its words ask for.\n\n"
	"  lockstep drill suites/guardrails/idempotency.yml --candidate URL\n"
	"  lockstep drill their.yml --with my-service.yml --only swap\n\n"
	"Drills:\n"
#define DRILL(name, guardrail, aliases, help) \
	"  " #name ":\n    " help "\n"
#include "harness/terms/drill_rows.h"
	"\nExit status: 0 all hold, 1 a required one failed, 2 one could not "
	"run,\n3 one that is not required failed.";

static const struct opt_cmd drill_cmd = {
	"drill", "SUITE [--candidate URL]", about, drill_table
};

static int
recover(const char *home, struct err *err)
{
	size_t n;
	int rc = drill_recover(home, &n, err);

	if (rc == RC_OK && n > 0)
		log_msg(LOG_WARN, "drill", "took back %zu lever%s of a drill "
		    "that was killed", n, n == 1 ? "" : "s");
	return rc;
}

/* Whether a guardrail held when it was last drilled. */
static int
proven(void *ctx, int guardrail)
{
	struct err err = ERR_INIT;
	const struct gates_ctx *c = ctx;
	struct json *kept = drill_kept(c->home, &err), *l;
	const char *last = "";
	int held;

	for (l = json_first(kept); l != NULL; l = json_next(l)) {
		if (json_get_int(l, "guardrail", 0) == guardrail)
			last = json_get_str(l, "verdict");
	}
	held = last != NULL && strcmp(last, "PASS") == 0;
	json_free(kept);
	return held;
}

static struct json *
list_of(const struct opt_list *l, int secrets)
{
	struct json *j = json_new(JSON_ARRAY);
	size_t i;

	for (i = 0; i < l->n; i++) {
		if (secrets || !cmd_set_is_secret(l->v[i]))
			(void)json_push(j, json_new_str(l->v[i]));
	}
	return j;
}

static void
put(struct json *how, const char *key, const char *value)
{
	if (value != NULL)
		(void)json_set(how, key, json_new_str(value));
}

/* How it was started, for --resume. Secrets are in no file. */
static struct json *
how_started(const struct drill_options *o, const char *path,
    const struct suite *s)
{
	struct json *how = json_new(JSON_OBJECT);

	put(how, "path", path);
	put(how, "hash", s->hash);
	put(how, "baseline", o->arm[ARM_BASELINE]);
	put(how, "candidate", o->arm[ARM_CANDIDATE]);
	put(how, "with", o->with);
	put(how, "now", o->now);
	put(how, "report_dir", o->report_dir);
	(void)json_set(how, "only", list_of(&o->only, 1));
	(void)json_set(how, "set", list_of(&o->set, 0));
	if (o->seed >= 0)
		(void)json_set(how, "seed", json_new_num((double)o->seed));
	return how;
}

/* The list as it was, then what the command line adds. */
static void
put_before(struct opt_list *l, const struct json *was)
{
	struct opt_list both = { .n = 0 };
	const struct json *m = json_first(was);
	size_t i;

	for (; m != NULL && both.n < OPT_LIST_MAX; m = json_next(m))
		both.v[both.n++] = json_str(m);
	for (i = 0; i < l->n && both.n < OPT_LIST_MAX; i++)
		both.v[both.n++] = l->v[i];
	*l = both;
}

/* What the command line does not say, as it was. Texts belong to how. */
static void
as_it_was(struct drill_options *o, const struct json *how)
{
	const struct {
		const char *key, **at;
	} v[] = { { "baseline", &o->arm[ARM_BASELINE] },
		{ "candidate", &o->arm[ARM_CANDIDATE] },
		{ "with", &o->with }, { "now", &o->now },
		{ "report_dir", &o->report_dir } };
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		if (*v[i].at == NULL)
			*v[i].at = json_get_str(how, v[i].key);
	}
	if (o->only.n == 0)
		put_before(&o->only, json_get(how, "only"));
	put_before(&o->set, json_get(how, "set"));
	if (o->seed < 0)
		o->seed = json_get_int(how, "seed", -1);
}

static int
begin(void *ctx, struct err *err)
{
	const struct gates_ctx *c = ctx;

	return c->how == NULL ? RC_OK : progress_begin(c->home, c->how, err);
}

/* A scenario, or a step of one. */
static int
done(void *ctx, const struct json *over, struct err *err)
{
	const struct gates_ctx *c = ctx;

	return progress_add(c->home, over, err);
}

static int
write_reports(const char *home, const struct json *doc, const char *dir,
    struct err *err)
{
	struct json *rows = cmd_proofs(home, err);
	int rc = rows == NULL ? (int)err->code : drill_report_all(doc, rows,
	    dir, err);

	json_free(rows);
	return rc;
}

static int
finish(const struct drill_options *o, const struct suite *suite,
    const char *path, int64_t began, struct json *doc, struct err *err)
{
	const char *home = store_home(o->home);
	int rc = drill_keep(home, suite, path, began, doc, err);

	if (rc == RC_OK)
		rc = drill_artifacts(suite, doc, err);
	if (rc == RC_OK && o->report_dir != NULL)
		rc = write_reports(home, doc, o->report_dir, err);
	if (rc != RC_OK)
		return rc;
	if (o->json)
		drill_tell_json(doc);
	else
		drill_tell(suite, path, doc);
	return RC_OK;
}

/* Resumed: the suite must be what it was. */
static int
same_suite(const struct suite *s, const struct json *how, struct err *err)
{
	const char *was = json_get_str(how, "hash");

	if (how == NULL || (was != NULL && strcmp(was, s->hash) == 0))
		return RC_OK;
	return err_set(err, RC_USAGE, "%s is not what it was when the drill "
	    "was interrupted: give the same options (--set with a secret is "
	    "in no file), or start over without --resume", s->path);
}

/* had: how an interrupted drill was started, and what it finished; or NULL */
static int
run(const struct drill_options *o, const char *path,
    const struct progress *had, int *status, struct err *err)
{
	struct suite_over over = { .seed = o->seed };
	struct drill_opts d = { .path = path, .home = store_home(o->home),
		.only = o->only.v, .n_only = o->only.n, .set = o->set.v,
		.n_set = o->set.n, .with = o->with, .now = o->now,
		.proven = proven, .gates = drill_gates_run, .begin = begin,
		.done = done, .step = done, .stop = stop_catch() };
	struct gates_ctx gates = { .path = path, .with = o->with,
		.set = &o->set, .seed = o->seed, .home = d.home,
		.stop = d.stop };
	struct json *doc = NULL, *started = NULL;
	int64_t began = mono_wall_ns();
	struct suite *suite = NULL;
	int rc;

	d.ctx = &gates;
	d.had = had == NULL ? NULL : had->done;
	d.had_steps = had == NULL ? NULL : had->steps;
	memcpy(over.arm, o->arm, sizeof(over.arm));
	over.set = o->set.v;
	over.n_set = o->set.n;
	rc = drill_load(path, o->with, &over, &suite, err);
	if (rc == RC_OK)
		rc = same_suite(suite, had == NULL ? NULL : had->how, err);
	if (rc == RC_OK)
		rc = recover(d.home, err);
	d.suite = suite;
	if (rc == RC_OK && had == NULL)
		gates.how = started = how_started(o, path, suite);
	if (rc == RC_OK)
		rc = drill_run(&d, &doc, err);
	if (rc == RC_OK)
		rc = finish(o, suite, path, began, doc, err);
	if (rc == RC_OK)
		*status = (int)json_get_int(doc, "exit_status", 2);
	if (*d.stop != 0)
		log_msg(LOG_WARN, "drill", "stopped; `lockstep drill "
		    "--resume` goes on");
	else if (rc == RC_OK)
		progress_end(d.home);
	json_free(started);
	json_free(doc);
	suite_free(suite);
	return rc;
}

/* Of an interrupted drill: what it was started with, and the rest of it. */
static int
resume(struct drill_options *o, const struct cmd_line *line, int *status,
    struct err *err)
{
	const char *path = line->n == 1 ? line->rest[0] : NULL;
	struct progress had;
	int rc = progress_load(store_home(o->home), &had, err);

	if (rc == RC_OK)
		as_it_was(o, had.how);
	if (rc == RC_OK && path == NULL)
		path = json_get_str(had.how, "path");
	if (rc == RC_OK && o->report_dir != NULL)
		rc = reports_make_dir(o->report_dir, err);
	if (rc == RC_OK)
		rc = run(o, path == NULL ? "" : path, &had, status, err);
	progress_fini(&had);
	return rc;
}

int
cmd_drill(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct drill_options o;
	struct cmd_line line;
	int rc, status = 0;

	memset(&o, 0, sizeof(o));
	o.seed = -1;
	rc = cmd_begin(&drill_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && line.n != 1 && !(o.resume && line.n == 0))
		rc = err_set(&err, RC_USAGE, "give one SUITE or manifest; see "
		    "lockstep drill --help");
	if (rc == RC_OK && !o.resume && o.report_dir != NULL)
		rc = reports_make_dir(o.report_dir, &err);
	if (rc == RC_OK && o.resume)
		rc = resume(&o, &line, &status, &err);
	else if (rc == RC_OK)
		rc = run(&o, line.rest[0], NULL, &status, &err);
	return cmd_end("drill", &line, rc, status, &err);
}
