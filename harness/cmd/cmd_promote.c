/* lockstep promote: what broke becomes a test. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/log.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_trace.h"
#include "harness/suite/promote.h"

struct promote_opts {
	struct job_opts job;
	const char *incident, *owner, *reason, *dir;
	int replace;
	/* of a trace */
	struct trace_choice choice;
	const char *suite, *answer;
	struct opt_list sections;
	int as_recorded;
};

#define P(field) offsetof(struct promote_opts, field)

static const struct opt promote_table[] = {
	{ "incident", 0, OPT_STR, P(incident), 0, 0, "ID",
	    "names the suite and its files" },
	{ "owner", 0, OPT_STR, P(owner), 0, 0, "WHO",
	    "who answers for the suite" },
	{ "reason", 0, OPT_STR, P(reason), 0, 0, "TEXT",
	    "what broke, in a sentence" },
	{ "dir", 0, OPT_STR, P(dir), 0, 0, "DIR",
	    "where the suite goes (suites)" },
	{ "replace", 0, OPT_FLAG, P(replace), 0, 0, NULL,
	    "write an existing suite of that name anew" },
	{ "case", 0, OPT_LIST, P(choice.cases), 0, 0, "ID",
	    "this case (repeat for more); else all that failed" },
	{ "id", 0, OPT_LIST, P(choice.ids), 0, 0, "ID",
	    "of a trace: the exchange with this id (repeat)" },
	{ "from", 0, OPT_TIME, P(choice.from_ns), 0, 0, "TIME",
	    "of a trace: sent at or after TIME since its start" },
	{ "to", 0, OPT_TIME, P(choice.to_ns), 0, 0, "TIME",
	    "of a trace: sent before TIME" },
	{ "outcome", 0, OPT_LIST, P(choice.outcomes), 0, 0, "NAME",
	    "of a trace: with this outcome (http_5xx, timeout, ...)" },
	{ "suite", 0, OPT_STR, P(suite), 0, 0, "SUITE",
	    "of a trace: ask with this suite's request and expect\n"
	    "what its cases expect of the same question" },
	{ "section", 0, OPT_LIST, P(sections), 0, 0, "ID",
	    "of a trace: expect this section (repeat)" },
	{ "answer", 0, OPT_STR, P(answer), 0, 0, "TEXT",
	    "of a trace: expect this answer" },
	{ "as-recorded", 0, OPT_FLAG, P(as_recorded), 0, 0, NULL,
	    "of a trace: what was recorded is right; expect the\n"
	    "section it cited" },
	{ "set", 0, OPT_LIST, P(job.set), 0, 0, "KEY=VALUE",
	    "of a trace: override a key of the suite" },
	CMD_OPT_HOME(P(job.home)),
	CMD_OPT_JSON(P(job.json)),
	CMD_OPT_END
};

static const struct opt_cmd promote_cmd = {
	"promote", "RUN|TRACE --incident ID --owner WHO",
	"Turns the failing cases of a run, or chosen exchanges of a trace,\n"
	"into a regression suite: a manifest, the cases, their expected\n"
	"sections and the slice of the trace that shows it. The four files\n"
	"stand alone. Every case in it is critical: one failure is FAIL.\n\n"
	"  lockstep promote last --incident INC-7 --owner search\n"
	"  lockstep promote day.jsonl.zst --incident INC-8 --owner search \\\n"
	"      --from 2h --to 2h10m --outcome http_5xx\n"
	"  lockstep promote day.jsonl.zst --incident INC-9 --owner search \\\n"
	"      --id 4711 --section leave#annual --suite suites/release.yml\n"
	"  lockstep prove suites/INC-7.yml --fixed URL",
	promote_table
};

/* The cases to keep and why they failed, from the run's own report. */
struct chosen {
	uint64_t *index;
	const char **why;
	size_t n;
	size_t flaky;		/* failing in few variants: left out */
	char flaky_ids[160];	/* the first of them */
};

static void
leave_out(struct chosen *ch, const char *id)
{
	enum { NAMED = 5 };
	size_t n = strlen(ch->flaky_ids);

	if (ch->flaky < NAMED)
		(void)snprintf(ch->flaky_ids + n, sizeof(ch->flaky_ids) - n,
		    "%s%.40s", ch->flaky > 0 ? ", " : "", id);
	else if (ch->flaky == NAMED)
		(void)snprintf(ch->flaky_ids + n, sizeof(ch->flaky_ids) - n,
		    ", ...");
	ch->flaky++;
}

