/*
 * What the engine sends beyond the plan, and when it gives a run up.
 */
#include "tests/unit/replay/engine_run.h"

enum { CASES = 10, REPEATS = 4, KEYS = 8192 };

/* What a server does, and the idempotency keys that all of them saw. */
struct stack {
	struct server srv;
	int status;		/* 0: closes without an answer */
	const char *body;
	unsigned good_every;	/* of so many, one is answered well */
	char url[SERVER_URL_MAX];
};
static struct stack base = { .status = 200 }, cand = { .status = 200 };
static struct {
	pthread_mutex_t lock;
	char key[KEYS][48];
	unsigned n, twice;
} seen = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
note_key(const struct server_req *r)
{
	char key[48] = "";
	unsigned i;

	(void)server_header(r, "idempotency-key", key, sizeof(key));
	(void)pthread_mutex_lock(&seen.lock);
	for (i = 0; i < seen.n && strcmp(seen.key[i], key) != 0; i++)
		continue;
	seen.twice += i < seen.n;
	if (i == seen.n && seen.n < KEYS)
		(void)strcpy(seen.key[seen.n++], key);
	(void)pthread_mutex_unlock(&seen.lock);
}

static int
answer(struct server_req *r)
{
	const struct stack *s = r->s->ctx;
	unsigned long long n = atomic_load(&r->s->requests);

	note_key(r);
	if (s->status == 0)
		return 0;
	if (s->status != 200 && s->good_every > 0 && n % s->good_every == 0)
		return server_json(r->fd, 200, "", "{\"answer\": \"x\"}") ==
		    0;
	return server_json(r->fd, s->status, "", s->body != NULL ? s->body :
	    "{\"answer\": \"forty-two\"}") == 0;
}

static int
set_up(void **state)
{
	(void)state;
	return server_at(&base.srv, answer, &base, base.url) != 0 ? -1 :
	    server_at(&cand.srv, answer, &cand, cand.url);
}

static int
tear_down(void **state)
{
	(void)state;
	server_stop(&base.srv);
	server_stop(&cand.srv);
	return 0;
}

static void
open_run(struct run *r, const char *more)
{
	char yaml[1024];

	(void)pthread_mutex_lock(&seen.lock);
	seen.n = seen.twice = 0;
	(void)pthread_mutex_unlock(&seen.lock);
	base.status = cand.status = 200;
	base.body = cand.body = NULL;
	base.good_every = cand.good_every = 0;
	(void)snprintf(yaml, sizeof(yaml), "variants: {paraphrases: 1, "
	    "seeds: [1, 2], repeats: 1}\n"
	    "request: {path: /, body: {q: \"{{question}}\"}}\n"
	    "%s%s", strstr(more, "pace:") == NULL ?
	    "pace: {mode: closed, concurrency: 4}\n" : "", more);
	run_open(r, CASES, yaml);
	run_load(r, base.url, cand.url);
}

struct tally {
	const struct run *r;
	uint64_t round[ROUND_N];
	uint64_t asked[CASES][REPEATS][2];	/* confirm */
	uint64_t bodies;	/* of latency pairs */
};

static void
tally_one(void *ctx, const struct exchange *ex)
{
	struct tally *t = ctx;
	uint64_t i = caseset_find(t->r->cases, ex->key.case_id);

	assert_true(i < CASES);
	t->round[ex->key.round]++;
	if (ex->key.round == ROUND_CONFIRM) {
		assert_true(ex->key.n < REPEATS && ex->key.arm < 2);
		t->asked[i][ex->key.n][ex->key.arm]++;
		assert_true(ex->res_body.n > 0);
	} else if (ex->key.round != ROUND_PLAN) {
		t->bodies += ex->res_body.n + ex->req_body.n +
		    ex->n_req_headers + ex->n_res_headers;
		assert_true(ex->total_ns > 0);
	}
}

static void
tally(const struct run *r, struct tally *t)
{
	memset(t, 0, sizeof(*t));
	t->r = r;
	(void)run_each(r->trace, tally_one, t);
}

/* A killed confirmation is one whose last records are not in the trace: the
 * first half is sent, then all of it is asked for. */
