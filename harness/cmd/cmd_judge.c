/* The second half of a job: score, judge, store, report; see cmd_job.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "harness/base/hash.h"
#include "harness/base/log.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_embedder.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_keep.h"
#include "harness/judge/verdict.h"
#include "harness/score/score.h"
#include "harness/suite/sections.h"
#include "reports/reports.h"

enum {
	EMBED_SET_BYTES = 32 << 20,	/* 50,000 texts or so */
	PENDING_BYTES = 16 << 20
};

/* What scoring needs beside the trace. */
struct tools {
	struct sections *sections;
	struct cmd_embedder *handle;	/* owns the embedder */
	struct embedder *embedder;
	struct embed_set *embeds;
	struct scorer_set *scorers;
	char sections_hash[HASH_HEX];
	struct accepted *accepted;
};

static void
tools_close(struct tools *t)
{
	scorer_set_close(&t->scorers);
	embed_set_close(&t->embeds);
	cmd_embedder_close(&t->handle);
	sections_close(&t->sections);
	accepted_free(t->accepted);
}

/* What a run adds is trimmed once, at its end. */
static int
kept_end(void *ctx, struct err *err)
{
	return store_embed_end(ctx, SIZE_MAX, err);
}

/* *t keeps NULL where the suite has none. */
static int
open_sections(const struct suite *s, struct tools *t, struct err *err)
{
	char *path;
	int rc;

	if (s->sections_file == NULL)
		return RC_OK;
	path = suite_resolve(s, s->sections_file);
	rc = path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    sections_open(path, &t->sections, err);
	if (rc == RC_OK)
		rc = hash_file(path, t->sections_hash, err);
	free(path);
	return rc;
}

static int
tools_open(const struct job *j, struct tools *t, struct err *err)
{
	struct embed_store keep;
	int rc = RC_OK;

	memset(t, 0, sizeof(*t));
	rc = accepted_open(j->suite->path, &t->accepted, err);
	if (rc != RC_OK)
		return rc;
	rc = open_sections(j->suite, t, err);
	if (rc == RC_OK)
		rc = cmd_embedder_open(j->suite->embedder, &t->handle,
		    &t->embedder, err);
	if (rc == RC_OK)
		rc = cmd_embedder_curve(t->embedder, j->suite->embedder_t,
		    err);
	cmd_embedder_keep(j->store, &keep);
	keep.end = kept_end;
	/* A local embedder is faster than the look-up of its vectors. */
	if (rc == RC_OK)
		rc = embed_set_open(t->embedder, EMBED_SET_BYTES,
		    embedder_info(t->embedder)->remote ? &keep : NULL,
		    &t->embeds, err);
	if (rc == RC_OK)
		rc = scorer_set_open(j->suite, &keep, &t->scorers, err);
	return rc;
}

static const char *
stop_text(enum engine_stop stop)
{
	switch (stop) {
	case ENGINE_INTERRUPTED:
		return "interrupted";
	case ENGINE_BUDGET:
		return "budget spent";
	case ENGINE_ALIKE:
		return "all failed alike";
	default:
		return "plan complete";
	}
}

/* Why what is undecided was not asked again: told where it was not. */
static const char *
not_asked(const struct job *j)
{
	if (j->opts.shard != NULL)
		return "of a shard, after the merge: `lockstep run --confirm "
		    "RUN`";
	if (j->stats.stop == ENGINE_BUDGET)
		return "the budget was used up";
	if (j->beyond.cases == 0)
		return j->plan.arm_on[ARM_BASELINE2] ? "nothing is, beside a "
		    "second baseline" : "`confirm` is switched off";
	return "to ask them: `lockstep run --confirm last`";
}

