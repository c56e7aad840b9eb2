/* Extraction: every preset on an answer of its shape, pointers, streams, and
 * answers that are not what they should be. */
#include "tests/lib/check.h"

#include "harness/traffic/extract.h"

/* ---- rows -------------------------------------------------------------- */

struct row {
	const char *what;
	const char *spec;	/* manifest's `extract`, or NULL: generic */
	const char *type;	/* Content-Type, or NULL */
	const char *body;
	enum outcome outcome;
	const char *text;	/* NULL: no answer */
	const char *retrieved;	/* ids "snippet:section|..." */
	const char *cited;
	const char *pins;	/* "a=1 b=2" */
	double tokens_in;
};

#define JSON_TYPE "application/json"
#define SSE_TYPE "text/event-stream; charset=utf-8"

static const struct row rows[] = {
	{ "generic", NULL, JSON_TYPE,
	    "{\"retrieved\":[{\"snippet_id\":\"s1\",\"section_id\":\"a#1\","
	    "\"source_url\":\"u\",\"text\":\"T\",\"from\":0,\"to\":9,"
	    "\"tokens\":2,\"score\":1.5},{\"snippet_id\":7,\"section_id\":"
	    "\"b\",\"offsets\":[3,4],\"text\":\"\"}],\"answer\":\"Yes.\","
	    "\"citations\":[{\"snippet_id\":\"s1\",\"section_id\":\"a#1\"}],"
	    "\"pins\":{\"B\":2,\"A\":\"1\"},"
	    "\"usage\":{\"tokens_in\":11,\"tokens_out\":3}}",
	    OUTCOME_OK, "Yes.", "s1:a#1|7:b", "s1:a#1", "A=1 B=2", 11 },
	{ "generic stream", "{\"preset\":\"generic\"}", SSE_TYPE,
	    "data: {\"delta\":\"Ye\"}\n\ndata: {\"delta\":\"s.\"}\r\n\r\n"
	    ": note\n\nid: 3\ndata: {\"sources\":{\"retrieved\":[{"
	    "\"snippet_id\":\"s1\",\"section_id\":\"a\"}],\"citations\":[],"
	    "\"pins\":{\"M\":\"x\"},\"usage\":{\"tokens_in\":4}}}\n\n"
	    "data: [DONE]\n\n",
	    OUTCOME_OK, "Yes.", "s1:a", "", "M=x", 4 },
	{ "openai", "\"openai\"", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"Hi\",\"refusal\":null}"
	    "}],\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":1}}",
	    OUTCOME_OK, "Hi", "", "", "", 5 },
	{ "openai parts", "{\"preset\":\"openai\"}", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\","
	    "\"text\":\"a\"},{\"type\":\"image\"},{\"text\":\"b\"}]}}]}",
	    OUTCOME_OK, "ab", "", "", "", NAN },
	{ "openai refusal", "{\"preset\":\"openai\"}", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":"
	    "\"No.\"}}]}", OUTCOME_REFUSED, NULL, "", "", "", NAN },
	{ "openai stream", "{\"preset\":\"openai\"}", SSE_TYPE,
	    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\"i\"}}]}\n\n"
	    "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,"
	    "\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
	    OUTCOME_OK, "Hi", "", "", "", 9 },
	{ "openai stream cut off", "{\"preset\":\"openai\"}", SSE_TYPE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"H\"}}]}\n\n",
	    OUTCOME_PROTOCOL, "H", "", "", "", NAN },
	{ "responses", "{\"preset\":\"openai-responses\"}", JSON_TYPE,
	    "{\"output\":[{\"type\":\"file_search_call\",\"results\":[{"
	    "\"file_id\":\"f1\",\"filename\":\"a.md\",\"text\":\"T\"}]},"
	    "{\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
	    "\"text\":\"One \",\"annotations\":[{\"file_id\":\"f1\","
	    "\"filename\":\"a.md\"}]},{\"text\":\"two\"}]}],"
	    "\"usage\":{\"input_tokens\":3,\"output_tokens\":2}}",
	    OUTCOME_OK, "One two", "f1:a.md", "f1:a.md", "", 3 },
	{ "responses stream", "{\"preset\":\"openai-responses\"}", SSE_TYPE,
	    "event: response.output_text.delta\ndata: {\"delta\":\"Hel\"}\n"
	    "\nevent: response.function_call_arguments.delta\n"
	    "data: {\"delta\":\"{junk\"}\n\n"
	    "event: response.output_text.delta\ndata: {\"delta\":\"lo\"}\n\n"
	    "event: response.completed\ndata: {\"response\":{\"status\":"
	    "\"completed\",\"output\":[]}}\n\n",
	    OUTCOME_OK, "Hello", "", "", "", NAN },
	{ "azure", "{\"preset\":\"azure\"}", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"X [doc2].\","
	    "\"context\":{\"citations\":[{\"id\":\"a\",\"chunk_id\":\"c1\"},"
	    "{\"id\":\"b\",\"chunk_id\":\"c2\"}]}}}]}",
	    OUTCOME_OK, "X [doc2].", "c1:a|c2:b", "c2:b", "", NAN },
	{ "azure retrieved documents", "{\"preset\":\"azure\"}", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"X\",\"context\":{"
	    "\"citations\":[{\"id\":\"a\",\"chunk_id\":\"c1\"}],"
	    "\"all_retrieved_documents\":[{\"id\":\"a\",\"chunk_id\":\"c1\"}"
	    ",{\"id\":\"z\",\"chunk_id\":\"c9\"}]}}}]}",
	    OUTCOME_OK, "X", "c1:a|c9:z", "c1:a", "", NAN },
	{ "azure stream", "{\"preset\":\"azure\"}", SSE_TYPE,
	    "data: {\"choices\":[{\"delta\":{\"context\":{\"citations\":[{"
	    "\"id\":\"a\",\"chunk_id\":\"c1\"}]}}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\"X\"}}]}\n\n"
	    "data: [DONE]\n\n",
	    OUTCOME_OK, "X", "c1:a", "c1:a", "", NAN },
	{ "elasticsearch", "{\"preset\":\"elasticsearch\"}", JSON_TYPE,
	    "{\"hits\":{\"hits\":[{\"_id\":\"h1\",\"_score\":2,\"_source\":"
	    "{\"section_id\":\"a\",\"text\":\"T\"}},{\"_id\":\"h2\","
	    "\"_source\":{}}]}}", OUTCOME_OK, NULL, "h1:a|h2:h2", "", "",
	    NAN },
	{ "opensearch, nothing found", "{\"preset\":\"opensearch\"}",
	    JSON_TYPE, "{\"hits\":{\"hits\":[]}}", OUTCOME_OK, NULL, "", "",
	    "", NAN },
	{ "qdrant", "{\"preset\":\"qdrant\"}", JSON_TYPE,
	    "{\"result\":{\"points\":[{\"id\":42,\"score\":0.9,\"payload\":{"
	    "\"section_id\":\"a\",\"text\":\"T\"}}]},\"status\":\"ok\"}",
	    OUTCOME_OK, NULL, "42:a", "", "", NAN },
	{ "qdrant search", "{\"preset\":\"qdrant\"}", JSON_TYPE,
	    "{\"result\":[{\"id\":\"u\",\"payload\":{\"doc_id\":\"d\"}}]}",
	    OUTCOME_OK, NULL, "u:d", "", "", NAN },
	{ "chroma", "{\"preset\":\"chroma\"}", JSON_TYPE,
	    "{\"ids\":[[\"i1\",\"i2\"]],\"documents\":[[\"D1\",null]],"
	    "\"metadatas\":[[null,{\"section_id\":\"b\"}]],"
	    "\"distances\":[[0.1,0.2]]}",
	    OUTCOME_OK, NULL, "i1:-|i2:b", "", "", NAN },
	{ "dify", "{\"preset\":\"dify\"}", JSON_TYPE,
	    "{\"answer\":\"A\",\"metadata\":{\"retriever_resources\":[{"
	    "\"segment_id\":\"s\",\"document_id\":\"d\",\"content\":\"T\"}],"
	    "\"usage\":{\"prompt_tokens\":8,\"total_price\":\"0.001\"}}}",
	    OUTCOME_OK, "A", "s:d", "", "", 8 },
	{ "dify stream", "{\"preset\":\"dify\"}", SSE_TYPE,
	    "data: {\"event\":\"message\",\"answer\":\"A\"}\n\n"
	    "data: {\"event\":\"message\",\"answer\":\"B\"}\n\n"
	    "data: {\"event\":\"message_end\",\"metadata\":{"
	    "\"retriever_resources\":[{\"segment_id\":\"s\","
	    "\"document_id\":\"d\"}]}}\n\n",
	    OUTCOME_OK, "AB", "s:d", "", "", NAN },
	{ "dify replaces", "{\"preset\":\"dify\"}", SSE_TYPE,
	    "data: {\"event\":\"message\",\"answer\":\"A\"}\n\n"
	    "data: {\"event\":\"message_replace\",\"answer\":\"B\"}\n\n"
	    "data: {\"event\":\"message\",\"answer\":\"C\"}\n\n"
	    "data: {\"event\":\"message_end\"}\n\n",
	    OUTCOME_OK, "BC", "", "", "", NAN },
	{ "langserve", "{\"preset\":\"langserve\"}", JSON_TYPE,
	    "{\"output\":{\"answer\":\"A\",\"context\":[{\"page_content\":"
	    "\"T\",\"metadata\":{\"id\":\"m\",\"section_id\":\"x\"}}]}}",
	    OUTCOME_OK, "A", "m:x", "", "", NAN },
	{ "langserve text", "{\"preset\":\"langserve\"}", JSON_TYPE,
	    "{\"output\":\"A\"}", OUTCOME_OK, "A", "", "", "", NAN },
	{ "langserve stream", "{\"preset\":\"langserve\"}", SSE_TYPE,
	    "event: metadata\ndata: {\"run_id\":\"r\"}\n\n"
	    "event: data\ndata: \"He\"\n\nevent: data\ndata: \"y\"\n\n"
	    "event: end\n\n", OUTCOME_OK, "Hey", "", "", "", NAN },
	{ "pointers alone",
	    "{\"retrieved\":{\"items\":\"/r/*/docs\",\"snippet_id\":\"/k\","
	    "\"section_id\":\"/meta/0\"},\"answer\":\"/say/0\","
	    "\"citations\":\"/refs\",\"pins\":\"/v\","
	    "\"usage\":{\"tokens_in\":\"/n\"}}", JSON_TYPE,
	    "{\"r\":[{\"docs\":[{\"k\":1,\"meta\":[\"a\"]}]},{\"docs\":[{"
	    "\"k\":2,\"meta\":[\"b\"]}]}],\"say\":[\"S\"],\"refs\":[\"a\","
	    "\"b\"],\"v\":{\"x\":{\"y\":[1]}},\"n\":\"17\"}",
	    OUTCOME_OK, "S", "1:a|2:b", "-:a|-:b", "x={\"y\":[1]}", 17 },
	{ "pointers over a preset",
	    "{\"preset\":\"generic\",\"answer\":\"/reply\","
	    "\"retrieved\":{\"items\":\"/docs\"}}", JSON_TYPE,
	    "{\"reply\":\"R\",\"answer\":\"no\",\"docs\":[{\"id\":\"d\","
	    "\"section_id\":\"e\"}]}", OUTCOME_OK, "R", "d:e", "", "", NAN },
	{ "text body", "{\"answer\":{\"body\":\"text\"}}", "text/plain",
	    "plain words", OUTCOME_OK, "plain words", "", "", "", NAN },
	{ "NDJSON", "{\"answer\":\"/a\",\"retrieved\":{\"items\":\"/none\"},"
	    "\"stream\":{\"format\":\"ndjson\",\"token\":\"/t\","
	    "\"sources\":\"/docs\",\"end\":\"END\"}}",
	    "application/x-ndjson",
	    "{\"docs\":[\"text of one\"]}\n{\"t\":\"a\"}\n{\"t\":\"b\"}\n"
	    "END\n", OUTCOME_OK, "ab", "-:-", "", "", NAN },
	{ "a whole answer in the stream wins",
	    "{\"answer\":\"/final\",\"stream\":{\"format\":\"ndjson\","
	    "\"token\":\"/t\"}}", "application/jsonl",
	    "{\"t\":\"draft\"}\n{\"final\":\"Whole.\"}", OUTCOME_OK,
	    "Whole.", "", "", "", NAN },
	{ "refused by its words", NULL, JSON_TYPE,
	    "{\"answer\":\"I\xe2\x80\x99m sorry, I couldn\xe2\x80\x99t find "
	    "that in the handbook.\",\"retrieved\":[]}", OUTCOME_REFUSED,
	    "I\xe2\x80\x99m sorry, I couldn\xe2\x80\x99t find that in the "
	    "handbook.", "", "", "", NAN },
	{ "refused by a flag", NULL, JSON_TYPE,
	    "{\"answer\":\"Hm.\",\"refused\":true}", OUTCOME_REFUSED, "Hm.",
	    "", "", "", NAN },

	/* what goes wrong */
	{ "no JSON", NULL, "text/html", "<html>", OUTCOME_BAD_JSON, NULL, "",
	    "", "", NAN },
	{ "empty", NULL, JSON_TYPE, "", OUTCOME_BAD_JSON, NULL, "", "", "",
	    NAN },
	{ "cut off", NULL, JSON_TYPE, "{\"answer\":\"Y", OUTCOME_BAD_JSON,
	    NULL, "", "", "", NAN },
	{ "another shape", NULL, JSON_TYPE, "{\"data\":[1]}",
	    OUTCOME_EXTRACT_FAILED, NULL, "", "", "", NAN },
	{ "an error in a 200", NULL, JSON_TYPE,
	    "{\"error\":{\"message\":\"quota\"}}", OUTCOME_SERVICE_ERROR,
	    NULL, "", "", "", NAN },
	{ "a bare number", NULL, JSON_TYPE, "42", OUTCOME_EXTRACT_FAILED,
	    NULL, "", "", "", NAN },
	{ "null answer", NULL, JSON_TYPE,
	    "{\"answer\":null,\"retrieved\":null}", OUTCOME_EXTRACT_FAILED,
	    NULL, "", "", "", NAN },
	{ "wrong kinds", NULL, JSON_TYPE,
	    "{\"answer\":{\"x\":1},\"retrieved\":[null,[],3,{\"text\":{},"
	    "\"from\":-1,\"to\":\"x\",\"section_id\":[]}],\"citations\":7,"
	    "\"pins\":[],\"usage\":\"many\"}",
	    OUTCOME_OK, "{\"x\":1}", "-:-|-:-", "", "", NAN },
	{ "a stream of junk", NULL, SSE_TYPE, "data: {oops\n\ndata: x\n\n",
	    OUTCOME_BAD_JSON, NULL, "", "", "", NAN },
	{ "an empty stream", NULL, SSE_TYPE, "\n\n:\n", OUTCOME_BAD_JSON,
	    NULL, "", "", "", NAN },
	{ "an error in a stream", NULL, SSE_TYPE,
	    "event: error\ndata: {\"error\":\"overloaded\"}\n\n",
	    OUTCOME_SERVICE_ERROR, NULL, "", "", "", NAN },
};

