/* The engine against real servers: what is sent, recorded, and resumed. */
#include "tests/unit/replay/engine_two.h"

extern char **environ;

/* ---- what is sent and written ------------------------------------------- */

static void
check_record(void *ctx, const struct exchange *ex)
{
	(void)ctx;
	assert_int_equal(ex->status, 200);
	assert_true(ex->sent_ns >= 0 && ex->ttfb_ns > 0);
	assert_true(ex->total_ns >= ex->ttfb_ns);
	assert_int_equal(ex->due_ns, -1);
	assert_string_equal(ex->target, "/query");
	assert_string_equal(ex->method, "POST");
	assert_string_equal(ex->url, ex->key.arm == ARM_BASELINE ||
	    ex->key.arm == ARM_BASELINE2 ? base_url : cand_url);
	assert_true(ex->req_body.n > 20);
	assert_string_equal(ex->res_body.p, "{\"answer\": \"forty-two\"}");
	assert_null(exchange_header(ex, "set-cookie"));
	assert_non_null(exchange_header(ex, "content-type"));
}

static void
test_closed(void **state)
{
	struct run r;
	uint64_t outcomes[OUTCOME_N];

	(void)state;
	open_two(&r, 40, "warmup: 6\n");
	run_go(&r);
	run_check_whole(&r, outcomes);
	assert_int_equal(outcomes[OUTCOME_OK], plan_requests(&r.plan));
	assert_int_equal(r.stats.stop, ENGINE_DONE);
	assert_int_equal(r.stats.written, plan_requests(&r.plan));
	(void)run_each(r.trace, check_record, NULL);
	assert_int_equal(seen.bad_headers, 0);
	/* warm-up is asked, of each arm once, and never recorded */
	assert_int_equal(seen.n, plan_requests(&r.plan) + 2 * 6);
	assert_int_equal(seen.n_keys, seen.n);
	assert_in_range(seen.inflight_max, 1, 8);
	run_close(&r);
}

static void
test_single_arm(void **state)
{
	struct run r;

	(void)state;
	forget();
	run_open(&r, 10, two_arms);
	run_load(&r, NULL, cand_url);
	run_go(&r);
	run_check_whole(&r, NULL);
	run_close(&r);
}

/* ---- caps and budgets --------------------------------------------------- */

static void
test_cap(void **state)
{
	struct run r;

	(void)state;
	forget();
	run_open(&r, 30, "variants: {paraphrases: 1, seeds: [1], repeats: 1}\n"
	    "targets: {candidate: {concurrency: 2}}\n"
	    "request: {path: /query, body: {question: \"{{question}}\"}}\n"
	    "pace: {mode: closed, concurrency: 12}\n");
	run_load(&r, NULL, cand_url);
	SET(sleep_us, 2000);
	run_go(&r);
	run_check_whole(&r, NULL);
	assert_int_equal(seen.inflight_max, 2);
	run_close(&r);
}

static void
test_rate_cap(void **state)
{
	struct run r;

	(void)state;
	forget();
	run_open(&r, 40, "variants: {paraphrases: 1, seeds: [1], repeats: 1}\n"
	    "targets: {candidate: {rate: 100, burst: 2}}\n"
	    "request: {path: /query, body: {question: \"{{question}}\"}}\n"
	    "pace: {mode: closed, concurrency: 8}\n");
	run_load(&r, NULL, cand_url);
	run_go(&r);
	run_check_whole(&r, NULL);
	/* 40 requests, 2 at once, the rest at 100 a second */
	assert_true(r.stats.elapsed_ns > 340 * MONO_MS);
	assert_true(r.stats.elapsed_ns < 30 * MONO_S);
	run_close(&r);
}

static void
test_budget(void **state)
{
	struct run r;

	(void)state;
	open_two(&r, 40, "budget: {requests: 50}\n");
	run_go(&r);
	assert_int_equal(r.stats.stop, ENGINE_BUDGET);
	/* whole cases: 8 of 6 requests each */
	assert_int_equal(seen.n, 48);
	assert_int_equal(run_each(r.trace, NULL, NULL), 48);
	run_close(&r);
}

static void
test_money_unpriced(void **state)
{
	struct run r;

	(void)state;
	open_two(&r, 4, "budget: {usd: 5}\n");
	assert_int_equal(engine_run(&r.job, &r.stats, &r.err), RC_USAGE);
	assert_non_null(strstr(r.err.msg, "prices"));
	assert_int_equal(seen.n, 0);
	run_close(&r);
}

/* ---- schedule ----------------------------------------------------------- */

struct due {
	int64_t ns[64];
	int n;
};

static void
take_due(void *ctx, const struct exchange *ex)
{
	struct due *d = ctx;

	assert_true(ex->due_ns >= 0);
	assert_true(ex->sent_ns >= ex->due_ns);
	d->ns[d->n++] = ex->due_ns;
}

