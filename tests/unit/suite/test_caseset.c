/* Case sets: gold files, lists, traces; samples, filters, wordings,
 * expectations; files that are wrong. */
#include "tests/unit/suite/caseset_world.h"

static void
test_gold_file(void **state)
{
	char path[200];
	struct suite s;
	struct caseset *cs;
	struct gold g;

	(void)state;
	write_file("gold.jsonl",
	    "{\"id\":\"a\",\"question\":\"Qa\",\"paraphrases\":[\"P1\"],"
	    "\"section_ids\":[\"s1\",7],\"answer\":\"A\",\"extra\":1}\r\n"
	    "\n  \n"
	    "{\"id\":\"b\",\"question\":\"Qb\",\"section_id\":\"s2\","
	    "\"critical\":true,\"unanswerable\":true,\"tags\":{\"t\":\"x\"},"
	    "\"request\":{\"k\":1},\"decoy_ids\":[\"d\"],"
	    "\"expect\":[{\"at\":\"/status\",\"op\":\"eq\",\"value\":409}]}",
	    path, sizeof(path));
	suite_of(&s, path);
	cs = open_ok(&s, NULL);
	assert_int_equal(caseset_n(cs), 2);
	gold_init(&g);
	assert_int_equal(caseset_get(cs, 1, &g, NULL), RC_OK);
	assert_string_equal(g.id, "b");
	assert_int_equal(g.section_ids.n, 1);
	assert_true(g.critical && g.unanswerable && g.expects_4xx);
	assert_non_null(g.request);
	assert_string_equal(g.decoy_ids.v[0], "d");
	assert_int_equal(caseset_get(cs, 0, &g, NULL), RC_OK);
	assert_string_equal(g.question, "Qa");
	assert_string_equal(g.section_ids.v[1], "7");
	assert_string_equal(g.answers.v[0], "A");
	assert_int_equal(g.index, 0);
	assert_null(g.request);
	assert_false(g.critical || g.expects_4xx);
	assert_int_equal(caseset_find(cs, "b"), 1);
	assert_true(caseset_find(cs, "c") == UINT64_MAX);
	gold_fini(&g);
	caseset_close(&cs);
	assert_null(cs);
	suite_done(&s);
}

/* Cases in order, backwards and in leaps, lines of all lengths: what is
 * read ahead must never be taken for another case's. */
static void
test_any_order(void **state)
{
	enum { CASES = 300 };
	struct buf text;
	char path[200], id[16];
	struct suite s;
	struct caseset *cs;
	struct gold g;
	size_t i, k, n;

	(void)state;
	buf_init(&text, 64 << 20);
	for (i = 0; i < CASES; i++) {
		buf_printf(&text, "{\"id\":\"c%zu\",\"question\":\"q", i);
		n = i % 97 == 3 ? 70000 : i * 37 % 3000;
		for (k = 0; k < n; k++)
			buf_putc(&text, 'x');
		buf_puts(&text, i % 5 == 0 ? "\"}\r\n\n" : "\"}\n");
	}
	write_file("order.jsonl", buf_str(&text), path, sizeof(path));
	suite_of(&s, path);
	cs = open_ok(&s, NULL);
	assert_int_equal(caseset_n(cs), CASES);
	gold_init(&g);
	for (i = 0; i < 4 * CASES; i++) {
		k = i < CASES ? i : i < 2 * CASES ? 2 * CASES - 1 - i :
		    i * 7919 % CASES + (i % 2 && i * 7919 % CASES + 1 < CASES);
		(void)snprintf(id, sizeof(id), "c%zu", k);
		assert_int_equal(caseset_get(cs, k, &g, NULL), RC_OK);
		assert_string_equal(g.id, id);
		assert_int_equal(strlen(g.question),
		    1 + (k % 97 == 3 ? 70000 : k * 37 % 3000));
	}
	gold_fini(&g);
	caseset_close(&cs);
	suite_done(&s);
	buf_fini(&text);
}

