/* Answers of the services that presets know, written after their public
 * documentation: whole ones and streams, tool calls, and what goes wrong. */
#include "tests/lib/check.h"

#include "harness/traffic/extract.h"

#define JSON_TYPE "application/json"
#define SSE "text/event-stream"
#define LINES "application/stream+json"
/* One event of several answers in turns. */
#define TURN(i, more) "data: {\"choices\":[{\"index\":" i ",\"delta\":{" more \
	"}]}\n\n"

struct row {
	const char *what, *preset, *type, *body;
	enum outcome outcome;
	const char *text;	/* NULL: none */
	const char *why;	/* part of it, or NULL */
	const char *at, *value;	/* what expectations find there, or NULL */
	double tokens_out;
	const char *cited;	/* section ids with blanks between, or NULL */
};

#define CALL(name) "[{\"name\":\"" name "\",\"arguments\":" \
	"{\"city\":\"Rome\",\"n\":2}}]"

static const struct row rows[] = {
	/* OpenAI, chat */
	{ "a tool call with null content", "openai", JSON_TYPE,
	    "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
	    "\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":"
	    "\"function\",\"function\":{\"name\":\"get\",\"arguments\":"
	    "\"{\\\"n\\\":2, \\\"city\\\":\\\"Rome\\\"}\"}}]},"
	    "\"finish_reason\":\"tool_calls\"}],\"usage\":{"
	    "\"completion_tokens\":9}}", OUTCOME_OK, CALL("get"), NULL,
	    "/choices/0/message/tool_calls/0/function/name", "get", 9, NULL },
	{ "text and a tool call", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"One moment.\","
	    "\"tool_calls\":[{\"function\":{\"name\":\"get\",\"arguments\":"
	    "\"\"}}]}}]}", OUTCOME_OK,
	    "One moment.\n[{\"name\":\"get\",\"arguments\":{}}]", NULL, NULL,
	    NULL, NAN, NULL },
	{ "arguments that are no JSON", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"\",\"tool_calls\":[{"
	    "\"function\":{\"name\":\"get\",\"arguments\":\"{oops\"}}]}}]}",
	    OUTCOME_OK, "[{\"name\":\"get\",\"arguments\":\"{oops\"}]", NULL,
	    NULL, NULL, NAN, NULL },
	{ "the older function_call", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":null,\"function_call\":{"
	    "\"name\":\"get\",\"arguments\":\"{\\\"city\\\":\\\"Rome\\\","
	    "\\\"n\\\":2}\"}}}]}", OUTCOME_OK, CALL("get"), NULL, NULL, NULL,
	    NAN, NULL },
	{ "tool calls in pieces, two of them mixed", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\","
	    "\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"a\","
	    "\"type\":\"function\",\"function\":{\"name\":\"get\","
	    "\"arguments\":\"\"}}]},\"finish_reason\":null}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
	    "\"function\":{\"arguments\":\"{\\\"city\\\":\"}}]}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,"
	    "\"id\":\"b\",\"function\":{\"name\":\"put\",\"arguments\":"
	    "\"{}\"}}]}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,"
	    "\"function\":{\"arguments\":\"\\\"Rome\\\"}\"}}]}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":"
	    "\"tool_calls\"}]}\n\ndata: [DONE]\n\n", OUTCOME_OK,
	    "[{\"name\":\"get\",\"arguments\":{\"city\":\"Rome\"}},"
	    "{\"name\":\"put\",\"arguments\":{}}]", NULL,
	    "/choices/0/message/tool_calls/1/function/name", "put", NAN,
	    NULL },
	{ "cut at its length", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"It is\"},"
	    "\"finish_reason\":\"length\"}]}", OUTCOME_CUT, "It is",
	    "cut the answer short: length", NULL, NULL, NAN, NULL },
	{ "filtered, with nothing", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"\"},"
	    "\"finish_reason\":\"content_filter\"}]}", OUTCOME_FILTERED, NULL,
	    "content_filter", NULL, NULL, NAN, NULL },
	{ "a stream cut at its length", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It\"}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}"
	    "\n\ndata: {\"choices\":[],\"usage\":{\"completion_tokens\":1}}\n\n"
	    "data: [DONE]\n\n", OUTCOME_CUT, "It", "length",
	    "/choices/0/finish_reason", "length", 1, NULL },
	{ "an error beside choices", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"Yes\"}}],\"error\":{"
	    "\"message\":\"upstream timed out\",\"code\":504}}",
	    OUTCOME_SERVICE_ERROR, "Yes", "upstream timed out",
	    "/error/message", "upstream timed out", NAN, NULL },
	{ "an error of null is none", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"Yes\"}}],\"error\":"
	    "null}", OUTCOME_OK, "Yes", NULL, NULL, NULL, NAN, NULL },
	{ "an error within a stream", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It\"}}]}\n\n"
	    "data: {\"error\":{\"message\":\"overloaded\"}}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\" is\"}}]}\n\n"
	    "data: [DONE]\n\n", OUTCOME_SERVICE_ERROR, "It is", "overloaded",
	    NULL, NULL, NAN, NULL },
	{ "an error event that is no JSON", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It\"}}]}\n\n"
	    "event: error\ndata: try later\n\n", OUTCOME_SERVICE_ERROR, "It",
	    "try later", NULL, NULL, NAN, NULL },
	{ "a blank behind the end mark", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It\"}}]}\n\n"
	    "data: [DONE] \n\n", OUTCOME_OK, "It", NULL, NULL, NULL, NAN,
	    NULL },
	/* OpenAI, responses */
	{ "responses: a function call", "openai-responses", JSON_TYPE,
	    "{\"status\":\"completed\",\"error\":null,\"incomplete_details\":"
	    "null,\"output\":[{\"type\":\"reasoning\"},{\"type\":"
	    "\"function_call\",\"name\":\"get\",\"arguments\":"
	    "\"{\\\"city\\\":\\\"Rome\\\",\\\"n\\\":2}\"}],\"usage\":{"
	    "\"output_tokens\":7}}", OUTCOME_OK, CALL("get"), NULL,
	    "/output/1/name", "get", 7, NULL },
	{ "responses: incomplete", "openai-responses", JSON_TYPE,
	    "{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":"
	    "\"max_output_tokens\"},\"output\":[{\"type\":\"message\","
	    "\"content\":[{\"type\":\"output_text\",\"text\":\"It\"}]}]}",
	    OUTCOME_CUT, "It", "max_output_tokens", NULL, NULL, NAN, NULL },
	{ "responses: a stream", "openai-responses", SSE,
	    "event: response.created\ndata: {\"type\":\"response.created\","
	    "\"response\":{\"status\":\"in_progress\",\"output\":[]}}\n\n"
	    "event: response.output_text.delta\ndata: {\"type\":"
	    "\"response.output_text.delta\",\"delta\":\"It \"}\n\n"
	    "event: response.output_text.delta\ndata: {\"type\":"
	    "\"response.output_text.delta\",\"delta\":\"is.\"}\n\n"
	    "event: response.output_text.done\ndata: {\"type\":"
	    "\"response.output_text.done\",\"text\":\"It is.\"}\n\n"
	    "event: response.completed\ndata: {\"type\":\"response.completed\""
	    ",\"response\":{\"status\":\"completed\",\"output\":[{\"type\":"
	    "\"message\",\"content\":[{\"type\":\"output_text\",\"text\":"
	    "\"It is.\"}]}],\"usage\":{\"output_tokens\":3}}}\n\n",
	    OUTCOME_OK, "It is.", NULL, NULL, NULL, 3, NULL },
	{ "responses: events without names", "openai-responses", SSE,
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"It\"}"
	    "\n\ndata: {\"type\":\"response.function_call_arguments.delta\","
	    "\"delta\":\"{junk\"}\n\ndata: {\"type\":\"response.completed\","
	    "\"response\":{\"status\":\"completed\",\"output\":[]}}\n\n",
	    OUTCOME_OK, "It", NULL, NULL, NULL, NAN, NULL },
	{ "responses: a streamed call", "openai-responses", SSE,
	    "data: {\"type\":\"response.output_item.added\",\"output_index\":0,"
	    "\"item\":{\"type\":\"function_call\",\"name\":\"get\","
	    "\"arguments\":\"\"}}\n\n"
	    "data: {\"type\":\"response.function_call_arguments.delta\","
	    "\"output_index\":0,\"delta\":\"{\\\"n\\\":2\"}\n\n"
	    "data: {\"type\":\"response.output_item.done\",\"output_index\":0,"
	    "\"item\":{\"type\":\"function_call\",\"name\":\"get\","
	    "\"arguments\":\"{\\\"n\\\":2,\\\"city\\\":\\\"Rome\\\"}\"}}\n\n"
	    "data: {\"type\":\"response.completed\",\"response\":{\"status\":"
	    "\"completed\",\"output\":[{\"type\":\"function_call\",\"name\":"
	    "\"get\",\"arguments\":\"{\\\"n\\\":2,\\\"city\\\":\\\"Rome\\\"}\""
	    "}]}}\n\n", OUTCOME_OK, CALL("get"), NULL, NULL, NULL, NAN,
	    NULL },
	{ "responses: failed", "openai-responses", SSE,
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"It\"}"
	    "\n\ndata: {\"type\":\"response.failed\",\"response\":{\"status\":"
	    "\"failed\",\"error\":{\"code\":\"server_error\",\"message\":"
	    "\"The model broke.\"}}}\n\n", OUTCOME_SERVICE_ERROR, "It",
	    "The model broke.", NULL, NULL, NAN, NULL },
	{ "responses: incomplete by a filter", "openai-responses", SSE,
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"It\"}"
	    "\n\ndata: {\"type\":\"response.incomplete\",\"response\":{"
	    "\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":"
	    "\"content_filter\"},\"output\":[]}}\n\n", OUTCOME_FILTERED, "It",
	    "content_filter", NULL, NULL, NAN, NULL },
	{ "responses: no last event", "openai-responses", SSE,
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"It\"}"
	    "\n\n", OUTCOME_PROTOCOL, "It", "end mark", NULL, NULL, NAN,
	    NULL },
	/* Anthropic */
	{ "anthropic", "anthropic", JSON_TYPE,
	    "{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{"
	    "\"type\":\"text\",\"text\":\"It is \"},{\"type\":\"text\","
	    "\"text\":\"14.\",\"citations\":[{\"type\":\"char_location\","
	    "\"cited_text\":\"14\",\"document_index\":0,\"document_title\":"
	    "\"Refunds\"}]}],\"stop_reason\":\"end_turn\",\"usage\":{"
	    "\"input_tokens\":3,\"output_tokens\":5}}", OUTCOME_OK,
	    "It is 14.", NULL, NULL, NULL, 5, "Refunds" },
	{ "anthropic: a tool", "anthropic", JSON_TYPE,
	    "{\"content\":[{\"type\":\"text\",\"text\":\"Let me see.\"},{"
	    "\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"get\",\"input\":{"
	    "\"n\":2,\"city\":\"Rome\"}}],\"stop_reason\":\"tool_use\"}",
	    OUTCOME_OK, "Let me see.\n" CALL("get"), NULL,
	    "/content/1/name", "get", NAN, NULL },
	{ "anthropic: a stream", "anthropic", SSE,
	    "event: message_start\ndata: {\"type\":\"message_start\","
	    "\"message\":{\"content\":[],\"stop_reason\":null,\"usage\":{"
	    "\"input_tokens\":25,\"output_tokens\":1}}}\n\n"
	    "event: content_block_start\ndata: {\"type\":"
	    "\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
	    "\"text\",\"text\":\"\"}}\n\nevent: ping\ndata: {\"type\":\"ping\"}"
	    "\n\nevent: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	    "\"text_delta\",\"text\":\"14 \"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	    "\"citations_delta\",\"citation\":{\"document_title\":\"A\"}}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	    "\"citations_delta\",\"citation\":{\"document_title\":\"B\"}}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	    "\"text_delta\",\"text\":\"days\"}}\n\n"
	    "event: content_block_stop\ndata: {\"type\":"
	    "\"content_block_stop\",\"index\":0}\n\n"
	    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"
	    "{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":15}}"
	    "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
	    OUTCOME_OK, "14 days", NULL, "/content/0/text", "14 days", 15,
	    "A B" },
	{ "anthropic: a streamed tool", "anthropic", SSE,
	    "event: content_block_start\ndata: {\"type\":"
	    "\"content_block_start\",\"index\":0,\"content_block\":{\"type\":"
	    "\"text\",\"text\":\"\"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":0,\"delta\":{\"type\":"
	    "\"text_delta\",\"text\":\"Wait.\"}}\n\n"
	    "event: content_block_start\ndata: {\"type\":"
	    "\"content_block_start\",\"index\":1,\"content_block\":{\"type\":"
	    "\"tool_use\",\"id\":\"t\",\"name\":\"get\",\"input\":{}}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
	    "\"input_json_delta\",\"partial_json\":\"\"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
	    "\"input_json_delta\",\"partial_json\":\"{\\\"n\\\": 2,\"}}\n\n"
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"index\":1,\"delta\":{\"type\":"
	    "\"input_json_delta\",\"partial_json\":"
	    "\" \\\"city\\\": \\\"Rome\\\"}\"}}\n\n"
	    "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":"
	    "{\"stop_reason\":\"tool_use\"}}\n\n"
	    "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
	    OUTCOME_OK, "Wait.\n" CALL("get"), NULL, "/content/1/name", "get",
	    NAN, NULL },
	{ "anthropic: overloaded", "anthropic", SSE,
	    "event: content_block_delta\ndata: {\"type\":"
	    "\"content_block_delta\",\"delta\":{\"text\":\"It\"}}\n\n"
	    "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":"
	    "\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
	    OUTCOME_SERVICE_ERROR, "It", "Overloaded", NULL, NULL, NAN,
	    NULL },
	{ "anthropic: max_tokens", "anthropic", JSON_TYPE,
	    "{\"content\":[{\"type\":\"text\",\"text\":\"It\"}],"
	    "\"stop_reason\":\"max_tokens\"}", OUTCOME_CUT, "It",
	    "max_tokens", NULL, NULL, NAN, NULL },
	{ "anthropic: stopped by its classifier", "anthropic", JSON_TYPE,
	    "{\"content\":[],\"stop_reason\":\"refusal\"}", OUTCOME_FILTERED,
	    NULL, "refusal", NULL, NULL, NAN, NULL },
	/* Gemini */
	{ "gemini", "gemini", JSON_TYPE,
	    "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{"
	    "\"text\":\"It is \"},{\"text\":\"14.\"}]},\"finishReason\":"
	    "\"STOP\"}],\"usageMetadata\":{\"promptTokenCount\":4,"
	    "\"candidatesTokenCount\":6}}", OUTCOME_OK, "It is 14.", NULL,
	    NULL, NULL, 6, NULL },
	{ "gemini: a function", "gemini", JSON_TYPE,
	    "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{"
	    "\"name\":\"get\",\"args\":{\"n\":2,\"city\":\"Rome\"}}}]},"
	    "\"finishReason\":\"STOP\"}]}", OUTCOME_OK, CALL("get"), NULL,
	    "/candidates/0/content/parts/0/functionCall/name", "get", NAN,
	    NULL },
	{ "gemini: a stream", "gemini", SSE,
	    "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
	    "\"It \"}]}}],\"usageMetadata\":{\"candidatesTokenCount\":1}}\r\n"
	    "\r\ndata: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":"
	    "\"is.\"}]},\"finishReason\":\"STOP\"}],\"usageMetadata\":{"
	    "\"candidatesTokenCount\":3}}\r\n\r\n", OUTCOME_OK, "It is.",
	    NULL, NULL, NULL, 3, NULL },
	{ "gemini: functions in two chunks", "gemini", SSE,
	    "data: {\"candidates\":[{\"content\":{\"parts\":[{"
	    "\"functionCall\":{\"name\":\"a\",\"args\":{}}}]}}]}\n\n"
	    "data: {\"candidates\":[{\"content\":{\"parts\":[{"
	    "\"functionCall\":{\"name\":\"b\",\"args\":{}}}]},"
	    "\"finishReason\":\"STOP\"}]}\n\n", OUTCOME_OK,
	    "[{\"name\":\"a\",\"arguments\":{}},{\"name\":\"b\","
	    "\"arguments\":{}}]", NULL, NULL, NULL, NAN, NULL },
	{ "gemini: a stream as one list", "gemini", JSON_TYPE,
	    "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"It \"}]}}]"
	    "},\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"is.\"}]"
	    "},\"finishReason\":\"STOP\"}]}]", OUTCOME_OK, "It is.", NULL,
	    NULL, NULL, NAN, NULL },
	{ "gemini: one list, the answer in its place", "gemini", JSON_TYPE,
	    "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"It \"}]}}]"
	    "},{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"is.\"}]}"
	    "}],\"usageMetadata\":{\"candidatesTokenCount\":4}}]", OUTCOME_OK,
	    "It is.", NULL, "/candidates/0/content/parts/0/text", "It is.", 4,
	    NULL },
	{ "gemini: an error in the list", "gemini", JSON_TYPE,
	    "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"It \"}]}}]"
	    "},{\"error\":{\"code\":503,\"message\":\"overloaded\"}}]",
	    OUTCOME_SERVICE_ERROR, "It ", "overloaded", NULL, NULL, NAN,
	    NULL },
	{ "gemini: a list that stops at its end", "gemini", JSON_TYPE,
	    "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"14\"}]},"
	    "\"finishReason\":\"STOP\"}]},{\"candidates\":[{"
	    "\"finishReason\":\"SAFETY\"}]}]", OUTCOME_FILTERED, "14",
	    "SAFETY", NULL, NULL, NAN, NULL },
	{ "gemini: safety", "gemini", JSON_TYPE,
	    "{\"candidates\":[{\"finishReason\":\"SAFETY\"}]}",
	    OUTCOME_FILTERED, NULL, "SAFETY", NULL, NULL, NAN, NULL },
	{ "gemini: a blocked prompt", "gemini", JSON_TYPE,
	    "{\"promptFeedback\":{\"blockReason\":\"PROHIBITED_CONTENT\"}}",
	    OUTCOME_FILTERED, NULL, "PROHIBITED_CONTENT", NULL, NULL, NAN,
	    NULL },
	{ "gemini: MAX_TOKENS", "gemini", JSON_TYPE,
	    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"It\"}]},"
	    "\"finishReason\":\"MAX_TOKENS\"}]}", OUTCOME_CUT, "It",
	    "MAX_TOKENS", NULL, NULL, NAN, NULL },
	{ "two answers in turns", "openai", SSE,
	    TURN("1", "\"content\":\"No\"}") TURN("0", "\"content\":\"It \"}")
	    TURN("1", "\"content\":\"pe\"},\"finish_reason\":\"length\"")
	    TURN("0", "\"content\":\"is.\"}") "data: [DONE]\n\n", OUTCOME_OK,
	    "It is.", NULL, "/choices/0/message/content", "It is.", NAN,
	    NULL },
	{ "a letter cut in two", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"x\\ud83d\"}}]}\n\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\"\\ude00y\"}}]}\n\n"
	    "data: [DONE]\n\n", OUTCOME_OK, "x\xf0\x9f\x98\x80y", NULL,
	    "/choices/0/message/content", "x\xf0\x9f\x98\x80y", NAN, NULL },
	{ "a stream under a type that names none", "openai", JSON_TYPE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It is.\"}}]}\n\n"
	    "data: [DONE]\n\n", OUTCOME_OK, "It is.", NULL, NULL, NULL, NAN,
	    NULL },
	{ "lines under a type that names none", "cohere-v1", JSON_TYPE,
	    "{\"event_type\":\"text-generation\",\"text\":\"It \"}\r\n"
	    "{\"event_type\":\"text-generation\",\"text\":\"is.\"}\r\n"
	    "{\"event_type\":\"stream-end\",\"is_finished\":true}\r\n",
	    OUTCOME_OK, "It is.", NULL, "/text", "It is.", NAN, NULL },
	{ "one value of several lines", "cohere-v1", JSON_TYPE,
	    "{\n\"text\":\n\"It is.\"}\n\n", OUTCOME_OK, "It is.", NULL,
	    "/text", "It is.", NAN, NULL },
	/* Cohere, v2 */
	{ "cohere", "cohere", JSON_TYPE,
	    "{\"id\":\"x\",\"finish_reason\":\"COMPLETE\",\"message\":{"
	    "\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":"
	    "\"14 days\"}],\"citations\":[{\"start\":0,\"end\":7,\"text\":"
	    "\"14 days\",\"sources\":[{\"type\":\"document\",\"id\":\"doc:0\","
	    "\"document\":{\"id\":\"doc:0\",\"snippet\":\"…\"}}]}]},"
	    "\"usage\":{\"tokens\":{\"input_tokens\":8,\"output_tokens\":4}}}",
	    OUTCOME_OK, "14 days", NULL, NULL, NULL, 4, "doc:0" },
	{ "cohere: a stream", "cohere", SSE,
	    "event: message-start\ndata: {\"type\":\"message-start\",\"delta\":"
	    "{\"message\":{\"content\":[],\"tool_calls\":[],\"citations\":[]}}}"
	    "\n\nevent: content-start\ndata: {\"type\":\"content-start\","
	    "\"index\":0,\"delta\":{\"message\":{\"content\":{\"type\":"
	    "\"text\",\"text\":\"\"}}}}\n\n"
	    "event: content-delta\ndata: {\"type\":\"content-delta\","
	    "\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":"
	    "\"14 \"}}}}\n\n"
	    "event: content-delta\ndata: {\"type\":\"content-delta\","
	    "\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":"
	    "\"days\"}}}}\n\n"
	    "event: citation-start\ndata: {\"type\":\"citation-start\","
	    "\"index\":0,\"delta\":{\"message\":{\"citations\":{\"text\":"
	    "\"14\",\"sources\":[{\"type\":\"document\",\"id\":\"d1\"}]}}}}\n\n"
	    "event: citation-start\ndata: {\"type\":\"citation-start\","
	    "\"index\":1,\"delta\":{\"message\":{\"citations\":{\"text\":"
	    "\"days\",\"sources\":[{\"type\":\"document\",\"id\":\"d2\"}]}}}}"
	    "\n\nevent: message-end\ndata: {\"type\":\"message-end\",\"delta\":"
	    "{\"finish_reason\":\"COMPLETE\",\"usage\":{\"tokens\":{"
	    "\"output_tokens\":4}}}}\n\n", OUTCOME_OK, "14 days", NULL, NULL,
	    NULL, 4, "d1 d2" },
	{ "cohere: a streamed tool", "cohere", SSE,
	    "event: tool-call-start\ndata: {\"type\":\"tool-call-start\","
	    "\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"t\","
	    "\"type\":\"function\",\"function\":{\"name\":\"get\","
	    "\"arguments\":\"\"}}}}}\n\n"
	    "event: tool-call-delta\ndata: {\"type\":\"tool-call-delta\","
	    "\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"function\":"
	    "{\"arguments\":\"{\\\"n\\\":2,\\\"city\\\":\\\"Rome\\\"}\"}}}}}"
	    "\n\nevent: message-end\ndata: {\"type\":\"message-end\",\"delta\":"
	    "{\"finish_reason\":\"TOOL_CALL\"}}\n\n", OUTCOME_OK, CALL("get"),
	    NULL, "/message/tool_calls/0/function/name", "get", NAN, NULL },
	{ "cohere: an error at the end", "cohere", SSE,
	    "event: content-delta\ndata: {\"type\":\"content-delta\",\"delta\":"
	    "{\"message\":{\"content\":{\"text\":\"14\"}}}}\n\n"
	    "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{"
	    "\"finish_reason\":\"ERROR\",\"error\":\"out of capacity\"}}\n\n",
	    OUTCOME_SERVICE_ERROR, "14", "out of capacity", NULL, NULL, NAN,
	    NULL },
	/* Cohere, v1 */
	{ "cohere v1", "cohere-v1", JSON_TYPE,
	    "{\"text\":\"14 days\",\"finish_reason\":\"COMPLETE\","
	    "\"documents\":[{\"id\":\"d1\",\"title\":\"Refunds\",\"snippet\":"
	    "\"…\"}],\"citations\":[{\"start\":0,\"end\":2,\"text\":\"14\","
	    "\"document_ids\":[\"d1\"]}],\"meta\":{\"tokens\":{"
	    "\"output_tokens\":4}}}", OUTCOME_OK, "14 days", NULL, NULL, NULL,
	    4, NULL },
	{ "cohere v1: a stream of lines", "cohere-v1", LINES,
	    "{\"is_finished\":false,\"event_type\":\"stream-start\"}\n"
	    "{\"is_finished\":false,\"event_type\":\"text-generation\","
	    "\"text\":\"14 \"}\n{\"is_finished\":false,\"event_type\":"
	    "\"text-generation\",\"text\":\"days\"}\n"
	    "{\"is_finished\":true,\"event_type\":\"stream-end\","
	    "\"finish_reason\":\"COMPLETE\",\"response\":{\"text\":"
	    "\"14 days\",\"meta\":{\"tokens\":{\"output_tokens\":4}}}}\n",
	    OUTCOME_OK, "14 days", NULL, NULL, NULL, 4, NULL },
	{ "cohere v1: a stream of events", "cohere-v1", SSE,
	    "data: {\"is_finished\":false,\"event_type\":\"text-generation\","
	    "\"text\":\"14\"}\n\ndata: {\"is_finished\":true,\"event_type\":"
	    "\"stream-end\",\"finish_reason\":\"MAX_TOKENS\"}\n\n",
	    OUTCOME_CUT, "14", "MAX_TOKENS", NULL, NULL, NAN, NULL },
	{ "cohere v1: a tool", "cohere-v1", JSON_TYPE,
	    "{\"text\":\"\",\"tool_calls\":[{\"name\":\"get\",\"parameters\":{"
	    "\"n\":2,\"city\":\"Rome\"}}],\"finish_reason\":\"COMPLETE\"}",
	    OUTCOME_OK, CALL("get"), NULL, NULL, NULL, NAN, NULL },
	{ "cohere v1: toxic", "cohere-v1", JSON_TYPE,
	    "{\"text\":\"\",\"finish_reason\":\"ERROR_TOXIC\"}",
	    OUTCOME_FILTERED, NULL, "ERROR_TOXIC", NULL, NULL, NAN, NULL },
	/* Dify says its errors by a member `event` */
	{ "dify: an error event", "dify", SSE,
	    "data: {\"event\":\"message\",\"answer\":\"A\"}\n\n"
	    "data: {\"event\":\"error\",\"status\":400,\"message\":\"quota\"}"
	    "\n\n", OUTCOME_SERVICE_ERROR, "A", "quota", NULL, NULL, NAN,
	    NULL },
	{ "dify: a whole stream", "dify", SSE,
	    "data: {\"event\": \"message\", \"answer\": \"14 \"}\n\n"
	    "data: {\"event\": \"message\", \"answer\": \"days\"}\n\n"
	    "data: {\"event\": \"message_end\", \"id\": \"7\"}\n\n",
	    OUTCOME_OK, "14 days", NULL, NULL, NULL, NAN, NULL },
	{ "dify: a stream that broke off", "dify", SSE,
	    "data: {\"event\":\"message\",\"answer\":\"14 \"}\n\n",
	    OUTCOME_PROTOCOL, "14 ", NULL, NULL, NULL, NAN, NULL },
	{ "langserve: a whole stream", "langserve", SSE,
	    "event: data\ndata: {\"content\": \"14 days\"}\n\n"
	    "event: end\n\n",
	    OUTCOME_OK, "14 days", NULL, NULL, NULL, NAN, NULL },
	{ "langserve: a stream that broke off", "langserve", SSE,
	    "event: data\ndata: {\"content\": \"14\"}\n\n",
	    OUTCOME_PROTOCOL, "14", NULL, NULL, NULL, NAN, NULL },
	/* what else may end an answer before its time */
	{ "vllm: aborted", "openai", JSON_TYPE,
	    "{\"choices\":[{\"message\":{\"content\":\"It is\"},"
	    "\"finish_reason\":\"abort\"}]}", OUTCOME_SERVICE_ERROR, "It is",
	    "abort", NULL, NULL, NAN, NULL },
	/* calls that have a kind and no name */
	{ "responses: a shell call", "openai-responses", JSON_TYPE,
	    "{\"output\":[{\"type\":\"reasoning\",\"summary\":[]},{\"type\":"
	    "\"local_shell_call\",\"action\":{\"city\":\"Rome\",\"n\":2}},{"
	    "\"type\":\"message\",\"content\":[{\"type\":\"output_text\","
	    "\"text\":\"Done.\"}]}]}",
	    OUTCOME_OK, "Done.\n" CALL("local_shell_call"), NULL, NULL, NULL,
	    NAN, NULL },
};

