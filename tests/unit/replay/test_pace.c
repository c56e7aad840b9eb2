/* Schedules, buckets, breakers, Retry-After: no server needed. */
#include "tests/lib/check.h"

#include "harness/base/mono.h"
#include "replay/pace.h"
#include "replay/stack.h"

static void
suite_of(struct suite *s, enum suite_pace mode, double rate)
{
	memset(s, 0, sizeof(*s));
	s->pace = mode;
	s->rate = rate;
	s->seed = 42;
}

static void
test_constant(void **state)
{
	struct pace_cursor c = { 0, 0 };
	struct suite s;
	struct pace p;

	(void)state;
	suite_of(&s, PACE_CONSTANT, 50);
	assert_int_equal(pace_init(&p, &s, NULL), RC_OK);
	assert_int_equal(pace_due_ns(&p, &c, 0), 0);
	assert_int_equal(pace_due_ns(&p, &c, 1), 20 * MONO_MS);
	/* no drift: an hour later still to the nanosecond */
	assert_int_equal(pace_due_ns(&p, &c, 180000), 3600 * MONO_S);
	pace_fini(&p);
	s.rate = 0;
	assert_int_equal(pace_init(&p, &s, NULL), RC_USAGE);
}

static void
test_poisson(void **state)
{
	enum { N = 100000 };
	struct pace_cursor a = { 0, 0 }, b = { 0, 0 };
	int64_t last = 0, at, gap;
	double sum = 0, squares = 0;
	struct suite s;
	struct pace p;
	int k;

	(void)state;
	suite_of(&s, PACE_POISSON, 1000);
	assert_int_equal(pace_init(&p, &s, NULL), RC_OK);
	for (k = 0; k < N; k++) {
		at = pace_due_ns(&p, &a, (uint64_t)k);
		gap = at - last;
		assert_true(gap >= 0);
		sum += (double)gap;
		squares += (double)gap * (double)gap;
		last = at;
	}
	/* exponential gaps: mean 1/rate, coefficient of variation 1; five
	 * standard errors of 100,000 draws */
	assert_near(sum / N, 1e6, 5 * 1e6 / sqrt(N));
	assert_near(sqrt(squares / N - sum / N * sum / N) / (sum / N), 1.0,
	    0.02);
	/* a reader that skips sees the same schedule */
	assert_int_equal(pace_due_ns(&p, &b, N - 1), last);
	pace_fini(&p);
}

static void
test_recorded(void **state)
{
	static const int64_t ts[] = { 500, 1000, 1000, 61000 };
	int64_t ns[4];
	struct pace_cursor c = { 0, 0 };
	struct suite s;
	struct pace p;
	int i;

	(void)state;
	for (i = 0; i < 4; i++)
		ns[i] = ts[i] * MONO_MS;
	suite_of(&s, PACE_RECORDED, 0);
	s.speed = 2;
	assert_int_equal(pace_init(&p, &s, NULL), RC_OK);
	assert_int_equal(pace_set_arrivals(&p, ns, 4, 2, &s, NULL), RC_OK);
	assert_int_equal(pace_due_ns(&p, &c, 0), 0);
	assert_int_equal(pace_due_ns(&p, &c, 1), 0);
	assert_int_equal(pace_due_ns(&p, &c, 2), 250 * MONO_MS);
	assert_int_equal(pace_due_ns(&p, &c, 4), 250 * MONO_MS);
	assert_int_equal(pace_due_ns(&p, &c, 7), 30250 * MONO_MS);
	pace_fini(&p);
	s.idle_cap_ns = 10 * MONO_S;
	assert_int_equal(pace_init(&p, &s, NULL), RC_OK);
	assert_int_equal(pace_set_arrivals(&p, ns, 4, 2, &s, NULL), RC_OK);
	assert_int_equal(pace_due_ns(&p, &c, 7), 5250 * MONO_MS);
	pace_fini(&p);
}

static void
test_bucket(void **state)
{
	struct pace_bucket b;
	int64_t now = 1000 * MONO_S, wait;
	int i, sent = 0;

	(void)state;
	pace_bucket_init(&b, 10, 3, now);
	for (i = 0; i < 3; i++)
		assert_int_equal(pace_bucket_take(&b, now), 0);
	wait = pace_bucket_take(&b, now);
	assert_near((double)wait, 1e8, 1);
	/* a second of tries a millisecond apart: ten */
	for (i = 1; i <= 1000; i++)
		sent += pace_bucket_take(&b, now + i * MONO_MS) == 0;
	assert_in_range(sent, 9, 11);
	/* idle time gives no more than the burst */
	now += 3600 * MONO_S;
	for (i = 0; i < 3; i++)
		assert_int_equal(pace_bucket_take(&b, now), 0);
	assert_true(pace_bucket_take(&b, now) > 0);
	pace_bucket_init(&b, 0, 0, now);
	for (i = 0; i < 1000; i++)
		assert_int_equal(pace_bucket_take(&b, now), 0);
}

