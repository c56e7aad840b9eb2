/*
 * Presets: the shapes of known APIs, a row each: PRESET(NAME, EXTRACT,
 * REQUEST).  EXTRACT and REQUEST are what a manifest could say itself under
 * `extract` and `request`, as JSON.  From the row come the words that
 * `extract.preset` takes, its JSON Schema and SUITE.md's line.  Included
 * several times, with PRESET defined by who includes it.
 */
#ifndef LOCKSTEP_PRESET_ROWS_H
#define LOCKSTEP_PRESET_ROWS_H

#define CHAT_USAGE \
    "\"usage\": {\"tokens_in\": \"/usage/prompt_tokens\"," \
    "  \"tokens_out\": \"/usage/completion_tokens\"}," \
    "\"refusal\": [\"/choices/0/message/refusal\"," \
    "  \"/choices/0/delta/refusal\"]," \
    "\"finish\": \"/choices/0/finish_reason\"," \
    "\"tool_calls\": {\"items\": [\"/choices/0/message/tool_calls\"," \
    "    \"/choices/0/message/function_call\"]," \
    "  \"name\": [\"/function/name\", \"/custom/name\", \"/name\"]," \
    "  \"arguments\": [\"/function/arguments\", \"/custom/input\"," \
    "    \"/arguments\"]}," \
    "\"stream\": {\"format\": \"sse\"," \
    "  \"token\": \"/choices/0/delta/content\", \"end\": \"[DONE]\"," \
    "  \"tool_calls\": {\"items\": [\"/choices/0/delta/tool_calls\"," \
    "      \"/choices/0/delta/function_call\"], \"index\": \"/index\"," \
    "    \"name\": [\"/function/name\", \"/custom/name\", \"/name\"]," \
    "    \"arguments\": [\"/function/arguments\", \"/custom/input\"," \
    "      \"/arguments\"]}}"

#define AZURE_DOC \
    "\"snippet_id\": [\"/chunk_id\", \"/id\"]," \
    "\"section_id\": [\"/id\", \"/filepath\", \"/title\"]," \
    "\"source_url\": [\"/url\"]," \
    "\"text\": \"/content\""

#endif

PRESET("generic",
    "{\"retrieved\": {\"items\": [\"/retrieved\","
    "  \"/sources/retrieved\", \"/sources\"],"
    "  \"snippet_id\": [\"/snippet_id\", \"/id\"],"
    "  \"section_id\": \"/section_id\","
    "  \"source_url\": [\"/source_url\", \"/url\"],"
    "  \"text\": \"/text\","
    "  \"from\": [\"/from\", \"/offsets/0\", \"/offsets/from\"],"
    "  \"to\": [\"/to\", \"/offsets/1\", \"/offsets/to\"],"
    "  \"tokens\": \"/tokens\", \"score\": \"/score\"},"
    "\"answer\": \"/answer\","
    "\"citations\": {\"items\": [\"/citations\","
    "  \"/sources/citations\"],"
    "  \"snippet_id\": [\"/snippet_id\", \"/id\"],"
    "  \"section_id\": \"/section_id\","
    "  \"source_url\": [\"/source_url\", \"/url\"],"
    "  \"from\": [\"/from\", \"/offsets/0\", \"/offsets/from\"],"
    "  \"to\": [\"/to\", \"/offsets/1\", \"/offsets/to\"],"
    "  \"tokens\": \"/tokens\"},"
    "\"pins\": [\"/pins\", \"/sources/pins\"],"
    "\"usage\": {"
    "  \"tokens_in\": [\"/usage/tokens_in\","
    "    \"/sources/usage/tokens_in\", \"/usage/prompt_tokens\"],"
    "  \"tokens_out\": [\"/usage/tokens_out\","
    "    \"/sources/usage/tokens_out\","
    "    \"/usage/completion_tokens\"],"
    "  \"cost\": [\"/usage/cost\", \"/sources/usage/cost\"]},"
    "\"refusal\": [\"/refused\", \"/sources/refused\"],"
    "\"effect_id\": [\"/effect_id\", \"/effect/id\"],"
    "\"stream\": {\"format\": \"sse\","
    "  \"token\": [\"/delta\", \"/token\"]}}",
    "{\"method\": \"POST\", \"path\": \"/query\", \"body\":"
    " {\"question\": \"{{question}}\", \"k\": 5,"
    "  \"seed\": \"{{seed}}\"}}")