/* ---- helpers ----------------------------------------------------------- */

static struct extract_spec *
spec_of(const char *text)
{
	struct err err = ERR_INIT;
	struct json *j = text == NULL ? NULL :
	    json_parse(text, strlen(text), &err);
	struct extract_spec *spec = extract_new(j, &err);

	if (spec == NULL)
		fail_msg("%s: %s", text == NULL ? "none" : text, err.msg);
	json_free(j);
	return spec;
}

static void
ids(const struct snippet *v, size_t n, struct buf *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_printf(out, "%s%s:%s", i > 0 ? "|" : "",
		    v[i].snippet_id != NULL ? v[i].snippet_id : "-",
		    v[i].section_id != NULL ? v[i].section_id : "-");
}

static void
check_ids(const char *what, const struct snippet *v, size_t n,
    const char *want)
{
	struct buf b;

	buf_init(&b, 4096);
	ids(v, n, &b);
	if (strcmp(buf_str(&b), want) != 0)
		fail_msg("%s: \"%s\", not \"%s\"", what, buf_str(&b), want);
	buf_fini(&b);
}

static void
check_pins(const struct row *r, const struct answer *a)
{
	struct buf b;
	size_t i;

	buf_init(&b, 4096);
	for (i = 0; i < a->n_pins; i++)
		buf_printf(&b, "%s%s=%s", i > 0 ? " " : "", a->pins[i].name,
		    a->pins[i].value);
	if (strcmp(buf_str(&b), r->pins) != 0)
		fail_msg("%s: pins %s", r->what, buf_str(&b));
	buf_fini(&b);
}