static void
describe(const struct job *j, struct verdict_in *v)
{
	const struct engine_stats *st = &j->stats;
	int a;

	v->suite = j->suite;
	v->cases = j->cases;
	v->plan = &j->plan;
	v->run_id = j->run.id;
	v->started_wall_ns = j->run.started_ns;
	v->threads = (int)(j->opts.threads > 0 ? j->opts.threads :
	    sysconf(_SC_NPROCESSORS_ONLN));
	v->argc = cmd_main_argc;
	v->argv = cmd_main_argv;
	v->report_dir = j->opts.report_dir;
	v->replay.paced = st->paced;
	v->replay.late_p99_ns = st->late_p99_ns;
	v->replay.observations = st->observations;
	v->replay.unfinished = job_unfinished(j);
	v->replay.sample = st->stop == ENGINE_BUDGET;
	v->replay.stop_reason = st->planned == 0 ? "cut off" :
	    stop_text(st->stop);
	v->beyond = j->beyond;
	v->not_asked = not_asked(j);
	v->replay.alike = *j->alike == '\0' ? NULL : j->alike;
	v->replay.elapsed_s = (double)st->elapsed_ns / 1e9;
	v->replay.cpu_idle = machine_cpu_idle(&st->machine);
	for (a = 0; a < ARM_N; a++) {
		v->live[a] = j->suite->target[a].present &&
		    j->suite->target[a].url != NULL;
		v->arm_label[a] = *j->label[a] == '\0' ? NULL : j->label[a];
	}
}

/* Whether judging waits for others, whose answers the store keeps. */
static int
asks_others(const struct tools *t)
{
	return embedder_info(t->embedder)->remote || t->scorers != NULL;
}

/* What a suite's owner should know of scorers, and no report depends on. */
static void
tell_scorers(const struct suite *s, const struct scorer_set *set)
{
	struct scorer_stats st;
	size_t i;

	for (i = 0; set != NULL && i < s->n_scorers; i++) {
		st = scorer_set_stats(set, i);
		if (st.undeclared > 0)
			log_msg(LOG_WARN, s->scorer[i].name, "returned \"%s\""
			    "%s, which the suite does not declare (%llu "
			    "values)", st.undeclared_name, st.undeclared > 1 ?
			    " or others" : "",
			    (unsigned long long)st.undeclared);
		if (st.strange > 0)
			log_msg(LOG_WARN, s->scorer[i].name, "printed %llu "
			    "lines that answer nothing",
			    (unsigned long long)st.strange);
		log_msg(LOG_DEBUG, s->scorer[i].name, "%llu lines asked, "
		    "%llu kept from before, %llu equal to another, %llu "
		    "starts", (unsigned long long)st.asked,
		    (unsigned long long)st.kept, (unsigned long long)st.same,
		    (unsigned long long)st.starts);
	}
}

static int
trim_cache(struct store *store, struct err *err)
{
	int rc = store_embed_begin(store, err);

	return rc == RC_OK ? store_embed_end(store, STORE_EMBED_BYTES, err) :
	    rc;
}

/* Observations to scores. The tools are open; sj is filled for what follows. */
static int
score(struct job *j, const struct tools *t, struct score_job *sj,
    struct score_out **scored, struct err *err)
{
	struct cmd_keep keep = { j->store, j->suite, j->run.id, NULL };
	int rc, rc_end;

	*sj = (struct score_job){
		.suite = j->suite, .cases = j->cases, .plan = &j->plan,
		.sections = t->sections, .embeds = t->embeds,
		.embedder = t->embedder, .accepted = t->accepted,
		.scorers = t->scorers, .trace_path = j->trace_path,
		.paced = j->stats.paced, .threads = (int)j->opts.threads,
		.pending_max = PENDING_BYTES, .obs = cmd_keep_obs,
		.obs_again = cmd_keep_again, .obs_ctx = &keep,
	};
	rc = cmd_keep_begin(&keep, err);
	if (rc != RC_OK)
		return rc;
	rc = score_run(sj, scored, err);
	tell_scorers(j->suite, t->scorers);
	rc_end = cmd_keep_end(&keep, rc == RC_OK, err);
	sj->obs = NULL;
	sj->obs_again = NULL;
	sj->obs_ctx = NULL;
	if (rc == RC_OK)
		rc = rc_end;
	if (rc == RC_OK && asks_others(t))
		rc = trim_cache(j->store, err);
	return rc;
}

