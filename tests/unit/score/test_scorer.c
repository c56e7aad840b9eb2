/* Scorers: the lines that come back, and the processes that send them. */
#include "tests/lib/check.h"

#include <signal.h>
#include <unistd.h>

#include "harness/base/log.h"
#include "harness/base/mono.h"
#include "harness/score/scorer_part.h"

/* ---- lines ---------------------------------------------------------- */

static const struct scorer_metric two[] = { { .name = "a" }, { .name = "b" } };
static const struct scorer_names names = { two, 2 };

static void
test_replies(void **state)
{
	static const struct {
		const char *line;
		enum scorer_missing a, b;
		double va, vb;
		const char *why;	/* of the first that is missing */
	} t[] = {
		{ "{\"metrics\":{\"a\":0.5,\"b\":-2}}", SCORER_HERE,
		    SCORER_HERE, .5, -2, NULL },
		{ "{\"metrics\":{\"a\":true,\"b\":false}}", SCORER_HERE,
		    SCORER_HERE, 1, 0, NULL },
		{ "{\"metrics\":{\"a\":null,\"b\":1},\"why\":{\"a\":\"none\"}}",
		    SCORER_DECLINED, SCORER_HERE, NAN, 1, "none" },
		{ "{\"metrics\":{\"a\":null,\"b\":null},\"why\":\"quiet\"}",
		    SCORER_DECLINED, SCORER_DECLINED, NAN, NAN, "quiet" },
		{ "{\"metrics\":{\"a\":null,\"b\":1},\"why\":[1]}",
		    SCORER_DECLINED, SCORER_HERE, NAN, 1,
		    "it gave no value and no reason" },
		{ "{\"metrics\":{\"b\":1}}", SCORER_LEFT_OUT, SCORER_HERE, NAN,
		    1, "its answer lacks it" },
		{ "{\"metrics\":{\"a\":1e999,\"b\":1}}", SCORER_BAD_VALUE,
		    SCORER_HERE, NAN, 1, "its answer is beyond ±1e9" },
		{ "{\"metrics\":{\"a\":-1e10,\"b\":1e9}}", SCORER_BAD_VALUE,
		    SCORER_HERE, NAN, 1e9, "its answer is beyond ±1e9" },
		{ "{\"metrics\":{\"a\":\"1\",\"b\":[1]}}", SCORER_BAD_VALUE,
		    SCORER_BAD_VALUE, NAN, NAN, "its answer is not a number" },
		{ "{\"metrics\":[1]}", SCORER_NO_ANSWER, SCORER_NO_ANSWER, NAN,
		    NAN, "its answer has no \"metrics\"" },
		{ "{\"error\":\"rate\\nlimit\"}", SCORER_NO_ANSWER,
		    SCORER_NO_ANSWER, NAN, NAN, "rate limit" },
	};
	struct scorer_value v[2];
	struct json *j;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		j = json_parse(t[i].line, strlen(t[i].line), NULL);
		assert_non_null(j);
		scorer_reply_read(j, &names, v, NULL);
		assert_int_equal(v[0].missing, t[i].a);
		assert_int_equal(v[1].missing, t[i].b);
		assert_near(v[0].v, t[i].va, 0);
		assert_near(v[1].v, t[i].vb, 0);
		if (t[i].why != NULL)
			assert_string_equal(v[0].why, t[i].why);
		json_free(j);
	}
}

static void
test_ids(void **state)
{
	static const struct {
		const char *line;
		int rc;
		uint64_t id;
	} t[] = {
		{ "{\"id\":\"17\"}", 0, 17 }, { "{\"id\":17}", 0, 17 },
		{ "{\"id\":\"0\"}", 0, 0 }, { "{\"id\":-1}", -1, 0 },
		{ "{\"id\":1.5}", -1, 0 }, { "{\"id\":\"-1\"}", -1, 0 },
		{ "{\"id\":\"1x\"}", -1, 0 }, { "{\"id\":\"\"}", -1, 0 },
		{ "{\"id\":1e300}", -1, 0 }, { "{}", -1, 0 },
		{ "{\"id\":\"99999999999999999999\"}", -1, 0 },
		{ "{\"id\":null}", -1, 0 },
	};
	struct json *j;
	uint64_t id;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		j = json_parse(t[i].line, strlen(t[i].line), NULL);
		assert_int_equal(scorer_reply_id(j, &id), t[i].rc);
		if (t[i].rc == 0)
			assert_int_equal(id, t[i].id);
		json_free(j);
	}
}

