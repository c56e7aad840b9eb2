/* lockstep run, replay, resume and score: the main job and its stages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <dirent.h>
#include <sys/stat.h>

#include "harness/base/log.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_stop.h"
#include "harness/judge/result_merge.h"
#include "reports/reports.h"

struct run_opts {
	struct job_opts job;
	const char *confirm;	/* RUN: ask what it left undecided */
	const char *suite;	/* score: judge by another suite */
};

#define J(field) offsetof(struct run_opts, job.field)

#define OPT_HOME CMD_OPT_HOME(J(home))
#define OPT_JSON CMD_OPT_JSON(J(json))
#define OPT_QUIET { "quiet", 'q', OPT_FLAG, J(quiet), 0, 0, NULL, \
	"no progress on stderr" }
#define OPT_REPORT { "report-dir", 0, OPT_STR, J(report_dir), 0, 0, "DIR", \
	"also write all reports to DIR" }
#define OPT_FAIL_ON { "fail-on", 0, OPT_STR, J(fail_on), 0, 0, "LIST", \
	"exit 0 unless the verdict is one of these (fail,\n" \
	"review, inconclusive, invalid); the report shows\n" \
	"the true verdict" }
#define OPT_THREADS { "threads", 'j', OPT_INT, J(threads), 1, 256, "N", \
	"threads for sending and scoring (one per processor)" }
#define OPT_EMBEDDER { "embedder", 0, OPT_STR, J(embedder), 0, 0, "SPEC", \
	"builtin, lexical, model2vec:DIR or openai:URL#model" }
#define OPT_END CMD_OPT_END

#define OPTS_SEND \
	{ "baseline", 0, OPT_STR, J(arm[ARM_BASELINE]), 0, 0, "ARM", \
	    "the stack in service: URL, RUN or recorded[:TRACE]" }, \
	{ "baseline2", 0, OPT_STR, J(arm[ARM_BASELINE2]), 0, 0, "ARM", \
	    "another deployment of the baseline: replaces the\n" \
	    "echoes" }, \
	{ "candidate", 0, OPT_STR, J(arm[ARM_CANDIDATE]), 0, 0, "ARM", \
	    "the stack to judge" }, \
	{ "case", 0, OPT_LIST, J(case_ids), 0, 0, "ID", \
	    "only this case (repeat for more)" }, \
	{ "tag", 0, OPT_LIST, J(tags), 0, 0, "T", \
	    "only cases with this tag, NAME or NAME=VALUE" }, \
	{ "failed", 0, OPT_STR, J(failed), 0, 0, "RUN", \
	    "only the cases that failed in an earlier run" }, \
	{ "set", 0, OPT_LIST, J(set), 0, 0, "KEY=VALUE", \
	    "override a key of the suite, e.g. variants.repeats=2" }, \
	{ "max-time", 0, OPT_TIME, J(max_time_ns), 0, 0, "4m", \
	    "send only a seeded sample that fits in this time" }, \
	{ "shard", 0, OPT_STR, J(shard), 0, 0, "I/N", \
	    "only part I of N; join the parts with `runs merge`" }, \
	{ "seed", 0, OPT_INT, J(seed), 0, 9e15, "N", \
	    "seed of every random choice (from the suite's hash)" }

static const struct opt run_table[] = {
	OPTS_SEND,
	{ "confirm", 0, OPT_STR, offsetof(struct run_opts, confirm), 0, 0,
	    "RUN", "ask again what that run (such as merged shards) left\n"
	    "undecided; give no SUITE" },
	OPT_REPORT, OPT_FAIL_ON, OPT_EMBEDDER, OPT_THREADS, OPT_HOME,
	OPT_JSON, OPT_QUIET, OPT_END
};

static const struct opt_cmd run_cmd = {
	"run", "SUITE... [--baseline ARM] [--candidate ARM]",
	"Replays the cases of a suite on baseline and candidate, scores,\n"
	"judges and reports. Several suites (or a folder of them) give one\n"
	"verdict. The exit status is the verdict: 0 PASS, 1 FAIL, 2 could\n"
	"not run, 3 REVIEW, 4 INCONCLUSIVE, 5 INVALID.\n\n"
	"  lockstep run suites/release.yml\n"
	"  lockstep run s.yml --candidate http://127.0.0.1:9002\n"
	"  lockstep run s.yml --baseline last --candidate http://...\n"
	"  lockstep run s.yml --failed last --report-dir report",
	run_table
};

