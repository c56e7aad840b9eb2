/* lockstep runs and show: list and show the runs in the store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/mono.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_result.h"
#include "harness/cmd/cmd_sides.h"
#include "harness/cmd/cmd_runs.h"
#include "reports/format.h"
#include "reports/reports.h"

enum { REPORT_MAX = 1 << 30 };

struct runs_opts {
	const char *home, *suite;
	int64_t limit;
	int json;
};

static const struct opt runs_table[] = {
	{ "suite", 0, OPT_STR, offsetof(struct runs_opts, suite), 0, 0,
	    "NAME", "only runs of this suite" },
	{ "limit", 'n', OPT_INT, offsetof(struct runs_opts, limit), 1, 1e6,
	    "N", "list at most N runs (20)" },
	CMD_OPT_HOME(offsetof(struct runs_opts, home)),
	CMD_OPT_JSON(offsetof(struct runs_opts, json)),
	CMD_OPT_END
};

static const struct opt_cmd runs_cmd = {
	"runs", "[--suite NAME]",
	"Lists the runs in the store, newest first.\n\n"
	"  lockstep runs merge RUN...       joins shards into one run\n"
	"  lockstep runs prune --keep 30d   removes older ones", runs_table
};

struct listing {
	const struct runs_opts *o;
	int64_t shown;
	struct json_out out;
	struct buf b;
};

static void
show_row(const struct store_run *r)
{
	char text[1024];
	int at;

	(void)snprintf(text, sizeof(text), "%s%s%s", r->suite_name,
	    *r->headline != '\0' ? ": " : "", r->headline);
	/* the id is its time, in UTC */
	at = printf("%s  %-12s  ", r->id,
	    *r->verdict != '\0' ? r->verdict : r->state);
	cmd_clip(at > 0 ? (size_t)at : 0, text);
}

static void
json_row(struct json_out *o, const struct store_run *r)
{
	char utc[MONO_UTC_MAX];

	mono_utc(r->started_ns, utc);
	json_out_obj(o);
	json_put_str(o, "id", r->id);
	json_put_str(o, "started", utc);
	json_put_str(o, "state", r->state);
	json_put_str(o, "suite", r->suite_name);
	json_put_str(o, "verdict", *r->verdict != '\0' ? r->verdict : NULL);
	json_put_str(o, "headline", r->headline);
	json_put_int(o, "cases", (int64_t)r->n_cases);
	json_put_int(o, "requests", (int64_t)r->requests);
	json_put_str(o, "dir", r->dir);
	json_out_end(o, '}');
}

static int
list_one(void *ctx, const struct store_run *run)
{
	struct listing *l = ctx;

	if (l->shown++ == l->o->limit)
		return 1;
	if (l->o->json)
		json_row(&l->out, run);
	else
		show_row(run);
	return 0;
}

int
cmd_runs(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct runs_opts o = { .limit = 20 };
	struct listing l = { .o = &o };
	struct store *store = NULL;
	struct cmd_line line;
	int rc;

	if (argc > 1 && strcmp(argv[1], "merge") == 0)
		return cmd_runs_merge(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "prune") == 0)
		return cmd_runs_prune(argc - 1, argv + 1);
	buf_init(&l.b, (size_t)1 << 30);
	json_out_init(&l.out, &l.b, 1);
	rc = cmd_begin(&runs_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && line.n > 0)
		rc = err_set(&err, RC_USAGE, "unexpected \"%s\"", line.rest[0]);
	if (rc == RC_OK)
		rc = store_open(store_home(o.home), &store, &err);
	if (rc == RC_OK) {
		json_out_arr(&l.out);
		rc = store_runs(store, o.suite, list_one, &l, &err);
		json_out_end(&l.out, ']');
	}
	if (rc == RC_OK && o.json)
		(void)printf("%s\n", buf_str(&l.b));
	else if (rc == RC_OK && l.shown == 0)
		(void)printf("no runs yet; make one with `lockstep run "
		    "SUITE`\n");
	store_close(&store);
	buf_fini(&l.b);
	return cmd_end("runs", &line, rc, 0, &err);
}

/* ---- show ------------------------------------------------------------- */

struct show_opts {
	const char *home;
	struct opt_list case_ids;
	int json;
};

static const struct opt show_table[] = {
	{ "case", 0, OPT_LIST, offsetof(struct show_opts, case_ids), 0, 0,
	    "ID", "this case in full (repeat for more)" },
	CMD_OPT_HOME(offsetof(struct show_opts, home)),
	CMD_OPT_JSON(offsetof(struct show_opts, json)),
	CMD_OPT_END
};

static const struct opt_cmd show_cmd = {
	"show", "RUN [--case ID]",
	"Shows a judged run: its report, or one case with its question, the\n"
	"answer of each arm, and every metric. A run may also be a folder "
	"with\n"
	"a report.json in it.", show_table
};

/* A row of the table; what was not measured is a dash. */
static void
show_row_of(const char *name, const char *unit, double b, double k)
{
	double v[2] = { b, k };
	int ns = strcmp(unit, "ns") == 0, i;

	if (b != b && k != k)
		return;
	(void)printf("  %-26s", name);
	for (i = 0; i < 2; i++) {
		if (v[i] != v[i])
			(void)printf(" %12s", "-");
		else
			(void)printf(" %12.4g", ns ? v[i] / 1e6 : v[i]);
	}
	(void)printf("  %s\n", ns ? "ms" : unit);
}