/* Scores to a result with all that reports need. */
static int
verdict_of_job(struct job *j, const struct tools *t, struct score_job *sj,
    struct score_out *scored, struct result **out, struct err *err)
{
	struct verdict_in v = { 0 };
	int rc;

	describe(j, &v);
	v.score = scored;
	v.accepted = t->accepted;
	v.scorers = t->scorers;
	v.embedder = t->embedder;
	v.trace_hash = j->trace_hash;
	v.sections_hash = t->sections == NULL ? NULL : t->sections_hash;
	v.texts_of = sj;
	v.past.store = j->store;
	v.past.stacks = j->run.stacks;
	/* a part of a suite is not a point of its trend */
	v.past.trend = j->opts.shard == NULL && j->opts.failed == NULL &&
	    j->opts.case_ids.n + j->opts.tags.n == 0;
	rc = job_fail_on(j->opts.fail_on, &v.fail_on, err);
	if (rc == RC_OK)
		rc = verdict_build(&v, out, err);
	return rc;
}

int
job_stopped(const struct job *j, struct err *err)
{
	return err_set(err, RC_USAGE, "stopped; to resume: `lockstep resume "
	    "%s`", j->run.id);
}

static int
judge_anew(struct job *j, const struct tools *t, struct score_job *sj,
    struct score_out **scored, struct result **out, struct err *err)
{
	int rc;

	score_free(*scored);
	result_free(*out);
	*scored = NULL;
	*out = NULL;
	rc = hash_file(j->trace_path, j->trace_hash, err);
	if (rc == RC_OK)
		rc = score(j, t, sj, scored, err);
	return rc == RC_OK ? verdict_of_job(j, t, sj, *scored, out, err) :
	    rc;
}

/* Undecided cases are asked again and everything is judged again, until
 * nothing is left to ask: latency takes several rounds. */
static int
ask_again(struct job *j, const struct tools *t, struct score_job *sj,
    struct score_out **scored, struct result **out, struct err *err)
{
	int64_t sent;
	int rc = RC_OK;

	while (rc == RC_OK) {
		sent = job_ask_again(j, *out, err);
		if (sent <= 0)
			return (int)sent;
		if (j->stats.stop == ENGINE_INTERRUPTED)
			return job_stopped(j, err);
		rc = judge_anew(j, t, sj, scored, out, err);
	}
	return rc;
}

int
job_judge(struct job *j, struct result **out, struct err *err)
{
	struct score_job sj = { 0 };
	struct score_out *scored = NULL;
	struct tools t;
	int rc;

	*out = NULL;
	rc = tools_open(j, &t, err);
	if (rc == RC_OK)
		rc = hash_file(j->trace_path, j->trace_hash, err);
	if (rc == RC_OK)
		rc = score(j, &t, &sj, &scored, err);
	if (rc == RC_OK)
		rc = verdict_of_job(j, &t, &sj, scored, out, err);
	if (rc == RC_OK)
		rc = ask_again(j, &t, &sj, &scored, out, err);
	/* what the store calls judged has its report */
	if (rc == RC_OK)
		rc = reports_write_all(*out, j->run.dir, err);
	if (rc == RC_OK)
		rc = store_result_put(j->store, *out, err);
	if (rc != RC_OK) {
		result_free(*out);
		*out = NULL;
	}
	score_free(scored);
	tools_close(&t);
	return rc;
}

int
job_details(struct job *j, const uint64_t *cases, size_t n,
    struct score_details *out, struct err *err)
{
	struct score_job sj;
	struct tools t;
	int rc = tools_open(j, &t, err);