static void
exchange_of(struct exchange *ex, struct ex_header *h, const char *type,
    const char *body)
{
	exchange_init(ex);
	ex->status = 200;
	h->name = "Content-Type";
	h->value = type;
	ex->res_headers = h;
	ex->n_res_headers = type != NULL;
	/* a copy of the exact size, so that reading beyond it shows */
	ex->res_body.n = strlen(body);
	ex->res_body.p = malloc(ex->res_body.n > 0 ? ex->res_body.n : 1);
	assert_non_null(ex->res_body.p);
	memcpy((char *)(uintptr_t)ex->res_body.p, body, ex->res_body.n);
}

static void
drop(struct exchange *ex)
{
	free((char *)(uintptr_t)ex->res_body.p);
}

static void
check_row(const struct row *r, struct answer *a)
{
	struct extract_spec *spec = spec_of(r->spec);
	struct exchange ex;
	struct ex_header h;

	exchange_of(&ex, &h, r->type, r->body);
	assert_int_equal(extract_answer(spec, &ex, a, NULL), RC_OK);
	if (a->outcome != r->outcome)
		fail_msg("%s: outcome %d (%s)", r->what, (int)a->outcome,
		    a->why != NULL ? a->why : "");
	if ((a->text == NULL) != (r->text == NULL) || (r->text != NULL &&
	    (a->text_n != strlen(r->text) ||
	    memcmp(a->text, r->text, a->text_n) != 0)))
		fail_msg("%s: answer %s", r->what, a->text);
	check_ids(r->what, a->retrieved, a->n_retrieved, r->retrieved);
	check_ids(r->what, a->cited, a->n_cited, r->cited);
	check_pins(r, a);
	assert_near(a->tokens_in, r->tokens_in, 0);
	if (a->outcome != OUTCOME_OK && a->outcome != OUTCOME_REFUSED)
		assert_non_null(a->why);
	drop(&ex);
	extract_free(spec);
}