PRESET("openai",
    "{\"answer\": \"/choices/0/message/content\", " CHAT_USAGE "}",
    "{\"method\": \"POST\", \"path\": \"/v1/chat/completions\","
    " \"body\": {\"model\": \"default\", \"seed\": \"{{seed}}\","
    "  \"messages\": [{\"role\": \"user\","
    "   \"content\": \"{{question}}\"}]}}")
PRESET("openai-responses",
    "{\"answer\": [\"/output/*/content/*/text\","
    "  \"/response/output/*/content/*/text\", \"/output_text\"],"
    "\"retrieved\": {\"items\": [\"/output/*/results\","
    "  \"/response/output/*/results\"],"
    "  \"snippet_id\": \"/file_id\", \"section_id\": \"/filename\","
    "  \"text\": \"/text\", \"score\": \"/score\"},"
    "\"citations\": {\"items\": ["
    "  \"/output/*/content/*/annotations\","
    "  \"/response/output/*/content/*/annotations\"],"
    "  \"snippet_id\": [\"/file_id\", \"/url\"],"
    "  \"section_id\": [\"/filename\", \"/title\"],"
    "  \"source_url\": \"/url\"},"
    "\"usage\": {\"tokens_in\": [\"/usage/input_tokens\","
    "  \"/response/usage/input_tokens\"],"
    "  \"tokens_out\": [\"/usage/output_tokens\","
    "  \"/response/usage/output_tokens\"]},"
    "\"refusal\": [\"/output/*/content/*/refusal\","
    "  \"/response/output/*/content/*/refusal\"],"
    "\"finish\": [\"/incomplete_details/reason\","
    "  \"/response/incomplete_details/reason\", \"/status\","
    "  \"/response/status\"],"
    "\"tool_calls\": {\"items\": [\"/output\", \"/response/output\"],"
    "  \"name\": [\"/name\", \"/type\"],"
    "  \"arguments\": [\"/arguments\", \"/input\", \"/action\","
    "    \"/operation\", \"/code\"]},"
    "\"stream\": {\"format\": \"sse\", \"token\": \"/delta\","
    "  \"event\": \"response.output_text.delta\","
    "  \"end\": [\"response.completed\", \"response.incomplete\","
    "    \"response.failed\", \"error\", \"[DONE]\"],"
    "  \"tool_calls\": {\"items\": \"\","
    "    \"index\": \"/output_index\", \"name\": \"/item/name\","
    "    \"arguments\": [\"/item/arguments\", \"/item/input\"]}}}",
    "{\"method\": \"POST\", \"path\": \"/v1/responses\","
    " \"body\": {\"model\": \"default\","
    "  \"input\": \"{{question}}\"}}")
PRESET("azure",
    "{\"answer\": \"/choices/0/message/content\","
    "\"retrieved\": {\"items\": ["
    "  \"/choices/0/message/context/all_retrieved_documents\","
    "  \"/choices/0/delta/context/all_retrieved_documents\","
    "  \"/choices/0/message/context/citations\","
    "  \"/choices/0/delta/context/citations\"]," AZURE_DOC ","
    "  \"score\": [\"/original_search_score\", \"/rerank_score\"]},"
    "\"citations\": {\"items\": ["
    "  \"/choices/0/message/context/citations\","
    "  \"/choices/0/delta/context/citations\"],"
    "  \"marker\": \"[doc{n}]\"," AZURE_DOC "}, " CHAT_USAGE "}",
    "{\"method\": \"POST\", \"path\": \"/v1/chat/completions\","
    " \"body\": {\"model\": \"default\", \"seed\": \"{{seed}}\","
    "  \"messages\": [{\"role\": \"user\","
    "   \"content\": \"{{question}}\"}]}}")
