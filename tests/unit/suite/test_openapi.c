/* Operations of OpenAPI descriptions that ask a question. */
#include "tests/lib/check.h"

#include "harness/suite/openapi.h"

#define POST_OF(path, schema) "\"" path "\":{\"post\":{\"requestBody\":" \
    "{\"content\":{\"application/json\":{\"schema\":" schema "}}}}}"
#define OBJECT(props, required) "{\"type\":\"object\",\"properties\":{" \
    props "},\"required\":[" required "]}"
#define DOC(paths) "{\"paths\":{" paths "}}"

static const struct {
	const char *doc, *only, *want;	/* want: "" for none */
} rows[] = {
	{ "{}", NULL, "" }, { "[]", NULL, "" }, { DOC(""), NULL, "" },
	{ DOC(POST_OF("/a", OBJECT("\"stars\":{\"type\":\"integer\"}", ""))),
	    NULL, "" },
	{ DOC(POST_OF("/a", OBJECT("\"q\":{\"type\":\"string\"},"
	    "\"k\":{\"type\":\"integer\"}", "\"q\""))), NULL,
	    "POST /a {\"q\":\"{{question}}\"}" },
	{ DOC(POST_OF("/a", OBJECT("\"question\":{\"type\":\"string\"},"
	    "\"k\":{\"type\":\"integer\",\"default\":3},"
	    "\"deep\":{\"type\":\"boolean\"}", "\"k\",\"deep\""))), NULL,
	    "POST /a {\"question\":\"{{question}}\",\"k\":3,"
	    "\"deep\":false}" },
	/* the likelier of two */
	{ DOC(POST_OF("/login", OBJECT("\"text\":{\"type\":\"string\"}",
	    "\"text\"")) "," POST_OF("/ask", OBJECT("\"question\":"
	    "{\"type\":\"string\"}", "\"question\""))), NULL,
	    "POST /ask {\"question\":\"{{question}}\"}" },
	{ DOC(POST_OF("/login", OBJECT("\"text\":{\"type\":\"string\"}",
	    "\"text\"")) "," POST_OF("/ask", OBJECT("\"question\":"
	    "{\"type\":\"string\"}", "\"question\""))), "/login",
	    "POST /login {\"text\":\"{{question}}\"}" },
	/* chat messages */
	{ DOC(POST_OF("/chat", OBJECT("\"messages\":{\"type\":\"array\","
	    "\"items\":" OBJECT("\"role\":{\"type\":\"string\"},"
	    "\"content\":{\"type\":\"string\"}", "\"role\",\"content\"") "}",
	    "\"messages\""))), NULL, "POST /chat {\"messages\":[{\"role\":"
	    "\"user\",\"content\":\"{{question}}\"}]}" },
	/* a list of questions */
	{ DOC(POST_OF("/b", OBJECT("\"query\":{\"type\":\"array\",\"items\":"
	    "{\"type\":\"string\"}}", "\"query\""))), NULL,
	    "POST /b {\"query\":[\"{{question}}\"]}" },
	/* by a parameter; one that must be there and is not known: not */
	{ DOC("\"/s\":{\"get\":{\"parameters\":[{\"in\":\"query\",\"name\":"
	    "\"q\",\"required\":true}]}}"), NULL,
	    "GET /s?q={{question}} null" },
	{ DOC("\"/s\":{\"get\":{\"parameters\":[{\"in\":\"query\",\"name\":"
	    "\"q\"},{\"in\":\"query\",\"name\":\"tenant\",\"required\":"
	    "true}]}}"), NULL, "" },
	/* a path with parameters is not asked */
	{ DOC(POST_OF("/c/{id}/ask", OBJECT("\"q\":{\"type\":\"string\"}",
	    "\"q\""))), NULL, "" },
	/* references: missing, and in a circle */
	{ DOC(POST_OF("/a", "{\"$ref\":\"#/x\"}")), NULL, "" },
	{ "{\"x\":{\"$ref\":\"#/x\"},\"paths\":{"
	    POST_OF("/a", "{\"$ref\":\"#/x\"}") "}}", NULL, "" },
	{ "{\"x\":" OBJECT("\"q\":{\"type\":\"string\"},\"more\":{\"$ref\":"
	    "\"#/x\"}", "\"q\",\"more\"") ",\"paths\":{"
	    POST_OF("/a", "{\"$ref\":\"#/x\"}") "}}", NULL, "circle" },
	/* a choice */
	{ DOC(POST_OF("/a", OBJECT("\"q\":{\"anyOf\":[{\"type\":\"null\"},"
	    "{\"type\":\"string\"}]}", ""))), NULL,
	    "POST /a {\"q\":\"{{question}}\"}" },
};

static void
test_operations(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 1 << 20);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct json *doc = json_parse(rows[i].doc,
		    strlen(rows[i].doc), NULL);
		struct openapi_ask ask;
		int found;

		assert_non_null(doc);
		found = openapi_find(doc, rows[i].only, &ask, NULL);
		buf_reset(&b);
		if (found == 1) {
			buf_printf(&b, "%s %s ", ask.method, ask.path);
			if (ask.body == NULL)
				buf_puts(&b, "null");
			else
				json_write(&b, ask.body);
		}
		/* a circle ends; what it holds is of no matter */
		if (strcmp(rows[i].want, "circle") == 0)
			assert_int_equal(found, 1);
		else
			assert_string_equal(buf_str(&b), rows[i].want);
		json_free(ask.body);
		json_free(doc);
	}
	buf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
