/* What a job sends; see cmd_job.h. */
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job_part.h"
#include "harness/cmd/cmd_progress.h"

static int
start_targets(struct job *j, const volatile sig_atomic_t *stop,
    struct err *err)
{
	char log[1100];
	int a, rc;

	for (a = 0; a < ARM_N; a++) {
		const struct suite_target *t = &j->suite->target[a];

		if (!t->present || t->url == NULL)
			continue;
		(void)snprintf(log, sizeof(log), "%s/%s.log", j->run.dir,
		    arm_name((enum arm)a));
		rc = target_start(t, arm_name((enum arm)a), log, stop,
		    &j->target[a], err);
		if (rc != RC_OK)
			return rc;
		j->url[a] = target_url(j->target[a]);
		(void)snprintf(j->label[a], sizeof(j->label[a]), "%s",
		    j->url[a]);
	}
	/* an echo asks its own arm, unless it has a deployment of its own */
	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		if (j->url[a + 2] == NULL)
			j->url[a + 2] = j->url[a];
	}
	return RC_OK;
}

static void
stop_targets(struct job *j)
{
	int a;

	for (a = 0; a < ARM_N; a++)
		target_stop(&j->target[a]);
}

/* Of a run that gave up: what happened, for reports. */
static void
say_alike(struct job *j)
{
	const struct engine_alike *a = &j->stats.alike;

	*j->alike = '\0';
	if (j->stats.stop == ENGINE_ALIKE)
		(void)snprintf(j->alike, sizeof(j->alike), "the first %u "
		    "requests to the %s all failed alike: %s%s%s%s", a->n,
		    arm_name(a->arm), outcome_name(a->outcome),
		    *a->why != '\0' ? " (" : "", a->why,
		    *a->why != '\0' ? ")" : "");
}

static int
send_all(struct job *j, int resume, volatile sig_atomic_t *stop,
    struct err *err)
{
	struct engine_job e = { 0 };
	struct cmd_progress progress;
	struct err late = ERR_INIT;
	int a, rc;

	rc = start_targets(j, stop, err);
	if (rc != RC_OK) {
		/* nothing to go on with: `last` stays the run before */
		if (!resume)
			(void)store_run_state(j->store, j->run.id,
			    "not started", &late);
		return rc;
	}
	e.suite = j->suite;
	e.cases = j->cases;
	e.plan = &j->plan;
	e.run_id = j->run.id;
	e.trace_path = j->trace_path;
	e.resume = resume;
	memcpy(e.url, j->url, sizeof(e.url));
	for (a = 0; a < ARM_N; a++) {
		e.recorded[a].path = j->recorded[a].path;
		e.recorded[a].from = j->recorded[a].from;
	}
	/* a run's echoes come with its answers */
	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		if (j->recorded[a].path == NULL ||
		    j->recorded[a + 2].path != NULL)
			continue;
		e.recorded[a + 2].path = j->recorded[a].path;
		e.recorded[a + 2].from = j->recorded[a].from + 2;
	}
	e.threads = (int)j->opts.threads;
	e.max_time_ns = j->opts.max_time_ns;
	e.stop = stop;
	e.argc = cmd_main_argc;
	e.argv = cmd_main_argv;
	cmd_progress_init(&progress, j->opts.quiet);
	e.progress = cmd_progress_show;
	e.progress_ctx = &progress;
	rc = engine_run(&e, &j->stats, err);
	cmd_progress_end(&progress);
	say_alike(j);
	stop_targets(j);
	if (rc == RC_OK)
		rc = job_write_file(j, err);
	if (rc == RC_OK)
		rc = store_run_state(j->store, j->run.id,
		    j->stats.stop == ENGINE_INTERRUPTED ? "replaying" :
		    "replayed", err);
	return rc;
}

/* What was compared: two runs with the same hash can be compared. */
static void
stacks_hash(struct job *j)
{
	char text[1200];
	int a;
	size_t n = 0;

	for (a = 0; a < ARM_N; a++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s=%s;",
		    arm_name((enum arm)a), j->label[a]);
	hash_hex(text, n, j->run.stacks);
}

int
job_begin(struct job *j, struct err *err)
{
	struct store_run *run = &j->run;
	int rc;

	(void)snprintf(run->suite_name, sizeof(run->suite_name), "%s",
	    j->suite->name);
	(void)snprintf(run->suite_path, sizeof(run->suite_path), "%s",
	    j->suite->path);
	(void)snprintf(run->suite_hash, sizeof(run->suite_hash), "%s",
	    j->suite->hash);
	stacks_hash(j);
	rc = store_run_new(j->store, j->home, run, err);
	(void)snprintf(j->trace_path, sizeof(j->trace_path),
	    "%s/obs.jsonl.zst", run->dir);
	return rc;
}

int
job_replay(struct job *j, volatile sig_atomic_t *stop, struct err *err)
{
	int rc;

	rc = job_begin(j, err);
	if (rc == RC_OK)
		rc = job_write_file(j, err);
	if (rc == RC_OK)
		rc = send_all(j, 0, stop, err);
	return rc;
}

int
job_unfinished(const struct job *j)
{
	/* what a run planned is written at its end */
	return j->stats.planned == 0 || j->stats.stop == ENGINE_INTERRUPTED;
}

int
job_resume(struct job *j, volatile sig_atomic_t *stop, struct err *err)
{
	int rc = job_file_hidden(j, err);

	if (rc == RC_OK)
		rc = store_run_state(j->store, j->run.id, "replaying", err);
	return rc == RC_OK ? send_all(j, 1, stop, err) : rc;
}