PRESET("anthropic",
    "{\"answer\": \"/content/*/text\","
    "\"citations\": {\"items\": \"/content/*/citations\","
    "  \"snippet_id\": \"/search_result_index\","
    "  \"section_id\": [\"/document_title\", \"/title\","
    "    \"/document_index\"],"
    "  \"source_url\": [\"/url\", \"/source\"],"
    "  \"text\": \"/cited_text\"},"
    "\"usage\": {\"tokens_in\": [\"/usage/input_tokens\","
    "  \"/message/usage/input_tokens\"],"
    "  \"tokens_out\": \"/usage/output_tokens\"},"
    "\"finish\": [\"/stop_reason\", \"/delta/stop_reason\"],"
    "\"tool_calls\": {\"items\": \"/content/*\", \"name\": \"/name\","
    "  \"arguments\": \"/input\"},"
    "\"stream\": {\"format\": \"sse\", \"token\": \"/delta/text\","
    "  \"citations\": \"/delta/citation\","
    "  \"end\": \"message_stop\","
    "  \"tool_calls\": {\"items\": \"\", \"index\": \"/index\","
    "    \"name\": \"/content_block/name\","
    "    \"arguments\": \"/delta/partial_json\"}}}",
    "{\"method\": \"POST\", \"path\": \"/v1/messages\", \"body\":"
    " {\"model\": \"default\", \"max_tokens\": 1024,"
    "  \"messages\": [{\"role\": \"user\","
    "   \"content\": \"{{question}}\"}]}}")
/* One chunk is a whole answer; without alt=sse all come in one list. */
PRESET("gemini",
    "{\"answer\": [\"/candidates/0/content/parts/*/text\","
    "  \"/*/candidates/0/content/parts/*/text\"],"
    "\"retrieved\": {\"items\": ["
    "  \"/candidates/0/groundingMetadata/groundingChunks\","
    "  \"/*/candidates/0/groundingMetadata/groundingChunks\"],"
    "  \"section_id\": [\"/web/title\", \"/retrievedContext/title\"],"
    "  \"source_url\": [\"/web/uri\", \"/retrievedContext/uri\"],"
    "  \"text\": \"/retrievedContext/text\"},"
    "\"usage\": {\"tokens_in\": \"/usageMetadata/promptTokenCount\","
    "  \"tokens_out\": \"/usageMetadata/candidatesTokenCount\"},"
    "\"finish\": [\"/candidates/0/finishReason\","
    "  \"/*/candidates/0/finishReason\"],"
    "\"filtered\": [\"/promptFeedback/blockReason\","
    "  \"/*/promptFeedback/blockReason\"],"
    "\"error\": [\"/error\", \"/*/error\"],"
    "\"tool_calls\": {\"items\": ["
    "    \"/candidates/0/content/parts/*/functionCall\","
    "    \"/*/candidates/0/content/parts/*/functionCall\"],"
    "  \"name\": \"/name\", \"arguments\": \"/args\"},"
    "\"stream\": {\"format\": \"sse\","
    "  \"token\": \"/candidates/0/content/parts/*/text\"}}",
    "{\"method\": \"POST\","
    " \"path\": \"/v1beta/models/default:generateContent\", \"body\":"
    " {\"contents\": [{\"role\": \"user\","
    "   \"parts\": [{\"text\": \"{{question}}\"}]}]}}")
