/*
 * What the engine's tests share: a suite in a folder of its own, a run, and
 * the run's observations read back.
 */
#ifndef LOCKSTEP_TESTS_ENGINE_RUN_H
#define LOCKSTEP_TESTS_ENGINE_RUN_H

#include "tests/lib/check.h"

#include <stdarg.h>
#include <sys/stat.h>

#include "harness/base/mono.h"
#include "harness/traffic/trace.h"
#include "replay/engine.h"
#include "tests/unit/replay/server.h"

struct run {
	char dir[64], suite_path[96], trace[96];
	struct suite *suite;
	struct caseset *cases;
	struct plan plan;
	struct engine_job job;
	struct engine_stats stats;
	struct err err;
};

/* A file of the run's folder. */
__attribute__((format(printf, 3, 4)))
static inline void
run_write(const struct run *r, const char *name, const char *fmt, ...)
{
	char path[160];
	FILE *f;
	va_list ap;

	(void)snprintf(path, sizeof(path), "%s/%s", r->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	va_start(ap, fmt);
	(void)vfprintf(f, fmt, ap);
	va_end(ap);
	assert_int_equal(fclose(f), 0);
}

static inline void
run_make_gold(const struct run *r, int n)
{
	char path[160];
	FILE *f;
	int i;

	(void)snprintf(path, sizeof(path), "%s/gold.jsonl", r->dir);
	f = fopen(path, "w");
	assert_non_null(f);
	for (i = 0; i < n; i++)
		(void)fprintf(f, "{\"id\": \"case-%d\", \"question\": "
		    "\"What is number %d?\", \"recorded\": \"rec-%d\"}\n", i,
		    i, i);
	assert_int_equal(fclose(f), 0);
}

/*
 * A suite of n cases on two arms.
 * more    further YAML, at the top level
 */
static inline void
run_open(struct run *r, int n, const char *more)
{
	memset(r, 0, sizeof(*r));
	(void)snprintf(r->dir, sizeof(r->dir), "/tmp/lockstep-run-XXXXXX");
	assert_non_null(mkdtemp(r->dir));
	(void)snprintf(r->suite_path, sizeof(r->suite_path), "%s/suite.yml",
	    r->dir);
	(void)snprintf(r->trace, sizeof(r->trace), "%s/run.jsonl.zst",
	    r->dir);
	run_make_gold(r, n);
	run_write(r, "suite.yml", "lockstep: 1\nname: engine\n"
	    "cases: gold.jsonl\n%s%s",
	    strstr(more, "warmup:") == NULL ? "warmup: 0\n" : "", more);
}

/* Loads the suite; url NULL: the arm is not asked. */
static inline void
run_load(struct run *r, const char *baseline, const char *candidate)
{
	struct suite_over over = { .seed = 7 };
	struct caseset_filter filter;

	memset(&filter, 0, sizeof(filter));
	over.arm[ARM_BASELINE] = baseline;
	over.arm[ARM_CANDIDATE] = candidate;
	if (suite_load(r->suite_path, &over, &r->suite, &r->err) != RC_OK ||
	    caseset_open(r->suite, &filter, &r->cases, &r->err) != RC_OK)
		fail_msg("%s", r->err.msg);
	plan_init(&r->plan, r->suite, caseset_n(r->cases));
	r->job.suite = r->suite;
	r->job.cases = r->cases;
	r->job.plan = &r->plan;
	r->job.run_id = "0123456789abcdef";
	r->job.trace_path = r->trace;
	r->job.threads = 2;
	r->job.url[ARM_BASELINE] = r->job.url[ARM_BASELINE2] = baseline;
	r->job.url[ARM_CANDIDATE] = r->job.url[ARM_CANDIDATE2] = candidate;
}

static inline void
run_close(struct run *r)
{
	char command[128];

	caseset_close(&r->cases);
	suite_free(r->suite);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", r->dir);
	assert_int_equal(system(command), 0);
}

static inline void
run_go(struct run *r)
{
	if (engine_run(&r->job, &r->stats, &r->err) != RC_OK)
		fail_msg("%s", r->err.msg);
}

typedef void run_each_fn(void *ctx, const struct exchange *ex);

/* Calls fn for each observation; the trace must be whole. */
static inline uint64_t
run_each(const char *path, run_each_fn *fn, void *ctx)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct trace_reader *t;
	struct trace_rec line;
	struct exchange ex;
	struct err err = ERR_INIT;
	uint64_t n = 0;
	int rc;

	assert_int_equal(trace_reader_open(path, 1, &t, &err), RC_OK);
	while ((rc = trace_next(t, &line, &err)) == 1) {
		rc = exchange_parse(rec, line.line, line.n, &ex, &err);
		if (rc < 0)
			break;
		if (rc == 1) {
			n++;
			if (fn != NULL)
				fn(ctx, &ex);
		}
	}
	if (rc < 0)
		fail_msg("%s", err.msg);
	trace_reader_close(&t);
	exchange_rec_free(rec);
	return n;
}

struct run_seen {
	const struct run *r;
	unsigned char *n;	/* by case, variant, arm */
	uint64_t outcomes[OUTCOME_N];
};

static inline void
run_count(void *ctx, const struct exchange *ex)
{
	struct run_seen *s = ctx;
	const struct plan *p = &s->r->plan;
	uint64_t i;

	assert_non_null(ex->key.case_id);
	i = caseset_find(s->r->cases, ex->key.case_id);
	assert_true(i < p->n_cases);
	i = i * p->per_case + (ex->key.p * p->seeds + ex->key.s) *
	    p->repeats + ex->key.r;
	s->n[i * ARM_N + ex->key.arm]++;
	s->outcomes[ex->outcome]++;
}

/* Every planned observation of the live arms is there, and once. */
static inline void
run_check_whole(const struct run *r, uint64_t outcomes[OUTCOME_N])
{
	struct run_seen s = { .r = r };
	struct plan_item item;
	uint64_t k, i, expected = 0, n;
	int a;

	s.n = calloc(r->plan.n_items * ARM_N + 1, 1);
	assert_non_null(s.n);
	n = run_each(r->trace, run_count, &s);
	for (k = 0; k < r->plan.n_items; k++) {
		plan_item(&r->plan, k, &item);
		i = item.case_index * r->plan.per_case +
		    (item.p * r->plan.seeds + item.s) * r->plan.repeats +
		    item.r;
		for (a = 0; a < item.n_arms; a++) {
			if (s.n[i * ARM_N + item.arms[a]] != 1)
				fail_msg("case %llu variant %u %s: %u times",
				    (unsigned long long)item.case_index,
				    item.v, arm_name(item.arms[a]),
				    s.n[i * ARM_N + item.arms[a]]);
			expected++;
		}
	}
	assert_int_equal(n, expected);
	if (outcomes != NULL)
		memcpy(outcomes, s.outcomes, sizeof(s.outcomes));
	free(s.n);
}

#endif
