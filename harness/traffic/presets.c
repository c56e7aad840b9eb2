/* The table of presets, from preset_rows.h; and what any stream is read by. */
#include <stddef.h>

#include "harness/traffic/extract_part.h"

const struct preset presets[] = {
#define PRESET(name, extract, request) { name, extract, request },
#include "harness/traffic/preset_rows.h"
	{ NULL, NULL, NULL }
};

const char *const extract_presets[] = {
#define PRESET(name, extract, request) name,
#include "harness/traffic/preset_rows.h"
	NULL
};

/* Where a piece of an answer stands in the streams of all of them, and of
 * others that are common: what a recorder knows of its traffic. */
const char preset_any[] =
    "{\"answer\": [\"/choices/0/message/content\", \"/answer\"],"
    "\"stream\": {\"format\": \"sse\", \"token\": ["
    "  \"/choices/0/delta/content\", \"/choices/0/text\", \"/delta/text\","
    "  \"/delta/message/content/text\", \"/delta\", \"/token\","
    "  \"/candidates/0/content/parts/*/text\", \"/text\", \"/content\","
    "  \"/response\", \"/message/content\", \"\"],"
    "  \"end\": [\"[DONE]\", \"message_stop\", \"message-end\","
    "    \"stream-end\", \"response.completed\", \"\\\"done\\\":true\"],"
    "  \"tool_calls\": {\"items\": [\"/choices/0/delta/tool_calls\", \"\"],"
    "    \"name\": [\"/function/name\", \"/content_block/name\"],"
    "    \"arguments\": [\"/function/arguments\","
    "      \"/delta/partial_json\"]}}}";
