/* Scorers that fail, are late, or leave something behind. */
#include <signal.h>
#include <unistd.h>

#include "harness/base/log.h"
#include "tests/unit/score/scorer_world.h"

/* So often what a busy machine can spoil is tried, each time with more time. */
enum { TRIES = 3 };

struct bad {
	const char *exec;
	double timeout_s;
	size_t here;		/* of LINES */
	const char *why;	/* within the reason of what is missing */
	uint64_t starts;	/* 0: so many as chance has it, as is `here` */
};

/* Whether what is missing is so for that reason, and as much as it says. */
static int
is_bad_as(const struct world *w, const struct bad *t)
{
	size_t i;

	for (i = 0; i < LINES; i++) {
		if (w->v[i][0].missing != SCORER_HERE &&
		    strstr(w->v[i][0].why, t->why) == NULL)
			return 0;
	}
	return t->starts == 0 || (here(w) == t->here &&
	    scorer_set_stats(w->set, 0).starts == t->starts);
}

/* A busy machine can be slower than a short timeout: it gets a longer one. */
static void
check_bad(const struct bad *t)
{
	double timeout_s = t->timeout_s;
	struct world w;
	size_t i;
	int tries;

	for (tries = 1;; tries++) {
		world_open(&w, t->exec, timeout_s, NULL);
		world_ask(&w);
		if (tries == TRIES || is_bad_as(&w, t))
			break;
		scorer_set_close(&w.set);
		timeout_s *= 8;
	}
	if (t->starts > 0) {
		assert_int_equal(here(&w), t->here);
		assert_int_equal(scorer_set_stats(w.set, 0).starts,
		    t->starts);
	} else {
		assert_true(here(&w) > 0);
		assert_true(scorer_set_stats(w.set, 0).starts <= 20);
	}
	for (i = 0; i < LINES; i++) {
		if (w.v[i][0].missing == SCORER_HERE)
			continue;
		assert_int_equal(w.v[i][0].missing, SCORER_NO_ANSWER);
		assert_int_equal(w.v[i][1].missing, SCORER_NO_ANSWER);
		if (strstr(w.v[i][0].why, t->why) == NULL)
			fail_msg("%s: %s", t->exec, w.v[i][0].why);
	}
	scorer_set_close(&w.set);
}

/* One that closes its input, answers what it was never given, and stays: it
 * owes nothing that could be waited for. */
static void
test_closed(void **state)
{
	struct world w;
	size_t n = 0;
	int tries;

	(void)state;
	for (tries = 0; tries < TRIES && n != 2; tries++) {
		world_open(&w, "read -r l; exec <&-; sleep .1; "
		    "echo '{\"id\":\"0\",\"metrics\":{\"a\":0,\"b\":1}}'; "
		    "sleep .2; "
		    "echo '{\"id\":\"1\",\"metrics\":{\"a\":1,\"b\":1}}'; "
		    "exec sleep 600", 1 << 3 * tries, NULL);
		w.suite.scorer[0].in_flight = 1;
		w.n = 3;
		(void)alarm(300);
		world_ask(&w);
		(void)alarm(0);
		n = here(&w);
		assert_int_equal(w.v[2][0].missing, SCORER_NO_ANSWER);
		scorer_set_close(&w.set);
	}
	assert_int_equal(n, 2);
}

/* An answer that is too long is so however the reads cut it. */
static void
test_too_long(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, EACH "printf '{\"id\":\"%s\",\"metrics\":{\"a\":1,"
	    "\"b\":1},\"x\":\"%s\"}\\n' $id "
	    "$(head -c 275000 /dev/zero | tr '\\0' x); done", 60, NULL);
	w.n = 2;
	world_ask(&w);
	assert_int_equal(here(&w), 0);
	assert_non_null(strstr(w.v[0][0].why, "256 KiB"));
	scorer_set_close(&w.set);
}

