/*
 * Scoring, testing and reporting a large suite: how long, in how much memory.
 *
 *	bench_scale record DIR	writes DIR/run.jsonl.zst, a run of DIR/suite.yml
 *				on two noisy demo stacks (verdict/rig.h)
 *	bench_scale judge DIR	scores and judges it, writes every report into
 *				DIR/report; prints a line of JSON
 *
 * Two processes, so that the second's memory is the product's own.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "reports/reports.h"
#include "tests/bench/verdict/rig.h"

static const char noise[] =
    "--noise .03 --errors .002 --latency 20ms --sigma .25 --tail .01x8";

static double
seconds(clockid_t id)
{
	struct timespec t;

	(void)clock_gettime(id, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
judge(struct rig *r, const char *dir, struct err *err)
{
	double wall = seconds(CLOCK_MONOTONIC);
	struct result *res = NULL;
	struct rusage use;
	char path[600];
	int rc = rig_judge(r, 0, 0, NULL, &res, err);

	(void)snprintf(path, sizeof(path), "%s/report", dir);
	(void)mkdir(path, 0700);
	if (rc == RC_OK)
		rc = reports_write_all(res, path, err);
	wall = seconds(CLOCK_MONOTONIC) - wall;
	(void)getrusage(RUSAGE_SELF, &use);
	if (rc == RC_OK)
		(void)printf("{\"cases\":%llu,\"variants\":%u,\"requests\":"
		    "%llu,\"verdict\":\"%s\",\"seconds\":%.2f,\"cpu_seconds\":"
		    "%.2f,\"peak_mb\":%.0f}\n",
		    (unsigned long long)r->w->plan.n_cases,
		    r->w->plan.per_case, (unsigned long long)res->requests,
		    verdict_name(res->verdict), wall,
		    seconds(CLOCK_PROCESS_CPUTIME_ID),
		    (double)use.ru_maxrss / 1024);
	result_free(res);
	return rc;
}

int
main(int argc, char **argv)
{
	struct rig_ask ask = { .number = 7 };
	struct err err = ERR_INIT;
	static struct rig_world w;
	static struct rig r;
	char suite[600], trace[600];
	int recording, rc;

	if (argc != 3 || (strcmp(argv[1], "record") != 0 &&
	    strcmp(argv[1], "judge") != 0)) {
		(void)fprintf(stderr, "usage: bench_scale record|judge DIR\n");
		return 2;
	}
	recording = strcmp(argv[1], "record") == 0;
	(void)snprintf(suite, sizeof(suite), "%s/suite.yml", argv[2]);
	(void)snprintf(trace, sizeof(trace), "%s/run.jsonl.zst", argv[2]);
	rc = rig_world_open(&w, suite, &err);
	if (rc == RC_OK)
		rc = rig_open(&r, &w, recording ? noise : NULL, trace, &err);
	if (rc == RC_OK)
		rc = recording ? rig_record(&r, &ask, &err) :
		    judge(&r, argv[2], &err);
	if (rc != RC_OK)
		(void)fprintf(stderr, "bench_scale: %s\n", err.msg);
	rig_close(&r);
	rig_world_close(&w);
	return rc == RC_OK ? 0 : 2;
}
