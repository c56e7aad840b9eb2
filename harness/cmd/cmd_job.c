/* A job: one suite, opened and replayed; see cmd_job.h. */
#include "harness/cmd/cmd_job.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/log.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job_part.h"

void
job_opts_init(struct job_opts *o)
{
	memset(o, 0, sizeof(*o));
	o->seed = -1;
}

/* ---- opening ---------------------------------------------------------- */

/* The trace that answers for `recorded` without a name: the suite's own. */
static int
suite_trace(const struct job *j, const char *arm, char **path,
    struct err *err)
{
	const char *colon = strchr(arm, ':');
	const char *file = j->suite->recorded_file;

	if (colon != NULL) {
		*path = strdup(colon + 1);
	} else if (file != NULL || (file = j->suite->cases_trace) != NULL) {
		*path = suite_resolve(j->suite, file);
	} else {
		return err_set(err, RC_USAGE, "%s: the suite names no trace "
		    "(`recorded: FILE`); use recorded:FILE", arm);
	}
	return *path == NULL ? err_set(err, RC_NOMEM, "out of memory") :
	    RC_OK;
}

/* RUN, or RUN:ARM to choose which of its arms answers. */
static int
open_run_arm(struct job *j, enum arm a, const char *word, struct err *err)
{
	char run[256], path[1100];
	const char *colon = strrchr(word, ':');
	struct store_run found;
	int rc;

	j->recorded[a].from = ARM_CANDIDATE;
	(void)snprintf(run, sizeof(run), "%.*s",
	    (int)(colon == NULL ? strlen(word) : (size_t)(colon - word)),
	    word);
	if (colon != NULL) {
		j->recorded[a].from = arm_of(colon + 1);
		if (j->recorded[a].from == ARM_N)
			return err_set(err, RC_USAGE, "%s: \"%s\" is not an "
			    "arm of a run (baseline, candidate); a URL begins "
			    "with http://", word, colon + 1);
	}
	rc = store_run_find(j->store, run, &found, err);
	if (rc != RC_OK) {
		err_prefix(err, "%s is not a URL (http://...), so it must be a "
		    "run", word);
		return rc;
	}
	(void)snprintf(path, sizeof(path), "%s/obs.jsonl.zst", found.dir);
	j->recorded[a].path = strdup(path);
	(void)snprintf(j->label[a], sizeof(j->label[a]), "run %s (%s)",
	    found.id, arm_name(j->recorded[a].from));
	return RC_OK;
}

static int
open_arm(struct job *j, enum arm a, struct err *err)
{
	const struct suite_target *t = &j->suite->target[a];
	char *path = NULL;
	int rc;

	if (!t->present)
		return RC_OK;
	if (t->url != NULL) {
		(void)snprintf(j->label[a], sizeof(j->label[a]), "%s",
		    t->url);
		return RC_OK;
	}
	if (t->arm == NULL)
		return err_set(err, RC_USAGE, "%s: the %s has neither url nor "
		    "start; give --%s URL", j->suite_path, arm_name(a),
		    arm_name(a));
	if (strncmp(t->arm, "recorded", 8) == 0 &&
	    (t->arm[8] == '\0' || t->arm[8] == ':')) {
		rc = suite_trace(j, t->arm, &path, err);
		if (rc != RC_OK)
			return rc;
		j->recorded[a].path = path;
		j->recorded[a].from = a == ARM_CANDIDATE ? ARM_CANDIDATE :
		    ARM_BASELINE;
		(void)snprintf(j->label[a], sizeof(j->label[a]),
		    "recorded %s", path);
		return RC_OK;
	}
	return open_run_arm(j, a, t->arm, err);
}

struct id_list {
	const char *v[OPT_LIST_MAX * 4];
	size_t n;
};

static int
keep_id(void *ctx, const char *case_id)
{
	struct id_list *l = ctx;

	if (l->n < sizeof(l->v) / sizeof(l->v[0]))
		l->v[l->n++] = strdup(case_id);
	return 0;
}

int
job_shard(const char *text, unsigned *i, unsigned *n)
{
	unsigned long part, of;
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	part = strtoul(text, &end, 10);
	if (*end != '/' || end[1] < '0' || end[1] > '9')
		return -1;
	of = strtoul(end + 1, &end, 10);
	if (*end != '\0' || part == 0 || part > of || of > UINT_MAX)
		return -1;
	*i = (unsigned)part;
	*n = (unsigned)of;
	return 0;
}

