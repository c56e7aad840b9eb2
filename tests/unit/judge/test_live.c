/* The live verdict on pairs made by hand: what stops, what does not, and that
 * a state goes on where it was. */
#include "tests/unit/judge/live_world.h"

/* Pairs until it is stopped hard, at most `most`; how many. */
static unsigned
until_stop(struct world *w, const char *candidate, unsigned every,
    unsigned most)
{
	unsigned i;

	for (i = 1; i <= most; i++) {
		if (add(w, good, i % every == 0 ? candidate : good, good) ==
		    LIVE_HARD_STOP)
			return i;
	}
	return 0;
}

/* ---- stops ------------------------------------------------------------- */

static void
test_faults(void **state)
{
	static const struct { const char *what, *body, *by; } rows[] = {
		{ "another answer", other, "drift" },
		{ "another citation", miscited, "citations" },
		{ "another top", flipped, "flip_rate" },
		{ "nothing", nothing, "empty" },
		{ "503", NULL, "errors" },
	};
	static struct live_status s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;
		unsigned at;

		open_world(&w);
		at = until_stop(&w, rows[i].body, 4, 400);
		live_status(w.live, &s);
		if (at == 0 || at > 100 ||
		    test_named(&s, rows[i].by)->evidence < .9)
			fail_msg("%s: stopped at %u by %s", rows[i].what, at,
			    s.n_stops > 0 ? s.stop[0].why : "nothing");
		assert_int_equal(s.verdict, LIVE_HARD_STOP);
		close_world(&w);
	}
}

/* One in fifty is within every margin, however long it lasts: 2 % of answers
 * is the margin, not beyond it. */
static void
test_within_margin(void **state)
{
	static struct live_status s;
	struct world w;

	(void)state;
	open_world(&w);
	assert_int_equal(until_stop(&w, other, 51, 3000), 0);
	live_status(w.live, &s);
	assert_int_equal(s.verdict, LIVE_HEALTHY);
	assert_int_equal(s.pairs, 3000);
	assert_int_equal(s.windows, 30);
	/* the evidence is there; it is the margin that it does not pass */
	assert_true(test_named(&s, "changed")->evidence > 1);
	assert_near(test_named(&s, "changed")->value, 1 / 51., .002);
	close_world(&w);
}

/* A primary that answers two ways as often: the same of a candidate is no
 * change. */
static void
test_noise_floor(void **state)
{
	static struct live_status s;
	struct world w;
	unsigned i;

	(void)state;
	open_world(&w);
	for (i = 0; i < 4000; i++) {
		const char *a[3];
		int k;

		for (k = 0; k < 3; k++)
			a[k] = rng_unit(5, (uint64_t)k, i) < .5 ? good : other;
		if (add(&w, a[0], a[1], a[2]) >= LIVE_SOFT_STOP) {
			live_status(w.live, &s);
			fail_msg("pair %u: %s", i, s.reason);
		}
	}
	live_status(w.live, &s);
	assert_near(s.floor, .5, .05);
	assert_near((double)s.differ / (double)s.compared, .5, .05);
	close_world(&w);
}

/* Errors of both at once, or of the primary, are not the candidate's. */
static void
test_errors_of_both(void **state)
{
	struct world w;
	unsigned i;

	(void)state;
	open_world(&w);
	for (i = 0; i < 400; i++)
		assert_true(add(&w, NULL, NULL, NULL) < LIVE_SOFT_STOP);
	for (i = 0; i < 400; i++)
		assert_true(add(&w, NULL, good, NULL) < LIVE_SOFT_STOP);
	close_world(&w);
}

/* A request whose partner was not found: its 5xx alone are held against the
 * limit of 1 %. */
static void
test_alone(void **state)
{
	static const struct { unsigned every; int stops; } rows[] = {
		{ 20, 1 }, { 5, 1 }, { 200, 0 }, { 100000, 0 } };
	static struct live_status s;
	struct err err = ERR_INIT;
	struct world w;
	unsigned i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		open_world(&w);
		for (k = 1; k <= 600; k++) {
			struct exchange c = answer(k % rows[i].every == 0 ?
			    NULL : good, (int64_t)k * 50 * MONO_MS);

			must(live_add(w.live, NULL, &c, NULL, &err), &err);
		}
		live_status(w.live, &s);
		assert_int_equal(s.verdict, rows[i].stops ? LIVE_HARD_STOP :
		    LIVE_WATCHING);
		assert_int_equal(s.alone, 600);
		assert_near(test_named(&s, "http_5xx")->value,
		    (double)(600 / rows[i].every) / 600, 1e-9);
		if (rows[i].stops)
			assert_non_null(strstr(s.reason,
			    "without a partner"));
		close_world(&w);
	}
}