PRESET("cohere",
    "{\"answer\": \"/message/content/*/text\","
    "\"citations\": {\"items\": \"/message/citations/*/sources\","
    "  \"snippet_id\": \"/id\", \"section_id\": [\"/document/id\","
    "    \"/id\"], \"source_url\": \"/document/url\","
    "  \"text\": [\"/document/text\", \"/document/snippet\"]},"
    "\"usage\": {\"tokens_in\": [\"/usage/tokens/input_tokens\","
    "  \"/delta/usage/tokens/input_tokens\"],"
    "  \"tokens_out\": [\"/usage/tokens/output_tokens\","
    "  \"/delta/usage/tokens/output_tokens\"]},"
    "\"finish\": [\"/finish_reason\", \"/delta/finish_reason\"],"
    "\"error\": [\"/error\", \"/delta/error\"],"
    "\"tool_calls\": {\"items\": \"/message/tool_calls\","
    "  \"name\": \"/function/name\","
    "  \"arguments\": \"/function/arguments\"},"
    "\"stream\": {\"format\": \"sse\","
    "  \"token\": \"/delta/message/content/text\","
    "  \"citations\": \"/delta/message/citations/sources\","
    "  \"end\": \"message-end\","
    "  \"tool_calls\": {\"items\": \"\", \"index\": \"/index\","
    "    \"name\": \"/delta/message/tool_calls/function/name\","
    "    \"arguments\":"
    "      \"/delta/message/tool_calls/function/arguments\"}}}",
    "{\"method\": \"POST\", \"path\": \"/v2/chat\", \"body\":"
    " {\"model\": \"default\", \"seed\": \"{{seed}}\","
    "  \"messages\": [{\"role\": \"user\","
    "   \"content\": \"{{question}}\"}]}}")
PRESET("cohere-v1",
    "{\"answer\": [\"/text\", \"/response/text\"],"
    "\"retrieved\": {\"items\": [\"/documents\","
    "  \"/response/documents\"], \"snippet_id\": \"/id\","
    "  \"section_id\": [\"/title\", \"/id\"],"
    "  \"source_url\": \"/url\","
    "  \"text\": [\"/snippet\", \"/text\"]},"
    "\"citations\": {\"items\": ["
    "  \"/response/citations/*/document_ids\","
    "  \"/citations/*/document_ids\"], \"snippet_id\": \"/id\"},"
    "\"usage\": {\"tokens_in\": [\"/meta/tokens/input_tokens\","
    "  \"/response/meta/tokens/input_tokens\"],"
    "  \"tokens_out\": [\"/meta/tokens/output_tokens\","
    "  \"/response/meta/tokens/output_tokens\"]},"
    "\"finish\": [\"/finish_reason\", \"/response/finish_reason\"],"
    "\"tool_calls\": {\"items\": [\"/response/tool_calls\","
    "  \"/tool_calls\"], \"name\": \"/name\","
    "  \"arguments\": \"/parameters\"},"
    "\"stream\": {\"format\": \"ndjson\", \"token\": \"/text\","
    "  \"event\": \"text-generation\","
    "  \"tool_calls\": {\"items\": \"/tool_call_delta\","
    "    \"index\": \"/index\", \"name\": \"/name\","
    "    \"arguments\": \"/parameters\"},"
    "  \"end\": [\"stream-end\", \"\\\"is_finished\\\":true\"]}}",
    "{\"method\": \"POST\", \"path\": \"/v1/chat\", \"body\":"
    " {\"message\": \"{{question}}\", \"seed\": \"{{seed}}\"}}")
PRESET("elasticsearch",
    "{\"retrieved\": {\"items\": \"/hits/hits\","
    "  \"snippet_id\": \"/_id\","
    "  \"section_id\": [\"/_source/section_id\", \"/_source/sid\","
    "    \"/_id\"],"
    "  \"source_url\": [\"/_source/source_url\","
    "    \"/_source/url\"],"
    "  \"text\": [\"/_source/text\", \"/_source/body\","
    "    \"/_source/content\"],"
    "  \"from\": \"/_source/from\", \"to\": \"/_source/to\","
    "  \"tokens\": \"/_source/tokens\", \"score\": \"/_score\"}}",
    "{\"method\": \"POST\", \"path\": \"/_search\", \"body\":"
    " {\"size\": 5, \"query\": {\"match\":"
    "  {\"text\": \"{{question}}\"}}}}")
