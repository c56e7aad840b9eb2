/* The live verdict on what answers carry (tool calls, cost, passages of gold
 * cases), and on their latency. */
#include "tests/unit/judge/live_world.h"

/* ---- what answers carry ------------------------------------------------ */

/* Pairs of a primary's and a candidate's body, asked alike, until a stop of
 * this test; how many, or 0. */
static unsigned
until_test(struct world *w, const char *const body[2], const char *name,
    const char *question, unsigned most)
{
	static struct live_status s;
	struct err err = ERR_INIT;
	unsigned i;

	for (i = 1; i <= most; i++) {
		struct exchange p = answer(body[0], (int64_t)i * 50 * MONO_MS),
		    c = answer(body[1], p.sent_ns);

		p.req_body = (struct ex_bytes){ question, strlen(question),
			NULL };
		c.req_body = p.req_body;
		must(live_add(w->live, &p, &c, &p, &err), &err);
		live_status(w->live, &s);
		if (test_named(&s, name)->stopped)
			return i;
	}
	return 0;
}

#define CALL "{\"type\":\"function\",\"function\":{\"name\":\"look\"," \
    "\"arguments\":\"{\\\"id\\\":1}\"}}"
#define CHAT(calls) "{\"choices\":[{\"message\":{\"content\":\"Wages.\"," \
    "\"tool_calls\":[" calls "]}}],\"usage\":{\"prompt_tokens\":100," \
    "\"completion_tokens\":20}}"

static const char chat[] = "lockstep: 1\nname: live\n"
    "cases: [{id: a, question: 'When are wages paid?'}]\n"
    "targets:\n  baseline: {url: 'http://127.0.0.1:1'}\n"
    "  candidate: {url: 'http://127.0.0.1:2'}\n"
    "request: {path: /v1/chat/completions, body: {}}\n"
    "extract: {preset: openai}\n";

static void
test_tool_loop(void **state)
{
	static const char *const loop[2] = { CHAT(CALL),
		CHAT(CALL "," CALL "," CALL) };
	static const char *const twice[2] = { CHAT(CALL),
		CHAT(CALL "," CALL) };
	struct world w;

	(void)state;
	open_with(&w, chat, (struct live_opts){ .alpha = 0 });
	assert_int_equal(until_test(&w, loop, "tool_loop", "{}", 50), 14);
	assert_int_equal(live_verdict(w.live), LIVE_HARD_STOP);
	close_world(&w);
	/* twice is no loop */
	open_with(&w, chat, (struct live_opts){ .alpha = 0 });
	assert_int_equal(until_test(&w, twice, "tool_loop", "{}", 50), 0);
	close_world(&w);
}

static void
test_cost(void **state)
{
	static const char dear[] = "{\"choices\":[{\"message\":{\"content\":"
	    "\"Wages.\"}}],\"usage\":{\"prompt_tokens\":100,"
	    "\"completion_tokens\":60}}";
	static const char *const body[2] = { CHAT(""), dear };
	static struct live_status s;
	struct world w;

	(void)state;
	open_with(&w, chat, (struct live_opts){ .alpha = 0 });
	assert_true(until_test(&w, body, "cost", "{}", 50) > 0);
	live_status(w.live, &s);
	assert_int_equal(s.verdict, LIVE_SOFT_STOP);
	assert_near(test_named(&s, "cost")->value, 160 / 120., 1e-9);
	close_world(&w);
}

/* A question of the gold brings its sections, whatever the case it is asked
 * in; another question brings none. */
static void
test_coverage(void **state)
{
	static const char lost[] = "{\"answer\":\"Wages are paid on the "
	    "25th.\",\"retrieved\":[{\"section_id\":\"s2\",\"text\":"
	    "\"leave\"}]," PINS "}";
	static const char found[] = "{\"answer\":\"Wages are paid on the "
	    "25th.\",\"retrieved\":[{\"section_id\":\"s1\",\"text\":\"Wages "
	    "are paid on the 25th of each month.\"}]," PINS "}";
	static const char *const body[2] = { found, lost };
	static struct live_status s;
	const struct caseset_filter all = { NULL, 0, NULL, 0, 0, 0 };
	static const char gold[] = "lockstep: 1\nname: live\n"
	    "cases: [{id: a, question: 'When are wages paid?', section_ids: "
	    "[s1]}]\n"
	    "targets:\n  baseline: {url: 'http://127.0.0.1:1'}\n"
	    "  candidate: {url: 'http://127.0.0.1:2'}\n"
	    "request: {path: /query, body: {question: '{{question}}'}}\n"
	    "extract: {preset: generic}\n";
	static const char text[] = "{\"section_id\":\"s1\",\"text\":\"Wages "
	    "are paid on the 25th of each month.\"}\n";
	char path[] = "/tmp/live-sections-XXXXXX";
	struct live_opts o = { .alpha = 0 };
	struct err err = ERR_INIT;
	struct caseset *cases;
	struct sections *sections;
	struct world w;
	int fd = mkstemp(path);

	(void)state;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	open_with(&w, gold, o);
	must(caseset_open(w.suite, &all, &cases, &err), &err);
	must(sections_open(path, &sections, &err), &err);
	live_close(&w.live);
	o = (struct live_opts){ .suite = w.suite, .embedder = w.embedder,
		.cases = cases, .sections = sections, .wall_ns = 1 };
	must(live_open(&w.live, &o, &err), &err);
	assert_int_equal(until_test(&w, body, "coverage",
	    "{\"question\":\"What is a helmet?\"}", 40), 0);
	live_status(w.live, &s);
	assert_int_equal(test_named(&s, "coverage")->n, 0);
	assert_int_equal(until_test(&w, body, "coverage_floor",
	    "{\"question\":\" when are WAGES paid? \"}", 40), 13);
	live_status(w.live, &s);
	assert_near(test_named(&s, "coverage")->value, 1, 1e-9);
	assert_near(test_named(&s, "coverage_floor")->value, 0, 1e-9);
	live_close(&w.live);
	caseset_close(&cases);
	sections_close(&sections);
	(void)unlink(path);
	close_world(&w);
}