/* Texts of a case are whole, with what stands behind a NUL. */
static void
test_nul(void **state)
{
	static const struct {
		const char *p;
		size_t n;
	} want[] = { { "Q\0a", 3 }, { "P\0b", 3 }, { "\0S", 2 },
	    { "Q\0a", 3 } };
	char path[200];
	struct suite s;
	struct caseset *cs;
	struct gold g;
	const char *text;
	uint32_t p;
	size_t n;
	int made;

	(void)state;
	write_file("n.jsonl", "{\"id\":\"a\",\"question\":\"Q\\u0000a\","
	    "\"paraphrases\":[\"P\\u0000b\"],\"same_answer_questions\":"
	    "[\"\\u0000S\"],\"answers\":[\"A\",\"A\\u0000c\"]}", path,
	    sizeof(path));
	suite_of(&s, path);
	s.perturb[0] = "case";
	s.n_perturb = 1;
	cs = open_ok(&s, NULL);
	gold_init(&g);
	assert_int_equal(caseset_get(cs, 0, &g, NULL), RC_OK);
	for (p = 0; p < 4; p++) {
		text = gold_wording(&g, &s, p, &n, &made);
		assert_int_equal(n, want[p].n);
		assert_memory_equal(text, want[p].p, n + 1);
		assert_false(made);
	}
	assert_int_equal(g.answers.n, 2);
	assert_int_equal(g.answers.len[0], 1);
	assert_int_equal(g.answers.len[1], 3);
	assert_memory_equal(g.answers.v[1], "A\0c", 4);
	gold_fini(&g);
	caseset_close(&cs);
	suite_done(&s);
}

static void
test_wordings(void **state)
{
	static const char *const want[] = {
		"How long?", "P1", "Same", "how long?", " How  long? ",
		"How\tlong?", "How\xc2\xa0long?", "How long?"
	};
	static const int made_want[] = { 0, 0, 0, 1, 1, 1, 1, 0 };
	char path[200];
	struct suite s;
	struct caseset *cs;
	struct gold g;
	uint32_t p;
	size_t n;
	int made;

	(void)state;
	write_file("w.jsonl", "{\"id\":\"a\",\"question\":\"How long?\","
	    "\"paraphrases\":[\"P1\"],\"same_answer_questions\":[\"Same\"]}",
	    path, sizeof(path));
	suite_of(&s, path);
	s.perturb[0] = "case";
	s.perturb[1] = "whitespace";
	s.n_perturb = 2;
	cs = open_ok(&s, NULL);
	gold_init(&g);
	assert_int_equal(caseset_get(cs, 0, &g, NULL), RC_OK);
	for (p = 0; p < 8; p++) {
		assert_string_equal(gold_wording(&g, &s, p, &n, &made),
		    want[p]);
		assert_int_equal(n, strlen(want[p]));
		assert_int_equal(made, made_want[p]);
	}
	s.n_perturb = 0;
	assert_string_equal(gold_wording(&g, &s, 3, &n, &made),
	    "How long?");
	assert_false(made);
	gold_fini(&g);
	caseset_close(&cs);
	suite_done(&s);
}

/* n cases c0.. with tags t: x for a tenth, y for the rest. */
static void
many(char *path, size_t n_path, int n)
{
	struct buf b;
	int i;

	buf_init(&b, 16 << 20);
	for (i = 0; i < n; i++)
		buf_printf(&b, "{\"id\":\"c%d\",\"question\":\"q%d\",\"tags\":"
		    "{\"t\":\"%s\",\"n\":%d,\"flag\":%s}}\n", i, i,
		    i % 10 == 0 ? "x" : "y", i % 3, i % 2 ? "true" : "false");
	write_file("many.jsonl", buf_str(&b), path, n_path);
	buf_fini(&b);
}

static void
test_sample(void **state)
{
	char path[200], hash[40];
	struct caseset *cs;
	struct suite s;
	struct gold g;
	uint64_t i, x = 0;
	long last = -1;

	(void)state;
	many(path, sizeof(path), 2000);
	suite_of(&s, path);
	s.sample = 100;
	s.stratify = "/tags/t";
	cs = open_ok(&s, NULL);
	assert_int_equal(caseset_n(cs), 100);
	gold_init(&g);
	for (i = 0; i < 100; i++) {
		assert_int_equal(caseset_get(cs, i, &g, NULL), RC_OK);
		x += strcmp(json_get_str(g.tags, "t"), "x") == 0;
		assert_true(strtol(g.id + 1, NULL, 10) > last);
		last = strtol(g.id + 1, NULL, 10);
		assert_int_equal(caseset_find(cs, g.id), i);
	}
	assert_int_equal(x, 10);
	assert_true(caseset_find(cs, "c1") == UINT64_MAX ||
	    caseset_find(cs, "c1") < 100);
	(void)snprintf(hash, sizeof(hash), "%s", caseset_hash(cs));
	caseset_close(&cs);
	cs = open_ok(&s, NULL);
	assert_string_equal(caseset_hash(cs), hash);
	caseset_close(&cs);
	s.seed = 2;
	cs = open_ok(&s, NULL);
	assert_string_not_equal(caseset_hash(cs), hash);
	caseset_close(&cs);
	s.sample = 5000;
	cs = open_ok(&s, NULL);
	assert_int_equal(caseset_n(cs), 2000);
	caseset_close(&cs);
	gold_fini(&g);
	suite_done(&s);
}