/*
 * Whether most variants of a case fail, by the means over them.  A case that
 * fails in one variant of six is noise as often as not: a suite of such
 * cases would fail on the fixed stack too.
 */
static int
mostly_fails(const struct result_case *c)
{
	static const struct {
		unsigned reason;
		enum metric_id id;
		double half;	/* failing below it; negative: at or above */
	} t[] = {
		{ CASE_QUESTION, M_DS_QUESTION_RETRIEVED, -.60 },
		{ CASE_COVERAGE, M_COVERAGE, .60 },
		{ CASE_SCHEMA, M_SCHEMA_OK, .5 },
		{ CASE_CITATIONS, M_CITATION_PRECISION, .5 },
		{ CASE_CITATIONS, M_CITATION_RECALL, .5 },
		{ CASE_EXPECT, M_EXPECT_OK, .5 },
		{ CASE_ANSWER, M_ANSWER_OK, .5 },
		{ CASE_UNANSWERABLE, M_REFUSED, .5 },
		{ CASE_REFUSED, M_REFUSED, -.5 },
		{ CASE_EMPTY, M_RECALL_AT_K, .5 },
	};
	double v;
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		v = (double)c->m[1][t[i].id];
		if ((c->reasons[1] & t[i].reason) != 0 && isfinite(v) &&
		    (t[i].half < 0 ? v >= -t[i].half : v < t[i].half))
			return 1;
	}
	return (c->reasons[1] & (CASE_CONVERGENCE | CASE_CHAOS)) != 0 &&
	    (double)c->convergence[1] < .5;
}

static int
fails(const struct result_case *c)
{
	return c->verdict == CASE_V_REGRESSION || c->verdict == CASE_V_FAIL;
}

static int
wanted(const struct opt_list *ids, const struct result_case *c)
{
	size_t i;

	if (ids->n == 0)
		return fails(c) && mostly_fails(c);
	for (i = 0; i < ids->n; i++) {
		if (strcmp(ids->v[i], c->id) == 0)
			return 1;
	}
	return 0;
}

/* The reason is kept with the result. */
static int
take_case(const struct job *j, const struct result_case *c, struct result *r,
    struct chosen *ch, struct err *err)
{
	uint64_t at = caseset_find(j->cases, c->id);

	if (at == UINT64_MAX)
		return err_set(err, RC_USAGE, "case %s is in run %s "
		    "but not in %s any more", c->id, j->run.id,
		    j->suite->path);
	ch->index[ch->n] = at;
	ch->why[ch->n++] = c->n_why > 0 ? result_str(r, c->why[0]) : NULL;
	return result_check(r, err);
}

/* Nothing to promote by itself: what a person might name instead. */
static int
none_fails(const struct job *j, const struct result *r,
    const struct chosen *ch, struct err *err)
{
	const struct result_case *c;
	struct result_reader rd;
	char ids[120] = "";
	size_t i, n = 0;

	result_reader_init(&rd, r);
	for (i = 0; i < r->n_worst && n < sizeof(ids) - 24; i++) {
		c = result_case_at(&rd, r->worst[i]);
		if (c != NULL)
			n += (size_t)snprintf(ids + n, sizeof(ids) - n,
			    "%s%.20s", n > 0 ? ", " : "", c->id);
	}
	(void)result_reader_fini(&rd);
	return err_set(err, RC_USAGE, "run %s has no case that fails in most "
	    "of its variants%s; name some with --case%s%s", j->run.id,
	    ch->flaky > 0 ? " (some fail in a few)" : "",
	    n > 0 ? ", the worst are " : "", ids);
}

/* Whether the case of that id was chosen. */
static int
named(const struct job *j, const char *id, const struct chosen *ch)
{
	uint64_t at = caseset_find(j->cases, id);
	size_t i;

	for (i = 0; i < ch->n; i++) {
		if (ch->index[i] == at)
			return 1;
	}
	return 0;
}

static int
choose(const struct job *j, const struct opt_list *ids, struct result *r,
    struct chosen *ch, struct err *err)
{
	const struct result_case *c;
	struct result_reader rd;
	int rc = RC_OK;
	size_t i;