static void
show_side(const char *arm, const struct result_side *s)
{
	const struct {
		const char *name, *text;
	} rows[] = {
		{ "\xce\xbb         ", s->lambda }, { "top       ", s->top },
		{ "retrieved ", s->retrieved }, { "answer    ", s->answer },
		{ "sent      ", s->sent }, { "said      ", s->said },
		{ "failed    ", s->failed }, { "lost      ", s->lost },
	};
	size_t i;

	(void)printf("\n%s\n", arm);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (i > 3 && rows[i].text == NULL)
			continue;
		(void)printf("  %s ", rows[i].name);
		cmd_wrap(13, rows[i].text != NULL ? rows[i].text : "");
	}
}

static void
show_case(const struct result *r, const struct result_case *c)
{
	const char *name;
	struct buf again;
	size_t i, slot;
	float v[2];
	int m;

	(void)printf("%s: %s%s\n", c->id, case_verdict_name(c->verdict),
	    c->critical ? ", critical" : "");
	cmd_wrap(0, c->question);
	if (c->expected != NULL) {
		(void)printf("expects ");
		cmd_wrap(8, c->expected);
	}
	buf_init(&again, SIZE_MAX / 4);
	for (i = 0; i < c->n_why; i++) {
		(void)printf("  - ");
		cmd_wrap(4, c->why[i]);
	}
	format_again(&again, r, c);
	if (again.len > 0) {
		(void)printf("  - ");
		cmd_wrapf(4, "asked again: %s", buf_str(&again));
	}
	buf_fini(&again);
	(void)printf("\n  %-26s %12s %12s\n", "metric", "baseline",
	    "candidate");
	for (m = 0; m < METRIC_N; m++)
		show_row_of(metrics[m].name, metrics[m].unit,
		    (double)c->m[0][m], (double)c->m[1][m]);
	for (i = 0; i < r->n_scored; i++) {
		slot = r->scored[i].slot;
		show_row_of(r->scored[i].name, "score",
		    (double)c->scored[0][slot], (double)c->scored[1][slot]);
	}
	for (m = 0; (name = result_case_stability(c, m, v)) != NULL; m++)
		show_row_of(name, "share", (double)v[0], (double)v[1]);
	if (c->has_sides) {
		show_side("baseline", &c->side[0]);
		show_side("candidate", &c->side[1]);
	}
}

static int
no_case(const struct result *r, const char *id, struct err *err)
{
	return err_set(err, RC_USAGE, "run %s has no case \"%s\"; `lockstep "
	    "show %s --json | jq -r '.cases[].id'` lists them", r->run.id, id,
	    r->run.id);
}

static const char *
without_suite(const struct result *r, const char *id)
{
	size_t n = r->run.suite_name == NULL ? 0 : strlen(r->run.suite_name);

	return n > 0 && strncmp(id, r->run.suite_name, n) == 0 &&
	    id[n] == '/' ? id + n + 1 : id;
}

/* With what was sent and said: the trace has it where the report lacks it. */
static void
show_whole(const struct show_opts *o, const struct result *r,
    const struct result_case *c, struct buf *json)
{
	struct result_case whole = *c;
	struct cmd_sides sides = { { NULL, 0, NULL } };
	struct err err = ERR_INIT;
	int rc = cmd_sides_fill(o->home, r, &whole, &sides, &err);

	if (o->json)
		result_write_case(r, &whole, json);
	else
		show_case(r, &whole);
	if (rc != RC_OK)
		(void)fprintf(stderr, "lockstep show: cannot read the requests "
		    "and answers again: %s\n", err.msg);
	cmd_sides_free(&sides);
}

/* The chosen cases: one after the other, or in an array. */
static int
show_cases(const struct show_opts *o, const struct result *r,
    struct result_index *index, struct err *err)
{
	const struct result_case *c;
	struct buf b;
	size_t i;
	int rc = RC_OK;

	buf_init(&b, REPORT_MAX);
	for (i = 0; i < o->case_ids.n && rc == RC_OK; i++) {
		c = result_index_find(index, o->case_ids.v[i], NULL);
		/* a report of several suites calls it SUITE/ID */
		if (c == NULL)
			c = result_index_find(index, without_suite(r,
			    o->case_ids.v[i]), NULL);
		if (c == NULL) {
			rc = no_case(r, o->case_ids.v[i], err);
			break;
		}
		if (o->json)
			buf_puts(&b, i > 0 ? ",\n" : "[");
		else
			(void)printf("%s", i > 0 ? "\n" : "");
		show_whole(o, r, c, &b);
	}
	if (rc == RC_OK)
		rc = buf_check(&b, "the cases", err);
	if (rc == RC_OK && o->json)
		(void)printf("%s]\n", buf_str(&b));
	buf_fini(&b);
	return rc;
}

static int
show(const struct show_opts *o, const struct result *r, struct err *err)
{
	struct result_index *index;
	struct job_opts jo;
	int rc;

	if (o->case_ids.n == 0) {
		job_opts_init(&jo);
		jo.json = o->json;
		return job_report(&jo, r, err);
	}
	rc = result_index_new(r, &index, err);
	if (rc == RC_OK)
		rc = show_cases(o, r, index, err);
	result_index_free(index);
	return rc;
}

int
cmd_show(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct show_opts o = { 0 };
	struct result *r = NULL;
	struct cmd_line line;
	int rc;

	rc = cmd_begin(&show_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, line.n == 0 ?
		    "give one RUN, such as `last`" :
		    "give one RUN; choose cases with `--case ID`");
	if (rc == RC_OK)
		rc = cmd_result_open(o.home, line.rest[0], &r, &err);
	if (rc == RC_OK)
		rc = show(&o, r, &err);
	result_free(r);
	return cmd_end("show", &line, rc, 0, &err);
}
