/*
 * The engine alone, for `make bench`: sends a suite's plan to one URL and
 * prints what it took.
 *
 *	bench_replay SUITE URL TRACE
 *
 * Prints: requests, client CPU seconds, seconds, lateness p50, p99 and
 * maximum in milliseconds, peak of resident memory in bytes.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "replay/engine.h"

static int
run(struct engine_job *job, struct err *err)
{
	struct engine_stats st;
	struct rusage ru;
	int rc = engine_run(job, &st, err);

	if (rc != RC_OK)
		return rc;
	(void)getrusage(RUSAGE_SELF, &ru);
	(void)printf("%llu %.6f %.6f %.6f %.6f %.6f %ld\n",
	    (unsigned long long)st.written, (double)st.cpu_ns / 1e9,
	    (double)st.elapsed_ns / 1e9, (double)st.late_p50_ns / 1e6,
	    (double)st.late_p99_ns / 1e6, (double)st.late_max_ns / 1e6,
	    ru.ru_maxrss * 1024);
	return RC_OK;
}

int
main(int argc, char **argv)
{
	struct suite_over over = { .seed = 1 };
	struct caseset_filter filter;
	struct engine_job job;
	struct caseset *cases = NULL;
	struct suite *suite = NULL;
	struct plan plan;
	struct err err = ERR_INIT;
	int rc;

	if (argc != 4) {
		(void)fprintf(stderr, "usage: %s SUITE URL TRACE\n", argv[0]);
		return 2;
	}
	memset(&filter, 0, sizeof(filter));
	memset(&job, 0, sizeof(job));
	over.arm[ARM_CANDIDATE] = argv[2];
	rc = suite_load(argv[1], &over, &suite, &err);
	if (rc == RC_OK)
		rc = caseset_open(suite, &filter, &cases, &err);
	if (rc == RC_OK) {
		plan_init(&plan, suite, caseset_n(cases));
		job.suite = suite;
		job.cases = cases;
		job.plan = &plan;
		job.run_id = "bench";
		job.trace_path = argv[3];
		job.url[ARM_CANDIDATE] = argv[2];
		job.threads = 1;
		(void)unlink(argv[3]);
		rc = run(&job, &err);
	}
	if (rc != RC_OK)
		(void)fprintf(stderr, "bench_replay: %s\n", err.msg);
	caseset_close(&cases);
	suite_free(suite);
	return rc != RC_OK;
}