static void
test_filters(void **state)
{
	static const char *const ids[] = { "c3", "c5", "gone" };
	static const char *const x[] = { "t=x" }, *const n2[] = { "n=2" };
	static const char *const both[] = { "t=x", "n=2" };
	static const char *const flag[] = { "flag" }, *const no[] = { "z" };
	static const struct {
		struct caseset_filter f;
		uint64_t n;
	} rows[] = {
		{ { .ids = ids, .n_ids = 3 }, 2 },
		{ { .tags = x, .n_tags = 1 }, 10 },
		{ { .tags = n2, .n_tags = 1 }, 33 },
		{ { .tags = both, .n_tags = 2 }, 3 },
		{ { .tags = flag, .n_tags = 1 }, 50 },
		{ { .tags = no, .n_tags = 1 }, 0 },
		{ { .shard = 1, .shards = 3 }, 34 },
		{ { .shard = 3, .shards = 3 }, 33 },
		{ { .tags = x, .n_tags = 1, .shard = 2, .shards = 2 }, 5 },
	};
	char path[200];
	struct caseset *cs;
	struct suite s;
	size_t i;

	(void)state;
	many(path, sizeof(path), 100);
	suite_of(&s, path);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cs = open_ok(&s, &rows[i].f);
		if (caseset_n(cs) != rows[i].n)
			fail_msg("row %zu: %llu cases", i,
			    (unsigned long long)caseset_n(cs));
		caseset_close(&cs);
	}
	cs = open_ok(&s, &rows[0].f);
	assert_int_equal(caseset_find(cs, "c5"), 1);
	assert_true(caseset_find(cs, "c4") == UINT64_MAX);
	caseset_close(&cs);
	suite_done(&s);
}

static void
add_exchange(struct trace_writer *w, const char *id, const char *case_id,
    const char *target, const char *body)
{
	struct exchange ex;
	struct buf line;

	exchange_init(&ex);
	ex.id = id;
	ex.key.case_id = case_id;
	ex.method = "POST";
	ex.target = target;
	ex.status = 200;
	ex.req_body.p = body;
	ex.req_body.n = body == NULL ? 0 : strlen(body);
	buf_init(&line, 1 << 16);
	exchange_write(&line, &ex);
	assert_int_equal(trace_write(w, line.p, line.len, NULL), RC_OK);
	buf_fini(&line);
}

static void
test_trace(void **state)
{
	struct trace_opts o = { .kind = "recording" };
	struct trace_writer *w;
	struct caseset *cs;
	char path[200];
	struct suite s;
	struct gold g;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/t.jsonl.zst", dir);
	assert_int_equal(trace_writer_open(path, &o, 1, &w, NULL), RC_OK);
	add_exchange(w, "x1", NULL, "/query", "{\"question\":\"One?\"}");
	add_exchange(w, "x2", NULL, "/healthz", NULL);
	add_exchange(w, "x1", NULL, "/query", "{\"messages\":[{\"role\":"
	    "\"user\",\"content\":\"Two?\"}]}");
	add_exchange(w, "x3", NULL, "/s?k=1&q=a%20b%2Bc+d&z", NULL);
	add_exchange(w, "x4", "case-1", "/query", "{\"query\":\"Four?\"}");
	add_exchange(w, "x5", "case-1", "/query", "{\"query\":\"Again?\"}");
	add_exchange(w, "x6", NULL, "/query", "not json");
	assert_int_equal(trace_writer_close(&w, NULL), RC_OK);
	suite_of(&s, NULL);
	s.cases_trace = path;
	s.cases_critical = 1;
	cs = open_ok(&s, NULL);
	assert_int_equal(caseset_n(cs), 4);
	assert_int_equal(caseset_skipped(cs), 2);
	gold_init(&g);
	assert_int_equal(caseset_get(cs, 0, &g, NULL), RC_OK);
	assert_string_equal(g.id, "x1");
	assert_string_equal(g.question, "One?");
	assert_string_equal(g.recorded, "x1");
	assert_true(g.critical);
	assert_non_null(json_get(g.doc, "body"));
	assert_int_equal(caseset_get(cs, 1, &g, NULL), RC_OK);
	assert_string_equal(g.id, "x1~2");
	assert_string_equal(g.question, "Two?");
	assert_int_equal(caseset_get(cs, 2, &g, NULL), RC_OK);
	assert_string_equal(g.question, "a b+c d");
	assert_int_equal(caseset_get(cs, 3, &g, NULL), RC_OK);
	assert_string_equal(g.id, "case-1");
	assert_string_equal(g.question, "Four?");
	gold_fini(&g);
	caseset_close(&cs);
	suite_done(&s);
}

