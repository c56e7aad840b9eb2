/* Request templates: types, escapes, missing values, merged requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "harness/suite/caseset_part.h"
#include "harness/suite/template.h"

static const char case_text[] =
    "{\"id\": \"c/1\", \"tags\": {\"user\": \"ann \\\"q\\\" \\u00fc\","
    "\"n\": 7, \"list\": [1,2], \"none\": null, \"crlf\": \"a\\r\\nX: b\"},"
    "\"body\": {\"k\": 3}}";

static struct template_vars
vars(const struct json *doc)
{
	struct template_vars v;

	memset(&v, 0, sizeof(v));
	v.question = "How many \"days\"?\n";
	v.question_n = strlen(v.question);
	v.seed = 42;
	v.paraphrase = 2;
	v.repeat = 1;
	v.doc = doc;
	return v;
}

struct row {
	const char *body, *request, *want;
};

static const struct row bodies[] = {
	{ "{\"q\":\"{{question}}\",\"seed\":\"{{seed}}\",\"k\":5}", NULL,
	    "{\"q\":\"How many \\\"days\\\"?\\n\",\"seed\":42,\"k\":5}" },
	{ "{\"q\":\"Q: {{ question }} #{{seed}}/{{paraphrase}}.{{repeat}}\"}",
	    NULL, "{\"q\":\"Q: How many \\\"days\\\"?\\n #42/2.1\"}" },
	{ "{\"a\":\"{{case.tags.gone}}\",\"b\":1,\"c\":\"{{session}}\"}",
	    NULL, "{\"b\":1}" },
	{ "{\"a\":\"{{session}}\",\"b\":\"{{run}}\"}", NULL, "{}" },
	{ "{\"a\":\"{{session}}\",\"b\":\"{{seed}}\",\"c\":[]}", NULL,
	    "{\"b\":42,\"c\":[]}" },
	{ "[\"{{session}}\",{\"x\":{}},\"{{case.tags.n}}\"]", NULL,
	    "[null,{\"x\":{}},7]" },
	{ "{\"t\":\"{{case.tags.list}}\",\"u\":\"<{{case.tags.list}}>\"}",
	    NULL, "{\"t\":[1,2],\"u\":\"<[1,2]>\"}" },
	{ "{\"n\":\"{{case.tags.none}}\",\"u\":\"<{{case.tags.none}}>\"}",
	    NULL, "{\"n\":null,\"u\":\"<>\"}" },
	{ "{\"u\":\"/{{case.id|url}}\",\"plain\":null,\"x\":1.5,\"y\":true}",
	    NULL, "{\"u\":\"/c%2F1\",\"plain\":null,\"x\":1.5,\"y\":true}" },
	{ "{\"q\":\"{{question}}\",\"o\":{\"a\":1,\"b\":2}}",
	    "{\"q\":\"fixed\",\"o\":{\"a\":null,\"c\":\"{{seed}}\"}}",
	    "{\"q\":\"fixed\",\"o\":{\"b\":2,\"c\":42}}" },
	{ "\"{{body}}\"", NULL, "{\"k\":3}" },
	{ "\"{{body}}\"", "{\"k\":4,\"m\":true}", "{\"k\":4,\"m\":true}" },
	{ "\"q={{question|url}}&s={{seed}}\"", NULL,
	    "q=How%20many%20%22days%22%3F%0A&s=42" },
	{ "\"raw {{case.tags.user}}\"", NULL,
	    "raw ann \"q\" \xc3\xbc" },
};

static void
test_bodies(void **state)
{
	struct json *doc = json_parse(case_text, strlen(case_text), NULL);
	struct template_vars v;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		const struct row *r = &bodies[i];
		struct json *body = json_parse(r->body, strlen(r->body), NULL);
		struct json *req = r->request == NULL ? NULL :
		    json_parse(r->request, strlen(r->request), NULL);
		struct template *t = template_new(body, NULL);
		struct buf out;

		assert_non_null(t);
		buf_init(&out, 4096);
		v = vars(doc);
		v.request = req;
		assert_int_equal(template_render(t, &v, &out, NULL), RC_OK);
		assert_string_equal(buf_str(&out), r->want);
		buf_fini(&out);
		template_free(t);
		json_free(req);
		json_free(body);
	}
	json_free(doc);
}

/* What a case says of the request that it was made of. */
static void
test_recorded(void **state)
{
	static const struct {
		const char *line, *request, *body, *want;
		size_t n;
	} rows[] = {
		/* the very bytes, whatever they are */
		{ "{\"sent\":{\"method\":\"POST\"},\"body\":{ \"a\" : 1.0, "
		    "\"b\":\"\\u00e9\" }}", NULL, "\"{{body}}\"",
		    "{ \"a\" : 1.0, \"b\":\"\\u00e9\" }", 0 },
		{ "{\"sent\":{\"body_text\":\"{\\n}\"},\"body\":{}}", NULL,
		    "\"{{body}}\"", "{\n}", 0 },
		{ "{\"sent\":{\"body_b64\":\"YQBi/w==\"}}", NULL,
		    "\"{{body}}\"", "a\0b\xff", 4 },
		{ "{\"sent\":{\"method\":\"GET\"}}", NULL, "\"{{body}}\"", "",
		    0 },
		/* within another body: JSON as JSON, else as text */
		{ "{\"sent\":{},\"body\":{ \"a\" : 1e2 }}", NULL,
		    "{\"in\":\"{{body}}\"}", "{\"in\":{ \"a\" : 1e2 }}", 0 },
		{ "{\"sent\":{\"body_text\":\"q=a&b\"}}", NULL,
		    "{\"in\":\"{{body}}\",\"k\":1}",
		    "{\"in\":\"q=a&b\",\"k\":1}", 0 },
		{ "{\"sent\":{}}", NULL, "{\"in\":\"{{body}}\",\"k\":1}",
		    "{\"k\":1}", 0 },
		/* a request over it; placeholders of the record are none */
		{ "{\"sent\":{},\"body\":{ \"a\" : 1.0 ,\"q\":\"{{x}}\"}}",
		    "{\"a\":2.50}", "\"{{body}}\"",
		    "{ \"a\" : 2.50 ,\"q\":\"{{x}}\"}", 0 },
		{ "{\"sent\":{\"body_text\":\"q=a\"}}", "{\"a\":1}",
		    "\"{{body}}\"", "{\"a\":1}", 0 },
		{ "{\"sent\":{\"headers\":[[\"Content-Encoding\",\"gzip\"]],"
		    "\"body_b64\":\"H4sIAAAAAAAAA6tWylayMqwFAA60qxwHAAAA\"},"
		    "\"body\":{\"k\":1}}", "{\"m\":2}", "\"{{body}}\"",
		    "{\"k\":1,\"m\":2}", 0 },
	};
	struct sent_request was;
	struct template_vars v;
	struct buf out, scratch;
	struct gold g;
	size_t i, n;

	(void)state;
	buf_init(&out, 4096);
	buf_init(&scratch, 4096);
	gold_init(&g);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char line[1024];
		struct json *body = json_parse(rows[i].body,
		    strlen(rows[i].body), NULL);
		struct json *req = rows[i].request == NULL ? NULL :
		    json_parse(rows[i].request, strlen(rows[i].request),
		    NULL);
		struct template *t = template_new(body, NULL);

		(void)snprintf(line, sizeof(line), "{\"id\":\"c\","
		    "\"question\":\"q\",%s", rows[i].line + 1);
		assert_int_equal(gold_parse(&g, line, strlen(line), "f:1",
		    NULL), RC_OK);
		assert_int_equal(sent_of(&g, &scratch, &was, NULL), RC_OK);
		assert_true(was.known);
		v = vars(g.doc);
		v.was = &was;
		v.request = req;
		buf_reset(&out);
		assert_int_equal(template_render(t, &v, &out, NULL), RC_OK);
		n = rows[i].n > 0 ? rows[i].n : strlen(rows[i].want);
		if (out.len != n || memcmp(buf_str(&out), rows[i].want, n))
			fail_msg("row %zu: %s", i, buf_str(&out));
		template_free(t);
		json_free(body);
		json_free(req);
	}
	gold_fini(&g);
	buf_fini(&out);
	buf_fini(&scratch);
}