/* ---- of these no preset is at fault ------------------------------------ */

static const struct row late_rows[] = {
	{ "an error behind the end", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It is\"}}]}\n\n"
	    "data: [DONE]\n\n"
	    "data: {\"error\":{\"message\":\"cache node lost\"}}\n\n",
	    OUTCOME_SERVICE_ERROR, "It is", "cache node lost", NULL, NULL,
	    NAN, NULL },
	{ "text behind the end", "openai", SSE,
	    "data: {\"choices\":[{\"delta\":{\"content\":\"It\"}}]}\n\n"
	    "data: [DONE]\n\n"
	    "data: {\"choices\":[{\"delta\":{\"content\":\" is\"}}]}\n\n",
	    OUTCOME_OK, "It", NULL, NULL, NULL, NAN, NULL },
	{ "a whole answer that is empty first", "openai-responses", SSE,
	    "data: {\"type\":\"response.created\",\"response\":{\"output\":[{"
	    "\"content\":[{\"type\":\"output_text\",\"text\":\"\"}]}]}}\n\n"
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":"
	    "\"14\"}\n\n"
	    "data: {\"type\":\"response.completed\",\"response\":{\"output\":"
	    "[{\"content\":[{\"type\":\"output_text\",\"text\":\"14 days\"}]}"
	    "]}}\n\n", OUTCOME_OK, "14 days", NULL, NULL, NULL, NAN, NULL },
	{ "a whole answer that stays empty", "openai-responses", SSE,
	    "data: {\"type\":\"response.created\",\"response\":{\"output\":[{"
	    "\"content\":[{\"type\":\"output_text\",\"text\":\"\"}]}]}}\n\n"
	    "data: {\"type\":\"response.output_text.delta\",\"delta\":"
	    "\"14\"}\n\n"
	    "data: {\"type\":\"response.completed\",\"response\":{}}\n\n",
	    OUTCOME_OK, "14", NULL, NULL, NULL, NAN, NULL },
	{ "whole answers that grow", "generic", SSE,
	    "data: {\"answer\":\"It is\"}\n\n"
	    "data: {\"answer\":\"It is 14.\"}\n\n"
	    "data: {\"answer\":\"\"}\n\n", OUTCOME_OK, "It is 14.", NULL,
	    "/answer", "It is 14.", NAN, NULL },
	{ "pieces under the whole answer's name", "generic", SSE,
	    "data: {\"answer\":\"It \"}\n\ndata: {\"answer\":\"is \"}\n\n"
	    "data: {\"answer\":\"14.\"}\n\n", OUTCOME_OK, "It is 14.",
	    NULL, "/answer", "It is 14.", NAN, NULL },
	{ "objects, the last one", "generic", SSE,
	    "data: {\"answer\":{\"n\":1}}\n\ndata: {\"answer\":{\"n\":2}}"
	    "\n\n", OUTCOME_OK, "{\"n\":2}", "an object", NULL, NULL, NAN,
	    NULL },
	{ "a list that is filled later", "generic", SSE,
	    "data: {\"citations\":[]}\n\ndata: {\"delta\":\"A\"}\n\n"
	    "data: {\"citations\":[{\"section_id\":\"s1\"}]}\n\n"
	    "data: {\"citations\":[]}\n\n", OUTCOME_OK, "A", NULL, NULL,
	    NULL, NAN, "s1" },
};

