/* What a job sends; see cmd_job.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness/base/hash.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_job_part.h"
#include "harness/cmd/cmd_progress.h"
#include "harness/judge/confirm_ask.h"

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
	return setup_run(j->suite, j->url, stop, &j->setup, err);
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

/* A run's echoes come with its answers. */
static void
fill_recorded(const struct job *j, struct engine_job *e)
{
	int a;

	for (a = 0; a < ARM_N; a++) {
		e->recorded[a].path = j->recorded[a].path;
		e->recorded[a].from = j->recorded[a].from;
	}
	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		if (j->recorded[a].path == NULL ||
		    j->recorded[a + 2].path != NULL)
			continue;
		e->recorded[a + 2].path = j->recorded[a].path;
		e->recorded[a + 2].from = j->recorded[a].from + 2;
	}
}

/* What is told of the job to every engine; the rest is e's already. */
static int
run_engine(struct job *j, struct engine_job *e, struct engine_stats *st,
    struct err *err)
{
	struct cmd_progress progress;
	int a, rc;

	e->suite = j->suite;
	e->cases = j->cases;
	e->plan = &j->plan;
	e->run_id = j->run.id;
	e->trace_path = j->trace_path;
	memcpy(e->url, j->url, sizeof(e->url));
	for (a = 0; a < ARM_N; a++)
		e->ids[a] = j->setup.ids[a];
	fill_recorded(j, e);
	e->threads = (int)j->opts.threads;
	e->stop = j->stop;
	e->argc = cmd_main_argc;
	e->argv = cmd_main_argv;
	cmd_progress_init(&progress, j->opts.quiet);
	e->progress = cmd_progress_show;
	e->progress_ctx = &progress;
	rc = engine_run(e, st, err);
	cmd_progress_end(&progress);
	return rc;
}

static int
keep_state(struct job *j, struct err *err)
{
	int rc = job_write_file(j, err);

	return rc != RC_OK ? rc : store_run_state(j->store, j->run.id,
	    j->stats.stop == ENGINE_INTERRUPTED ? "replaying" : "replayed",
	    err);
}

/* The plan, and latency measured on. The stacks stay up: what is undecided
 * then is asked again. */
static int
send_all(struct job *j, int resume, volatile sig_atomic_t *stop,
    struct err *err)
{
	struct engine_job e = { .resume = resume,
		.max_time_ns = j->opts.max_time_ns };
	const struct machine_cpu before = j->stats.machine;
	struct err late = ERR_INIT;
	int rc;

	j->stop = stop;
	rc = start_targets(j, stop, err);
	if (rc != RC_OK) {
		/* nothing to go on with: `last` stays the run before */
		if (!resume)
			(void)store_run_state(j->store, j->run.id,
			    "not started", &late);
		return rc;
	}
	e.measure_on_ns = j->beyond.measure_on ? ENGINE_BLOCK_NS : 0;
	rc = run_engine(j, &e, &j->stats, err);
	j->spent_ns = j->stats.elapsed_ns;
	machine_cpu_add(&j->stats.machine, &before);
	say_alike(j);
	return rc == RC_OK ? keep_state(j, err) : rc;
}

/* ---- beyond the plan ---------------------------------------------------- */

/* Requests that the budget leaves; UINT64_MAX: any. */
static uint64_t
requests_left(const struct job *j)
{
	uint64_t budget = j->suite->budget_requests;

	if (budget == 0)
		return UINT64_MAX;
	return budget > j->stats.sent ? budget - j->stats.sent : 0;
}

/* Time that is left. returns 0, or -1 when none is; *out 0: any */
static int
time_left(const struct job *j, int64_t *out)
{
	int64_t budget = j->suite->budget_time_ns, max = j->opts.max_time_ns;

	if (max > 0 && (budget == 0 || max < budget))
		budget = max;
	*out = budget == 0 ? 0 : budget - j->spent_ns;
	return *out < 0 || (budget > 0 && *out == 0) ? -1 : 0;
}

/* One round into the run's own trace. returns what was sent, or an error */
static int64_t
send_round(struct job *j, enum ex_round round, const struct plan_ask *asks,
    uint64_t n, struct err *err)
{
	struct engine_job e = { .resume = 1, .round = round, .asks = asks,
		.n_asks = n };
	struct engine_stats st;
	int a, rc;

	if (n == 0 || j->stats.stop != ENGINE_DONE ||
	    time_left(j, &e.max_time_ns) != 0)
		return 0;
	for (a = 0; a < ARM_N; a++)
		e.spent_usd += j->stats.arm[a].cost;
	rc = run_engine(j, &e, &st, err);
	if (rc != RC_OK)
		return rc;
	j->spent_ns += st.elapsed_ns;
	j->stats.elapsed_ns += st.elapsed_ns;
	machine_cpu_add(&j->stats.machine, &st.machine);
	j->stats.sent += st.sent;
	j->stats.written += st.written;
	j->stats.observations += st.written;
	for (a = 0; a < ARM_N; a++)
		j->stats.arm[a].cost += st.arm[a].cost;
	/* a budget that ends here has not cut the plan short */
	if (st.stop == ENGINE_INTERRUPTED)
		j->stats.stop = st.stop;
	return (int64_t)st.sent;
}

static int64_t
ask_cases(struct job *j, const struct result *r, struct err *err)
{
	struct plan_ask *asks;
	uint64_t n;
	int64_t sent;
	int rc = confirm_ask_cases(r, &j->plan, &j->beyond, requests_left(j),
	    &asks, &n, err);

	if (rc != RC_OK)
		return rc;
	sent = send_round(j, ROUND_CONFIRM, asks, n, err);
	free(asks);
	return sent;
}

int64_t
job_ask_again(struct job *j, const struct result *r, struct err *err)
{
	int64_t sent, more = 0;
	int rc;

	if (j->stop == NULL || j->opts.shard != NULL ||
	    j->stats.stop != ENGINE_DONE)
		return 0;
	sent = ask_cases(j, r, err);
	if (sent >= 0)
		more = send_round(j, ROUND_LATENCY_AGAIN, NULL,
		    confirm_ask_pairs(r, requests_left(j)), err);
	if (sent < 0 || more < 0)
		return sent < 0 ? sent : more;
	rc = sent + more > 0 ? keep_state(j, err) : RC_OK;
	return rc == RC_OK ? sent + more : rc;
}

int
job_start_again(struct job *j, volatile sig_atomic_t *stop, struct err *err)
{
	int rc = job_file_hidden(j, err);

	j->stop = stop;
	return rc == RC_OK ? start_targets(j, stop, err) : rc;
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

/* A run that was killed before its trace began has nothing to go on from. A
 * trace that went missing after the run's requests were counted is an error. */
static int
trace_missing(const struct job *j)
{
	struct stat st;

	return j->stats.observations == 0 && stat(j->trace_path, &st) != 0 &&
	    errno == ENOENT;
}

int
job_resume(struct job *j, volatile sig_atomic_t *stop, struct err *err)
{
	int rc = job_file_hidden(j, err);

	if (rc == RC_OK)
		rc = store_run_state(j->store, j->run.id, "replaying", err);
	return rc == RC_OK ? send_all(j, !trace_missing(j), stop, err) : rc;
}
