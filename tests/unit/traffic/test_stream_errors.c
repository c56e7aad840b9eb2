/* What services say went wrong within a 200, each in its own shape: as
 * extraction reads it, and as the engine sees it go by. */
#include <string.h>

#include "harness/traffic/extract.h"
#include "harness/traffic/sse.h"
#include "tests/lib/check.h"

#define JSON_TYPE "application/json"
#define SSE "text/event-stream"
#define LINES "application/x-ndjson"

#define CHAT(text) "data: {\"object\":\"chat.completion.chunk\",\"choices\":" \
	"[{\"index\":0,\"delta\":{\"content\":\"" text "\"}}]}\n\n"
#define STOP "data: {\"choices\":[{\"index\":0,\"delta\":{}," \
	"\"finish_reason\":\"stop\"}]}\n\n"
#define DONE "data: [DONE]\n\n"
#define VLLM "{\"object\":\"error\",\"message\":\"CUDA out of memory\"," \
	"\"type\":\"InternalServerError\",\"code\":500}"

/* Of the engine's two sets of rules, which see it in the stream. */
enum { SUITE = 1, ANY = 2, BOTH = 3 };

struct row {
	const char *what, *extract, *type, *body;
	const char *why;	/* what the service says; NULL: all is well */
	const char *text;	/* NULL: none */
	int seen;
};

static const struct row rows[] = {
	/* vLLM and FastChat, in the older shape and the newer */
	{ "an object named error", "\"openai\"", SSE,
	    CHAT("It is") "data: " VLLM "\n\n" DONE, "CUDA out of memory",
	    "It is", BOTH },
	{ "an object named error instead of choices", "\"openai\"", JSON_TYPE,
	    VLLM, "CUDA out of memory", NULL, 0 },
	{ "the same where no preset knows of it", "\"generic\"", JSON_TYPE,
	    VLLM, "CUDA out of memory", NULL, 0 },
	{ "an object named error, at once", "\"azure\"", SSE,
	    "data: " VLLM "\n\n" DONE, "CUDA out of memory", NULL, BOTH },
	{ "an object named error behind the end", "\"openai\"", SSE,
	    CHAT("It is") DONE "data: " VLLM "\n\n", "CUDA out of memory",
	    "It is", BOTH },
	{ "whose message is an object", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"object\":\"error\",\"message\":{"
	    "\"detail\":\"no such model\"},\"code\":1}\n\n" DONE,
	    "the service says: no such model", "It is", BOTH },
	{ "without a message", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"object\":\"error\",\"code\":500}\n\n" DONE,
	    "{\"object\":\"error\",\"code\":500}", "It is", BOTH },
	{ "switched off", "{\"preset\":\"openai\",\"error\":[]}", SSE,
	    CHAT("It is") "data: " VLLM "\n\ndata: {\"detail\":\"Internal "
	    "Server Error\"}\n\n" DONE, NULL, "It is", ANY },
	{ "other objects", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"object\":\"errors\"}\n\n"
	    "data: {\"object\":{\"error\":null}}\n\n" DONE, NULL, "It is", 0 },
	{ "the newer shape", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"error\":{\"message\":\"CUDA\",\"type\":"
	    "\"BadRequestError\",\"code\":400}}\n\n" DONE, "CUDA", "It is",
	    BOTH },
	/* FastAPI */
	{ "a detail", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"detail\":\"Internal Server Error\"}\n\n"
	    DONE, "Internal Server Error", "It is", SUITE },
	{ "a detail with its status", "\"azure\"", SSE,
	    CHAT("It is") "data: {\"status_code\":500,\"detail\":\"broke\"}"
	    "\n\n" DONE, "the service says: broke", "It is", SUITE },
	{ "a detail that is a list", "\"openai\"", SSE,
	    "data: {\"detail\":[{\"type\":\"missing\",\"msg\":\"Field "
	    "required\"}]}\n\n" DONE, "Field required", NULL, SUITE },
	{ "an empty detail", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"detail\":\"\"}\n\ndata: {\"detail\":[]}"
	    "\n\ndata: {\"detail\":null}\n\ndata: {\"detail\":{\"a\":1}}\n\n"
	    DONE, NULL, "It is", 0 },
	{ "a detail beside choices", "\"openai\"", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It is\"}}],"
	    "\"detail\":\"high\"}\n\n"
	    "data: {\"choices\":[],\"detail\":\"high\"}\n\n" DONE, NULL,
	    "It is", 0 },
	{ "a detail beside usage", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"usage\":{\"completion_tokens\":2},"
	    "\"detail\":\"high\"}\n\n" DONE, NULL, "It is", 0 },
	{ "a detail of what goes on", "\"openai\"", SSE,
	    "data: {\"type\":\"status\",\"detail\":\"searching\"}\n\n"
	    "event: status\ndata: {\"detail\":\"searching\"}\n\n"
	    "data: {\"status\":\"busy\",\"detail\":\"searching\"}\n\n"
	    "data: {\"detail\":\"searching\",\"progress\":0.4}\n\n"
	    "data: {\"detail\":\"sources\",\"sources\":[1]}\n\n"
	    CHAT("It is") DONE, NULL, "It is", 0 },
	{ "a detail beside text that a suite maps",
	    "{\"preset\":\"openai\",\"stream\":{\"format\":\"sse\","
	    "\"token\":[\"/choices/0/delta/content\",\"/detail\"]}}", SSE,
	    CHAT("It ") "data: {\"detail\":\"is\"}\n\n" DONE, NULL, "It is",
	    0 },
	{ "a detail of a service that has no choices", "\"generic\"", SSE,
	    "data: {\"delta\":\"It is\"}\n\ndata: {\"detail\":\"high\"}\n\n",
	    NULL, "It is", 0 },
	/* others */
	{ "OpenAI's responses: an error", "\"openai-responses\"", SSE,
	    "event: response.output_text.delta\ndata: {\"type\":"
	    "\"response.output_text.delta\",\"delta\":\"It is\"}\n\n"
	    "event: error\ndata: {\"type\":\"error\",\"code\":\"ERR\","
	    "\"message\":\"overloaded\",\"param\":null}\n\n", "overloaded",
	    "It is", BOTH },
	{ "OpenAI's responses: failed", "\"openai-responses\"", SSE,
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":"
	    "\"It is\"}\n\n"
	    "data: {\"type\":\"response.failed\",\"response\":{\"status\":"
	    "\"failed\",\"error\":{\"code\":\"server_error\",\"message\":"
	    "\"the model failed\"}}}\n\n", "the model failed", "It is",
	    BOTH },
	{ "Anthropic", "\"anthropic\"", SSE,
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	    "\"text_delta\",\"text\":\"It is\"}}\n\n"
	    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
	    "\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
	    "Overloaded", "It is", BOTH },
	{ "Gemini", "\"gemini\"", SSE,
	    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
	    "\"It is\"}]}}]}\n\n"
	    "data: {\"error\":{\"code\":503,\"message\":\"overloaded\","
	    "\"status\":\"UNAVAILABLE\"}}\n\n", "overloaded", "It is",
	    BOTH },
	{ "Ollama", "{\"answer\":\"/message/content\",\"stream\":{\"format\":"
	    "\"ndjson\",\"token\":\"/message/content\",\"end\":"
	    "\"\\\"done\\\":true\"}}", LINES,
	    "{\"message\":{\"content\":\"It is\"},\"done\":false}\n"
	    "{\"error\":\"model runner has stopped\"}\n",
	    "model runner has stopped", "It is", BOTH },
	{ "TGI", "\"openai\"", SSE,
	    CHAT("It is") "data: {\"error\":\"CUDA out of memory\","
	    "\"error_type\":\"generation\"}\n\n", "CUDA out of memory",
	    "It is", BOTH },
	{ "LangServe", "\"langserve\"", SSE,
	    "event: data\ndata: \"It is\"\n\n"
	    "event: error\ndata: {\"status_code\":500,\"message\":"
	    "\"Internal Server Error\"}\n\n", "Internal Server Error",
	    "It is", BOTH },
	{ "no error", "\"openai\"", SSE, CHAT("It is") STOP DONE, NULL,
	    "It is", 0 },
};

