/* lockstep promote and prove: what broke becomes a test, proven to be one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd.h"
#include "harness/cmd_job.h"
#include "harness/cmd_stop.h"
#include "harness/log.h"
#include "harness/promote.h"

struct promote_opts {
	struct job_opts job;
	const char *incident, *owner, *reason, *dir;
	int replace;
};

#define P(field) offsetof(struct promote_opts, field)

static const struct opt promote_table[] = {
	{ "incident", 0, OPT_STR, P(incident), 0, 0, "ID",
	    "names the suite and its files" },
	{ "owner", 0, OPT_STR, P(owner), 0, 0, "WHO",
	    "who answers for the suite" },
	{ "reason", 0, OPT_STR, P(reason), 0, 0, "TEXT",
	    "what broke, in a sentence" },
	{ "case", 0, OPT_LIST, P(job.case_ids), 0, 0, "ID",
	    "this case (repeat for more); else all that failed" },
	{ "dir", 0, OPT_STR, P(dir), 0, 0, "DIR",
	    "where the suite goes (suites)" },
	{ "replace", 0, OPT_FLAG, P(replace), 0, 0, NULL,
	    "write an existing suite of that name anew" },
	{ "home", 0, OPT_STR, P(job.home), 0, 0, "DIR",
	    "state folder (LOCKSTEP_HOME, else .lockstep)" },
	{ "json", 0, OPT_FLAG, P(job.json), 0, 0, NULL,
	    "one JSON document" },
	{ NULL, 0, OPT_FLAG, 0, 0, 0, NULL, NULL }
};

static const struct opt_cmd promote_cmd = {
	"promote", "RUN --incident ID --owner WHO [--case ID...]",
	"Turns the failing cases of a run into a regression suite: a\n"
	"manifest, the cases, their expected sections and the slice of the\n"
	"trace that shows the failure. The four files stand alone. Every\n"
	"case in it is critical: one failure is FAIL.\n\n"
	"  lockstep promote last --incident INC-7 --owner search\n"
	"  lockstep prove suites/INC-7.yml --broken recorded --fixed URL",
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

static void
say_promoted(const struct promote_opts *o, const struct promote_out *p)
{
	struct json_out out;
	struct buf b;

	if (!o->job.json) {
		(void)printf("%s: %zu case%s\n  %s\n  %s\n  %s (%zu "
		    "exchanges)\n", p->suite, p->n_cases,
		    p->n_cases == 1 ? "" : "s", p->cases, p->sections,
		    p->trace, p->n_records);
		if (p->n_derived > 0)
			(void)printf("%zu of them had no expectation: they "
			    "now expect what the baseline cited\n",
			    p->n_derived);
		(void)printf("\nNext: lockstep prove %s --broken recorded "
		    "--fixed URL\n", p->suite);
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
	json_out_str(&out, p->sections);
	json_out_key(&out, "trace");
	json_out_str(&out, p->trace);
	json_out_key(&out, "cases");
	json_out_int(&out, (int64_t)p->n_cases);
	json_out_key(&out, "exchanges");
	json_out_int(&out, (int64_t)p->n_records);
	json_out_key(&out, "derived");
	json_out_int(&out, (int64_t)p->n_derived);
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
		rc = choose(j, &o->job.case_ids, r, &ch, err);
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

int
cmd_promote(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct promote_opts o;
	struct promote_out out;
	struct store *store = NULL;
	struct job *j = calloc(1, sizeof(*j));
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	struct job_opts plain;
	size_t n = 0;
	int rc;

	memset(&o, 0, sizeof(o));
	job_opts_init(&o.job);
	o.dir = "suites";
	rc = j == NULL || rest == NULL ? RC_NOMEM :
	    opt_parse(&promote_cmd, argc, argv, &o, rest, &n, &err);
	if (rc == RC_OK && (n != 1 || o.incident == NULL || o.owner == NULL))
		rc = err_set(&err, RC_USAGE, "needs a RUN (`last` will do), "
		    "--incident ID and --owner WHO");
	plain = o.job;
	plain.case_ids.n = 0;	/* the run's own cases, all of them */
	if (rc == RC_OK)
		rc = store_open(store_home(o.job.home), &store, &err);
	if (rc == RC_OK)
		rc = job_reopen(j, store, rest[0], &plain, NULL, &err);
	if (rc == RC_OK)
		rc = promote_run(j, &o, &out, &err);
	if (rc == RC_OK)
		say_promoted(&o, &out);
	if (j != NULL)
		job_close(j);
	free(j);
	store_close(&store);
	free(rest);
	if (rc == OPT_HELP)
		return 0;
	return rc == RC_OK ? 0 : cmd_fail("promote", &err);
}

/* ---- prove ------------------------------------------------------------ */

struct prove_opts {
	struct job_opts job;
	const char *broken, *fixed;
};

#define V(field) offsetof(struct prove_opts, field)