static const struct opt replay_table[] = {
	OPTS_SEND, OPT_THREADS, OPT_HOME, OPT_QUIET, OPT_END
};

static const struct opt_cmd replay_cmd = {
	"replay", "SUITE [--baseline ARM] [--candidate ARM]",
	"Only the first stage of `run`: sends the requests, keeps every "
	"answer\n"
	"and prints the run's id. Judge it with `score`.",
	replay_table
};

static const struct opt resume_table[] = {
	{ "set", 0, OPT_LIST, J(set), 0, 0, "KEY=VALUE",
	    "headers and auth that the run was started with: no\n"
	    "file keeps them" },
	OPT_REPORT, OPT_FAIL_ON, OPT_THREADS, OPT_HOME, OPT_JSON, OPT_QUIET,
	OPT_END
};

static const struct opt_cmd resume_cmd = {
	"resume", "RUN",
	"Resumes an interrupted run: sends only what is missing, with the\n"
	"same idempotency keys, then judges as `run` does.",
	resume_table
};

static const struct opt score_table[] = {
	{ "suite", 0, OPT_STR, offsetof(struct run_opts, suite), 0, 0,
	    "SUITE", "judge with this suite instead of the run's own" },
	OPT_REPORT, OPT_FAIL_ON, OPT_EMBEDDER, OPT_THREADS, OPT_HOME,
	OPT_JSON, OPT_QUIET, OPT_END
};

static const struct opt_cmd score_cmd = {
	"score", "RUN [--suite SUITE]",
	"Scores and judges a run's answers again, without sending anything:\n"
	"for use after a change of limits, embedder or suite.",
	score_table
};

/* ---- suites from operands --------------------------------------------- */

struct suites {
	char *path[256];
	size_t n;
};