/* ---- latency ----------------------------------------------------------- */

/* Pairs at 20 a second whose latencies spread by a fifth. Where `wave` is
 * set, every other stretch of four seconds is half as long again on one side,
 * in turn: neighbours are not independent. */
static unsigned
until_slow(struct world *w, double factor, int wave, uint64_t seed,
    unsigned most)
{
	struct err err = ERR_INIT;
	unsigned i;

	for (i = 1; i <= most; i++) {
		struct exchange p = answer(good, (int64_t)i * 50 * MONO_MS),
		    c = answer(good, p.sent_ns);
		double swell = !wave ? 1 :
		    rng_unit(seed, 3, i / 80) < .5 ? 1.5 : 1 / 1.5;

		p.total_ns = (int64_t)(20e6 *
		    exp(.2 * rng_normal(seed, 1, i)));
		c.total_ns = (int64_t)(20e6 * factor * swell *
		    exp(.2 * rng_normal(seed, 2, i)));
		must(live_add(w->live, &p, &c, NULL, &err), &err);
		if (live_verdict(w->live) >= LIVE_SOFT_STOP)
			return i;
	}
	return 0;
}

static void
test_latency(void **state)
{
	static struct live_status s;
	const struct live_test_status *t;
	struct world w;
	unsigned at;
	uint64_t seed;

	(void)state;
	open_world(&w);
	at = until_slow(&w, 1.4, 0, 1, 600);
	live_status(w.live, &s);
	t = test_named(&s, "latency_body");
	if (at == 0 || at > 400 || !t->stopped)
		fail_msg("+40 %% stopped at %u", at);
	assert_int_equal(s.verdict, LIVE_SOFT_STOP);
	assert_near(t->value, 1.4, .06);
	assert_true(t->lo < 1.4 && t->hi > 1.4 && t->lo > 1.2);
	close_world(&w);
	/* within its margin, for long; and equal by stretches of time */
	open_world(&w);
	assert_int_equal(until_slow(&w, 1.04, 0, 2, 6000), 0);
	close_world(&w);
	for (seed = 10; seed < 20; seed++) {
		open_world(&w);
		if ((at = until_slow(&w, 1, 1, seed, 3000)) > 0) {
			live_status(w.live, &s);
			fail_msg("seed %d at %u: %s", (int)seed, at,
			    s.reason);
		}
		close_world(&w);
	}
}

/* An answer without a body is one where the primary's has none, too, by the
 * same status. */
static void
test_bodyless(void **state)
{
	static const struct {
		int status[2];
		const char *body[2];
		int stops;
	} t[] = {
		{ { 204, 204 }, { NULL, NULL }, 0 },
		{ { 200, 200 }, { NULL, NULL }, 0 },	/* to HEAD */
		{ { 200, 204 }, { good, NULL }, 1 },
		{ { 200, 204 }, { NULL, NULL }, 1 },
		{ { 204, 200 }, { NULL, good }, 0 },
		{ { 204, 200 }, { NULL, "" }, 1 },
	};
	struct err err = ERR_INIT;
	struct exchange ex[2];
	struct world w;
	size_t i;
	int n, k;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		open_world(&w);
		for (n = 0; n < 30; n++) {
			for (k = 0; k < 2; k++) {
				ex[k] = answer("", n * MONO_S);
				ex[k].status = t[i].status[k];
				ex[k].res_body.p = t[i].body[k];
				ex[k].res_body.n = t[i].body[k] == NULL ? 0 :
				    strlen(t[i].body[k]);
			}
			must(live_add(w.live, &ex[0], &ex[1], NULL, &err),
			    &err);
		}
		if ((live_verdict(w.live) == LIVE_HARD_STOP) != t[i].stops)
			fail_msg("row %zu", i);
		close_world(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tool_loop),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_latency),
		cmocka_unit_test(test_bodyless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