static void
test_trace_without_questions(void **state)
{
	struct trace_opts o = { .kind = "recording" };
	struct err err = ERR_INIT;
	struct trace_writer *w;
	struct caseset *cs;
	char path[200];
	struct suite s;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/n.jsonl.zst", dir);
	assert_int_equal(trace_writer_open(path, &o, 1, &w, NULL), RC_OK);
	add_exchange(w, "x1", NULL, "/query", "{\"x\":1}");
	assert_int_equal(trace_writer_close(&w, NULL), RC_OK);
	suite_of(&s, NULL);
	s.cases_trace = path;
	assert_int_equal(caseset_open(&s, NULL, &cs, &err), RC_FORMAT);
	assert_non_null(strstr(err.msg, "extract: {question: POINTER}"));
	suite_done(&s);
}

static void
test_inline(void **state)
{
	static const char text[] = "[{\"id\":\"a\",\"question\":\"Q\"}]";
	struct json *list = json_parse(text, strlen(text), NULL);
	struct caseset *cs;
	struct suite s;
	struct gold g;

	(void)state;
	suite_of(&s, NULL);
	s.cases_inline = list;
	cs = open_ok(&s, NULL);
	gold_init(&g);
	assert_int_equal(caseset_get(cs, 0, &g, NULL), RC_OK);
	assert_string_equal(g.question, "Q");
	gold_fini(&g);
	caseset_close(&cs);
	suite_done(&s);
	json_free(list);
}

