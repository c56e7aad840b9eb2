/* lockstep prove: prove that a regression suite works. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_drill_keep.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_stop.h"
#include "reports/glyph.h"

struct prove_opts {
	struct job_opts job;
	const char *broken, *fixed;
};

#define V(field) offsetof(struct prove_opts, field)

static const struct opt prove_table[] = {
	{ "broken", 0, OPT_STR, V(broken), 0, 0, "ARM",
	    "arm on which the suite must FAIL: a URL, a RUN, or\n"
	    "recorded, the incident's own answers (default)" },
	{ "fixed", 0, OPT_STR, V(fixed), 0, 0, "ARM",
	    "arm on which it must PASS" },
	{ "set", 0, OPT_LIST, V(job.set), 0, 0, "KEY=VALUE",
	    "override a key of the suite; targets.candidate.*\n"
	    "leaves recorded answers as they were recorded" },
	{ "threads", 'j', OPT_INT, V(job.threads), 1, 256, "N",
	    "threads (one per processor)" },
	CMD_OPT_HOME(V(job.home)),
	CMD_OPT_JSON(V(job.json)),
	{ "quiet", 'q', OPT_FLAG, V(job.quiet), 0, 0, NULL,
	    "no progress on stderr" },
	CMD_OPT_END
};

static const struct opt_cmd prove_cmd = {
	"prove", "SUITE [--broken ARM] --fixed ARM",
	"Shows that a regression suite works: it FAILs on the broken arm and\n"
	"PASSes on the fixed one. Without --broken, the broken arm is the\n"
	"incident's own recorded answers. Makes two runs; `last` is then the\n"
	"fixed arm's.\n\n"
	"Exit status: 0 proven, 1 not proven, 2 could not run, 5 when a run "
	"is\n"
	"INVALID or the broken arm failed only with answers that could not be\n"
	"read.",
	prove_table
};

static int
judge_arm(struct store *store, const char *suite, const struct job_opts *o,
    const char *arm, struct result **out, struct err *err)
{
	struct job_opts one = *o;

	one.arm[ARM_CANDIDATE] = arm;
	one.single = 1;
	return job_run(store, suite, &one, stop_catch(), out, err);
}

/* Recorded answers of the broken arm were asked by no other path, and are read
 * by no other pointer: such keys are of the stack that is asked. */
static int
judge_broken(struct store *store, const char *suite, const struct job_opts *o,
    const char *arm, struct result **out, struct err *err)
{
	static const char of_target[] = "targets.candidate.";
	struct job_opts one = *o;
	size_t i;

	one.set.n = 0;
	for (i = 0; i < o->set.n; i++) {
		if (strstr(arm, "://") != NULL || strncmp(o->set.v[i],
		    of_target, strlen(of_target)) != 0)
			one.set.v[one.set.n++] = o->set.v[i];
	}
	return judge_arm(store, suite, &one, arm, out, err);
}

static uint64_t
count_of(const struct result *r, const enum outcome *v, size_t n)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += r->arm[ARM_CANDIDATE].outcomes[v[i]];
	return sum;
}

/* Answers that could not be read. */
static uint64_t
unread(const struct result *r)
{
	static const enum outcome v[] = { OUTCOME_UNDECODABLE,
	    OUTCOME_BAD_JSON, OUTCOME_EXTRACT_FAILED };

	return count_of(r, v, sizeof(v) / sizeof(v[0]));
}

/*
 * Whether the broken arm failed by what could be judged: by a case, or by
 * errors that the service made.  An answer that could not be read proves
 * nothing: it may be a healthy one.
 */
static int
failed_as_judged(const struct result *r)
{
	static const enum outcome v[] = { OUTCOME_HTTP_4XX, OUTCOME_HTTP_429,
	    OUTCOME_HTTP_5XX, OUTCOME_TIMEOUT, OUTCOME_RESET, OUTCOME_TLS,
	    OUTCOME_PROTOCOL, OUTCOME_TOO_LARGE, OUTCOME_SERVICE_ERROR,
	    OUTCOME_UNREACHABLE };

	return r->verdict == VERDICT_FAIL && (r->count.worse > 0 ||
	    r->count.of[CASE_V_DEFECT] > 0 ||
	    unread(r) == 0 || count_of(r, v, sizeof(v) / sizeof(v[0])) > 0);
}

