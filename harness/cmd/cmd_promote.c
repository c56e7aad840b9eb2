/* lockstep promote: make a test from what broke. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_promote_part.h"
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
	int as_recorded, declined;
};

#define P(field) offsetof(struct promote_opts, field)

static const struct opt promote_table[] = {
	{ "incident", 0, OPT_STR, P(incident), 0, 0, "ID",
	    "names the suite and its files" },
	{ "owner", 0, OPT_STR, P(owner), 0, 0, "WHO",
	    "who is responsible for the suite" },
	{ "reason", 0, OPT_STR, P(reason), 0, 0, "TEXT",
	    "what broke, in a sentence" },
	{ "dir", 0, OPT_STR, P(dir), 0, 0, "DIR",
	    "folder for the suite (suites)" },
	{ "replace", 0, OPT_FLAG, P(replace), 0, 0, NULL,
	    "overwrite an existing suite of that name" },
	{ "case", 0, OPT_LIST, P(choice.cases), 0, 0, "ID",
	    "this case (repeat for more), even if it also fails on\n"
	    "the baseline; default: all that failed in most of\n"
	    "their variants on the candidate only" },
	{ "id", 0, OPT_LIST, P(choice.ids), 0, 0, "ID",
	    "trace: the exchange with this id (repeat for more)" },
	{ "from", 0, OPT_TIME, P(choice.from_ns), 0, 0, "TIME",
	    "trace: exchanges sent at or after TIME since its start" },
	{ "to", 0, OPT_TIME, P(choice.to_ns), 0, 0, "TIME",
	    "trace: exchanges sent before TIME" },
	{ "outcome", 0, OPT_LIST, P(choice.outcomes), 0, 0, "NAME",
	    "trace: exchanges with this outcome (http_5xx,\n"
	    "timeout, ...)" },
	{ "suite", 0, OPT_STR, P(suite), 0, 0, "SUITE",
	    "trace: use this suite's request, and expect what its\n"
	    "cases expect for the same question" },
	{ "section", 0, OPT_LIST, P(sections), 0, 0, "ID",
	    "trace: expect this section (repeat for more)" },
	{ "answer", 0, OPT_STR, P(answer), 0, 0, "TEXT",
	    "trace: expect this answer" },
	{ "as-recorded", 0, OPT_FLAG, P(as_recorded), 0, 0, NULL,
	    "trace: the recorded answers were right; expect the\n"
	    "sections they cited. Declined ones are left out" },
	{ "declined", 0, OPT_FLAG, P(declined), 0, 0, NULL,
	    "with --as-recorded: those that were declined were\n"
	    "right, too; expect them to be declined" },
	{ "set", 0, OPT_LIST, P(job.set), 0, 0, "KEY=VALUE",
	    "trace: override a key of the suite" },
	CMD_OPT_HOME(P(job.home)),
	CMD_OPT_JSON(P(job.json)),
	CMD_OPT_END
};

static const struct opt_cmd promote_cmd = {
	"promote", "RUN|TRACE --incident ID --owner WHO",
	"Makes a regression suite from the failing cases of a run, or from\n"
	"chosen exchanges of a trace. Writes four files that need nothing\n"
	"else: a manifest, the cases, their expected sections and the slice "
	"of\n"
	"the trace that shows the fault. Every case is critical: one failure\n"
	"is FAIL. A case that also fails on the baseline would fail on the\n"
	"fixed build: it is named and left out, unless --case gives it.\n\n"
	"  lockstep promote last --incident INC-7 --owner search\n"
	"  lockstep promote day.jsonl.zst --incident INC-8 --owner search \\\n"
	"      --from 2h --to 2h10m --outcome http_5xx\n"
	"  lockstep promote day.jsonl.zst --incident INC-9 --owner search \\\n"
	"      --id 4711 --section leave#annual --suite suites/release.yml\n"
	"  lockstep prove suites/INC-7.yml --fixed URL",
	promote_table
};

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
		(void)printf("%zu expect%s what %s expects for the same "
		    "question\n", p->n_gold, p->n_gold == 1 ? "s" : "",
		    o->suite);
	if (p->n_derived > 0)
		(void)printf("%zu expect%s what %s\n", p->n_derived,
		    p->n_derived == 1 ? "s" : "", o->as_recorded ?
		    "the recorded answer cited" : "the baseline cited");
	if (p->n_declined > 0)
		(void)printf("%zu expect%s to be declined, as recorded\n",
		    p->n_declined, p->n_declined == 1 ? "s" : "");
	if (p->n_left_declined > 0)
		(void)printf("left out: %zu exchange%s that %s declined; if "
		    "that was right, add --declined\n", p->n_left_declined,
		    plural(p->n_left_declined),
		    p->n_left_declined == 1 ? "was" : "were");
	if (p->n_answered > 0)
		(void)printf("%zu expect%s an answer, as the baseline gave "
		    "one, whatever it says: give the right one in %s\n",
		    p->n_answered, p->n_answered == 1 ? "s" : "", p->cases);
	if (p->n_failed > 0)
		(void)printf("%zu of the recorded requests failed: in the "
		    "suite, one failure is FAIL\n", p->n_failed);
	if (p->n_bare > 0)
		(void)printf("%zu expect%s nothing yet: give the right answer "
		    "with %s--section or --answer,\n"
		    "or in %s\n", p->n_bare,
		    p->n_bare == 1 ? "s" : "", o->suite == NULL ? "--suite, " :
		    "", p->cases);
	if (left->other > 0)
		(void)printf("left out: %zu request%s of another kind (%s)\n",
		    left->other, plural(left->other), left->kind);
	if (left->without > 0)
		(void)printf("left out: %zu exchange%s without a question, or "
		    "of a case already there\n", left->without,
		    plural(left->without));
}

/* The cases of a run that were left out, or kept in spite of it. */
static void
say_chosen(const struct promote_chosen *ch)
{
	static const char *const words[CHOSEN_N][2] = {
		[CHOSEN_FLAKY] = {
			", fails in few variants, which may be noise (--case "
			"keeps it)",
			", fail in few variants, which may be noise (--case "
			"keeps them)" },
		[CHOSEN_NOISE] = {
			", was noise when asked again (--case keeps it)",
			", were noise when asked again (--case keeps them)" },
		[CHOSEN_BASELINE] = {
			", also fails on the baseline (correct what it "
			"expects, or keep it with --case)",
			", also fail on the baseline (correct what they "
			"expect, or keep them with --case)" },
		[CHOSEN_NAMED] = {
			", also fails on the baseline: the fixed build must be "
			"better than the baseline",
			", also fail on the baseline: the fixed build must be "
			"better than the baseline" },
	};
	struct buf ids;
	int what;
	size_t n;

	for (what = 0; what < CHOSEN_N; what++) {
		buf_init(&ids, 1 << 20);
		n = promote_chosen_ids(ch, (enum chosen_what)what, &ids);
		(void)printf("%s", n == 0 ? "" : what == CHOSEN_NAMED ?
		    "kept: " : "left out: ");
		if (n > 0)
			cmd_wrapf(what == CHOSEN_NAMED ? 6 : 10, "%s%s",
			    buf_str(&ids), words[what][n > 1]);
		buf_fini(&ids);
	}
}

