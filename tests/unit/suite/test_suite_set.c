/* What a suite takes from other files, --set and the command line. */
#include "tests/unit/suite/suite_world.h"

/* ---- extends and --set ------------------------------------------------- */

static void
test_extends(void **state)
{
	char sub[300], want[400], text[700];
	struct suite *s;
	FILE *f;

	(void)state;
	(void)file_of("base.yml", "owner: base\nname: base\ncases: g.jsonl\n"
	    "gates: {drift: hard, cost: false}\nslices: [a, b]\n"
	    "variants: {repeats: 5}\n");
	s = load("extends: base.yml\nname: child\ngates: {drift: info}\n"
	    "slices: [c]\nvariants: null\n", NULL);
	assert_string_equal(s->name, "child");
	assert_string_equal(s->owner, "base");
	assert_int_equal(s->limits.drift, DRIFT_INFO);
	assert_int_equal(s->limits.off, 1UL << limits_gate_of("cost"));
	assert_int_equal(json_size(s->slices), 1);
	assert_int_equal(s->repeats, 1);
	assert_string_equal(s->cases_file, "g.jsonl");
	assert_null(json_get(s->doc, "extends"));
	suite_free(s);

	/* files of a parent in another folder are found from there */
	(void)snprintf(sub, sizeof(sub), "%s/sub", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	(void)snprintf(text, sizeof(text), "%s/child.yml", sub);
	f = fopen(text, "w");
	assert_non_null(f);
	(void)fputs("extends: [../base.yml]\nsections: s.jsonl\n", f);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(suite_load(text, NULL, &s, NULL), RC_OK);
	(void)snprintf(want, sizeof(want), "%s/g.jsonl", dir);
	assert_string_equal(s->cases_file, want);
	assert_string_equal(s->sections_file, "s.jsonl");
	suite_free(s);

	(void)file_of("loop.yml", "extends: s.yml\n");
	fails("extends: loop.yml\n", "extends itself through");
	fails("extends: gone.yml\n", "s.yml:1:10: extends ");
	fails("extends: 5\n", "s.yml:1:10: `extends` must be a file");
	(void)file_of("bad.yml", "\nnmae: x\n");
	fails("extends: bad.yml\n", "bad.yml:2:1: unknown key \"nmae\"; did "
	    "you mean \"name\"?");
}

static void
test_set(void **state)
{
	static const char *const set[] = {
		"variants.seeds=[3, 4, 5]", "gates.drift=review",
		"targets.candidate.url=http://h:1", "owner=null",
		"quarantine.0.owner=new", "request.body.note=a=b"
	};
	static const struct {
		const char *set, *says;
	} bad[] = {
		{ "novalue", "write it as KEY=VALUE" },
		{ "=x", "write it as KEY=VALUE" },
		{ "gates.drift=hrad", "--set gates.drift: \"drift\" is "
		    "\"hrad\"; it must be one of hard, review, info or true "
		    "or false; did you mean \"hard\"?" },
		{ "vraiants.repeats=2", "--set vraiants.repeats: unknown key "
		    "\"vraiants\"; did you mean \"variants\"?" },
		{ "variants.seeds=[1", "did not find expected" },
		{ "name.=x", "the suite has no such place" },
	};
	struct suite_over over = { .set = set, .n_set = 6 };
	struct suite *s;
	size_t i;

	(void)state;
	s = load("owner: x\nquarantine: [{case: c, owner: o, until: "
	    "2026-01-31}]\n", &over);
	assert_int_equal(s->n_seeds, 3);
	assert_int_equal(s->seeds[2], 5);
	assert_int_equal(s->limits.drift, DRIFT_REVIEW);
	assert_string_equal(s->target[ARM_CANDIDATE].url, "http://h:1");
	assert_null(s->owner);
	assert_string_equal(json_get_str(json_at(s->quarantine, 0), "owner"),
	    "new");
	assert_string_equal(json_get_str(s->body, "note"), "a=b");
	suite_free(s);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;
		const char *one[1];

		one[0] = bad[i].set;
		over.set = one;
		over.n_set = 1;
		assert_int_not_equal(suite_load(file_of("s.yml", "name: x\n"),
		    &over, &s, &err), RC_OK);
		if (strstr(err.msg, bad[i].says) == NULL)
			fail_msg("%s: %s", bad[i].set, err.msg);
	}
}