/* The worst first, each request once, however many ask it. */
static void
test_examples(void **state)
{
	static struct live_status s;
	char ids[60][24];
	struct err err = ERR_INIT;
	struct world w;
	unsigned i;

	(void)state;
	open_world(&w);
	for (i = 0; i < 60; i++) {
		const int64_t at = (int64_t)i * 50 * MONO_MS;
		struct exchange p = answer(good, at), e = answer(good, at),
		    c = answer(i % 3 == 0 ? NULL : flipped, at);

		(void)snprintf(ids[i], sizeof(ids[i]), "%04x-%u-c", i % 10, i);
		c.id = ids[i];
		must(live_add(w.live, &p, &c, &e, &err), &err);
	}
	live_status(w.live, &s);
	assert_int_equal(s.n_examples, 10);
	for (i = 0; i < s.n_examples; i++) {
		if (i > 0)
			assert_true(s.example[i].harm <= s.example[i - 1].harm);
		assert_int_equal(s.example[i].n, 6);
	}
	close_world(&w);
}

static void
test_echo_share(void **state)
{
	static struct live_status s;
	struct world w;

	(void)state;
	open_with(&w, manifest, (struct live_opts){ .echo_share = .05 });
	assert_true(until_stop(&w, other, 2, 2000) > 0);
	live_status(w.live, &s);
	assert_true(s.echoes > 0);
	assert_true((double)s.echoes <= .05 * (double)s.compared + 1);
	/* what one echo in ten shows stands for all that differ */
	assert_near(test_named(&s, "changed")->value, .5, .05);
	close_world(&w);
}

/* An echo that came from a cache tells nothing of the primary. */
static void
test_cached_echo(void **state)
{
	static struct live_status s;
	struct err err = ERR_INIT;
	struct world w;
	unsigned i;

	(void)state;
	open_world(&w);
	for (i = 0; i < 200; i++) {
		struct exchange p = answer(good, (int64_t)i * 50 * MONO_MS),
		    c = answer(other, p.sent_ns), e = p;

		e.total_ns = MONO_MS;
		must(live_add(w.live, &p, &c, &e, &err), &err);
	}
	live_status(w.live, &s);
	assert_int_equal(s.cached_echoes, 200);
	assert_int_equal(test_named(&s, "changed")->n, 0);
	close_world(&w);
}

/* ---- pins -------------------------------------------------------------- */

static void
test_pins(void **state)
{
	static const struct { const char *pins, *says; int hard, later; }
	    rows[] = {
		{ "{\"MODEL_VER\":\"2\",\"PROMPT_VER\":\"p\"}",
		    "MODEL_VER must be equal: 2 on the candidate", 1, 0 },
		{ "{\"MODEL_VER\":\"1\"}", "lacks the pin PROMPT_VER", 1, 1 },
		{ "{\"MODEL_VER\":\"1\",\"PROMPT_VER\":\"q\"}",
		    "PROMPT_VER changed on the candidate: q, was p", 1, 1 },
		{ "{\"PROMPT_VER\":\"p\"}",
		    "the candidate does not send MODEL_VER", 0, 1 },
	};
	static struct live_status s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world w;
		char body[300];
		size_t n;

		(void)snprintf(body, sizeof(body), "{\"answer\":\"Wages are "
		    "paid on the 25th.\"," FOUND ",\"citations\":"
		    "[{\"section_id\":\"s1\"}],\"pins\":%s}", rows[i].pins);
		open_world(&w);
		if (rows[i].later)
			assert_int_equal(add(&w, good, good, good),
			    LIVE_WATCHING);
		assert_int_equal(add(&w, good, body, good), rows[i].hard ?
		    LIVE_HARD_STOP : LIVE_SOFT_STOP);
		live_status(w.live, &s);
		assert_int_equal(s.stop[0].pair, 1 + rows[i].later);
		if (strstr(s.reason, rows[i].says) == NULL)
			fail_msg("\"%s\", not \"%s\"", s.reason, rows[i].says);
		/* once, however often it is seen */
		n = s.n_stops;
		(void)add(&w, good, body, good);
		live_status(w.live, &s);
		assert_int_equal(s.n_stops, n);
		close_world(&w);
	}
}

/* Another model is meant to answer otherwise: a person decides. */
static void
test_intended(void **state)
{
	static const char text[] =
	    "lockstep: 1\nname: live\n"
	    "cases: [{id: a, question: 'When are wages paid?'}]\n"
	    "targets:\n  baseline: {url: 'http://127.0.0.1:1'}\n"
	    "  candidate: {url: 'http://127.0.0.1:2'}\n"
	    "extract: {preset: generic}\n";
	static const char newer[] = "{\"answer\":\"Helmets are worn on the "
	    "ramp at all times.\"," FOUND ",\"citations\":[{\"section_id\":"
	    "\"s1\"}],\"pins\":{\"MODEL_VER\":\"2\",\"PROMPT_VER\":\"p\"}}";
	static struct live_status s;
	struct world w;
	unsigned i;

	(void)state;
	open_with(&w, text, (struct live_opts){ .alpha = 0 });
	for (i = 0; i < 60; i++)
		(void)add(&w, good, newer, good);
	live_status(w.live, &s);
	assert_int_equal(s.verdict, LIVE_SOFT_STOP);
	assert_false(test_named(&s, "drift")->hard);
	close_world(&w);
}