static struct extract_spec *
spec_of(const char *preset)
{
	struct json *j = json_new_str(preset);
	struct extract_spec *spec = extract_new(j, NULL);

	assert_non_null(spec);
	json_free(j);
	return spec;
}

static void
check_cited(const struct row *r, const struct answer *a)
{
	struct buf b;
	size_t i;

	if (r->cited == NULL)
		return;
	buf_init(&b, 4096);
	for (i = 0; i < a->n_cited; i++)
		buf_printf(&b, "%s%s", i > 0 ? " " : "",
		    a->cited[i].section_id);
	assert_string_equal(buf_str(&b), r->cited);
	buf_fini(&b);
}

static void
check_row(const struct row *r, struct answer *a)
{
	struct extract_spec *spec = spec_of(r->preset);
	struct ex_header h = { "Content-Type", r->type };
	struct exchange ex;
	struct json_ptr *at;
	const char *text = NULL;

	exchange_init(&ex);
	ex.status = 200;
	ex.res_headers = &h;
	ex.n_res_headers = 1;
	ex.res_body.p = r->body;
	ex.res_body.n = strlen(r->body);
	assert_int_equal(extract_answer(spec, &ex, a, NULL), RC_OK);
	if (a->outcome != r->outcome)
		fail_msg("%s: %s (%s)", r->what, outcome_name(a->outcome),
		    a->why != NULL ? a->why : "");
	if ((a->text == NULL) != (r->text == NULL) || (r->text != NULL &&
	    strcmp(a->text, r->text) != 0))
		fail_msg("%s: %s", r->what, a->text);
	if (r->why != NULL && (a->why == NULL ||
	    strstr(a->why, r->why) == NULL))
		fail_msg("%s: why %s", r->what, a->why);
	if (r->at != NULL) {
		at = json_ptr_new(r->at, NULL);
		text = json_str(json_ptr_find(at, a->body));
		json_ptr_free(at);
		if (text == NULL || strcmp(text, r->value) != 0)
			fail_msg("%s: %s at %s", r->what, text, r->at);
	}
	assert_near(a->tokens_out, r->tokens_out, 0);
	check_cited(r, a);
	extract_free(spec);
}