static void
test_bad(void **state)
{
	static const struct bad t[] = {
		{ "echo oh no >&2; exit 3", 30, 0, "status 3: oh no", 3 },
		{ "no-such-program-here", 30, 0, "status 127", 3 },
		{ "kill -9 $$", 30, 0, "killed by signal 9", 3 },
		{ "cat >/dev/null", .1, 0, "no answer within", 3 },
		{ "sleep 100", .1, 0, "no answer within", 3 },
		{ "while read -r l; do echo garbage; done", .1, 0,
		    "other lines", 3 },
		{ "while read -r l; do echo '{\"id\":\"999\"}'; done", .1, 0,
		    "other lines", 3 },
		{ "yes", 30, 0, "1,000 lines that answer nothing", 3 },
		{ "tr '\\0' x </dev/zero", 30, 0, "more than 256 KiB", 3 },
		{ "exec >&-; sleep 100", 30, 0, "killed by signal 9", 3 },
		{ "exec <&-; exec sleep 100", .1, 0, "no answer", 3 },
		/* each process answers one line of the four that it has */
		{ EACH SAY "exit 5; done", 30, 0, "status 5", 0 },
		/* one line is too much for it */
		{ EACH "[ $n = 6 ] && exit 1; " SAY "done", 30, LINES - 1,
		    "status 1", 3 },
		/* one line is waited for in vain, twice */
		{ EACH "[ $n = 6 ] && { sleep 100; }; " SAY "done", .3,
		    LINES - 1, "no answer", 3 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		check_bad(&t[i]);
}

/* An answer as deep as its line is long is no JSON of ours. */
static void
test_deep(void **state)
{
	double timeout_s = .2;
	uint64_t strange = 0;
	struct world w;
	int tries;

	(void)state;
	for (tries = 0; tries < TRIES && strange == 0; tries++) {
		world_open(&w, "read -r l; (head -c 200000 /dev/zero | "
		    "tr '\\0' '['; echo); cat >/dev/null", timeout_s, NULL);
		w.n = 2;
		world_ask(&w);
		assert_int_equal(here(&w), 0);
		strange = scorer_set_stats(w.set, 0).strange;
		scorer_set_close(&w.set);
		timeout_s *= 8;
	}
	assert_true(strange > 0);
}

/* What it left running is gone with it. */
static void
test_group(void **state)
{
	char path[] = "/tmp/scorer.XXXXXX", exec[300], line[32] = "";
	int fd = mkstemp(path), i;
	struct world w;
	pid_t pid;

	(void)state;
	assert_true(fd >= 0);
	(void)snprintf(exec, sizeof(exec), "sleep 1000 & echo $! >%s; %s",
	    path, EACH SAY "done");
	world_open(&w, exec, 30, NULL);
	world_ask(&w);
	assert_int_equal(here(&w), LINES);
	scorer_set_close(&w.set);
	assert_true(read(fd, line, sizeof(line) - 1) > 0);
	pid = (pid_t)atol(line);
	/* killed; init may take a moment to bury it */
	for (i = 0; i < 6000 && kill(pid, 0) == 0; i++)
		(void)usleep(10000);
	assert_int_not_equal(kill(pid, 0), 0);
	(void)close(fd);
	(void)unlink(path);
}

/* A scorer that is slow but steady is never too late. */
static void
test_steady(void **state)
{
	static const double timeout_s[TRIES] = { 1, 4, 15 };
	static const char *const exec[TRIES] = { /* a busy machine is slower */
		EACH "sleep .05; " SAY "done", EACH "sleep .2; " SAY "done",
		EACH "sleep .7; " SAY "done" };
	struct world w;
	size_t i, n = 0;

	(void)state;
	for (i = 0; i < TRIES && n < 30; i++) {
		world_open(&w, exec[i], timeout_s[i], NULL);
		w.n = 30;
		world_ask(&w);
		n = here(&w);
		scorer_set_close(&w.set);
	}
	assert_int_equal(n, 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_steady),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests_name("scorer_bad", tests, NULL, NULL);
}
