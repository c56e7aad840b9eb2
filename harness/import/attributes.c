/* Attributes of spans; see attr_part.h. */
#include "harness/import/attr_part.h"

#include <ctype.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
attr_start(struct attr_span *o, struct arena *arena)
{
	memset(o, 0, sizeof(*o));
	o->arena = arena;
	o->tokens_in = o->tokens_out = NAN;
}

/* ---- attributes -------------------------------------------------------- */

/* "PREFIX.N.REST": the number, and the rest; -1: it is not of that kind. */
static int
numbered(const char *key, const char *prefix, const char **rest)
{
	size_t n = strlen(prefix);
	char *end;
	long i;

	if (strncmp(key, prefix, n) != 0 ||
	    !isdigit((unsigned char)key[n]))
		return -1;
	i = strtol(key + n, &end, 10);
	if (i < 0 || i >= ATTR_ITEMS_MAX)
		return -1;
	*rest = end;
	return (int)i;
}

static void
set_max(int *n, int i)
{
	if (i + 1 > *n)
		*n = i + 1;
}

static int
take_doc(struct attr_span *o, int stage, const char *prefix, const char *key,
    const struct json *v)
{
	const char *rest;
	int i = numbered(key, prefix, &rest);
	struct attr_doc *d;

	if (i < 0)
		return 0;
	d = &o->docs[stage][i];
	if (!d->here)
		d->score = NAN;
	d->here = 1;
	set_max(&o->n_docs[stage], i);
	o->has_docs[stage] = 1;
	if (strcmp(rest, ".document.id") == 0)
		d->id = import_text(o->arena, v);
	else if (strcmp(rest, ".document.content") == 0)
		d->text = import_text(o->arena, v);
	else if (strcmp(rest, ".document.score") == 0)
		d->score = import_num(v);
	return 1;
}

static int
take_message(struct attr_span *o, const char *prefix, struct attr_message *m,
    int *n, const char *key, const struct json *v)
{
	const char *rest, *more;
	int i = numbered(key, prefix, &rest), k;

	if (i < 0)
		return 0;
	set_max(n, i);
	if (strcmp(rest, ".message.role") == 0 || strcmp(rest, ".role") == 0)
		m[i].role = import_text(o->arena, v);
	else if (strcmp(rest, ".message.content") == 0 ||
	    strcmp(rest, ".content") == 0 ||
	    strstr(rest, ".message_content.text") != NULL)
		m[i].text = import_text(o->arena, v);
	k = numbered(rest, ".message.tool_calls.", &more);
	if (k < 0)
		k = numbered(rest, ".tool_calls.", &more);
	if (k < 0)
		return 1;
	set_max(&o->n_tools, k);
	if (strstr(more, "name") != NULL)
		o->tool_name[k] = import_text(o->arena, v);
	else if (strstr(more, "arguments") != NULL)
		o->tool_args[k] = import_text(o->arena, v);
	return 1;
}

/* Attributes that are one text. */
static const struct attr_word {
	const char *key;
	size_t offset;
} words[] = {
#define AT(field) offsetof(struct attr_span, field)
	{ "openinference.span.kind", AT(kind) },
	{ "traceloop.span.kind", AT(kind) },
	{ "mlflow.spanType", AT(kind) },
	{ "llm.model_name", AT(model) },
	{ "gen_ai.response.model", AT(model) },
	{ "gen_ai.request.model", AT(model) },
	{ "session.id", AT(session) },
	{ "gen_ai.conversation.id", AT(session) },
	{ "traceloop.association.properties.session_id", AT(session) },
	{ "user.id", AT(user) },
	{ "enduser.id", AT(user) },
	{ "traceloop.association.properties.user_id", AT(user) },
	{ "tenant.id", AT(tenant) },
	{ "traceloop.association.properties.conversation_id", AT(session) },
	{ "traceloop.association.properties.chat_id", AT(session) },
	{ "traceloop.association.properties.tenant_id", AT(tenant) },
	{ "traceloop.association.properties.tenant", AT(tenant) },
	{ "metadata", AT(tags) },
#undef AT
};

/* Attributes that are kept as they are. */
static const struct attr_word values[] = {
#define AT(field) offsetof(struct attr_span, field)
	{ "input.value", AT(input) },
	{ "output.value", AT(output) },
	{ "traceloop.entity.input", AT(input) },
	{ "traceloop.entity.output", AT(output) },
	{ "mlflow.spanInputs", AT(input) },
	{ "mlflow.spanOutputs", AT(output) },
	{ "gen_ai.input.messages", AT(in_messages) },
	{ "gen_ai.output.messages", AT(out_messages) },
	{ "gen_ai.retrieval.documents", AT(documents) },
#undef AT
};

static const struct attr_count {
	const char *key;
	int out;
} counts[] = {
	{ "llm.token_count.prompt", 0 },
	{ "llm.token_count.completion", 1 },
	{ "gen_ai.usage.input_tokens", 0 },
	{ "gen_ai.usage.output_tokens", 1 },
	{ "gen_ai.usage.prompt_tokens", 0 },
	{ "gen_ai.usage.completion_tokens", 1 },
};