static void
test_kept_form(void **state)
{
	static const char line[] = "{\"metrics\":{\"a\":0.1,\"b\":null},"
	    "\"why\":{\"b\":\"no \\u00fc\"}}";
	struct json *j = json_parse(line, strlen(line), NULL);
	struct scorer_value v[2], back[2];
	struct buf b;

	(void)state;
	scorer_reply_read(j, &names, v, NULL);
	json_free(j);
	buf_init(&b, 4096);
	scorer_reply_write(&names, v, &b);
	j = json_parse(b.p, b.len, NULL);
	scorer_reply_read(j, &names, back, NULL);
	json_free(j);
	buf_fini(&b);
	assert_near(back[0].v, .1, 0);
	assert_int_equal(back[1].missing, SCORER_DECLINED);
	assert_string_equal(back[1].why, "no \xc3\xbc");
}

static void
test_clean(void **state)
{
	char out[8];

	(void)state;
	scorer_clean("a\x1b[2J\nb", 7, out, sizeof(out));
	assert_string_equal(out, "a [2J b");
	scorer_clean("\xc2\x9b" "2J", 4, out, sizeof(out));
	assert_string_equal(out, "  2J");
	/* not cut within a character */
	scorer_clean("12345\xe2\x82\xac", 8, out, sizeof(out));
	assert_string_equal(out, "12345");
}

/* ---- processes ------------------------------------------------------ */

enum { LINES = 40 };

/* What is asked, and what came of it. */
struct world {
	struct suite suite;
	struct scorer_set *set;
	char text[LINES][64];
	struct scorer_ask ask[LINES];
	struct scorer_value v[LINES][2];
	size_t n;
};

/* Answers a line with its "n" as metric a, and 1 as b. */
#define EACH "while read -r l; do id=${l#*\\\"id\\\":\\\"}; id=${id%%\\\"*}; " \
	"n=${l##*\\\"n\\\":}; n=${n%\\}}; "
#define SAY "echo \"{\\\"id\\\":\\\"$id\\\",\\\"metrics\\\":" \
	"{\\\"a\\\":$n,\\\"b\\\":1}}\"; "

static void
world_open(struct world *w, const char *exec, double timeout_s,
    const struct embed_store *keep)
{
	struct err err = ERR_INIT;
	size_t i;

	memset(w, 0, sizeof(*w));
	w->suite.dir = "/tmp";
	w->suite.n_scorers = 1;
	w->suite.scorer[0] = (struct suite_scorer){ .name = "judge",
		.exec = exec, .version = "",
		.timeout_ns = (int64_t)(timeout_s * 1e9), .in_flight = 4,
		.n = 2 };
	w->suite.scored[0] = two[0];
	w->suite.scored[1] = two[1];
	w->suite.n_scored = 2;
	assert_int_equal(scorer_set_open(&w->suite, keep, &w->set, &err),
	    RC_OK);
	for (i = 0; i < LINES; i++) {
		(void)snprintf(w->text[i], sizeof(w->text[i]),
		    "{\"q\":\"x\",\"n\":%zu}", i);
		w->ask[i] = (struct scorer_ask){ w->text[i],
			strlen(w->text[i]), w->v[i] };
	}
	w->n = LINES;
}

static void
world_ask(struct world *w)
{
	struct scorer_ask *asks[1] = { w->ask };
	struct err err = ERR_INIT;

	if (scorer_set_ask(w->set, asks, &w->n, &err) != RC_OK)
		fail_msg("%s", err.msg);
}

static size_t
here(const struct world *w)
{
	size_t i, n = 0;

	for (i = 0; i < w->n; i++) {
		if (w->v[i][0].missing == SCORER_HERE) {
			assert_near(w->v[i][0].v, (double)i, 0);
			n++;
		} else {
			assert_true(isnan(w->v[i][0].v));
			assert_true(w->v[i][0].why[0] != '\0');
		}
	}
	return n;
}

static void
test_answers(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, EACH SAY "done", 30, NULL);
	world_ask(&w);
	assert_int_equal(here(&w), LINES);
	world_ask(&w);	/* the same process goes on */
	assert_int_equal(here(&w), LINES);
	assert_int_equal(scorer_set_stats(w.set, 0).starts, 1);
	assert_int_equal(scorer_set_stats(w.set, 0).asked, 2 * LINES);
	scorer_set_close(&w.set);
}

/* Four at once, answered in the other order. */
static void
test_any_order(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, EACH "i=$((i+1)); "
	    "s=\"{\\\"id\\\":$id,\\\"metrics\\\":{\\\"a\\\":$n,\\\"b\\\":1}}\n"
	    "$s\"; [ $((i%4)) = 0 ] && { printf %s \"$s\"; s=; }; done", 30,
	    NULL);
	world_ask(&w);
	assert_int_equal(here(&w), LINES);
	scorer_set_close(&w.set);
}