static void
confirm_is_resumed(void **state)
{
	static const uint64_t cases[] = { 2, 5, 7 };
	struct plan_ask asks[3 * REPEATS];
	struct tally t;
	struct run r;
	uint64_t planned;
	uint32_t n, i;

	(void)state;
	open_run(&r, "");
	planned = plan_requests(&r.plan);
	run_go(&r);
	for (n = 0; n < REPEATS; n++) {
		for (i = 0; i < 3; i++)
			asks[n * 3 + i] = (struct plan_ask){ cases[i], n % 2,
				n };
	}
	r.job.resume = 1;
	r.job.round = ROUND_CONFIRM;
	r.job.asks = asks;
	r.job.n_asks = 6;
	run_go(&r);
	assert_int_equal(r.stats.sent, 12);
	r.job.n_asks = 3 * REPEATS;
	run_go(&r);
	assert_int_equal(r.stats.sent, 2 * 3 * REPEATS - 12);
	assert_int_equal(r.stats.skipped, 12);
	run_go(&r);
	assert_int_equal(r.stats.sent, 0);
	tally(&r, &t);
	assert_int_equal(t.round[ROUND_PLAN], planned);
	assert_int_equal(t.round[ROUND_CONFIRM], 2 * 3 * REPEATS);
	for (n = 0; n < REPEATS; n++) {
		for (i = 0; i < 3; i++) {
			assert_int_equal(t.asked[cases[i]][n][0], 1);
			assert_int_equal(t.asked[cases[i]][n][1], 1);
		}
	}
	assert_int_equal(seen.twice, 0);
	/* a resumed plan is not disturbed by what was asked besides */
	r.job.round = ROUND_PLAN;
	r.job.asks = NULL;
	r.job.n_asks = 0;
	run_go(&r);
	assert_int_equal(r.stats.sent, 0);
	run_close(&r);
}

static void
latency_is_measured_on(void **state)
{
	struct tally t;
	struct run r;
	uint64_t planned, before;

	(void)state;
	open_run(&r, "warmup: 4\n");
	planned = plan_requests(&r.plan);
	r.job.measure_on_ns = 20 * MONO_MS;
	run_go(&r);
	assert_int_equal(r.stats.stop, ENGINE_DONE);
	tally(&r, &t);
	assert_int_equal(t.round[ROUND_PLAN], planned);
	assert_int_equal(t.round[ROUND_LATENCY], 2 * r.stats.pairs);
	assert_true(r.stats.pairs > r.plan.n_items);
	assert_int_equal(t.bodies, 0);
	assert_true(r.stats.elapsed_ns > ENGINE_BLOCKS * 20 * MONO_MS);
	/* it is not begun anew, nor sent twice */
	before = r.stats.pairs;
	r.job.resume = 1;
	run_go(&r);
	tally(&r, &t);
	assert_true(t.round[ROUND_LATENCY] >= 2 * before);
	assert_true(r.stats.pairs < before);
	/* rounds of an undecided latency, in two parts */
	r.job.round = ROUND_LATENCY_AGAIN;
	r.job.n_asks = 30;
	run_go(&r);
	r.job.n_asks = 50;
	run_go(&r);
	assert_int_equal(r.stats.sent, 2 * 20 + 2 * 4);	/* warm-up */
	tally(&r, &t);
	assert_int_equal(t.round[ROUND_LATENCY_AGAIN], 2 * 50);
	assert_int_equal(t.bodies, 0);
	run_close(&r);
}

/* A budget of requests, of time, and a plan that is long enough by itself. */
static void
budgets_hold(void **state)
{
	struct tally t;
	struct run r;
	uint64_t planned;

	(void)state;
	open_run(&r, "budget: {requests: 68}\n");
	planned = plan_requests(&r.plan);
	assert_int_equal(planned, 60);
	r.job.measure_on_ns = 20 * MONO_MS;
	run_go(&r);
	tally(&r, &t);
	assert_int_equal(t.round[ROUND_LATENCY], 8);
	run_close(&r);

	open_run(&r, "budget: {time: 1s}\n");
	r.job.measure_on_ns = 10 * MONO_S;
	run_go(&r);
	assert_true(r.stats.elapsed_ns < 30 * MONO_S);
	run_close(&r);

	/* longer than blocks of a busy machine's latency take */
	open_run(&r, "pace: {mode: constant, rate: 25}\n");
	r.job.measure_on_ns = MONO_MS;
	run_go(&r);
	tally(&r, &t);
	assert_int_equal(t.round[ROUND_PLAN], planned);
	assert_true(t.round[ROUND_LATENCY] <= 2 * 4);
	run_close(&r);
}