static void
take_word(struct attr_span *o, const char *key, const struct json *v)
{
	const struct json **value;
	const char **field;
	double *n;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(words[i].key, key) != 0)
			continue;
		field = (const char **)(void *)((char *)o + words[i].offset);
		if (*field == NULL)
			*field = import_text(o->arena, v);
		return;
	}
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		if (strcmp(values[i].key, key) != 0)
			continue;
		value = (const struct json **)(void *)((char *)o +
		    values[i].offset);
		if (*value == NULL)
			*value = v;
		return;
	}
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		if (strcmp(counts[i].key, key) != 0)
			continue;
		n = counts[i].out ? &o->tokens_out : &o->tokens_in;
		if (!isfinite(*n))
			*n = import_num(v);
		return;
	}
}

void
attr_take(struct attr_span *o, const char *key, const struct json *v)
{
	struct attr_span *s = o;

	if (strncmp(key, "gen_ai.", 7) == 0 || strncmp(key, "llm.", 4) == 0)
		s->is_model = 1;
	if (take_doc(o, 0, "retrieval.documents.", key, v) ||
	    take_doc(o, 1, "reranker.output_documents.", key, v) ||
	    take_message(o, "llm.input_messages.", s->asked, &s->n_asked, key,
	    v) ||
	    take_message(o, "gen_ai.prompt.", s->asked, &s->n_asked, key,
	    v) ||
	    take_message(o, "llm.output_messages.", s->said, &s->n_said, key,
	    v) ||
	    take_message(o, "gen_ai.completion.", s->said, &s->n_said, key,
	    v))
		return;
	take_word(o, key, v);
}

/* The keys of OpenInference's lists end with these; what is nested is then
 * told as if it had been flat. */
void
attr_take_nested(struct attr_span *o, const char *prefix,
    const struct json *v)
{
	char key[256];
	const struct json *e;
	size_t i = 0;
	int n;

	attr_take(o, prefix, v);
	if (json_kind(v) != JSON_OBJECT && json_kind(v) != JSON_ARRAY)
		return;
	for (e = json_first(v); e != NULL; e = json_next(e), i++) {
		n = json_kind(v) == JSON_ARRAY ?
		    snprintf(key, sizeof(key), "%s.%zu", prefix, i) :
		    snprintf(key, sizeof(key), "%s%s%s", prefix,
		    *prefix == '\0' ? "" : ".", json_key(e));
		if (n > 0 && (size_t)n < sizeof(key))
			attr_take_nested(o, key, e);
	}
}

void
attr_found(struct attr_span *o, const char *id, const char *text,
    double score)
{
	o->has_docs[0] = 1;
	if (o->n_docs[0] == ATTR_ITEMS_MAX)
		return;
	o->docs[0][o->n_docs[0]++] = (struct attr_doc){ id, text, NULL,
	    score, 1 };
}

void
attr_message(struct attr_span *o, int said, const char *role,
    const char *text)
{
	struct attr_message *m = said ? o->said : o->asked;
	int *n = said ? &o->n_said : &o->n_asked;

	if (text == NULL || *n == ATTR_ITEMS_MAX)
		return;
	m[(*n)++] = (struct attr_message){ role, text };
	o->is_model = 1;
}

/* ---- from a span to its trace ------------------------------------------ */

/*
 * Values that a source keeps only so much of: their length is exactly a round
 * limit.  OpenTelemetry cuts an attribute without a mark.
 */
static int
is_cut(const char *text)
{
	static const size_t limits[] = { 128, 255, 256, 500, 512, 1000, 1024,
	    2000, 2048, 4000, 4095, 4096, 8000, 8191, 8192, 10000, 12000,
	    12288, 16000, 16384, 32000, 32768, 65535, 65536 };
	size_t n = 0, i;

	if (text == NULL)
		return 0;
	for (i = 0; text[i] != '\0'; i++)
		n += ((unsigned char)text[i] & 0xc0) != 0x80;
	for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		if (n == limits[i])
			break;
	}
	if (i == sizeof(limits) / sizeof(limits[0]))
		return 0;
	/* a sentence that happens to end there is whole */
	for (i = strlen(text); i > 0 && isspace((unsigned char)text[i - 1]);)
		i--;
	return i > 0 && strchr(".!?)}]\"'", text[i - 1]) == NULL;
}

static const char *
last_of(const struct attr_message *v, int n, const char *role)
{
	const char *text = NULL;
	int i;

	for (i = 0; i < n; i++) {
		if (v[i].text != NULL && (role == NULL ||
		    (v[i].role != NULL && strcmp(v[i].role, role) == 0)))
			text = v[i].text;
	}
	return text;
}

static void
give_docs(struct import *im, struct attr_span *o, struct spans_trace *t)
{
	struct import_doc d;
	int stage, i;

	for (stage = 0; stage < 2; stage++) {
		if (!o->has_docs[stage])
			continue;
		spans_docs_begin(t, stage);
		for (i = 0; i < o->n_docs[stage]; i++) {
			if (!o->docs[stage][i].here)
				continue;
			d = (struct import_doc){ o->docs[stage][i].id,
			    o->docs[stage][i].text, o->docs[stage][i].source,
			    o->docs[stage][i].score };
			import_truncated(im, (uint64_t)is_cut(d.text));
			spans_doc(t, stage, &d);
		}
	}
}

