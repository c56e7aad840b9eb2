/* Scorers: the lines that come back, and the processes that send them. */
#include <unistd.h>

#include "harness/base/log.h"
#include "tests/unit/score/scorer_world.h"

/* ---- lines ---------------------------------------------------------- */

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
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_not_kept),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_try),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests_name("scorer", tests, NULL, NULL);
}