/* One struct answer for all rows: nothing of one leaks into the next. */
static void
test_rows(void **state)
{
	struct answer a;
	size_t i;

	(void)state;
	answer_init(&a);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], &a);
	answer_fini(&a);
}

static void
test_fields(void **state)
{
	struct extract_spec *spec = spec_of(NULL);
	struct exchange ex;
	struct ex_header h;
	struct answer a;

	(void)state;
	answer_init(&a);
	exchange_of(&ex, &h, rows[0].type, rows[0].body);
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_int_equal(a.retrieved[0].have, FIELD_SNIPPET_ID |
	    FIELD_SECTION_ID | FIELD_SOURCE_URL | FIELD_TEXT |
	    FIELD_OFFSETS | FIELD_TOKENS | FIELD_SCORE);
	assert_int_equal(a.retrieved[0].to, 9);
	assert_near(a.retrieved[0].score, 1.5, 0);
	assert_int_equal(a.retrieved[1].have, FIELD_SNIPPET_ID |
	    FIELD_SECTION_ID | FIELD_OFFSETS);
	assert_int_equal(a.retrieved[1].from, 3);
	assert_near(a.retrieved[1].tokens, NAN, 0);
	assert_int_equal(a.cited[0].have, FIELD_SNIPPET_ID |
	    FIELD_SECTION_ID);
	drop(&ex);
	answer_fini(&a);
	extract_free(spec);
}

