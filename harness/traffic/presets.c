/* Presets: the shapes of known APIs as rows of data. Each is what a manifest
 * could say itself under `extract` and `request`. */
#include <stddef.h>

#include "harness/traffic/extract_part.h"

#define CHAT_USAGE \
    "\"usage\": {\"tokens_in\": \"/usage/prompt_tokens\"," \
    "  \"tokens_out\": \"/usage/completion_tokens\"}," \
    "\"refusal\": [\"/choices/0/message/refusal\"," \
    "  \"/choices/0/delta/refusal\"]," \
    "\"stream\": {\"format\": \"sse\"," \
    "  \"token\": \"/choices/0/delta/content\", \"end\": \"[DONE]\"}"

#define AZURE_DOC \
    "\"snippet_id\": [\"/chunk_id\", \"/id\"]," \
    "\"section_id\": [\"/id\", \"/filepath\", \"/title\"]," \
    "\"source_url\": [\"/url\"]," \
    "\"text\": \"/content\""

const struct preset presets[] = {
	{ "generic",
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
	    "  \"seed\": \"{{seed}}\"}}" },
	{ "openai",
	    "{\"answer\": \"/choices/0/message/content\", " CHAT_USAGE "}",
	    "{\"method\": \"POST\", \"path\": \"/v1/chat/completions\","
	    " \"body\": {\"model\": \"default\", \"seed\": \"{{seed}}\","
	    "  \"messages\": [{\"role\": \"user\","
	    "   \"content\": \"{{question}}\"}]}}" },
	{ "openai-responses",
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
	    "\"stream\": {\"format\": \"sse\", \"token\": \"/delta\","
	    "  \"event\": \"response.output_text.delta\"}}",
	    "{\"method\": \"POST\", \"path\": \"/v1/responses\","
	    " \"body\": {\"model\": \"default\","
	    "  \"input\": \"{{question}}\"}}" },
	{ "azure",
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
	    "   \"content\": \"{{question}}\"}]}}" },
	{ "elasticsearch",
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
	    "  {\"text\": \"{{question}}\"}}}}" },
	{ "qdrant",
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
	    "  \"with_payload\": true}}" },
	{ "chroma",
	    "{\"retrieved\": {\"columns\": true,"
	    "  \"snippet_id\": \"/ids/0/*\","
	    "  \"section_id\": \"/metadatas/0/*/section_id\","
	    "  \"source_url\": \"/metadatas/0/*/source\","
	    "  \"text\": \"/documents/0/*\","
	    "  \"score\": \"/distances/0/*\"}}",
	    "{\"method\": \"POST\","
	    " \"path\": \"/api/v2/tenants/default_tenant/databases/"
	    "default_database/collections/documents/query\", \"body\":"
	    " {\"query_texts\": [\"{{question}}\"], \"n_results\": 5}}" },
	{ "dify",
	    "{\"answer\": \"/answer\","
	    "\"retrieved\": {\"items\": \"/metadata/retriever_resources\","
	    "  \"snippet_id\": \"/segment_id\","
	    "  \"section_id\": [\"/document_id\", \"/document_name\"],"
	    "  \"text\": \"/content\", \"score\": \"/score\"},"
	    "\"usage\": {\"tokens_in\": \"/metadata/usage/prompt_tokens\","
	    "  \"tokens_out\": \"/metadata/usage/completion_tokens\","
	    "  \"cost\": \"/metadata/usage/total_price\"},"
	    "\"stream\": {\"format\": \"sse\", \"token\": \"/answer\"}}",
	    "{\"method\": \"POST\", \"path\": \"/v1/chat-messages\","
	    " \"body\": {\"inputs\": {}, \"query\": \"{{question}}\","
	    "  \"response_mode\": \"blocking\", \"user\": \"lockstep\"}}" },
	{ "langserve",
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
	    "  \"token\": [\"/answer\", \"/content\", \"\"]}}",
	    "{\"method\": \"POST\", \"path\": \"/invoke\","
	    " \"body\": {\"input\": {\"question\": \"{{question}}\"}}}" },
	/* One shape, two names. */
	{ "opensearch", "\"elasticsearch\"", NULL },
	{ NULL, NULL, NULL }
};

const char *const extract_presets[] = {
	"generic", "openai", "openai-responses", "azure", "elasticsearch",
	"qdrant", "chroma", "dify", "langserve", "opensearch", NULL
};