static int
is_manifest(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && name[0] != '.' && (strcmp(dot, ".yml") == 0 ||
	    strcmp(dot, ".yaml") == 0);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int
add_suite(struct suites *s, const char *path, struct err *err)
{
	if (s->n == sizeof(s->path) / sizeof(s->path[0]))
		return err_set(err, RC_USAGE, "more than %zu suites; give "
		    "fewer",
		    s->n);
	s->path[s->n] = strdup(path);
	if (s->path[s->n] == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	s->n++;
	return RC_OK;
}

static int
add_folder(struct suites *s, const char *dir, struct err *err)
{
	char path[1100];
	DIR *d = opendir(dir);
	struct dirent *e;
	size_t from = s->n;
	int rc = RC_OK;

	if (d == NULL)
		return err_errno(err, RC_IO, "%s: cannot open", dir);
	/* the handle is ours alone. NOLINTNEXTLINE(concurrency-mt-unsafe) */
	while (rc == RC_OK && (e = readdir(d)) != NULL) {
		(void)snprintf(path, sizeof(path), "%.800s/%s", dir,
		    e->d_name);
		if (is_manifest(e->d_name))
			rc = add_suite(s, path, err);
	}
	(void)closedir(d);
	if (rc == RC_OK && s->n == from)
		rc = err_set(err, RC_USAGE, "%s: the folder has no .yml or "
		    ".yaml",
		    dir);
	if (rc == RC_OK)
		qsort(s->path + from, s->n - from, sizeof(s->path[0]),
		    by_name);
	return rc;
}

static int
find_suites(const char *const *words, size_t n, struct suites *s,
    struct err *err)
{
	struct stat st;
	size_t i;
	int rc = RC_OK;

	s->n = 0;
	for (i = 0; i < n && rc == RC_OK; i++) {
		if (stat(words[i], &st) == 0 && S_ISDIR(st.st_mode))
			rc = add_folder(s, words[i], err);
		else
			rc = add_suite(s, words[i], err);
	}
	return rc;
}

static void
free_suites(struct suites *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->path[i]);
}

/* ---- the commands ----------------------------------------------------- */

/* Of several suites, those without a case that is asked for are left out. */
static int
has_cases(struct store *store, const char *path, const struct job_opts *o,
    struct err *err)
{
	struct job *j = calloc(1, sizeof(*j));
	int rc, none;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = job_open(j, store, path, o, err);
	none = j->cases != NULL && caseset_n(j->cases) == 0;
	if (rc == RC_OK)
		rc = job_try_judges(j->suite, err);
	job_close(j);
	free(j);
	if (rc != RC_OK && none) {
		log_msg(LOG_INFO, "run", "%s is left out: none of its cases "
		    "matches the filters", path);
		memset(err, 0, sizeof(*err));
		return 0;
	}
	return rc == RC_OK ? 1 : rc;
}

/* A mistake in the last suite must not cost the runs of the first. */
static int
check_all(struct store *store, struct suites *suites,
    const struct job_opts *o, struct err *err)
{
	size_t i, n = 0;
	int has = 1;

	for (i = 0; has >= 0 && i < suites->n; i++) {
		has = has_cases(store, suites->path[i], o, err);
		if (has != 0)
			suites->path[n++] = suites->path[i];
		else
			free(suites->path[i]);
	}
	/* after an error the rest is still to be freed */
	for (; i < suites->n; i++)
		suites->path[n++] = suites->path[i];
	suites->n = n;
	if (has >= 0 && n == 0)
		return err_set(err, RC_USAGE, "no case of any suite matches "
		    "the filters (--case, --tag, --failed)");
	return has < 0 ? has : RC_OK;
}

/* A command that sends or judges. */
struct running {
	struct run_opts o;
	struct cmd_line line;
	struct store *store;
};

/* Parses, opens the store; the operands are checked by the caller. */
static int
begin(const struct opt_cmd *cmd, int argc, char **argv, struct running *u,
    struct err *err)
{
	struct run_opts *o = &u->o;
	int rc;

	memset(u, 0, sizeof(*u));
	job_opts_init(&o->job);
	o->job.brief = 1;
	rc = cmd_begin(cmd, argc, argv, o, &u->line, err);
	if (rc == RC_OK && u->line.n == 0 && o->confirm == NULL)
		rc = err_set(err, RC_USAGE, "nothing to %s; usage: "
		    "lockstep %s %s", cmd->name, cmd->name, cmd->usage);
	if (rc == RC_OK && o->job.report_dir != NULL)
		rc = reports_make_dir(o->job.report_dir, err);
	if (rc == RC_OK)
		rc = store_open(store_home(o->job.home), &u->store, err);
	return rc;
}

/* Reports what there is; its verdict is the status. */
static int
finish(const char *name, struct running *u, struct result *r, int rc,
    struct err *err)
{
	int status = 0;

	store_close(&u->store);
	if (rc == RC_OK && r != NULL)
		rc = job_report(&u->o.job, r, err);
	if (rc == RC_OK && r != NULL)
		status = r->exit_status;
	result_free(r);
	return cmd_end(name, &u->line, rc, status, err);
}

/* What a judged run left undecided: shards that were merged, mostly. */
static int
confirm(struct store *store, const struct run_opts *o, size_t n_suites,
    volatile sig_atomic_t *stop, struct result **out, struct err *err)
{
	struct job *j = calloc(1, sizeof(*j));
	int rc = n_suites > 0 ? err_set(err, RC_USAGE, "--confirm uses the "
	    "suite of its run; give no SUITE") : RC_OK;

	if (j == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = job_reopen(j, store, o->confirm, &o->job, NULL, err);
	if (rc == RC_OK && job_unfinished(j))
		rc = err_set(err, RC_USAGE, "run %s is not finished; to resume "
		    "it: `lockstep resume %s`", j->run.id, j->run.id);
	if (rc == RC_OK && j->opts.shard != NULL)
		rc = err_set(err, RC_USAGE, "run %s is a shard: merge all "
		    "shards with `lockstep runs merge`, then confirm the "
		    "merged run",
		    j->run.id);
	if (rc == RC_OK)
		rc = job_start_again(j, stop, err);
	if (rc == RC_OK)
		rc = job_judge(j, out, err);
	job_close(j);
	free(j);
	return rc;
}

int
cmd_run(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct running u;
	struct suites suites = { .n = 0 };
	struct result **results = NULL, *all = NULL;
	volatile sig_atomic_t *stop = stop_catch();
	size_t i = 0;
	unsigned bits;
	int rc;

	rc = begin(&run_cmd, argc, argv, &u, &err);
	if (rc == RC_OK)
		rc = job_fail_on(u.o.job.fail_on, &bits, &err);
	if (rc == RC_OK && u.o.confirm != NULL) {
		rc = confirm(u.store, &u.o, u.line.n, stop, &all, &err);
		return finish("run", &u, all, rc, &err);
	}
	if (rc == RC_OK)
		rc = find_suites(u.line.rest, u.line.n, &suites, &err);
	if (rc == RC_OK) {
		results = calloc(suites.n + 1, sizeof(*results));
		if (results == NULL)
			rc = err_set(&err, RC_NOMEM, "out of memory");
	}
	if (rc == RC_OK && suites.n > 1)
		rc = check_all(u.store, &suites, &u.o.job, &err);
	u.o.job.tried = u.o.job.several = suites.n > 1;
	for (i = 0; rc == RC_OK && i < suites.n; i++)
		rc = job_run(u.store, suites.path[i], &u.o.job, stop,
		    &results[i], &err);
	if (rc == RC_OK)
		rc = result_merge(results, suites.n, bits, &all, &err);
	for (i = 0; results != NULL && i < suites.n; i++)
		result_free(results[i]);
	free(results);
	free_suites(&suites);
	return finish("run", &u, all, rc, &err);
}

int
cmd_replay(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct running u;
	struct job *j = calloc(1, sizeof(*j));
	int rc;

	rc = begin(&replay_cmd, argc, argv, &u, &err);
	if (rc == RC_OK && j == NULL)
		rc = err_set(&err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && u.line.n > 1)
		rc = err_set(&err, RC_USAGE, "give one SUITE");
	if (rc == RC_OK)
		rc = job_open(j, u.store, u.line.rest[0], &u.o.job, &err);
	if (rc == RC_OK)
		rc = job_replay(j, stop_catch(), &err);
	if (rc == RC_OK)
		(void)printf("%s\n", j->run.id);
	if (rc == RC_OK && j->stats.stop == ENGINE_INTERRUPTED)
		rc = job_stopped(j, &err);
	if (j != NULL)
		job_close(j);
	free(j);
	return finish("replay", &u, NULL, rc, &err);
}

/* Whether there is something to send. A job that never began must not be
 * taken for the one before it, and its verdict with it. */
static int
check_resumed(const struct job *j, const char *word, struct err *err)
{
	if (strcmp(j->run.state, "judged") != 0)
		return RC_OK;
	if (strcmp(word, "last") == 0)
		return err_set(err, RC_USAGE, "no run is interrupted: the last "
		    "one, %s, is judged; `lockstep runs` lists the others, "
		    "`lockstep score %s` judges it again", j->run.id,
		    j->run.id);
	log_msg(LOG_INFO, "resume", "run %s is already judged; only what is "
	    "missing is sent", j->run.id);
	return RC_OK;
}

/* resume and score: an earlier run, perhaps sent to its end, judged. */
static int
again(const struct opt_cmd *cmd, int argc, char **argv, int send)
{
	struct err err = ERR_INIT;
	struct running u;
	struct result *r = NULL;
	struct job *j = calloc(1, sizeof(*j));
	int rc;

	rc = begin(cmd, argc, argv, &u, &err);
	if (rc == RC_OK && j == NULL)
		rc = err_set(&err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && u.line.n > 1)
		rc = err_set(&err, RC_USAGE, "give one RUN");
	if (rc == RC_OK)
		rc = job_reopen(j, u.store, u.line.rest[0], &u.o.job,
		    u.o.suite, &err);
	if (rc == RC_OK && send)
		rc = check_resumed(j, u.line.rest[0], &err);
	if (rc == RC_OK && send)
		rc = job_resume(j, stop_catch(), &err);
	if (rc == RC_OK && job_unfinished(j))
		rc = err_set(&err, RC_USAGE, "run %s is not finished; to "
		    "resume it: `lockstep resume %s`", j->run.id, j->run.id);
	if (rc == RC_OK)
		rc = job_judge(j, &r, &err);
	if (j != NULL)
		job_close(j);
	free(j);
	return finish(cmd->name, &u, r, rc, &err);
}

int
cmd_resume(int argc, char **argv)
{
	return again(&resume_cmd, argc, argv, 1);
}

int
cmd_score(int argc, char **argv)
{
	return again(&score_cmd, argc, argv, 0);
}