/* A recorded target is encoded already, and may come from anywhere. */
static void
test_targets(void **state)
{
	static const char *const rows[][2] = {
		{ "/find?q=caf%C3%A9+%26&k=1", "/p/find?q=caf%C3%A9+%26&k=1" },
		{ "/caf\xe9", "/p/caf\xe9" }, { "", "/p/" }, { "x", "/p/x" },
		{ "/a HTTP/1.1\r\nX: y", "/p/a%20HTTP/1.1%0D%0AX:%20y" },
	};
	/* {{path}} is another word for it */
	struct template *t = template_new_text("/p{{path}}", TEMPLATE_PATH,
	    NULL);
	struct sent_request was = { .known = 1 };
	struct template_vars v = { .was = &was };
	struct buf out;
	size_t i;

	(void)state;
	buf_init(&out, 4096);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		was.target = rows[i][0];
		buf_reset(&out);
		assert_int_equal(template_render(t, &v, &out, NULL), RC_OK);
		assert_string_equal(buf_str(&out), rows[i][1]);
	}
	template_free(t);
	buf_fini(&out);
}

static void
test_texts(void **state)
{
	static const struct {
		const char *text, *want;
		enum template_kind kind;
	} rows[] = {
		{ "/q/{{case.id}}?q={{question}}",
		    "/q/c%2F1?q=How%20many%20%22days%22%3F%0A",
		    TEMPLATE_PATH },
		{ "u={{case.tags.crlf}};", "u=a  X: b;", TEMPLATE_PLAIN },
		{ "{{seed}}", "42", TEMPLATE_PLAIN },
		{ "no placeholder", "no placeholder", TEMPLATE_TEXT },
	};
	struct json *doc = json_parse(case_text, strlen(case_text), NULL);
	struct template_vars v = vars(doc);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct template *t = template_new_text(rows[i].text,
		    rows[i].kind, NULL);
		struct buf out;

		buf_init(&out, 4096);
		assert_int_equal(template_render(t, &v, &out, NULL), RC_OK);
		assert_string_equal(buf_str(&out), rows[i].want);
		buf_fini(&out);
		template_free(t);
	}
	json_free(doc);
}