static const struct opt prove_table[] = {
	{ "broken", 0, OPT_STR, V(broken), 0, 0, "ARM",
	    "where the suite must FAIL: a URL, a RUN, or recorded" },
	{ "fixed", 0, OPT_STR, V(fixed), 0, 0, "ARM",
	    "where it must PASS" },
	{ "set", 0, OPT_LIST, V(job.set), 0, 0, "KEY=VALUE",
	    "override a key of the suite" },
	{ "threads", 'j', OPT_INT, V(job.threads), 1, 256, "N",
	    "threads (one per processor)" },
	{ "home", 0, OPT_STR, V(job.home), 0, 0, "DIR",
	    "state folder (LOCKSTEP_HOME, else .lockstep)" },
	{ "json", 0, OPT_FLAG, V(job.json), 0, 0, NULL,
	    "one JSON document" },
	{ "quiet", 'q', OPT_FLAG, V(job.quiet), 0, 0, NULL,
	    "no progress on stderr" },
	{ NULL, 0, OPT_FLAG, 0, 0, 0, NULL, NULL }
};

static const struct opt_cmd prove_cmd = {
	"prove", "SUITE --broken ARM --fixed ARM",
	"Shows that a regression suite is one: it FAILs on the broken arm\n"
	"and PASSes on the fixed one. The broken arm may be `recorded`: the\n"
	"incident's own answers, when the broken stack is gone. Exit status:\n"
	"0 proven, 1 not, 5 when either run is INVALID, 2 could not run.\n"
	"Both are runs of their own: `last` then is the fixed one's.",
	prove_table
};

static int
judge_arm(struct store *store, const char *suite, const struct job_opts *o,
    const char *arm, struct result **out, struct err *err)
{
	struct job *j = calloc(1, sizeof(*j));
	struct job_opts one = *o;
	int rc;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	one.arm[ARM_CANDIDATE] = arm;
	one.single = 1;
	rc = job_open(j, store, suite, &one, err);
	if (rc == RC_OK)
		rc = job_replay(j, stop_catch(), err);
	if (rc == RC_OK && j->stats.stop == ENGINE_INTERRUPTED)
		rc = err_set(err, RC_USAGE, "stopped");
	if (rc == RC_OK)
		rc = job_judge(j, out, err);
	job_close(j);
	free(j);
	return rc;
}

static int
prove_status(const struct result *broken, const struct result *fixed)
{
	if (broken->verdict == VERDICT_INVALID ||
	    fixed->verdict == VERDICT_INVALID)
		return EXIT_INVALID;
	if (broken->verdict == VERDICT_CANNOT_RUN ||
	    fixed->verdict == VERDICT_CANNOT_RUN)
		return EXIT_CANNOT_RUN;
	return broken->verdict == VERDICT_FAIL &&
	    fixed->verdict == VERDICT_PASS ? EXIT_PASS : EXIT_FAIL;
}

static void
say_proof_line(const char *what, const struct result *r, const char *must)
{
	(void)printf("%-7s %s %s (must %s): %s\n        run %s\n", what,
	    verdict_symbol(r->verdict), verdict_name(r->verdict), must,
	    r->headline, r->run.id);
}

static void
say_proof_json(const struct result *broken, const struct result *fixed,
    int status)
{
	const struct result *const v[] = { broken, fixed };
	struct json_out o;
	struct buf b;
	int i;

	buf_init(&b, 1 << 20);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_out_key(&o, "proven");
	json_out_bool(&o, status == 0);
	for (i = 0; i < 2; i++) {
		json_out_key(&o, i == 0 ? "broken" : "fixed");
		json_out_obj(&o);
		json_out_key(&o, "verdict");
		json_out_str(&o, verdict_name(v[i]->verdict));
		json_out_key(&o, "headline");
		json_out_str(&o, v[i]->headline);
		json_out_key(&o, "run");
		json_out_str(&o, v[i]->run.id);
		json_out_end(&o, '}');
	}
	json_out_end(&o, '}');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

int
cmd_prove(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct prove_opts o;
	struct store *store = NULL;
	struct result *broken = NULL, *fixed = NULL;
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	size_t n = 0;
	int rc, status = EXIT_CANNOT_RUN;

	memset(&o, 0, sizeof(o));
	job_opts_init(&o.job);
	rc = rest == NULL ? RC_NOMEM :
	    opt_parse(&prove_cmd, argc, argv, &o, rest, &n, &err);
	if (rc == RC_OK && (n != 1 || o.broken == NULL || o.fixed == NULL))
		rc = err_set(&err, RC_USAGE,
		    "needs a SUITE, --broken ARM and --fixed ARM");
	if (rc == RC_OK)
		rc = store_open(store_home(o.job.home), &store, &err);
	if (rc == RC_OK)
		rc = judge_arm(store, rest[0], &o.job, o.broken, &broken,
		    &err);
	if (rc == RC_OK)
		rc = judge_arm(store, rest[0], &o.job, o.fixed, &fixed, &err);
	if (rc == RC_OK) {
		status = prove_status(broken, fixed);
		if (o.job.json)
			say_proof_json(broken, fixed, status);
		else {
			say_proof_line("broken", broken, "FAIL");
			say_proof_line("fixed", fixed, "PASS");
			(void)printf("%s\n", status == 0 ?
			    "Proven: the suite tells them apart." :
			    "Not proven: the suite does not tell them "
			    "apart.");
		}
	}
	result_free(broken);
	result_free(fixed);
	store_close(&store);
	free(rest);
	if (rc == OPT_HELP)
		return 0;
	return rc == RC_OK ? status : cmd_fail("prove", &err);
}