static void
test_arms(void **state)
{
	struct suite_over over = { .arm = { "last", "http://other:2/v1" },
	    .embedder = "lexical", .seed = 42 };
	struct suite *s;

	(void)state;
	s = load("targets: {candidate: {start: \"serve {{port}}\", headers: "
	    "{A: b}}}\nrequest: {path: /q}\n", &over);
	assert_true(s->target[ARM_BASELINE].present);
	assert_string_equal(s->target[ARM_BASELINE].arm, "last");
	assert_null(s->target[ARM_BASELINE].url);
	assert_string_equal(s->target[ARM_CANDIDATE].url, "http://other:2");
	assert_string_equal(s->target[ARM_CANDIDATE].path, "/v1/q");
	assert_null(s->target[ARM_CANDIDATE].start);
	assert_int_equal(s->target[ARM_CANDIDATE].n_headers, 1);
	assert_int_equal(s->seed, 42);
	assert_string_equal(s->embedder, "lexical");
	suite_free(s);
	s = load("targets: {candidate: {start: \"serve {{port}}\"}}\n", NULL);
	assert_string_equal(s->target[ARM_CANDIDATE].url,
	    "http://127.0.0.1:{{port}}");
	suite_free(s);
	fails("targets: {candidate: \"http://h:{{port}}\"}\n",
	    "{{port}} is known only to a target with `start`");
	fails("targets: {candidate: \"ftp://h\"}\n", "only http:// and");
	fails("targets: {candidate: \"http://\"}\n", "scheme://host:port");
	fails("targets: {candidate: \"http://a b\"}\n", "scheme://host:port");
	fails("targets: {candidate: \"http://h?x=1\"}\n",
	    "scheme://host:port");
	fails("targets: {candidate: \"http://u:p@h\"}\n", "credentials "
	    "belong");
}

/* What is sent where the suite says only part of it. */
static void
test_requests(void **state)
{
	static const struct {
		const char *text, *method, *path;
		int body;
	} rows[] = {
		{ "extract: openai\n", "POST", "/v1/chat/completions", 1 },
		{ "extract: {answer: /a}\n", "GET", "/", 0 },
		{ "request: {path: /v2}\n", "POST", "/v2", 1 },
		{ "request: {path: \"/s?q={{question}}\"}\n", "GET",
		    "/s?q={{question}}", 0 },
		{ "request: {method: GET}\n", "GET", "/query", 0 },
		{ "request: {body: \"raw {{question}}\"}\n", "POST",
		    "/query", 1 },
		{ "request: {method: PUT, path: /p, body: [1]}\n", "PUT",
		    "/p", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct suite *s = load(rows[i].text, NULL);

		assert_string_equal(s->method, rows[i].method);
		assert_string_equal(s->request_path, rows[i].path);
		assert_int_equal(s->body != NULL, rows[i].body);
		suite_free(s);
	}
}

/* ---- --set within a target ------------------------------------------- */

/* What is set within a target's body changes that member alone. */
static void
test_set_in_target(void **state)
{
	static const struct {
		const char *targets, *set, *body, *url;
	} t[] = {
		{ "{candidate: {url: \"http://c:1\"}}",
		    "targets.candidate.body.n=1",
		    "{\"q\":\"{{question}}\",\"k\":5,\"n\":1}", "http://c:1" },
		{ "{candidate: \"http://c:1\"}", "targets.candidate.body.k=9",
		    "{\"q\":\"{{question}}\",\"k\":9}", "http://c:1" },
		{ "{candidate: {url: \"http://c:1\", body: {x: 1}}}",
		    "targets.candidate.body.n=1", "{\"x\":1,\"n\":1}",
		    "http://c:1" },
		{ "{candidate: \"http://c:1\"}",
		    "targets.candidate.body={a: 1}", "{\"a\":1}",
		    "http://c:1" },
	};
	struct suite_over over = { .n_set = 1 };
	char text[400];
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct suite *s;

		over.set = &t[i].set;
		(void)snprintf(text, sizeof(text), "request: {body: {q: "
		    "\"{{question}}\", k: 5}}\ntargets: %s\n", t[i].targets);
		s = load(text, &over);
		buf_init(&b, 4096);
		json_write(&b, s->target[ARM_CANDIDATE].body);
		assert_string_equal(buf_str(&b), t[i].body);
		assert_string_equal(s->target[ARM_CANDIDATE].url, t[i].url);
		buf_fini(&b);
		suite_free(s);
	}
}

/* In any order: both arms get what is set in the request. */
static void
test_set_in_both(void **state)
{
	static const char *const set[2][2] = {
		{ "request.body.k=9", "targets.candidate.body.n=1" },
		{ "targets.candidate.body.n=1", "request.body.k=9" },
	};
	struct suite_over over = { .n_set = 2 };
	struct suite *s;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		over.set = set[i];
		s = load("request: {body: {q: \"{{question}}\", k: 5}}\n"
		    "targets: {candidate: \"http://c:1\"}\n", &over);
		buf_init(&b, 4096);
		json_write(&b, s->target[ARM_CANDIDATE].body);
		assert_string_equal(buf_str(&b),
		    "{\"q\":\"{{question}}\",\"k\":9,\"n\":1}");
		buf_fini(&b);
		suite_free(s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_extends),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_arms),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_set_in_target),
		cmocka_unit_test(test_set_in_both),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