	sj = (struct score_job){
		.suite = j->suite, .cases = j->cases, .plan = &j->plan,
		.sections = t.sections, .embeds = t.embeds,
		.embedder = t.embedder, .accepted = t.accepted,
		.trace_path = j->trace_path, .paced = j->stats.paced,
		.pending_max = PENDING_BYTES,
	};
	if (rc == RC_OK)
		rc = score_details(&sj, NULL, cases, n, out, err);
	tools_close(&t);
	return rc;
}

/* ---- the whole of it -------------------------------------------------- */

int
job_try_judges(const struct suite *s, struct err *err)
{
	struct tools t = { 0 };
	struct embedder *e;
	int rc = cmd_embedder_open(s->embedder, &t.handle, &e, err);

	cmd_embedder_close(&t.handle);
	/* nothing is asked for sections that cannot be read afterwards */
	if (rc == RC_OK)
		rc = open_sections(s, &t, err);
	sections_close(&t.sections);
	return rc == RC_OK ? scorers_try(s, err) : rc;
}

int
job_run(struct store *store, const char *path, const struct job_opts *o,
    volatile sig_atomic_t *stop, struct result **out, struct err *err)
{
	struct job *j = calloc(1, sizeof(*j));
	int rc;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = job_open(j, store, path, o, err);
	if (rc == RC_OK && !o->tried)
		rc = job_try_judges(j->suite, err);
	if (rc == RC_OK)
		rc = job_replay(j, stop, err);
	if (rc == RC_OK && j->stats.stop == ENGINE_INTERRUPTED)
		rc = job_stopped(j, err);
	if (rc == RC_OK)
		rc = job_judge(j, out, err);
	job_close(j);
	free(j);
	return rc;
}

int
job_fail_on(const char *list, unsigned *bits, struct err *err)
{
	char word[32];
	enum verdict v;
	size_t n;

	*bits = 0;
	while (list != NULL && *list != '\0') {
		n = strcspn(list, ",");
		(void)snprintf(word, sizeof(word), "%.*s", (int)n, list);
		v = verdict_of(word);
		if (v == VERDICT_N)
			return err_set(err, RC_USAGE, "--fail-on: \"%s\" is "
			    "not a verdict; choose from fail, review, "
			    "inconclusive, invalid", word);
		*bits |= 1u << v;
		list += n + (list[n] == ',');
	}
	/* a run that could not run never exits 0 */
	if (*bits != 0)
		*bits |= 1u << VERDICT_CANNOT_RUN;
	return RC_OK;
}

static int
print_report(const struct job_opts *o, const struct result *r,
    struct err *err)
{
	/* NOLINTNEXTLINE(concurrency-mt-unsafe) threads are over */
	const char *no_color = getenv("NO_COLOR");
	struct report_opts ro = { .brief = o->brief };
	struct winsize w;
	int rc;

	if (isatty(STDOUT_FILENO)) {
		ro.color = no_color == NULL || *no_color == '\0';
		if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0)
			ro.width = w.ws_col;
	}
	rc = fflush(stdout) != 0 ? err_errno(err, RC_IO, "standard output") :
	    reports_write_fd(r, report_format_of(o->json ? "json" : "text"),
	    &ro, STDOUT_FILENO, "standard output", err);
	if (rc != RC_OK || !o->brief || o->json)
		return rc;
	if (printf("\nFull report: lockstep show %s, or %s\n",
	    o->several && r->run.id != NULL ? r->run.id : "last",
	    o->report_dir != NULL ? o->report_dir : "--report-dir DIR") < 0 ||
	    fflush(stdout) != 0)
		rc = err_errno(err, RC_IO, "standard output");
	return rc;
}

int
job_report(const struct job_opts *o, const struct result *r,
    struct err *err)
{
	/* first to the reader: a folder that takes no file hides nothing */
	int rc = print_report(o, r, err);

	if (rc == RC_OK && o->report_dir != NULL)
		rc = reports_write_all(r, o->report_dir, err);
	return rc;
}