/* One shape, two names. */
PRESET("opensearch", "elasticsearch", NULL)
PRESET("qdrant",
    "{\"retrieved\": {\"items\": [\"/result/points\", \"/result\"],"
    "  \"snippet_id\": \"/id\","
    "  \"section_id\": [\"/payload/section_id\", \"/payload/doc_id\","
    "    \"/payload/metadata/section_id\"],"
    "  \"source_url\": [\"/payload/source_url\", \"/payload/url\","
    "    \"/payload/source\", \"/payload/metadata/source\"],"
    "  \"text\": [\"/payload/text\", \"/payload/content\","
    "    \"/payload/document\", \"/payload/page_content\"],"
    "  \"from\": \"/payload/from\", \"to\": \"/payload/to\","
    "  \"tokens\": \"/payload/tokens\", \"score\": \"/score\"}}",
    "{\"method\": \"POST\","
    " \"path\": \"/collections/documents/points/query\", \"body\":"
    " {\"query\": {\"text\": \"{{question}}\"}, \"limit\": 5,"
    "  \"with_payload\": true}}")
PRESET("chroma",
    "{\"retrieved\": {\"columns\": true,"
    "  \"snippet_id\": \"/ids/0/*\","
    "  \"section_id\": \"/metadatas/0/*/section_id\","
    "  \"source_url\": \"/metadatas/0/*/source\","
    "  \"text\": \"/documents/0/*\","
    "  \"score\": \"/distances/0/*\"}}",
    "{\"method\": \"POST\","
    " \"path\": \"/api/v2/tenants/default_tenant/databases/"
    "default_database/collections/documents/query\", \"body\":"
    " {\"query_texts\": [\"{{question}}\"], \"n_results\": 5}}")
PRESET("dify",
    "{\"answer\": \"/answer\","
    "\"retrieved\": {\"items\": \"/metadata/retriever_resources\","
    "  \"snippet_id\": \"/segment_id\","
    "  \"section_id\": [\"/document_id\", \"/document_name\"],"
    "  \"text\": \"/content\", \"score\": \"/score\"},"
    "\"usage\": {\"tokens_in\": \"/metadata/usage/prompt_tokens\","
    "  \"tokens_out\": \"/metadata/usage/completion_tokens\","
    "  \"cost\": \"/metadata/usage/total_price\"},"
    "\"stream\": {\"format\": \"sse\", \"token\": \"/answer\","
    "  \"end\": [\"\\\"event\\\":\\\"message_end\\\"\","
    "    \"\\\"event\\\":\\\"workflow_finished\\\"\"]}}",
    "{\"method\": \"POST\", \"path\": \"/v1/chat-messages\","
    " \"body\": {\"inputs\": {}, \"query\": \"{{question}}\","
    "  \"response_mode\": \"blocking\", \"user\": \"lockstep\"}}")
PRESET("langserve",
    "{\"answer\": [\"/output/answer\", \"/output/content\","
    "  \"/output/result\", \"/output\"],"
    "\"retrieved\": {\"items\": [\"/output/context\","
    "  \"/output/source_documents\", \"/context\"],"
    "  \"snippet_id\": [\"/id\", \"/metadata/id\"],"
    "  \"section_id\": [\"/metadata/section_id\","
    "    \"/metadata/doc_id\"],"
    "  \"source_url\": [\"/metadata/source\", \"/metadata/url\"],"
    "  \"text\": \"/page_content\","
    "  \"score\": \"/metadata/score\"},"
    "\"stream\": {\"format\": \"sse\","
    "  \"token\": [\"/answer\", \"/content\", \"\"],"
    "  \"end\": \"end\"}}",
    "{\"method\": \"POST\", \"path\": \"/invoke\","
    " \"body\": {\"input\": {\"question\": \"{{question}}\"}}}")

#undef PRESET