static void
test_equal_lines(void **state)
{
	struct world w;
	size_t i;

	(void)state;
	world_open(&w, EACH SAY "done", 30, NULL);
	for (i = 0; i < LINES; i++)
		w.ask[i] = (struct scorer_ask){ w.text[7], strlen(w.text[7]),
			w.v[i] };
	world_ask(&w);
	for (i = 0; i < LINES; i++)
		assert_near(w.v[i][0].v, 7, 0);
	assert_int_equal(scorer_set_stats(w.set, 0).asked, 1);
	assert_int_equal(scorer_set_stats(w.set, 0).same, LINES - 1);
	scorer_set_close(&w.set);
}

/* ---- those that fail ------------------------------------------------ */

struct bad {
	const char *exec;
	double timeout_s;
	size_t here;		/* of LINES */
	const char *why;	/* within the reason of what is missing */
	uint64_t starts;	/* 0: so many as chance has it, as is `here` */
};

static void
check_bad(const struct bad *t)
{
	struct world w;
	size_t i;

	world_open(&w, t->exec, t->timeout_s, NULL);
	world_ask(&w);
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

	(void)state;
	world_open(&w, "read -r l; exec <&-; sleep .1; "
	    "echo '{\"id\":\"0\",\"metrics\":{\"a\":0,\"b\":1}}'; sleep .2; "
	    "echo '{\"id\":\"1\",\"metrics\":{\"a\":1,\"b\":1}}'; "
	    "exec sleep 60", 1, NULL);
	w.suite.scorer[0].in_flight = 1;
	w.n = 3;
	(void)alarm(50);
	world_ask(&w);
	(void)alarm(0);
	assert_int_equal(here(&w), 2);
	assert_int_equal(w.v[2][0].missing, SCORER_NO_ANSWER);
	scorer_set_close(&w.set);
}

/* An answer that is too long is so however the reads cut it. */
static void
test_too_long(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, EACH "printf '{\"id\":\"%s\",\"metrics\":{\"a\":1,"
	    "\"b\":1},\"x\":\"%s\"}\\n' $id "
	    "$(head -c 275000 /dev/zero | tr '\\0' x); done", 5, NULL);
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
		{ "cat >/dev/null", .1, 0, "no answer within 0.1 s", 3 },
		{ "sleep 100", .1, 0, "no answer within 0.1 s", 3 },
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
	struct world w;

	(void)state;
	world_open(&w, "read -r l; (head -c 200000 /dev/zero | tr '\\0' '['; "
	    "echo); cat >/dev/null", .2, NULL);
	w.n = 2;
	world_ask(&w);
	assert_int_equal(here(&w), 0);
	assert_true(scorer_set_stats(w.set, 0).strange > 0);
	scorer_set_close(&w.set);
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
	for (i = 0; i < 500 && kill(pid, 0) == 0; i++)
		(void)usleep(10000);
	assert_int_not_equal(kill(pid, 0), 0);
	(void)close(fd);
	(void)unlink(path);
}

/* A scorer that is slow but steady is never too late. */
static void
test_steady(void **state)
{
	struct world w;

	(void)state;
	world_open(&w, EACH "sleep .05; " SAY "done", 1, NULL);
	w.n = 30;
	world_ask(&w);
	assert_int_equal(here(&w), 30);
	scorer_set_close(&w.set);
}

/* ---- answers kept --------------------------------------------------- */

struct kept {
	char key[LINES][80];
	char *blob[LINES];
	size_t n_blob[LINES], n;
	int begun, ended;
};

static int
kept_get(void *ctx, const char *who, const char *text, void **blob,
    size_t *n, struct err *err)
{
	struct kept *k = ctx;
	char key[80];
	size_t i;

	(void)err;
	*blob = NULL;
	(void)snprintf(key, sizeof(key), "%s/%s", who, text);
	for (i = 0; i < k->n; i++) {
		if (strcmp(k->key[i], key) != 0)
			continue;
		*blob = malloc(k->n_blob[i]);
		assert_non_null(*blob);
		memcpy(*blob, k->blob[i], k->n_blob[i]);
		*n = k->n_blob[i];
	}
	return RC_OK;
}

static int
kept_put(void *ctx, const char *who, const char *text, const void *blob,
    size_t n, struct err *err)
{
	struct kept *k = ctx;

	(void)err;
	assert_true(k->n < LINES);
	assert_true(k->begun > k->ended);
	(void)snprintf(k->key[k->n], sizeof(k->key[0]), "%s/%s", who, text);
	k->blob[k->n] = malloc(n);
	assert_non_null(k->blob[k->n]);
	memcpy(k->blob[k->n], blob, n);
	k->n_blob[k->n++] = n;
	return RC_OK;
}

static int
kept_begin(void *ctx, struct err *err)
{
	(void)err;
	((struct kept *)ctx)->begun++;
	return RC_OK;
}

