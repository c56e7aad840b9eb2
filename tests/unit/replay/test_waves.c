/*
 * A closed loop over two stacks keeps as much in flight at either: one that is
 * slower would else hold all that may be in flight, and the wait in its queue
 * would be told as its latency.
 */
#include "tests/unit/replay/engine_run.h"

#include <unistd.h>

enum { CASES = 20, IN_FLIGHT = 8, LATENCY_PAIRS = 40 };

struct stack {
	struct server srv;
	unsigned pause_us;	/* one request at a time takes so long */
	pthread_mutex_t one;
	atomic_int now, most;	/* requests that are here */
	char url[SERVER_URL_MAX];
};
static struct stack base = { .one = PTHREAD_MUTEX_INITIALIZER };
static struct stack cand = { .one = PTHREAD_MUTEX_INITIALIZER };

static int
answer(struct server_req *r)
{
	struct stack *s = r->s->ctx;
	int n = atomic_fetch_add(&s->now, 1) + 1, most;

	most = atomic_load(&s->most);
	while (n > most && !atomic_compare_exchange_weak(&s->most, &most, n))
		continue;
	(void)pthread_mutex_lock(&s->one);
	if (s->pause_us > 0)
		(void)usleep(s->pause_us);
	(void)pthread_mutex_unlock(&s->one);
	atomic_fetch_sub(&s->now, 1);
	return server_json(r->fd, 200, "", "{\"answer\": \"forty-two\"}") ==
	    0;
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
open_run(struct run *r, const char *base_url, const char *gates)
{
	char yaml[512];

	atomic_store(&base.most, 0);
	atomic_store(&cand.most, 0);
	(void)snprintf(yaml, sizeof(yaml), "variants: {paraphrases: 1, "
	    "seeds: [1, 2], repeats: 1}\n"
	    "request: {path: /, body: {q: \"{{question}}\"}}\n"
	    "pace: {mode: closed, concurrency: %d}\n%s", IN_FLIGHT, gates);
	run_open(r, CASES, yaml);
	run_load(r, base_url, cand.url);
}

static void
neither_piles_up(void **state)
{
	struct run r;

	(void)state;
	cand.pause_us = 2000;
	open_run(&r, base.url, "");
	run_go(&r);
	run_check_whole(&r, NULL);
	/* three variants, two of their echoes on one stack */
	assert_in_range(atomic_load(&cand.most), 1, 5);

	atomic_store(&cand.most, 0);
	r.job.resume = 1;
	r.job.round = ROUND_LATENCY_AGAIN;
	r.job.n_asks = LATENCY_PAIRS;
	run_go(&r);
	assert_int_equal(r.stats.sent, 2 * LATENCY_PAIRS);
	assert_in_range(atomic_load(&cand.most), 1, IN_FLIGHT / 2);
	run_close(&r);
}

/* Alone there is nothing to keep even. */
static void
one_stack_is_kept_busy(void **state)
{
	struct run r;

	(void)state;
	cand.pause_us = 2000;
	open_run(&r, NULL, "");
	run_go(&r);
	run_check_whole(&r, NULL);
	assert_in_range(atomic_load(&cand.most), IN_FLIGHT / 2 + 1,
	    IN_FLIGHT);
	run_close(&r);
}

/* Nobody judges latency: the run need not take longer for it. */
static void
no_waves_without_a_latency_gate(void **state)
{
	struct run r;

	(void)state;
	cand.pause_us = 2000;
	open_run(&r, base.url, "gates: {latency: false}\n");
	run_go(&r);
	run_check_whole(&r, NULL);
	assert_in_range(atomic_load(&cand.most), 6,
	    IN_FLIGHT);
	run_close(&r);
}

/* Blocks are of time: what answers in no time is not asked without end. */
static void
waves_for_latency_are_paced(void **state)
{
	static const enum ex_round rounds[] = { ROUND_PLAN,
		ROUND_LATENCY_AGAIN };
	struct run r;
	uint64_t waves;
	size_t i;

	(void)state;
	cand.pause_us = 0;
	open_run(&r, base.url, "");
	r.job.measure_on_ns = 20 * MONO_MS;
	for (i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		r.job.round = rounds[i];
		r.job.n_asks = i == 0 ? 0 : 10 * LATENCY_PAIRS;
		run_go(&r);
		waves = (uint64_t)(r.stats.elapsed_ns / (2 * MONO_MS)) + 1;
		assert_in_range(r.stats.pairs, LATENCY_PAIRS,
		    waves * IN_FLIGHT / 2);
		r.job.resume = 1;
	}
	run_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(neither_piles_up),
		cmocka_unit_test(one_stack_is_kept_busy),
		cmocka_unit_test(no_waves_without_a_latency_gate),
		cmocka_unit_test(waves_for_latency_are_paced),
	};

	return cmocka_run_group_tests_name("waves", tests, set_up,
	    tear_down);
}