static int
prove_status(const struct result *broken, const struct result *fixed)
{
	if (broken->verdict == VERDICT_INVALID ||
	    fixed->verdict == VERDICT_INVALID)
		return EXIT_INVALID;
	if (broken->verdict == VERDICT_FAIL && !failed_as_judged(broken))
		return EXIT_INVALID;
	if (broken->verdict == VERDICT_CANNOT_RUN ||
	    fixed->verdict == VERDICT_CANNOT_RUN)
		return EXIT_CANNOT_RUN;
	return broken->verdict == VERDICT_FAIL &&
	    fixed->verdict == VERDICT_PASS ? EXIT_PASS : EXIT_FAIL;
}

/* What went wrong of an arm that did not do as it must. */
static void
say_why_not(const struct result *r)
{
	if (r->n_reasons > 0) {
		(void)printf("        ");
		cmd_wrap_reason(8, &r->reasons[0]);
	}
	(void)printf("        see `lockstep show %s`\n", r->run.id);
}

static void
say_proof_line(const char *what, const struct result *r, enum verdict must)
{
	char head[64];

	(void)snprintf(head, sizeof(head), "%-7s %s %s (must %s): ", what,
	    verdict_symbol(r->verdict), verdict_name(r->verdict),
	    verdict_name(must));
	(void)printf("%s", head);
	cmd_wrap(glyph_columns(head), r->headline);
	(void)printf("        run %s\n", r->run.id);
	if (r->verdict != must)
		say_why_not(r);
}

static void
say_outcome(const struct result *broken, int status)
{
	if (status == EXIT_PASS)
		(void)printf("Proven: the suite tells them apart.\n");
	else if (broken->verdict == VERDICT_FAIL && !failed_as_judged(broken))
		(void)printf("Not proven: %llu of the broken arm's answers "
		    "could not be read, and none of the others "
		    "failed.\n", (unsigned long long)unread(broken));
	else
		(void)printf("Not proven: the suite does not tell them "
		    "apart.\n");
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
	json_put_bool(&o, "proven", status == 0);
	for (i = 0; i < 2; i++) {
		json_out_key(&o, i == 0 ? "broken" : "fixed");
		json_out_obj(&o);
		json_put_str(&o, "verdict", verdict_name(v[i]->verdict));
		json_put_str(&o, "headline", v[i]->headline);
		json_put_str(&o, "run", v[i]->run.id);
		json_out_end(&o, '}');
	}
	json_out_end(&o, '}');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

/* Guardrail 12: that the suite tells broken from fixed, or does not. */
static int
keep_proof(const char *suite, const struct job_opts *o,
    const struct result *broken, const struct result *fixed, int status,
    struct err *err)
{
	char name[200], head[240];
	struct proof_note p = { .guardrail = 12, .name = name,
		.verdict = verdict_name(status == EXIT_PASS ? VERDICT_PASS :
		status == EXIT_FAIL ? VERDICT_FAIL : status == EXIT_INVALID ?
		VERDICT_INVALID : VERDICT_CANNOT_RUN), .headline = head,
		.build = fixed->arm[ARM_CANDIDATE].url };

	(void)snprintf(name, sizeof(name), "prove %.180s", suite);
	(void)snprintf(head, sizeof(head), "%s on the broken arm (run "
	    "%.60s), %s on the fixed one (run %.60s)",
	    verdict_name(broken->verdict), broken->run.id,
	    verdict_name(fixed->verdict), fixed->run.id);
	return proof_keep(store_home(o->home), &p, err);
}

int
cmd_prove(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct prove_opts o;
	struct store *store = NULL;
	struct result *broken = NULL, *fixed = NULL;
	struct cmd_line line;
	int rc, status = EXIT_CANNOT_RUN;

	memset(&o, 0, sizeof(o));
	job_opts_init(&o.job);
	rc = cmd_begin(&prove_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && (line.n != 1 || o.fixed == NULL))
		rc = err_set(&err, RC_USAGE, "give a SUITE and --fixed ARM");
	if (o.broken == NULL)
		o.broken = "recorded";
	if (rc == RC_OK)
		rc = store_open(store_home(o.job.home), &store, &err);
	if (rc == RC_OK)
		rc = judge_broken(store, line.rest[0], &o.job, o.broken,
		    &broken, &err);
	if (rc == RC_OK)
		rc = judge_arm(store, line.rest[0], &o.job, o.fixed, &fixed,
		    &err);
	if (rc == RC_OK) {
		status = prove_status(broken, fixed);
		rc = keep_proof(line.rest[0], &o.job, broken, fixed, status,
		    &err);
		if (o.job.json)
			say_proof_json(broken, fixed, status);
		else {
			say_proof_line("broken", broken, VERDICT_FAIL);
			say_proof_line("fixed", fixed, VERDICT_PASS);
			say_outcome(broken, status);
		}
	}
	result_free(broken);
	result_free(fixed);
	store_close(&store);
	return cmd_end("prove", &line, rc, status, &err);
}