static void
json_chosen(struct json_out *out, const struct promote_chosen *ch)
{
	static const char *const why[CHOSEN_N] = {
		[CHOSEN_FLAKY] = "fails in few variants",
		[CHOSEN_NOISE] = "was noise when asked again",
		[CHOSEN_BASELINE] = "also fails on the baseline",
	};
	size_t i;

	json_out_key(out, "left_out_cases");
	json_out_arr(out);
	for (i = 0; i < ch->n_apart; i++) {
		if (ch->apart[i].what == CHOSEN_NAMED)
			continue;
		json_out_obj(out);
		json_put_str(out, "id", ch->apart[i].id);
		json_put_str(out, "why", why[ch->apart[i].what]);
		json_out_end(out, '}');
	}
	json_out_end(out, ']');
	json_out_key(out, "kept_failing_on_baseline");
	json_out_arr(out);
	for (i = 0; i < ch->n_apart; i++) {
		if (ch->apart[i].what == CHOSEN_NAMED)
			json_out_str(out, ch->apart[i].id);
	}
	json_out_end(out, ']');
}

static void
say_promoted(const struct promote_opts *o, const struct promote_out *p,
    const struct promote_left *left, const struct promote_chosen *ch)
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
		say_chosen(ch);
		(void)printf(o->as_recorded ? "\nNext: lockstep run %s "
		    "--candidate URL\n" : "\nNext: lockstep prove %s --fixed "
		    "URL\n", p->suite);
		return;
	}
	buf_init(&b, 1 << 16);
	json_out_init(&out, &b, 1);
	json_out_obj(&out);
	json_put_str(&out, "suite", p->suite);
	json_put_str(&out, "cases_file", p->cases);
	json_put_str(&out, "sections", p->n_sections > 0 ? p->sections : NULL);
	json_put_str(&out, "trace", p->trace);
	json_put_int(&out, "cases", (int64_t)p->n_cases);
	json_put_int(&out, "exchanges", (int64_t)p->n_records);
	json_put_int(&out, "derived", (int64_t)p->n_derived);
	json_put_int(&out, "declined", (int64_t)p->n_declined);
	json_put_int(&out, "answered", (int64_t)p->n_answered);
	json_put_int(&out, "gold", (int64_t)p->n_gold);
	json_put_int(&out, "without_expectation", (int64_t)p->n_bare);
	json_put_int(&out, "failed_requests", (int64_t)p->n_failed);
	json_put_int(&out, "left_out", (int64_t)(left->without + left->other +
	    p->n_left_declined));
	json_put_int(&out, "left_out_declined", (int64_t)p->n_left_declined);
	json_chosen(&out, ch);
	json_out_end(&out, '}');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