static int
by_time(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

static void
test_constant_pace(void **state)
{
	struct run r;
	struct due d = { .n = 0 };
	int i;

	(void)state;
	forget();
	run_open(&r, 40, "variants: {paraphrases: 1, seeds: [1], repeats: 1}\n"
	    "request: {path: /query, body: {question: \"{{question}}\"}}\n"
	    "pace: {mode: constant, rate: 200}\n");
	run_load(&r, NULL, cand_url);
	run_go(&r);
	run_check_whole(&r, NULL);
	assert_int_equal(r.stats.paced, 1);
	assert_true(r.stats.late_p99_ns >= r.stats.late_p50_ns);
	assert_int_equal(run_each(r.trace, take_due, &d), 40);
	qsort(d.ns, 40, sizeof(d.ns[0]), by_time);
	for (i = 1; i < 40; i++)
		assert_int_equal(d.ns[i] - d.ns[i - 1], 5 * MONO_MS);
	run_close(&r);
}

/* ---- retries and tokens ------------------------------------------------- */

static void
check_retried(void *ctx, const struct exchange *ex)
{
	(void)ctx;
	assert_int_equal(ex->outcome, OUTCOME_OK);
	assert_int_equal(ex->n_attempts, 1);
	assert_int_equal(ex->attempts[0].outcome, OUTCOME_HTTP_5XX);
	assert_int_equal(ex->attempts[0].status, 503);
	assert_true(ex->attempts[0].sent_ns + ex->attempts[0].total_ns <=
	    ex->sent_ns);
}

static void
test_retry(void **state)
{
	struct run r;
	int i;

	(void)state;
	open_two(&r, 10, "retry: {max_attempts: 3, base_s: 0.001, "
	    "cap_s: 0.005}\n");
	SET(fail_first, 1);
	run_go(&r);
	run_check_whole(&r, NULL);
	(void)run_each(r.trace, check_retried, NULL);
	assert_int_equal(r.stats.arm[ARM_CANDIDATE].retries, 20);
	for (i = 0; i < seen.n_keys; i++)
		assert_int_equal(seen.times[i], 2);
	run_close(&r);
}

static void
test_no_retry(void **state)
{
	struct run r;
	uint64_t outcomes[OUTCOME_N];

	(void)state;
	open_two(&r, 10, "give_up_after: 0\n");
	SET(fail_first, 1);
	run_go(&r);
	run_check_whole(&r, outcomes);
	assert_int_equal(outcomes[OUTCOME_HTTP_5XX], plan_requests(&r.plan));
	run_close(&r);
}

static void
test_token(void **state)
{
	struct run r;
	char yaml[1024], line[512];
	uint64_t outcomes[OUTCOME_N];

	(void)state;
	forget();
	run_open(&r, 10, "");
	(void)snprintf(yaml, sizeof(yaml), "lockstep: 1\nname: engine\n"
	    "cases: gold.jsonl\nwarmup: 0\n%s"
	    "targets: {candidate: {auth: {exec: "
	    "\"%s/token\"}}}\n", two_arms, r.dir);
	run_write(&r, "suite.yml", "%s", yaml);
	run_write(&r, "token", "#!/bin/sh\n"
	    "cd '%s'\n"
	    "if [ -e asked ]; then echo tok-2; else echo tok-1; fi\n"
	    "echo x >>asked\n", r.dir);
	(void)snprintf(line, sizeof(line), "%s/token", r.dir);
	assert_int_equal(chmod(line, 0700), 0);
	run_load(&r, NULL, cand_url);
	SET(other_token, 1);
	run_go(&r);
	run_check_whole(&r, outcomes);
	/* the first token is refused, renewed once, and nothing is lost */
	assert_int_equal(outcomes[OUTCOME_OK], plan_requests(&r.plan));
	(void)snprintf(line, sizeof(line),
	    "[ $(wc -l <'%s/asked') = 2 ] && ! zstd -dc '%s' | "
	    "grep -q -e Bearer -e tok-", r.dir, r.trace);
	assert_int_equal(system(line), 0);
	run_close(&r);
}

/* ---- stopping and resuming ---------------------------------------------- */

static void
test_stop_and_resume(void **state)
{
	struct run r;
	uint64_t before;
	int i;

	(void)state;
	open_two(&r, 100, "");
	SET(die_after, 150);
	SET(sleep_us, 300);
	r.job.stop = &stop_flag;
	run_go(&r);
	assert_int_equal(r.stats.stop, ENGINE_INTERRUPTED);
	before = run_each(r.trace, NULL, NULL);
	assert_in_range(before, 100, 400);
	/* what was under way at the stop was waited for, and counts */
	assert_int_equal(before, seen.n);
	__atomic_store_n(&stop_flag, 0, __ATOMIC_RELAXED);
	SET(die_after, 0);
	r.job.resume = 1;
	run_go(&r);
	assert_int_equal(r.stats.stop, ENGINE_DONE);
	assert_int_equal(r.stats.skipped, before);
	run_check_whole(&r, NULL);
	for (i = 0; i < seen.n_keys; i++)
		assert_int_equal(seen.times[i], 1);
	run_close(&r);
}

static void
test_locked(void **state)
{
	struct run r;
	char path[128];
	int fd;

	(void)state;
	open_two(&r, 4, "");
	(void)snprintf(path, sizeof(path), "%s.lock", r.trace);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(engine_run(&r.job, &r.stats, &r.err), RC_USAGE);
	assert_non_null(strstr(r.err.msg, "another process"));
	assert_int_equal(seen.n, 0);
	(void)close(fd);
	run_close(&r);
}

/* A file that may not grow is what a full disk looks like from here. */
static void
test_disk_full(void **state)
{
	struct run r;
	struct rlimit whole, little;
	uint64_t kept;

	(void)state;
	open_two(&r, 400, "");
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
	little = whole;
	little.rlim_cur = 20 << 10;
	SET(sleep_us, 1000);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	assert_int_equal(engine_run(&r.job, &r.stats, &r.err), RC_IO);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
	assert_non_null(strstr(r.err.msg, r.trace));
	kept = run_each(r.trace, NULL, NULL);
	SET(sleep_us, 0);
	memset(&r.err, 0, sizeof(r.err));
	r.job.resume = 1;
	run_go(&r);
	assert_int_equal(r.stats.skipped, kept);
	run_check_whole(&r, NULL);
	run_close(&r);
}

/* Waits until the servers have nothing in hand. */
static void
settle(void)
{
	int busy = 1;

	while (busy) {
		(void)usleep(1000);
		(void)pthread_mutex_lock(&seen.lock);
		busy = seen.inflight > 0;
		(void)pthread_mutex_unlock(&seen.lock);
	}
}

/* ---- killed ------------------------------------------------------------- */

static int
child_main(char **argv)
{
	struct run r;
	int rc;

	memset(&r, 0, sizeof(r));
	(void)snprintf(r.dir, sizeof(r.dir), "%s", argv[2]);
	(void)snprintf(r.suite_path, sizeof(r.suite_path), "%s/suite.yml",
	    r.dir);
	(void)snprintf(r.trace, sizeof(r.trace), "%s/run.jsonl.zst", r.dir);
	run_load(&r, argv[3], argv[4]);
	r.job.resume = access(r.trace, F_OK) == 0;
	rc = engine_run(&r.job, &r.stats, &r.err);
	caseset_close(&r.cases);
	suite_free(r.suite);
	return rc == RC_OK ? 0 : 1;
}

/* Starts a run of its own process, kills it after a while; 1: it was done. */
static int
run_and_kill(const struct run *r, int64_t after_ns)
{
	char self[] = "/proc/self/exe", word[] = "child", dir[64], b[64],
	    c[64];
	char *argv[] = { self, word, dir, b, c, NULL };
	int status;
	pid_t pid;

	(void)snprintf(dir, sizeof(dir), "%s", r->dir);
	(void)snprintf(b, sizeof(b), "%s", base_url);
	(void)snprintf(c, sizeof(c), "%s", cand_url);
	assert_int_equal(posix_spawn(&pid, self, NULL, NULL, argv, environ),
	    0);
	if (after_ns > 0) {
		mono_sleep_until_ns(mono_now_ns() + after_ns);
		(void)kill(pid, SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void
test_kill(void **state)
{
	struct run r;
	int i, kills = 0;

	(void)state;
	open_two(&r, 600, "");
	SET(sleep_us, 2000);
	/* after 5, 12, 19, ... ms: before the trace is there, and later */
	while (kills < 40 && !run_and_kill(&r, (5 + 7 * kills) * MONO_MS))
		kills++;
	assert_true(kills > 3);
	if (kills == 40)
		assert_true(run_and_kill(&r, 0));
	run_check_whole(&r, NULL);
	settle();
	(void)pthread_mutex_lock(&seen.lock);
	/* what was sent twice was sent with the same key */
	assert_int_equal(seen.n_keys, plan_requests(&r.plan));
	for (i = 0; i < seen.n_keys; i++)
		assert_in_range(seen.times[i], 1, kills + 1);
	(void)pthread_mutex_unlock(&seen.lock);
	run_close(&r);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_single_arm),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_rate_cap),
		cmocka_unit_test(test_budget),
		cmocka_unit_test(test_money_unpriced),
		cmocka_unit_test(test_constant_pace),
		cmocka_unit_test(test_retry),
		cmocka_unit_test(test_no_retry),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_stop_and_resume),
		cmocka_unit_test(test_locked),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_kill),
	};

	if (argc == 5 && strcmp(argv[1], "child") == 0)
		return child_main(argv);
	return cmocka_run_group_tests_name("engine", tests, set_up,
	    tear_down);
}