static void
test_expectations(void **state)
{
	static const struct {
		const char *expect, *body;
		int status, holds;
		const char *text;
	} rows[] = {
		{ "{\"at\":\"/a\",\"op\":\"eq\",\"value\":1}", "{\"a\":1}",
		    200, 1, "a is 1" },
		{ "{\"at\":\"/a\",\"op\":\"eq\",\"value\":1}", "{\"a\":\"1\"}",
		    200, 0, "a is 1" },
		{ "{\"at\":\"/a\",\"op\":\"ge\",\"value\":2}", "{\"a\":2.5}",
		    200, 1, "a is at least 2" },
		{ "{\"at\":\"/a\",\"op\":\"le\",\"value\":2}", "{\"a\":2.5}",
		    200, 0, "a is at most 2" },
		{ "{\"at\":\"/a\",\"op\":\"ge\",\"value\":2}", "{\"a\":\"9\"}",
		    200, 0, "a is at least 2" },
		{ "{\"at\":\"/a\",\"op\":\"contains\",\"value\":\"90 days\"}",
		    "{\"a\":\"in 90 days\"}", 200, 1,
		    "a contains \"90 days\"" },
		{ "{\"at\":\"/a\",\"op\":\"contains\",\"value\":3}",
		    "{\"a\":[1,3]}", 200, 1, "a contains 3" },
		{ "{\"at\":\"/a\",\"op\":\"not_contains\",\"value\":\"x\"}",
		    "{\"a\":\"y\"}", 200, 1, "a does not contain \"x\"" },
		{ "{\"at\":\"/*/t\",\"op\":\"not_contains\",\"value\":\"x\"}",
		    "[{\"t\":\"y\"},{\"t\":\"x\"}]", 200, 0,
		    "*/t does not contain \"x\"" },
		{ "{\"at\":\"/a\",\"op\":\"not_contains\",\"value\":\"x\"}",
		    NULL, 0, 0, "a does not contain \"x\"" },
		{ "{\"at\":\"/a\",\"op\":\"matches\",\"value\":\"^[0-9]+$\"}",
		    "{\"a\":\"123\"}", 200, 1, "a matches \"^[0-9]+$\"" },
		{ "{\"at\":\"/a\",\"op\":\"exists\"}", "{\"a\":null}", 200,
		    1, "a exists" },
		{ "{\"at\":\"/a\",\"op\":\"exists\",\"value\":false}", "{}",
		    200, 1, "a is absent" },
		{ "{\"at\":\"/r/*/id\",\"op\":\"eq\",\"value\":\"s\"}",
		    "{\"r\":[{\"id\":\"q\"},{\"id\":\"s\"}]}", 200, 1,
		    "r/*/id is \"s\"" },
		{ "{\"at\":\"/status\",\"op\":\"eq\",\"value\":409}", NULL,
		    409, 1, "status is 409" },
		{ "{\"at\":\"/gone\",\"op\":\"eq\",\"value\":null}", "{}",
		    200, 0, "gone is null" },
		{ "{\"at\":\"/headers/x-route\",\"op\":\"eq\",\"value\":\"b\"}",
		    NULL, 200, 1, "headers/x-route is \"b\"" },
		{ "{\"at\":\"/headers/X-ROUTE\",\"op\":\"contains\",\"value\":"
		    "\"c\"}", "{}", 200, 0,
		    "headers/X-ROUTE contains \"c\"" },
		{ "{\"at\":\"/headers/none\",\"op\":\"exists\",\"value\":"
		    "false}", "{}", 200, 1, "headers/none is absent" },
		{ "{\"at\":\"/headers/none\",\"op\":\"not_contains\",\"value\":"
		    "\"a\"}", NULL, 200, 1,
		    "headers/none does not contain \"a\"" },
		{ "{\"at\":\"/headers/a\",\"op\":\"eq\",\"value\":1}",
		    "{\"headers\":{\"a\":1}}", 200, 1, "headers/a is 1" },
		{ "{\"at\":\"/headers/x-left\",\"op\":\"ge\",\"value\":40}",
		    "{}", 200, 1, "headers/x-left is at least 40" },
		{ "{\"at\":\"/headers/x-left\",\"op\":\"eq\",\"value\":\"41\"}",
		    "{}", 200, 1, "headers/x-left is \"41\"" },
		{ "{\"at\":\"/headers/x-route\",\"op\":\"ge\",\"value\":4}",
		    "{}", 200, 0, "headers/x-route is at least 4" },
		{ "{\"at\":\"/status\",\"op\":\"eq\",\"value\":\"completed\"}",
		    "{\"status\":\"completed\"}", 200, 1,
		    "status is \"completed\"" },
		{ "{\"at\":\"/status\",\"op\":\"eq\",\"value\":200}",
		    "{\"status\":\"completed\"}", 200, 1, "status is 200" },
		{ "{\"at\":\"/status\",\"op\":\"contains\",\"value\":\"x\"}",
		    "{}", 200, 0, "status contains \"x\"" },
	};
	struct ex_header headers[] = { { "X-Route", "b" },
		{ "X-Left", "41" } };
	struct exchange ex;
	char line[400], path[200];
	struct caseset *cs;
	struct suite s;
	struct gold g;
	size_t i;

	(void)state;
	gold_init(&g);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json *body = rows[i].body == NULL ? NULL :
		    json_parse(rows[i].body, strlen(rows[i].body), NULL);
		struct buf b;

		(void)snprintf(line, sizeof(line), "{\"id\":\"a\","
		    "\"question\":\"q\",\"expect\":[%s]}", rows[i].expect);
		write_file("e.jsonl", line, path, sizeof(path));
		suite_of(&s, path);
		cs = open_ok(&s, NULL);
		assert_int_equal(caseset_get(cs, 0, &g, NULL), RC_OK);
		exchange_init(&ex);
		ex.status = rows[i].status;
		ex.res_headers = headers;
		ex.n_res_headers = 2;
		if (expect_holds(&g.expect[0], body, &ex) !=
		    rows[i].holds)
			fail_msg("%s of %s", rows[i].expect, rows[i].body);
		buf_init(&b, 1000);
		expect_text(&g.expect[0], &b);
		assert_string_equal(buf_str(&b), rows[i].text);
		buf_fini(&b);
		caseset_close(&cs);
		suite_done(&s);
		json_free(body);
	}
	gold_fini(&g);
}

/* A gold file that changes under a run is an error, not other questions. */
static void
test_file_shrinks(void **state)
{
	struct err err = ERR_INIT;
	struct caseset *cs;
	char path[200];
	struct suite s;
	struct gold g;

	(void)state;
	many(path, sizeof(path), 10);
	suite_of(&s, path);
	cs = open_ok(&s, NULL);
	assert_int_equal(truncate(path, 5), 0);
	gold_init(&g);
	assert_int_equal(caseset_get(cs, 9, &g, &err), RC_IO);
	assert_non_null(strstr(err.msg, "changed while in use"));
	gold_fini(&g);
	caseset_close(&cs);
	suite_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gold_file),
		cmocka_unit_test(test_any_order),
		cmocka_unit_test(test_wordings),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_trace_without_questions),
		cmocka_unit_test(test_inline),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_file_shrinks),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
