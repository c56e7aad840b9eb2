/*
 * A whole run against a hostile server: every case gets its outcome within
 * the deadline, those between are answered, and the trace is whole.
 */
#include "tests/unit/replay/engine_run.h"
#include "tests/unit/replay/hostile.h"

static const struct {
	const char *id;
	enum outcome outcome;
} cases[] = {
	{ "stall", OUTCOME_TIMEOUT }, { "ok-1", OUTCOME_OK },
	{ "trickle", OUTCOME_TIMEOUT }, { "ok-2", OUTCOME_OK },
	{ "reset", OUTCOME_RESET }, { "ok-3", OUTCOME_OK },
	{ "short", OUTCOME_RESET }, { "ok-4", OUTCOME_OK },
	{ "long", OUTCOME_OK }, { "ok-5", OUTCOME_OK },
	{ "chunk-letters", OUTCOME_PROTOCOL }, { "ok-6", OUTCOME_OK },
	{ "headers", OUTCOME_TOO_LARGE }, { "ok-7", OUTCOME_OK },
	{ "one-line", OUTCOME_TOO_LARGE }, { "ok-8", OUTCOME_OK },
	{ "body", OUTCOME_TOO_LARGE }, { "ok-9", OUTCOME_OK },
	{ "bomb", OUTCOME_OK }, { "ok-10", OUTCOME_OK },
	{ "1xx", OUTCOME_PROTOCOL }, { "ok-11", OUTCOME_OK },
	{ "redirect", OUTCOME_PROTOCOL }, { "ok-12", OUTCOME_OK },
	{ "utf8", OUTCOME_OK }, { "ok-13", OUTCOME_OK },
	{ "deep", OUTCOME_OK }, { "ok-14", OUTCOME_OK },
	{ "close", OUTCOME_RESET }, { "ok-15", OUTCOME_OK },
	{ "garbage", OUTCOME_PROTOCOL }, { "ok-16", OUTCOME_OK },
	{ "429", OUTCOME_HTTP_429 }, { "ok-17", OUTCOME_OK },
	{ "500", OUTCOME_HTTP_5XX }, { "ok-18", OUTCOME_OK },
};
enum { N = sizeof(cases) / sizeof(cases[0]) };

static void
check(void *ctx, const struct exchange *ex)
{
	int i;

	(void)ctx;
	for (i = 0; i < N; i++) {
		if (strcmp(cases[i].id, ex->key.case_id) == 0)
			break;
	}
	assert_true(i < N);
	if (ex->outcome != cases[i].outcome)
		fail_msg("%s: %s (%s)", cases[i].id,
		    outcome_name(ex->outcome), ex->why == NULL ? "" :
		    ex->why);
	/* the deadline, and what a busy machine takes */
	assert_true(ex->total_ns < 6 * MONO_S + 20 * MONO_S);
	if (strcmp(ex->key.case_id, "utf8") == 0) {
		assert_int_equal(ex->res_body.n, 4);
		assert_memory_equal(ex->res_body.p, "\xff\xfe\xc3(", 4);
	}
}

static void
run_hostile(int curl)
{
	struct run r;
	struct server s;
	char url[64], gold[4096] = "";
	size_t n = 0;
	int i;

	assert_int_equal(server_start(&s, hostile_handler, NULL, 0), 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d", s.port);
	run_open(&r, 1, "variants: {paraphrases: 1, seeds: [1], repeats: 1}\n"
	    "targets: {candidate: {deadline: 6s, concurrency: 4}}\n"
	    "request: {path: \"/{{case.id}}\", body: {q: \"{{question}}\"}}\n"
	    "body_max: 1MiB\n"
	    "pace: {mode: closed, concurrency: 4}\n");
	for (i = 0; i < N; i++)
		n += (size_t)snprintf(gold + n, sizeof(gold) - n,
		    "{\"id\": \"%s\", \"question\": \"What?\"}\n",
		    cases[i].id);
	run_write(&r, "gold.jsonl", "%s", gold);
	run_load(&r, NULL, url);
	r.job.no_fast_path = curl;
	run_go(&r);
	run_check_whole(&r, NULL);
	(void)run_each(r.trace, check, NULL);
	assert_int_equal(r.stats.stop, ENGINE_DONE);
	run_close(&r);
	server_stop(&s);
}

static void
test_fast(void **state)
{
	(void)state;
	run_hostile(0);
}

static void
test_curl(void **state)
{
	(void)state;
	run_hostile(1);
}

static int
set_up(void **state)
{
	(void)state;
	return hostile_make_bomb();
}

static int
tear_down(void **state)
{
	(void)state;
	free(hostile_gz);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fast),
		cmocka_unit_test(test_curl),
	};

	return cmocka_run_group_tests_name("hostile_run", tests, set_up,
	    tear_down);
}