	ch->index = calloc(r->n_cases + 1, sizeof(*ch->index));
	ch->why = calloc(r->n_cases + 1, sizeof(*ch->why));
	if (ch->index == NULL || ch->why == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	result_reader_init(&rd, r);
	while (rc == RC_OK && (c = result_case_next(&rd)) != NULL) {
		if (wanted(ids, c))
			rc = take_case(j, c, r, ch, err);
		else if (ids->n == 0 && fails(c))
			leave_out(ch, c->id);
	}
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < ids->n; i++) {
		if (!named(j, ids->v[i], ch))
			return err_set(err, RC_USAGE, "run %s has no judged "
			    "case \"%s\"; `lockstep show %s` lists those that "
			    "failed", j->run.id, ids->v[i], j->run.id);
	}
	if (ch->n == 0)
		return none_fails(j, r, ch, err);
	if (ch->flaky > 0)
		log_msg(LOG_INFO, "promote", "%zu case%s that fail%s in few "
		    "variants left out (%s); name %s with --case to keep %s",
		    ch->flaky, ch->flaky == 1 ? "" : "s",
		    ch->flaky == 1 ? "s" : "", ch->flaky_ids,
		    ch->flaky == 1 ? "it" : "them",
		    ch->flaky == 1 ? "it" : "them");
	return RC_OK;
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* What a reader has to know of the expectations. */
static void
say_expectations(const struct promote_opts *o, const struct promote_out *p,
    const struct promote_left *left)
{
	if (p->n_gold > 0)
		(void)printf("%zu expect%s what %s says of the same "
		    "question\n", p->n_gold, p->n_gold == 1 ? "s" : "",
		    o->suite);
	if (p->n_derived > 0)
		(void)printf("%zu expect%s what %s cited\n", p->n_derived,
		    p->n_derived == 1 ? "s" : "", o->as_recorded ?
		    "the recorded answer" : "the baseline");
	if (p->n_failed > 0)
		(void)printf("%zu of the recorded requests failed: one that "
		    "fails is FAIL\n", p->n_failed);
	if (p->n_bare > 0)
		(void)printf("%zu expect%s nothing yet: say what is right "
		    "with %s--section or --answer,\nor in %s\n", p->n_bare,
		    p->n_bare == 1 ? "s" : "", o->suite == NULL ? "--suite, " :
		    "", p->cases);
	if (left->other > 0)
		(void)printf("left out: %zu request%s of another kind (%s)\n",
		    left->other, plural(left->other), left->kind);
	if (left->without > 0)
		(void)printf("left out: %zu exchange%s without a question, or "
		    "of a case that is there\n", left->without,
		    plural(left->without));
}

static void
say_promoted(const struct promote_opts *o, const struct promote_out *p,
    const struct promote_left *left)
{
	struct json_out out;
	struct buf b;

	if (!o->job.json) {
		(void)printf("%s: %zu case%s\n  %s\n", p->suite, p->n_cases,
		    plural(p->n_cases), p->cases);
		if (p->n_sections > 0)
			(void)printf("  %s\n", p->sections);
		(void)printf("  %s (%zu exchange%s)\n", p->trace,
		    p->n_records, plural(p->n_records));
		say_expectations(o, p, left);
		(void)printf(o->as_recorded ? "\nNext: lockstep run %s "
		    "--candidate URL\n" : "\nNext: lockstep prove %s --fixed "
		    "URL\n", p->suite);
		return;
	}
	buf_init(&b, 1 << 16);
	json_out_init(&out, &b, 1);
	json_out_obj(&out);
	json_out_key(&out, "suite");
	json_out_str(&out, p->suite);
	json_out_key(&out, "cases_file");
	json_out_str(&out, p->cases);
	json_out_key(&out, "sections");
	json_out_str(&out, p->n_sections > 0 ? p->sections : NULL);
	json_out_key(&out, "trace");
	json_out_str(&out, p->trace);
	json_out_key(&out, "cases");
	json_out_int(&out, (int64_t)p->n_cases);
	json_out_key(&out, "exchanges");
	json_out_int(&out, (int64_t)p->n_records);
	json_out_key(&out, "derived");
	json_out_int(&out, (int64_t)p->n_derived);
	json_out_key(&out, "gold");
	json_out_int(&out, (int64_t)p->n_gold);
	json_out_key(&out, "without_expectation");
	json_out_int(&out, (int64_t)p->n_bare);
	json_out_key(&out, "failed_requests");
	json_out_int(&out, (int64_t)p->n_failed);
	json_out_key(&out, "left_out");
	json_out_int(&out, (int64_t)(left->without + left->other));
	json_out_end(&out, '}');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

static int
promote_run(struct job *j, const struct promote_opts *o,
    struct promote_out *out, struct err *err)
{
	struct promote_job p = { 0 };
	struct result *r = NULL;
	struct chosen ch = { 0 };
	char path[1100], from[64];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/report.json", j->run.dir);
	rc = result_read(path, &r, err);
	if (rc == RC_OK)
		rc = choose(j, &o->choice.cases, r, &ch, err);
	if (rc == RC_OK) {
		(void)snprintf(from, sizeof(from), "run %s", j->run.id);
		p.suite = j->suite;
		p.cases = j->cases;
		p.index = ch.index;
		p.why = ch.why;
		p.n = ch.n;
		p.trace_path = j->trace_path;
		p.incident = o->incident;
		p.owner = o->owner;
		p.reason = o->reason;
		p.from = from;
		p.dir = o->dir;
		p.replace = o->replace;
		p.argc = cmd_main_argc;
		p.argv = cmd_main_argv;
		rc = promote_write(&p, out, err);
	}
	free(ch.index);
	free((void *)(uintptr_t)ch.why);
	result_free(r);
	return rc;
}

static int
from_run(const struct promote_opts *o, const char *word,
    struct promote_out *out, struct err *err)
{
	struct store *store = NULL;
	struct job *j = calloc(1, sizeof(*j));
	int rc;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (o->choice.ids.n + o->choice.outcomes.n > 0 ||
	    o->choice.from_ns >= 0 || o->choice.to_ns >= 0 ||
	    o->suite != NULL || o->answer != NULL || o->sections.n > 0 ||
	    o->as_recorded || o->job.set.n > 0)
		rc = err_set(err, RC_USAGE, "--id, --from, --to, --outcome, "
		    "--suite, --section, --answer, --as-recorded and --set "
		    "are of a trace, and %s is no file; of a run --case ID "
		    "chooses", word);
	else
		rc = store_open(store_home(o->job.home), &store, err);
	if (rc == RC_OK)
		rc = job_reopen(j, store, word, &o->job, NULL, err);
	if (rc == RC_OK)
		rc = promote_run(j, o, out, err);
	job_close(j);
	free(j);
	store_close(&store);
	return rc;
}

static int
from_trace(const struct promote_opts *o, const char *path,
    struct promote_out *out, struct promote_left *left, struct err *err)
{
	struct trace_pick pick;
	const struct promote_trace p = { .path = path, .pick = &pick,
		.suite_path = o->suite, .set = o->job.set.v,
		.n_set = o->job.set.n, .expect = { .sections = o->sections.v,
		    .n_sections = o->sections.n, .answer = o->answer,
		    .as_recorded = o->as_recorded },
		.incident = o->incident, .owner = o->owner,
		.reason = o->reason, .dir = o->dir, .replace = o->replace,
		.argc = cmd_main_argc, .argv = cmd_main_argv };
	size_t i;

	if (o->as_recorded && (o->sections.n > 0 || o->answer != NULL))
		return err_set(err, RC_USAGE, "--as-recorded says that the "
		    "recorded answer is right, --section and --answer say "
		    "that another is");
	for (i = 0; i < o->job.set.n; i++) {
		if (strncmp(o->job.set.v[i], "variants", 8) == 0)
			return err_set(err, RC_USAGE, "--set %s: what was "
			    "recorded once is asked once; say it to `run` of "
			    "the suite", o->job.set.v[i]);
	}
	if (trace_choice_pick(&o->choice, &pick, err) != RC_OK)
		return err->code;
	return promote_from_trace(&p, out, left, err);
}

/* A run's folder, or what the store knows, is a run; a file is a trace. */
static int
is_file(const char *word)
{
	struct stat st;

	return stat(word, &st) == 0 && S_ISREG(st.st_mode);
}

int
cmd_promote(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct promote_opts o = { .choice = TRACE_CHOICE_INIT };
	struct promote_out out = { 0 };
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	struct promote_left left = { 0 };
	size_t n = 0;
	int rc;

	job_opts_init(&o.job);
	o.dir = "suites";
	rc = rest == NULL ? RC_NOMEM :
	    opt_parse(&promote_cmd, argc, argv, &o, rest, &n, &err);
	if (rc == RC_OK && (n != 1 || o.incident == NULL || o.owner == NULL))
		rc = err_set(&err, RC_USAGE, "needs a RUN (`last` will do) or "
		    "a TRACE, --incident ID and --owner WHO");
	if (rc == RC_OK)
		rc = is_file(rest[0]) ? from_trace(&o, rest[0], &out,
		    &left, &err) : from_run(&o, rest[0], &out, &err);
	if (rc == RC_OK)
		say_promoted(&o, &out, &left);
	free(rest);
	if (rc == OPT_HELP)
		return 0;
	return rc == RC_OK ? 0 : cmd_fail("promote", &err);
}
