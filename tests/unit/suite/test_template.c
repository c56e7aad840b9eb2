/* Request templates: types, escapes, missing values, merged requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
		{ "a {{question", "without its closing }}" },
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
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_small_buffer),
		cmocka_unit_test(test_uses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