static void
test_rows(void **state)
{
	struct answer a;
	size_t i;

	(void)state;
	answer_init(&a);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check_row(&rows[i], &a);
	for (i = 0; i < sizeof(late_rows) / sizeof(late_rows[0]); i++)
		check_row(&late_rows[i], &a);
	answer_fini(&a);
}

/* Order of keys and blanks say nothing of a call; its order does. */
static void
test_calls_compare(void **state)
{
	static const char *const bodies[] = {
		"{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{"
		    "\"name\":\"f\",\"arguments\":\"{\\\"a\\\":{\\\"y\\\":1,"
		    "\\\"x\\\":[2,1]},\\\"b\\\":null}\"}}]}}]}",
		"{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{"
		    "\"arguments\":\"{ \\\"b\\\" : null,  \\\"a\\\":{\\\"x\\\":"
		    "[2,1],\\\"y\\\":1}}\",\"name\":\"f\"}}]}}]}",
	};
	struct extract_spec *spec = spec_of("openai");
	struct answer a[2];
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct exchange ex;

		answer_init(&a[i]);
		exchange_init(&ex);
		ex.status = 200;
		ex.res_body.p = bodies[i];
		ex.res_body.n = strlen(bodies[i]);
		assert_int_equal(extract_answer(spec, &ex, &a[i], NULL),
		    RC_OK);
	}
	assert_string_equal(a[0].tools, a[1].tools);
	answer_fini(&a[0]);
	answer_fini(&a[1]);
	extract_free(spec);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_calls_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
