/* Errors that a service reports itself: errors within a 200, and why it
 * stopped. */
#include <string.h>
#include <strings.h>

#include "harness/base/text.h"
#include "harness/traffic/extract_part.h"

enum { WORDS_MAX = 300 };

/* An `error` of null, false, 0, "" or nothing says that there is none. */
static int
says_something(const struct json *j)
{
	switch (json_kind(j)) {
	case JSON_STRING:
		return !text_is_blank(json_str(j), strlen(json_str(j)));
	case JSON_NUMBER:
		return json_num(j, 0) != 0;
	case JSON_BOOL:
		return json_bool(j, 0);
	case JSON_ARRAY:
	case JSON_OBJECT:
		return json_first(j) != NULL;
	default:
		return 0;
	}
}

static const char *
message_of(const struct json *j)
{
	static const char *const names[] = {
		"message", "msg", "detail", "error", "description", "reason",
		"type", "code"
	};
	const char *s = json_str(j);
	size_t i;

	for (i = 0; s == NULL && i < sizeof(names) / sizeof(names[0]); i++)
		s = json_get_str(j, names[i]);
	return s;
}

static void
put_words(const struct json *j, struct buf *words)
{
	const char *s = message_of(j);
	struct buf b;
	size_t n;

	if (words == NULL)
		return;
	buf_init(&b, 1 << 20);
	if (s == NULL)
		json_write(&b, j);
	else
		buf_puts(&b, s);
	n = b.len;
	if (n > WORDS_MAX) {
		n = WORDS_MAX;
		while (n > 0 && ((unsigned char)b.p[n] & 0xc0) == 0x80)
			n--;
	}
	buf_add(words, buf_str(&b), n);
	buf_fini(&b);
}

static int
names_error(const char *name)
{
	return name != NULL && (strcasecmp(name, "error") == 0 ||
	    strcasecmp(name, "response.failed") == 0);
}

/* {"object": "error", "message": ...}: older vLLM, FastChat, Mistral. */
static const struct json *
object_error(const struct json *j)
{
	const char *object = json_get_str(j, "object");
	const struct json *said = json_get(j, "message");

	if (object == NULL || strcasecmp(object, "error") != 0)
		return NULL;
	return says_something(said) ? said : j;
}

/*
 * {"detail": ...}: FastAPI, in a stream in which all else comes in `choices`.
 * Other services use the word for what goes on, or how closely to look: they
 * name the event, or say something beside it.
 */
static const struct json *
detail_error(const struct extract_spec *spec, const char *name,
    const struct json *j)
{
	const struct json *detail, *m;
	const char *key;

	/* no name at all: it is no event of a stream */
	if (!spec->chat || name == NULL || *name != '\0' ||
	    json_kind(j) != JSON_OBJECT)
		return NULL;
	detail = json_get(j, "detail");
	if ((json_kind(detail) != JSON_STRING &&
	    json_kind(detail) != JSON_ARRAY) || !says_something(detail))
		return NULL;
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		key = json_key(m);
		if (strcmp(key, "detail") != 0 &&
		    (json_kind(m) != JSON_NUMBER ||
		    (strcmp(key, "status") != 0 && strcmp(key, "code") != 0 &&
		    strcmp(key, "status_code") != 0)))
			return NULL;
	}
	return detail;
}

static int
first_said(void *ctx, const struct json *j)
{
	if (!says_something(j))
		return 0;
	*(const struct json **)ctx = j;
	return 1;
}

int
extract_error(const struct extract_spec *spec, const char *name,
    const struct json *j, struct buf *words)
{
	const struct json *e = NULL;
	size_t i;

	if (spec->error.n == 0)
		return 0;
	/* of a list of events, any may tell one */
	for (i = 0; i < spec->error.n && e == NULL; i++)
		(void)json_ptr_each(spec->error.p[i], j, first_said, &e);
	if (e == NULL)
		e = object_error(j);
	if (e == NULL)
		e = detail_error(spec, name, j);
	if (e == NULL && !names_error(name))
		return 0;
	put_words(e != NULL ? e : j, words);
	return 1;
}

enum outcome
extract_finish(const char *reason)
{
	static const struct {
		const char *reason;
		enum outcome is;
	} rows[] = {
		/* OpenAI, Anthropic, Gemini, Cohere, and who copies them */
		{ "length", OUTCOME_CUT },
		{ "max_tokens", OUTCOME_CUT },
		{ "max_output_tokens", OUTCOME_CUT },
		{ "model_length", OUTCOME_CUT },
		{ "model_context_window_exceeded", OUTCOME_CUT },
		{ "incomplete", OUTCOME_CUT },
		{ "pause_turn", OUTCOME_CUT },
		{ "content_filter", OUTCOME_FILTERED },
		{ "content_filtered", OUTCOME_FILTERED },
		{ "guardrail_intervened", OUTCOME_FILTERED },
		{ "refusal", OUTCOME_FILTERED },
		{ "safety", OUTCOME_FILTERED },
		{ "recitation", OUTCOME_FILTERED },
		{ "blocklist", OUTCOME_FILTERED },
		{ "prohibited_content", OUTCOME_FILTERED },
		{ "spii", OUTCOME_FILTERED },
		{ "image_safety", OUTCOME_FILTERED },
		{ "error_toxic", OUTCOME_FILTERED },
		{ "error", OUTCOME_SERVICE_ERROR },
		{ "error_limit", OUTCOME_SERVICE_ERROR },
		{ "abort", OUTCOME_SERVICE_ERROR },
		{ "insufficient_system_resource", OUTCOME_SERVICE_ERROR },
		{ "failed", OUTCOME_SERVICE_ERROR },
		{ "cancelled", OUTCOME_SERVICE_ERROR },
		{ "user_cancel", OUTCOME_SERVICE_ERROR },
		{ "timeout", OUTCOME_SERVICE_ERROR },
		{ "language", OUTCOME_SERVICE_ERROR },
		{ "other", OUTCOME_SERVICE_ERROR },
		{ "malformed_function_call", OUTCOME_SERVICE_ERROR },
		{ "unexpected_tool_call", OUTCOME_SERVICE_ERROR },
	};
	size_t i;

	for (i = 0; reason != NULL && i < sizeof(rows) / sizeof(rows[0]);
	    i++) {
		if (strcasecmp(reason, rows[i].reason) == 0)
			return rows[i].is;
	}
	return OUTCOME_OK;
}