static void
test_mapped(void **state)
{
	struct extract_spec *spec = spec_of("{\"citations\":{\"items\":"
	    "\"/c\",\"section_id\":\"/s\",\"text\":\"/t\"}}");

	(void)state;
	assert_int_equal(extract_cited_fields(spec), FIELD_SECTION_ID);
	assert_true(extract_maps_citations(spec));
	assert_false(extract_maps_answer(spec));
	assert_false(extract_maps_retrieved(spec));
	assert_false(extract_maps_usage(spec));
	assert_false(extract_maps_pins(spec));
	assert_null(extract_request(spec));
	extract_free(spec);
	spec = spec_of(NULL);
	assert_true(extract_maps_answer(spec));
	assert_true(extract_maps_pins(spec));
	assert_non_null(extract_request(spec));
	assert_int_equal(extract_stream_format(spec), 's');
	extract_free(spec);
}

/* Every preset compiles, and its usual request is one. */
static void
test_presets(void **state)
{
	struct extract_spec *spec;
	char conf[100];
	size_t i;

	(void)state;
	for (i = 0; extract_presets[i] != NULL; i++) {
		(void)snprintf(conf, sizeof(conf), "{\"preset\":\"%s\"}",
		    extract_presets[i]);
		spec = spec_of(conf);
		assert_true(extract_maps_answer(spec) ||
		    extract_maps_retrieved(spec));
		assert_non_null(json_get_str(extract_request(spec), "path"));
		assert_non_null(json_get(extract_request(spec), "body"));
		extract_free(spec);
	}
	assert_int_equal(i, 14);
}