static void
test_breaker(void **state)
{
	struct stack_state s;
	int64_t now = 100 * MONO_S, until;
	int i;

	(void)state;
	stack_init(&s, 0, 0, 0, 1, now);
	/* errors that are answers do not open it */
	for (i = 0; i < 3 * STACK_BREAK_AFTER; i++) {
		stack_sent(&s, 0);
		stack_back(&s, OUTCOME_HTTP_5XX, 0, -1, 1, now);
	}
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_SEND);
	for (i = 0; i < STACK_BREAK_AFTER; i++) {
		assert_int_equal(stack_ask(&s, 0, now, &until), STACK_SEND);
		stack_sent(&s, 0);
		stack_back(&s, OUTCOME_RESET, 0, -1, 1, now);
	}
	/* open: an open loop sheds, a closed one waits for the probe */
	assert_int_equal(stack_ask(&s, 1, now, &until), STACK_SHED);
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_WAIT);
	assert_int_equal(until, now + STACK_PROBE_NS);
	now = until;
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_PROBE);
	stack_sent(&s, 1);
	/* half-open: one at a time */
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_WAIT);
	stack_back(&s, OUTCOME_RESET, 1, -1, 1, now);
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_WAIT);
	assert_int_equal(until, now + 2 * STACK_PROBE_NS);
	now = until;
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_PROBE);
	stack_sent(&s, 1);
	stack_back(&s, OUTCOME_OK, 1, -1, 1, now);
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_SEND);
	assert_int_equal(s.inflight, 0);
}

static void
test_gives_up(void **state)
{
	struct stack_state s;
	int64_t now = 100 * MONO_S, until = 0, end = now + 120 * MONO_S;
	enum stack_gate gate = STACK_WAIT;
	int i;

	(void)state;
	stack_init(&s, 0, 0, 0, 1, now);
	for (i = 0; i < STACK_BREAK_AFTER; i++) {
		stack_sent(&s, 0);
		stack_back(&s, OUTCOME_TIMEOUT, 0, -1, 1, now);
	}
	for (; now < end && gate != STACK_SHED; now += 100 * MONO_MS) {
		gate = stack_ask(&s, 0, now, &until);
		if (gate != STACK_PROBE)
			continue;
		stack_sent(&s, 1);
		stack_back(&s, OUTCOME_TIMEOUT, 1, -1, 1, now);
	}
	assert_int_equal(gate, STACK_SHED);
	assert_true(now - 100 * MONO_S > STACK_SHED_AFTER_NS);
}

static void
test_throttle(void **state)
{
	struct stack_state s;
	int64_t now = 100 * MONO_S, until = 0;

	(void)state;
	stack_init(&s, 2, 0, 0, 1, now);
	stack_sent(&s, 0);
	stack_back(&s, OUTCOME_HTTP_429, 0, 2 * MONO_S, 1, now);
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_WAIT);
	assert_int_equal(until, now + 2 * MONO_S);
	assert_int_equal(stack_ask(&s, 0, until, &until), STACK_SEND);
	/* an open loop keeps its schedule: the schedule is the test */
	stack_sent(&s, 0);
	now = until;
	stack_back(&s, OUTCOME_HTTP_429, 0, 2 * MONO_S, 0, now);
	assert_int_equal(stack_ask(&s, 1, now, &until), STACK_SEND);
	stack_sent(&s, 0);
	stack_sent(&s, 0);
	assert_int_equal(stack_ask(&s, 0, now, &until), STACK_WAIT);
	assert_true(until == INT64_MAX);
}

static void
test_jitter(void **state)
{
	struct stack_state s;
	int64_t base = 250 * MONO_MS, cap = 10 * MONO_S, d, top;
	double sum;
	int n, i;

	(void)state;
	stack_init(&s, 0, 0, 0, 7, 0);
	for (n = 0; n < 10; n++) {
		top = base << n < cap ? base << n : cap;
		for (i = 0, sum = 0; i < 2000; i++) {
			d = stack_jitter(&s, base, cap, n);
			assert_true(d >= 0 && d < top);
			sum += (double)d / (double)top;
		}
		/* full jitter is uniform: mean 1/2, sd 1/sqrt(12) */
		assert_near(sum / 2000, .5, 5 * .2887 / sqrt(2000));
	}
}

static void
test_retry_after(void **state)
{
	/* 1994-11-06 08:49:37 UTC, the date of RFC 9110's examples */
	const int64_t wall = 784111777LL * MONO_S;
	static const struct {
		const char *value;
		int64_t seconds;	/* -1: none */
	} cases[] = {
		{ "0", 0 }, { "7", 7 }, { "120", 120 },
		{ "99999999999999999999", 86400 },
		{ "Sun, 06 Nov 1994 08:49:47 GMT", 10 },
		{ "Sunday, 06-Nov-94 08:49:47 GMT", 10 },
		{ "Sun Nov  6 08:49:47 1994", 10 },
		{ "Sun, 06 Nov 1994 08:49:27 GMT", 0 },
		{ "", -1 }, { "soon", -1 }, { "-3", -1 }, { "1.5", -1 },
		{ "7 s", -1 },
	};
	int64_t got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		got = stack_retry_after(cases[i].value, wall);
		if (got != (cases[i].seconds < 0 ? -1 :
		    cases[i].seconds * MONO_S))
			fail_msg("%s: %lld", cases[i].value, (long long)got);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_constant),
		cmocka_unit_test(test_poisson),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_bucket),
		cmocka_unit_test(test_breaker),
		cmocka_unit_test(test_gives_up),
		cmocka_unit_test(test_throttle),
		cmocka_unit_test(test_jitter),
		cmocka_unit_test(test_retry_after),
	};

	return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
