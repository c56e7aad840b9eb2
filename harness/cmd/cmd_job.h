/*
 * A job: one suite, replayed and judged.  What run, replay, resume, score and
 * prove have in common; the only place that knows engine, scoring, store and
 * reports at once.
 */
#ifndef LOCKSTEP_CMD_JOB_H
#define LOCKSTEP_CMD_JOB_H

#include <signal.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/opt.h"
#include "harness/result/result.h"
#include "harness/result/store.h"
#include "harness/score/score.h"
#include "harness/suite/beyond.h"
#include "harness/suite/caseset.h"
#include "harness/suite/plan.h"
#include "harness/suite/suite.h"
#include "replay/engine.h"
#include "replay/setup.h"
#include "replay/target.h"

/* Options of the commands that run or judge a suite. */
struct job_opts {
	const char *arm[ARM_N];
	struct opt_list set, case_ids, tags;
	const char *failed;		/* RUN */
	const char *shard;		/* "I/N" */
	const char *embedder;
	const char *home, *report_dir, *fail_on;
	int64_t max_time_ns;		/* 0: none */
	int64_t seed;			/* -1: the suite's */
	int64_t threads;		/* 0: one per processor */
	int single;			/* the candidate alone, no baseline */
	int json, quiet;
	int brief;			/* print the first screen alone */
	int tried;			/* embedder and scorers were */
	int several;			/* one of several suites */
};

struct job {
	const char *suite_path;
	struct job_opts opts;
	struct json *doc;		/* a reopened run's: opts points in */
	struct store *store;		/* borrowed */
	const char *home;
	struct suite *suite;
	struct caseset *cases;
	struct plan plan;
	struct beyond beyond;
	volatile sig_atomic_t *stop;	/* NULL: nothing is sent */
	int64_t spent_ns;		/* of the budget of time, by now */
	struct store_run run;
	char trace_path[1100];		/* of the run's observations */
	struct target *target[ARM_N];
	struct setup setup;	/* of the live ones */
	const char *url[ARM_N];		/* live arms */
	char label[ARM_N][256];
	struct {
		const char *path;	/* trace of a recorded arm, owned */
		enum arm from;
	} recorded[ARM_N];
	struct engine_stats stats;
	char alike[320];		/* why ENGINE_ALIKE; "": not */
	char trace_hash[40];
};

/* The zero job with default options. */
void job_opts_init(struct job_opts *o);

/*
 * Loads the suite, its cases and the plan; resolves the arms (a RUN in the
 * store, `recorded`), without starting or sending anything.
 */
int job_open(struct job *j, struct store *store, const char *suite_path,
    const struct job_opts *o, struct err *err);

/* Stops what was started and frees. Safe on a job that was not opened. */
void job_close(struct job *j);

/* Makes the run in the store, and its folder; nothing is sent. */
int job_begin(struct job *j, struct err *err);

/* Writes what a later `resume`, `score` or `report` needs to know of a run. */
int job_write_file(const struct job *j, struct err *err);

/* Begins the run, starts the targets, replays. stop as in engine.h. */
int job_replay(struct job *j, volatile sig_atomic_t *stop, struct err *err);

/*
 * Opens the job of an earlier run from its folder.
 * suite_path  judge by another suite; NULL: the run's own
 */
int job_reopen(struct job *j, struct store *store, const char *run,
    const struct job_opts *o, const char *suite_path, struct err *err);

/*
 * Opens a job like that of a shard (its folder and job.json), but over all
 * the cases; it has no run yet.
 */
int job_reopen_shards(struct job *j, struct store *store, const char *dir,
    const struct json *doc, const struct job_opts *o, struct err *err);

/* Whether its replay was cut off or stopped, so that it could be resumed. */
int job_unfinished(const struct job *j);

/* Goes on with a replay that was cut off. */
int job_resume(struct job *j, volatile sig_atomic_t *stop, struct err *err);

/*
 * Asks again what a result leaves undecided, into the run's own trace: cases,
 * and a round of latency.
 * returns how many requests were sent, or an error
 */
int64_t job_ask_again(struct job *j, const struct result *r,
    struct err *err);

/* Starts the stacks of a run that was replayed before: what it leaves
 * undecided may be asked again. */
int job_start_again(struct job *j, volatile sig_atomic_t *stop,
    struct err *err);

/* Scores, judges, asks again if it may and has to, judges that, stores.
 * *out: caller frees with result_free() */
int job_judge(struct job *j, struct result **out, struct err *err);

/* Texts of a few cases, from the run's trace. */
int job_details(struct job *j, const uint64_t *cases, size_t n,
    struct score_details *out, struct err *err);

/* Whether embedder and scorers can be had: before anything is sent. */
int job_try_judges(const struct suite *s, struct err *err);

/* The error of a job that was asked to stop: how to go on. */
int job_stopped(const struct job *j, struct err *err);

/* All of it, from the suite to its result. caller frees with result_free() */
int job_run(struct store *store, const char *path, const struct job_opts *o,
    volatile sig_atomic_t *stop, struct result **out, struct err *err);

/*
 * Prints a result (text or --json), writes the report folder, and answers
 * the exit status.
 */
int job_report(const struct job_opts *o, const struct result *r,
    struct err *err);

/* Parses "2/4": part *i of *n. returns 0, or -1 when it is no such thing */
int job_shard(const char *text, unsigned *i, unsigned *n);

/* Parses "fail,invalid" into bits (1 << enum verdict). */
int job_fail_on(const char *list, unsigned *bits, struct err *err);

/* Of a run's job.json: what the processors did while it sent. */
struct machine_cpu job_file_machine(const struct json *doc);

#endif