static void
test_pins_header(void **state)
{
	static const struct {
		const char *spec, *name, *value, *want;
	} cases[] = {
		{ NULL, "x-pins", "{\"B\":1,\"A\":\"x\"}", "A=x B=1" },
		{ NULL, "X-Pins", "B=1; A=x y,C=", "A=x y B=1" },
		{ "{\"pins\":{\"header\":\"Served-By\"},\"answer\":\"/answer\""
		    "}", "Served-By", "M=2", "M=2" },
		{ NULL, "X-Pins", ";;=;,", "" },
		{ NULL, "X-Pins", "{\"A\":null,\"B\":\"\",\"C\":0}",
		    "C=0" },
		{ NULL, "X-Pins", "{broken", "" },
	};
	struct answer a;
	size_t i;

	(void)state;
	answer_init(&a);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct row r = { .what = cases[i].value,
		    .pins = cases[i].want };
		struct extract_spec *spec = spec_of(cases[i].spec);
		struct exchange ex;
		struct ex_header h;

		exchange_of(&ex, &h, "", "{\"answer\":\"x\"}");
		h.name = cases[i].name;
		h.value = cases[i].value;
		assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
		check_pins(&r, &a);
		drop(&ex);
		extract_free(spec);
	}
	answer_fini(&a);
}

/* A failed exchange keeps its outcome; its JSON is there for expectations. */
static void
test_failed_exchange(void **state)
{
	struct extract_spec *spec = spec_of(NULL);
	struct exchange ex;
	struct ex_header h;
	struct answer a;

	(void)state;
	answer_init(&a);
	exchange_of(&ex, &h, JSON_TYPE, "{\"diff\":1,\"answer\":\"x\"}");
	ex.status = 409;
	ex.outcome = OUTCOME_HTTP_4XX;
	ex.why = "conflict";
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_int_equal(a.outcome, OUTCOME_HTTP_4XX);
	assert_string_equal(a.why, "conflict");
	assert_null(a.text);
	assert_non_null(json_get(a.body, "diff"));
	ex.outcome = OUTCOME_TIMEOUT;
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_null(a.body);
	drop(&ex);
	answer_fini(&a);
	extract_free(spec);
}

/* What expectations see of a stream: the events as one object. */
static void
test_stream_body(void **state)
{
	struct extract_spec *spec = spec_of("{\"preset\":\"openai\"}");
	struct ex_chunk chunks[3] = { { 100, 5 }, { 300, 5 }, { 500, 5 } };
	struct json_ptr *p = json_ptr_new("/choices/0/message/content", NULL);
	struct exchange ex;
	struct ex_header h;
	struct answer a;

	(void)state;
	answer_init(&a);
	exchange_of(&ex, &h, SSE_TYPE,
	    "data: {\"id\":\"c1\",\"choices\":[{\"delta\":{}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\n"
	    "data: [DONE]\n\n");
	ex.chunks = chunks;
	ex.n_chunks = 3;
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_string_equal(json_get_str(a.body, "id"), "c1");
	assert_string_equal(json_str(json_ptr_find(p, a.body)), "Hi");
	assert_int_equal(a.itl_ns, 200);
	json_ptr_free(p);
	drop(&ex);
	answer_fini(&a);
	extract_free(spec);
}

static void
test_many_items(void **state)
{
	struct extract_spec *spec = spec_of(NULL);
	struct exchange ex;
	struct ex_header h;
	struct answer a;
	struct buf b;
	int i;

	(void)state;
	answer_init(&a);
	buf_init(&b, 1 << 20);
	buf_puts(&b, "{\"retrieved\":[");
	for (i = 0; i < 5000; i++)
		buf_printf(&b, "%s{\"id\":%d}", i > 0 ? "," : "", i);
	buf_puts(&b, "]}");
	exchange_of(&ex, &h, JSON_TYPE, buf_str(&b));
	assert_int_equal(extract_answer(spec, &ex, &a, NULL), RC_OK);
	assert_int_equal(a.n_retrieved, 1000);
	assert_string_equal(a.retrieved[999].snippet_id, "999");
	drop(&ex);
	buf_fini(&b);
	answer_fini(&a);
	extract_free(spec);
}