/* ---- the state's file -------------------------------------------------- */

/* Saved and loaded after every seventh pair, it says the same. */
static void
test_resume(void **state)
{
	static struct live_status one, two;
	struct err err = ERR_INIT;
	char path[] = "/tmp/live-state-XXXXXX";
	struct world a, b;
	unsigned i;
	int fd = mkstemp(path), found;

	(void)state;
	assert_true(fd >= 0);
	(void)close(fd);
	(void)unlink(path);
	open_world(&a);
	open_world(&b);
	must(live_load(b.live, path, &found, &err), &err);
	assert_int_equal(found, 0);
	for (i = 0; i < 250; i++) {
		const char *c = i % 40 == 0 ? other : i % 90 == 0 ? NULL :
		    good;

		(void)add(&a, good, c, i % 3 == 0 ? good : other);
		(void)add(&b, good, c, i % 3 == 0 ? good : other);
		if (i % 7 != 6)
			continue;
		must(live_save(b.live, path, &err), &err);
		live_close(&b.live);
		must(live_open(&b.live, &(struct live_opts){ .suite = b.suite,
		    .embedder = b.embedder, .window_pairs = 100,
		    .wall_ns = MONO_S }, &err), &err);
		must(live_load(b.live, path, &found, &err), &err);
		assert_int_equal(found, 1);
	}
	live_status(a.live, &one);
	live_status(b.live, &two);
	assert_int_equal(two.resumed, 35);
	assert_int_equal(one.pairs, two.pairs);
	assert_int_equal(one.windows, two.windows);
	assert_int_equal(one.n_stops, two.n_stops);
	for (i = 0; i < one.n_tests; i++) {
		/* blocks of time: how long a restart took is not known */
		if (strncmp(one.test[i].name, "latency", 7) == 0)
			continue;
		assert_near(one.test[i].evidence, two.test[i].evidence, 0);
		assert_near(one.test[i].value, two.test[i].value, 0);
	}
	assert_int_equal(one.n_pins, two.n_pins);
	assert_memory_equal(one.pin, two.pin, sizeof(one.pin));
	assert_int_equal(one.n_examples, two.n_examples);
	/* all pairs ask the same: one entry, with how many there were */
	assert_int_equal(one.n_examples, 1);
	assert_int_equal(one.example[0].test, two.example[0].test);
	assert_int_equal(one.example[0].n, two.example[0].n);
	assert_true(one.example[0].n > 1);
	(void)unlink(path);
	close_world(&a);
	close_world(&b);
}

static void
test_bad_state(void **state)
{
	static const struct { const char *text, *says; } rows[] = {
		{ "", "" },
		{ "{}", "no live state" },
		{ "{\"lockstep_live\":1,\"shape\":\"x\"}", "no live state" },
		{ "{\"lockstep_live\":2,\"shape\":\"x\"}", "another suite" },
		{ "[1,2", "" },
	};
	char path[] = "/tmp/live-bad-XXXXXX";
	int fd = mkstemp(path);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct world w;
		int found;

		open_world(&w);
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, rows[i].text,
		    strlen(rows[i].text), 0), strlen(rows[i].text));
		assert_int_equal(live_load(w.live, path, &found, &err),
		    RC_FORMAT);
		assert_non_null(strstr(err.msg, rows[i].says));
		close_world(&w);
	}
	(void)close(fd);
	(void)unlink(path);
}

/* Any cut of a state is told, never believed. */
static void
test_torn_state(void **state)
{
	struct err err = ERR_INIT;
	char path[] = "/tmp/live-torn-XXXXXX";
	int fd = mkstemp(path), found;
	struct world w;
	off_t size, at;

	(void)state;
	open_world(&w);
	(void)until_stop(&w, other, 3, 50);
	must(live_save(w.live, path, &err), &err);
	(void)close(fd);
	fd = open(path, O_RDWR | O_CLOEXEC);
	size = lseek(fd, 0, SEEK_END);
	assert_true(size > 1000 && size < 200000);
	for (at = size - 2; at > 0; at -= 499) {
		struct err torn = ERR_INIT;
		struct world x;

		assert_int_equal(ftruncate(fd, at), 0);
		open_world(&x);
		assert_int_equal(live_load(x.live, path, &found, &torn),
		    RC_FORMAT);
		close_world(&x);
	}
	(void)close(fd);
	(void)unlink(path);
	close_world(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_within_margin),
		cmocka_unit_test(test_noise_floor),
		cmocka_unit_test(test_errors_of_both),
		cmocka_unit_test(test_alone),
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_echo_share),
		cmocka_unit_test(test_cached_echo),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_intended),
		cmocka_unit_test(test_resume),
		cmocka_unit_test(test_bad_state),
		cmocka_unit_test(test_torn_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
