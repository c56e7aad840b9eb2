/*
 * The replay engine: sends a plan to its arms and writes every observation
 * to the run's trace.
 *
 * Workers are threads that share nothing: each has its own event loop,
 * connection pool, histogram and counters.  The records go to one writer
 * thread that compresses and syncs.  A failing request is an observation; a
 * failing harness is an error.
 */
#ifndef LOCKSTEP_ENGINE_H
#define LOCKSTEP_ENGINE_H

#include <signal.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/machine.h"
#include "harness/suite/caseset.h"
#include "harness/suite/id_map.h"
#include "harness/suite/plan.h"
#include "harness/suite/suite.h"
#include "harness/traffic/exchange.h"

/* A live count, for a progress line; see engine_job.progress. */
struct engine_progress {
	uint64_t done, total;		/* requests */
	uint64_t errors;
	double per_second;
	int64_t elapsed_ns, eta_ns;	/* eta -1: unknown */
	int64_t p95_ns, late_p99_ns;
};
typedef void engine_progress_fn(void *ctx, const struct engine_progress *p);

struct engine_arm_stats {
	uint64_t sent, answered, retries;
	uint64_t stale;		/* sent again: a kept connection was closed */
	uint64_t outcomes[OUTCOME_N];
	uint64_t bytes_in, bytes_out;
	uint64_t copied, missing;	/* a recorded arm: taken, missing */
	double cost;
};

enum engine_stop {
	ENGINE_DONE,		/* the plan is through */
	ENGINE_INTERRUPTED,	/* asked to stop: resumable */
	ENGINE_BUDGET,		/* requests, time or money ran out */
	ENGINE_ALIKE		/* an arm's first requests all failed alike */
};

/* Of ENGINE_ALIKE: how. */
struct engine_alike {
	enum arm arm;
	uint32_t n;
	enum outcome outcome;
	char why[160];		/* of the last of them, or "" */
};

struct engine_stats {
	enum engine_stop stop;
	struct engine_arm_stats arm[ARM_N];
	uint64_t planned, sent, written, skipped;	/* skipped: resumed */
	uint64_t observations;	/* in the trace at the end */
	uint64_t pairs;		/* sent for their latency alone */
	struct engine_alike alike;
	int64_t late_p50_ns, late_p99_ns, late_max_ns;	/* paced modes */
	int paced;
	int64_t elapsed_ns, cpu_ns;
	struct machine_cpu machine;	/* meanwhile, where a live arm is on
					   this machine; {0, 0}: none is */
};

struct engine_job {
	const struct suite *suite;
	const struct caseset *cases;
	const struct plan *plan;
	const char *run_id;
	const char *trace_path;	/* observations */
	int resume;		/* trace_path exists: send what is missing */
	const char *url[ARM_N];	/* live arms; NULL: not asked by the engine */
	struct {
		const char *path;	/* trace whose answers the arm gives
					   again, or NULL */
		enum arm from;		/* that arm of a run; ARM_N: any */
	} recorded[ARM_N];
	const struct id_map *ids[ARM_N];	/* what recorded ids are
					   called there (setup.h), or NULL */
	enum ex_round round;	/* ROUND_PLAN; else what is asked beyond it,
				   into the same trace: */
	const struct plan_ask *asks;	/* ROUND_CONFIRM: by n, then case */
	uint64_t n_asks;	/* or pairs of ROUND_LATENCY_AGAIN, those of
				   an earlier attempt included */
	int64_t measure_on_ns;	/* a short plan: its pairs are sent again only
				   for their latency, until there are
				   ENGINE_BLOCKS blocks of time, each at least
				   this long; 0: never */
	double spent_usd;	/* of the budget, before */
	int64_t max_time_ns;	/* 0: none; else a seeded stratified sample
				   that fits is sent */
	int threads;		/* 0: one per processor */
	int no_fast_path;	/* libcurl for plain HTTP/1.1, too */
	engine_progress_fn *progress;	/* about once a second, or NULL */
	void *progress_ctx;
	volatile sig_atomic_t *stop;	/* set non-0 to end cleanly */
	int argc;
	char **argv;
};

/* Latency is judged by blocks of time of at least half a second and four times
 * the median; one more replaces those that are cut off. */
enum { ENGINE_BLOCKS = 17 };
#define ENGINE_BLOCK_NS (500 * 1000000LL)

/*
 * Runs a job to its end. The trace is complete and synced when it returns,
 * also after an interruption.
 * returns RC_OK (requests may have failed: that is data), or RC_IO (disk),
 *         RC_NET (our own networking), RC_NOMEM, RC_USAGE
 */
int engine_run(const struct engine_job *job, struct engine_stats *out,
    struct err *err);

#endif