static int
promote_run(struct job *j, const struct promote_opts *o,
    struct promote_chosen *ch, struct promote_out *out, struct err *err)
{
	struct promote_job p = { 0 };
	struct result *r = NULL;
	char path[1100], from[64];
	int rc;

	(void)snprintf(path, sizeof(path), "%s/report.json", j->run.dir);
	rc = result_read(path, &r, err);
	if (rc == RC_OK)
		rc = promote_choose(j, &o->choice.cases, r, ch, err);
	if (rc == RC_OK) {
		(void)snprintf(from, sizeof(from), "run %s", j->run.id);
		p.suite = j->suite;
		p.cases = j->cases;
		p.index = ch->index;
		p.why = ch->why;
		p.n = ch->n;
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
	result_free(r);
	return rc;
}

static int
from_run(const struct promote_opts *o, const char *word,
    struct promote_chosen *ch, struct promote_out *out, struct err *err)
{
	struct store *store = NULL;
	struct job *j = calloc(1, sizeof(*j));
	int rc;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (o->choice.ids.n + o->choice.outcomes.n > 0 ||
	    o->choice.from_ns >= 0 || o->choice.to_ns >= 0 ||
	    o->suite != NULL || o->answer != NULL || o->sections.n > 0 ||
	    o->as_recorded || o->declined || o->job.set.n > 0)
		rc = err_set(err, RC_USAGE, "--id, --from, --to, --outcome, "
		    "--suite, --section, --answer, --as-recorded, --declined "
		    "and --set need a trace, and %s is not a file; of a run, "
		    "choose with --case ID", word);
	else
		rc = store_open(store_home(o->job.home), &store, err);
	if (rc == RC_OK)
		rc = job_reopen(j, store, word, &o->job, NULL, err);
	if (rc == RC_OK)
		rc = promote_run(j, o, ch, out, err);
	job_close(j);
	free(j);
	store_close(&store);
	return rc;
}

static int
from_trace(struct promote_opts *o, const char *path,
    struct promote_out *out, struct promote_left *left, struct err *err)
{
	struct trace_pick pick;
	const struct promote_trace p = { .path = path, .pick = &pick,
		.suite_path = o->suite, .set = o->job.set.v,
		.n_set = o->job.set.n, .expect = { .sections = o->sections.v,
		    .n_sections = o->sections.n, .answer = o->answer,
		    .as_recorded = o->as_recorded, .declined = o->declined },
		.incident = o->incident, .owner = o->owner,
		.reason = o->reason, .dir = o->dir, .replace = o->replace,
		.argc = cmd_main_argc, .argv = cmd_main_argv };
	size_t i;
	int rc;

	if (o->as_recorded && (o->sections.n > 0 || o->answer != NULL))
		return err_set(err, RC_USAGE, "--as-recorded contradicts "
		    "--section and --answer: it says that the recorded answer "
		    "is right; give one or the other");
	if (o->declined && !o->as_recorded)
		return err_set(err, RC_USAGE, "--declined says more of "
		    "--as-recorded: give both");
	for (i = 0; i < o->job.set.n; i++) {
		if (strncmp(o->job.set.v[i], "variants", 8) == 0)
			return err_set(err, RC_USAGE, "--set %s: a recorded "
			    "request is asked once; give this to `run` with "
			    "the new suite", o->job.set.v[i]);
	}
	rc = trace_choice_pick(&o->choice, &pick, err);
	if (rc == RC_OK)
		rc = promote_from_trace(&p, out, left, err);
	trace_choice_fini(&o->choice);
	return rc;
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
	struct cmd_line line;
	struct promote_left left = { 0 };
	struct promote_chosen ch = { 0 };
	int rc;

	job_opts_init(&o.job);
	o.dir = "suites";
	rc = cmd_begin(&promote_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK &&
	    (line.n != 1 || o.incident == NULL || o.owner == NULL))
		rc = err_set(&err, RC_USAGE, "give a RUN, such as `last`, or a "
		    "TRACE, with --incident ID and --owner WHO");
	if (rc == RC_OK)
		rc = is_file(line.rest[0]) ? from_trace(&o, line.rest[0], &out,
		    &left, &err) : from_run(&o, line.rest[0], &ch, &out, &err);
	if (rc == RC_OK)
		say_promoted(&o, &out, &left, &ch);
	promote_chosen_fini(&ch);
	return cmd_end("promote", &line, rc, 0, &err);
}