static void
test_errors(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "{{qestion}}", "did you mean \"{{question}}\"?" },
		{ "a {{question", "without closing }}" },
		{ "{{case.}}", "did you mean \"{{case.id}}\"?" },
		{ "{{something_else}}", "unknown placeholder" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;

		assert_null(template_new_text(rows[i].text, TEMPLATE_TEXT,
		    &err));
		assert_int_equal(err.code, RC_FORMAT);
		assert_non_null(strstr(err.msg, rows[i].says));
	}
}

/* A buffer that is too small is sticky and no crash. */
static void
test_small_buffer(void **state)
{
	struct template *t = template_new_text("{{question|url}} more text",
	    TEMPLATE_TEXT, NULL);
	struct template_vars v = vars(NULL);
	struct buf out;
	size_t max;

	(void)state;
	for (max = 1; max < 60; max++) {
		buf_init(&out, max);
		(void)template_render(t, &v, &out, NULL);
		assert_int_equal(out.bad, max < 40 ? RC_NOMEM : RC_OK);
		buf_fini(&out);
	}
	template_free(t);
}

static void
test_uses(void **state)
{
	struct json *body = json_parse("{\"s\":\"{{seed}}\"}", 16, NULL);
	struct template *t = template_new(body, NULL);

	(void)state;
	assert_true(template_uses(t, "seed"));
	assert_false(template_uses(t, "question"));
	template_free(t);
	json_free(body);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