static int
open_cases(struct job *j, struct err *err)
{
	struct caseset_filter f = { 0 };
	struct id_list failed = { .n = 0 };
	struct store_run run;
	unsigned i_of = 0, n_of = 0;
	size_t i;
	int rc = RC_OK;

	f.ids = j->opts.case_ids.v;
	f.n_ids = j->opts.case_ids.n;
	f.tags = j->opts.tags.v;
	f.n_tags = j->opts.tags.n;
	if (j->opts.failed != NULL) {
		rc = store_run_find(j->store, j->opts.failed, &run, err);
		if (rc == RC_OK)
			rc = store_failed_cases(j->store, run.id, keep_id,
			    &failed, err);
		if (rc == RC_OK && failed.n == 0)
			rc = err_set(err, RC_USAGE,
			    "run %s has no failed case", run.id);
		f.ids = failed.v;
		f.n_ids = failed.n;
	}
	if (rc == RC_OK && j->opts.shard != NULL &&
	    job_shard(j->opts.shard, &i_of, &n_of) != 0)
		rc = err_set(err, RC_USAGE,
		    "--shard: \"%s\" is not I/N with 1 <= I <= N, such as 1/4",
		    j->opts.shard);
	f.shard = i_of;
	f.shards = n_of;
	if (rc == RC_OK)
		rc = caseset_open(j->suite, &f, &j->cases, err);
	if (rc == RC_OK && caseset_n(j->cases) == 0)
		rc = err_set(err, RC_USAGE, "%s: no case matches the filters "
		    "(--case, --tag, --failed)", j->suite_path);
	for (i = 0; i < failed.n; i++)
		free((void *)(uintptr_t)failed.v[i]);
	return rc;
}

/* What may be asked beyond the plan; alpha is shared with it. */
static void
open_beyond(struct job *j)
{
	int a, live[ARM_N];

	for (a = 0; a < ARM_N; a++)
		live[a] = j->suite->target[a].present &&
		    j->suite->target[a].url != NULL;
	beyond_of(j->suite, &j->plan, live, &j->beyond);
	j->suite->limits.confirm = j->beyond.cases > 0 && !j->beyond.clears;
}

int
job_open(struct job *j, struct store *store, const char *suite_path,
    const struct job_opts *o, struct err *err)
{
	struct suite_over over = { .seed = o->seed };
	int a, rc;

	memset(j, 0, sizeof(*j));
	j->opts = *o;
	j->store = store;
	j->home = store_home(o->home);
	j->suite_path = suite_path;
	memcpy(over.arm, o->arm, sizeof(over.arm));
	over.set = o->set.v;
	over.n_set = o->set.n;
	over.embedder = o->embedder;
	rc = suite_load(suite_path, &over, &j->suite, err);
	if (rc == RC_OK && o->single)
		j->suite->target[ARM_BASELINE].present =
		    j->suite->target[ARM_BASELINE2].present = 0;
	for (a = 0; a < ARM_N && rc == RC_OK; a++)
		rc = open_arm(j, (enum arm)a, err);
	if (rc == RC_OK && !j->suite->target[ARM_CANDIDATE].present)
		rc = err_set(err, RC_USAGE, "%s: no candidate to judge; give "
		    "--candidate URL or targets.candidate.url", suite_path);
	if (rc == RC_OK)
		rc = open_cases(j, err);
	if (rc == RC_OK)
		plan_init(&j->plan, j->suite, caseset_n(j->cases));
	if (rc == RC_OK)
		open_beyond(j);
	return rc;
}

void
job_close(struct job *j)
{
	int a;

	for (a = 0; a < ARM_N; a++) {
		target_stop(&j->target[a]);
		free((void *)(uintptr_t)j->recorded[a].path);
	}
	setup_fini(&j->setup);
	caseset_close(&j->cases);
	suite_free(j->suite);
	j->suite = NULL;
	json_free(j->doc);
	j->doc = NULL;
}

/* ---- opening again ---------------------------------------------------- */

int
job_reopen_shards(struct job *j, struct store *store, const char *dir,
    const struct json *doc, const struct job_opts *o, struct err *err)
{
	struct job_opts old = *o;
	struct json *own = json_copy(doc);
	const char *suite = json_get_str(own, "suite");
	int rc;

	memset(j, 0, sizeof(*j));
	j->doc = own;
	if (own == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (suite == NULL)
		return err_set(err, RC_FORMAT, "%s/job.json: names no suite",
		    dir);
	job_file_opts(own, &old);
	old.shard = NULL;
	rc = job_open(j, store, suite, &old, err);
	j->doc = own;
	if (rc == RC_OK)
		job_file_labels(j, doc);
	return rc;
}

int
job_reopen(struct job *j, struct store *store, const char *run,
    const struct job_opts *o, const char *suite_path, struct err *err)
{
	struct store_run found;
	struct job_opts old = *o;
	struct json *doc;
	char path[1100];
	const char *suite;
	int rc;

	memset(j, 0, sizeof(*j));
	rc = store_run_find(store, run, &found, err);
	if (rc != RC_OK)
		return rc;
	(void)snprintf(path, sizeof(path), "%s/job.json", found.dir);
	doc = json_load(path, JOB_FILE_MAX, err);
	if (doc == NULL)
		return err->code;
	job_file_opts(doc, &old);
	suite = suite_path != NULL ? suite_path : json_get_str(doc, "suite");
	if (suite == NULL)
		rc = err_set(err, RC_FORMAT, "%s: names no suite", path);
	else
		rc = job_open(j, store, suite, &old, err);
	j->doc = doc;
	if (rc == RC_OK) {
		j->run = found;
		(void)snprintf(j->trace_path, sizeof(j->trace_path),
		    "%s/obs.jsonl.zst", found.dir);
		job_file_stats(j, doc);
		job_file_labels(j, doc);
		if (suite_path == NULL && strcmp(j->suite->hash,
		    found.suite_hash) != 0)
			log_msg(LOG_WARN, "suite", "%s has changed since run "
			    "%s; the current file is used to judge it", suite,
			    found.id);
	}
	return rc;
}