static void
test_bad_specs(void **state)
{
	static const struct {
		const char *conf, *says;
	} cases[] = {
		{ "{\"preset\":\"opanai\"}", "did you mean \"openai\"?" },
		{ "{\"answer\":\"x\"}", "must begin with '/'" },
		{ "{\"answer\":5}", "must be a JSON Pointer" },
		{ "{\"answer\":{\"body\":\"json\"}}", "{body: text}" },
		{ "{\"retrieved\":{\"text\":\"/t\"}}", "needs \"items\"" },
		{ "{\"retrieved\":{\"items\":\"/a~2\"}}", "followed by 0" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json *j = json_parse(cases[i].conf,
		    strlen(cases[i].conf), NULL);
		struct err err = ERR_INIT;

		assert_null(extract_new(j, &err));
		if (strstr(err.msg, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].conf, err.msg);
		json_free(j);
	}
}

static void
test_refusals(void **state)
{
	static const char *const yes[] = {
		"I don't know.", "I DON\xe2\x80\x99T  know", "Sorry, I can't "
		"help with that.", "There is no information about this in the "
		"sources.", "I could not find this in the handbook.",
		"The provided context does not mention it.",
		"Ich wei\xc3\x9f es nicht.",
	};
	static const char *const no[] = {
		"", "You have 90 days.", "Iris found no trace of it: 4.",
		"The refund is paid within 14 days. If the customer says \"I "
		"don't know where my parcel is\", the agent opens a claim "
		"with the carrier and I don't know is not an answer.",
		"Outsiders may enter; scope creep is common.",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
		if (!extract_is_refusal(yes[i], strlen(yes[i])))
			fail_msg("no refusal: %s", yes[i]);
	}
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (extract_is_refusal(no[i], strlen(no[i])))
			fail_msg("a refusal: %s", no[i]);
	}
	assert_false(extract_is_refusal(NULL, 0));
}

static void
test_questions(void **state)
{
	static const struct {
		const char *spec, *body, *want;
		size_t behind_nul;	/* a byte, of which C sees none */
	} cases[] = {
		{ NULL, "{\"question\":\"Q\"}", "Q", 0 },
		{ NULL, "{\"question\":\"Q\\u0000R\"}", "Q", 1 },
		{ NULL, "{\"messages\":[{"
		    "\"content\":\"Q\\u0000R\"}]}", "Q", 1 },
		{ NULL, "{\"messages\":[{\"role\":\"system\",\"content\":"
		    "\"S\"},{\"role\":\"user\",\"content\":\"A\"},{\"role\":"
		    "\"assistant\",\"content\":\"B\"},{\"role\":\"user\","
		    "\"content\":[{\"type\":\"text\",\"text\":\"C\"}]}]}",
		    "C", 0 },
		{ NULL, "{\"input\":[{\"role\":\"user\",\"content\":\"I\"}]}",
		    "I", 0 },
		{ NULL, "{\"input\":{\"question\":\"N\"}}", "N", 0 },
		{ NULL, "{\"query\":\"query A($i: I!) { a(i: $i) { b } }\","
		    "\"variables\":{\"n\":1,\"i\":{\"text\":\"G\"}}}", "G", 0 },
		{ NULL, "{\"query\":\"# c\\n{ a }\"}", NULL, 0 },
		{ NULL, "{\"query\":\"query {x} of what?\"}", NULL, 0 },
		{ NULL, "{\"query\":\"What is {x}?\"}", "What is {x}?", 0 },
		{ NULL, "{\"x\":1}", NULL, 0 },
		{ "{\"question\":\"/q/text\"}", "{\"q\":{\"text\":\"P\"},"
		    "\"question\":\"Q\"}", "P", 0 },
		{ "{\"question\":\"/q\"}", "{\"question\":\"Q\"}", NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct extract_spec *spec = spec_of(cases[i].spec);
		struct json *j = json_parse(cases[i].body,
		    strlen(cases[i].body), NULL);
		size_t n;
		const char *got = extract_question(spec, j, &n);

		if ((got == NULL) != (cases[i].want == NULL) ||
		    (got != NULL && (n != strlen(cases[i].want) +
		    2 * cases[i].behind_nul ||
		    strcmp(got, cases[i].want) != 0)))
			fail_msg("%s: %s", cases[i].body, got);
		json_free(j);
		extract_free(spec);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_presets),
		cmocka_unit_test(test_pins_header),
		cmocka_unit_test(test_failed_exchange),
		cmocka_unit_test(test_stream_body),
		cmocka_unit_test(test_many_items),
		cmocka_unit_test(test_bad_specs),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