static void
give_tools(struct attr_span *o, struct spans_trace *t)
{
	struct json_out out;
	struct buf b;
	int i;

	if (o->n_tools == 0)
		return;
	buf_init(&b, IMPORT_VALUE_MAX);
	json_out_init(&out, &b, 0);
	json_out_arr(&out);
	for (i = 0; i < o->n_tools; i++) {
		json_out_obj(&out);
		json_out_key(&out, "name");
		json_out_str(&out, o->tool_name[i]);
		json_out_key(&out, "arguments");
		json_out_str(&out, o->tool_args[i]);
		json_out_end(&out, '}');
	}
	json_out_end(&out, ']');
	spans_word(t, SPANS_TOOLS, buf_str(&b));
	buf_fini(&b);
}

static int
kind_is(const struct attr_span *s, const char *kind)
{
	return s->kind != NULL && strcasecmp(s->kind, kind) == 0;
}

/* What a retriever returned, where it is told as the span's output: a list of
 * passages under one of the usual names. */
static void
docs_of(struct attr_span *o, const struct json *list)
{
	const struct json *v;

	if (o->has_docs[0] || json_kind(list) != JSON_ARRAY)
		return;
	o->has_docs[0] = 1;
	for (v = json_first(list); v != NULL; v = json_next(v))
		attr_found(o, import_doc_id(o->arena, v),
		    import_doc_text(o->arena, v), import_doc_score(v));
}

/* Whether a list is one of passages: texts that have an id or a score, and are
 * no messages. */
static int
are_docs(struct attr_span *o, const struct json *list)
{
	const struct json *v;

	for (v = json_first(list); v != NULL; v = json_next(v)) {
		if (json_kind(v) != JSON_OBJECT ||
		    json_get(v, "role") != NULL ||
		    import_doc_text(o->arena, v) == NULL ||
		    (import_doc_id(o->arena, v) == NULL &&
		    !isfinite(import_doc_score(v))))
			return 0;
	}
	return json_first(list) != NULL;
}

/* OpenLLMetry has no kind for a search: a step that returned passages is one.
 * *own  JSON that they are of, to be freed when they are given */
static void
docs_of_step(struct attr_span *o, struct json **own)
{
	const char *text = json_str(o->output);
	const struct json *list;

	if (o->is_root || o->is_model || text == NULL ||
	    (*text != '[' && *text != '{') ||
	    (!kind_is(o, "task") && !kind_is(o, "tool")))
		return;
	*own = json_parse(text, strlen(text), NULL);
	list = import_doc_list(o->arena, *own);
	if (are_docs(o, list))
		docs_of(o, list);
}

static void
give_texts(struct attr_span *o, struct spans_trace *t)
{
	const char *asked = import_asked(o->arena, o->input);
	const char *said = import_said(o->arena, o->output);
	const char *model_asked = last_of(o->asked, o->n_asked, "user");
	const char *model_said = last_of(o->said, o->n_said, NULL);
	int searches = kind_is(o, "RETRIEVER") || kind_is(o, "RERANKER");

	if (model_asked == NULL)
		model_asked = import_asked(o->arena, o->in_messages);
	if (model_said == NULL)
		model_said = import_said(o->arena, o->out_messages);
	if (searches)
		spans_question(t, SPANS_RETRIEVER, asked);
	else if (!o->is_model && !kind_is(o, "EMBEDDING"))
		spans_question(t, o->is_root ? SPANS_ROOT : SPANS_GUESS,
		    asked);
	spans_question(t, SPANS_MODEL, model_asked != NULL ? model_asked :
	    o->is_model ? asked : NULL);
	if (o->is_root && !o->is_model && !searches)
		spans_answer(t, SPANS_ROOT, said, is_cut(said));
	spans_answer(t, SPANS_MODEL, model_said, is_cut(model_said));
	if (o->is_model && model_said == NULL)
		spans_answer(t, SPANS_MODEL, said, is_cut(said));
}

void
attr_give(struct import *im, struct attr_span *o, struct spans_trace *t)
{
	struct json *own = NULL;

	if (kind_is(o, "LLM") || kind_is(o, "CHAT_MODEL") ||
	    kind_is(o, "GENERATION"))
		o->is_model = 1;
	docs_of(o, o->documents);
	if (kind_is(o, "RETRIEVER"))
		docs_of(o, import_doc_list(o->arena, o->output));
	else
		docs_of_step(o, &own);
	give_texts(o, t);
	give_docs(im, o, t);
	give_tools(o, t);
	if (o->is_model)
		spans_tokens(t, o->tokens_in, o->tokens_out);
	spans_word(t, SPANS_MODEL_NAME, o->model);
	spans_word(t, SPANS_SESSION, o->session);
	spans_word(t, SPANS_USER, o->user);
	spans_word(t, SPANS_TENANT, o->tenant);
	spans_word(t, SPANS_TAGS, o->tags);
	json_free(own);
}