static int
kept_end(void *ctx, struct err *err)
{
	(void)err;
	((struct kept *)ctx)->ended++;
	return RC_OK;
}

static void
kept_free(struct kept *k)
{
	while (k->n > 0)
		free(k->blob[--k->n]);
}

static void
test_kept(void **state)
{
	struct kept k = { .n = 0 };
	const struct embed_store keep = { &k, kept_get, kept_put, kept_begin,
		kept_end };
	struct world w;

	(void)state;
	world_open(&w, EACH SAY "done", 30, &keep);
	world_ask(&w);
	scorer_set_close(&w.set);
	assert_int_equal(k.n, LINES);
	assert_int_equal(k.begun, 2);	/* to look, and to put */
	assert_int_equal(k.ended, 2);

	/* the same command: nothing is started */
	world_open(&w, EACH SAY "done", 30, &keep);
	world_ask(&w);
	assert_int_equal(here(&w), LINES);
	assert_int_equal(scorer_set_stats(w.set, 0).starts, 0);
	assert_int_equal(scorer_set_stats(w.set, 0).kept, LINES);
	scorer_set_close(&w.set);
	kept_free(&k);
}

/* What failed is not kept; what was declined is. */
static void
test_not_kept(void **state)
{
	struct kept k = { .n = 0 };
	const struct embed_store keep = { &k, kept_get, kept_put, kept_begin,
		kept_end };
	struct world w;

	(void)state;
	world_open(&w, EACH "[ $n = 3 ] && n=null; [ $n = 4 ] && n=1e99; "
	    "[ $n = 5 ] && n='\"x\"'; " SAY "done", 30, &keep);
	world_ask(&w);
	assert_int_equal(w.v[3][0].missing, SCORER_DECLINED);
	assert_int_equal(w.v[4][0].missing, SCORER_BAD_VALUE);
	assert_int_equal(k.n, LINES - 2);
	scorer_set_close(&w.set);
	kept_free(&k);
}

/* Another version, metric or script is another judge; another name is not. */
static void
test_identity(void **state)
{
	char path[] = "/tmp/scorer.XXXXXX", exec[128], first[HASH_HEX];
	int fd = mkstemp(path);
	struct err err = ERR_INIT;
	struct world w;

	(void)state;
	assert_true(fd >= 0);
	(void)snprintf(exec, sizeof(exec), "sh \"$LOCKSTEP_SUITE_DIR/%s\" "
	    "2>>/tmp/judge.log", path + strlen("/tmp/"));
	world_open(&w, exec, 30, NULL);
	(void)snprintf(first, sizeof(first), "%s",
	    scorer_set_hash(w.set, 0));
	scorer_set_close(&w.set);
	w.suite.scorer[0].name = "other";
	assert_int_equal(scorer_set_open(&w.suite, NULL, &w.set, &err),
	    RC_OK);
	assert_string_equal(scorer_set_hash(w.set, 0), first);
	scorer_set_close(&w.set);
	w.suite.scorer[0].version = "2";
	assert_int_equal(scorer_set_open(&w.suite, NULL, &w.set, &err),
	    RC_OK);
	assert_string_not_equal(scorer_set_hash(w.set, 0), first);
	scorer_set_close(&w.set);
	w.suite.scorer[0].version = "";
	assert_int_equal(write(fd, "exit 1\n", 7), 7);
	assert_int_equal(scorer_set_open(&w.suite, NULL, &w.set, &err),
	    RC_OK);
	assert_string_not_equal(scorer_set_hash(w.set, 0), first);
	scorer_set_close(&w.set);
	(void)close(fd);
	(void)unlink(path);
}

static void
test_try(void **state)
{
	static const struct {
		const char *exec;
		enum rc rc;
		const char *why;
	} t[] = {
		{ EACH SAY "done", RC_OK, "" },
		{ "cat", RC_OK, "" },
		{ "exit 4", RC_USAGE, "ended with status 4" },
		{ "echo ImportError: x >&2; exit 1", RC_USAGE,
		    "status 1: ImportError: x" },
		{ "no-such-program-here", RC_USAGE, "status 127" },
		{ "kill -9 $$", RC_USAGE, "signal 9" },
	};
	struct world w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err err = ERR_INIT;

		world_open(&w, t[i].exec, 30, NULL);
		scorer_set_close(&w.set);
		assert_int_equal(scorers_try(&w.suite, &err), t[i].rc);
		if (strstr(err.msg, t[i].why) == NULL)
			fail_msg("%s", err.msg);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_replies),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_kept_form),
		cmocka_unit_test(test_clean),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_equal_lines),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_deep),
		cmocka_unit_test(test_group),
		cmocka_unit_test(test_steady),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_not_kept),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_try),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests_name("scorer", tests, NULL, NULL);
}