static const struct {
	const char *what;
	int base, cand;		/* statuses */
	const char *body;	/* of the candidate */
	const char *more;	/* of the suite */
	unsigned good_every;	/* of the candidate */
	enum engine_stop stop;
	enum arm arm;
	enum outcome outcome;
} starts[] = {
	{ "all well", 200, 200, NULL, "", 0, ENGINE_DONE, 0, 0 },
	{ "a candidate that fails", 200, 500, NULL, "", 0, ENGINE_ALIKE,
	    ARM_CANDIDATE, OUTCOME_HTTP_5XX },
	{ "a baseline that is not let in", 401, 200, NULL, "", 0,
	    ENGINE_ALIKE, ARM_BASELINE, OUTCOME_HTTP_4XX },
	{ "one that hangs up", 200, 0, NULL, "", 0, ENGINE_ALIKE,
	    ARM_CANDIDATE, OUTCOME_RESET },
	{ "no JSON", 200, 200, "<html>", "", 0, ENGINE_ALIKE, ARM_CANDIDATE,
	    OUTCOME_BAD_JSON },
	{ "not what the paths name", 200, 200, "{\"x\": 1}", "", 0,
	    ENGINE_ALIKE, ARM_CANDIDATE, OUTCOME_EXTRACT_FAILED },
	{ "it is wanted so", 200, 500, NULL, "give_up_after: 0\n", 0,
	    ENGINE_DONE, 0, 0 },
	{ "some work", 200, 500, NULL, "", 5, ENGINE_DONE, 0, 0 },
	{ "sooner", 200, 500, NULL, "give_up_after: 3\n", 0, ENGINE_ALIKE,
	    ARM_CANDIDATE, OUTCOME_HTTP_5XX },
};

static void
gives_up(void **state)
{
	struct run r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		open_run(&r, starts[i].more);
		base.status = starts[i].base;
		cand.status = starts[i].cand;
		cand.body = starts[i].body;
		cand.good_every = starts[i].good_every;
		run_go(&r);
		if (r.stats.stop != starts[i].stop)
			fail_msg("%s: stop %d", starts[i].what,
			    (int)r.stats.stop);
		if (starts[i].stop == ENGINE_ALIKE) {
			if (r.stats.alike.arm != starts[i].arm ||
			    r.stats.alike.outcome != starts[i].outcome)
				fail_msg("%s: %s %s", starts[i].what,
				    arm_name(r.stats.alike.arm),
				    outcome_name(r.stats.alike.outcome));
			assert_true(r.stats.sent < 60);
		} else {
			run_check_whole(&r, NULL);
		}
		run_close(&r);
	}
}

/* A case that expects a 404 gets what it asked for. */
static void
expected_failures_count_not(void **state)
{
	struct run r;
	int i;
	char gold[4096] = "";
	size_t n = 0;

	(void)state;
	open_run(&r, "");
	for (i = 0; i < CASES; i++)
		n += (size_t)snprintf(gold + n, sizeof(gold) - n, "{\"id\": "
		    "\"case-%d\", \"question\": \"What is number %d?\", "
		    "\"expect\": [{\"at\": \"/status\", \"op\": \"eq\", "
		    "\"value\": 404}]}\n", i, i);
	run_write(&r, "gold.jsonl", "%s", gold);
	caseset_close(&r.cases);
	suite_free(r.suite);
	run_load(&r, base.url, cand.url);
	base.status = cand.status = 404;
	run_go(&r);
	assert_int_equal(r.stats.stop, ENGINE_DONE);
	run_check_whole(&r, NULL);
	run_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(confirm_is_resumed),
		cmocka_unit_test(latency_is_measured_on),
		cmocka_unit_test(budgets_hold),
		cmocka_unit_test(gives_up),
		cmocka_unit_test(expected_failures_count_not),
	};

	return cmocka_run_group_tests_name("again", tests, set_up,
	    tear_down);
}