static struct extract_spec *
spec_of(const char *extract)
{
	struct json *j = json_parse(extract, strlen(extract), NULL);
	struct extract_spec *spec = extract_new(j, NULL);

	assert_non_null(spec);
	json_free(j);
	return spec;
}

static void
check_answer(const struct row *r, const struct extract_spec *spec,
    struct answer *a)
{
	struct ex_header h = { "Content-Type", r->type };
	struct exchange ex;

	exchange_init(&ex);
	ex.status = 200;
	ex.res_headers = &h;
	ex.n_res_headers = 1;
	ex.res_body.p = r->body;
	ex.res_body.n = strlen(r->body);
	assert_int_equal(extract_answer(spec, &ex, a, NULL), RC_OK);
	if (a->outcome != (r->why != NULL ? OUTCOME_SERVICE_ERROR :
	    OUTCOME_OK) || (r->why != NULL && (a->why == NULL ||
	    strstr(a->why, r->why) == NULL)))
		fail_msg("%s: %s (%s)", r->what, outcome_name(a->outcome),
		    a->why != NULL ? a->why : "");
	if ((a->text == NULL) != (r->text == NULL) || (r->text != NULL &&
	    strcmp(a->text, r->text) != 0))
		fail_msg("%s: text %s", r->what, a->text);
}

struct watch {
	const struct extract_spec *spec;
	struct buf words;
	int failed;
};

static int
watch(void *ctx, const struct sse_event *e)
{
	struct watch *w = ctx;

	w->failed |= extract_event(w->spec, e, w->failed ? 0 : EVENT_ERROR,
	    &w->words) == EVENT_ERROR;
	return 0;
}

static void
check_engine(const struct row *r, const struct extract_spec *spec, int seen)
{
	struct watch w = { .spec = spec };
	struct sse s;

	if (strcmp(r->type, JSON_TYPE) == 0)
		return;
	buf_init(&w.words, 400);
	sse_init(&s, sse_of_type(r->type), 1 << 16);
	(void)sse_feed(&s, r->body, strlen(r->body), watch, &w);
	(void)sse_end(&s, watch, &w);
	if (w.failed != seen)
		fail_msg("%s: the engine sees %d", r->what, w.failed);
	if (seen && r->why != NULL && strncmp(r->why, "the service", 11) != 0
	    && strstr(buf_str(&w.words), r->why) == NULL)
		fail_msg("%s: the engine hears %s", r->what,
		    buf_str(&w.words));
	sse_fini(&s);
	buf_fini(&w.words);
}

static void
test_rows(void **state)
{
	struct extract_spec *spec;
	struct answer a;
	size_t i;

	(void)state;
	answer_init(&a);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		spec = spec_of(rows[i].extract);
		check_answer(&rows[i], spec, &a);
		check_engine(&rows[i], spec, (rows[i].seen & SUITE) != 0);
		check_engine(&rows[i], extract_any(),
		    (rows[i].seen & ANY) != 0);
		extract_free(spec);
	}
	answer_fini(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
