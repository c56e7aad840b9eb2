/*
 * Langfuse: traces and observations as its API and its exports give them
 * ({"data": […]}, a list, or lines), observations within their trace or
 * apart, names in camelCase or snake_case.
 * source  Langfuse's public API reference
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "harness/import/span_read_part.h"

static const struct json *
either(const struct json *v, const char *camel, const char *snake)
{
	const struct json *e = json_get(v, camel);

	return e != NULL ? e : json_get(v, snake);
}

static const char *
either_str(const struct json *v, const char *camel, const char *snake)
{
	return json_str(either(v, camel, snake));
}

static double
tokens(const struct json *v, const char *const *names)
{
	const struct json *usage = either(v, "usageDetails", "usage_details");
	const struct json *old = json_get(v, "usage");
	double n = NAN;

	for (; !isfinite(n) && *names != NULL; names++) {
		n = import_num(json_get(usage, *names));
		if (!isfinite(n))
			n = import_num(json_get(old, *names));
		if (!isfinite(n))
			n = import_num(json_get(v, *names));
	}
	return n;
}

/* A passage list or an object that stands in a text, as the API's second
 * version gives them. *own is freed by the caller, when v is used up. */
static const struct json *
unpacked(const struct json *v, struct json **own)
{
	size_t n;
	const char *s = json_text(v, &n);

	*own = s != NULL && (*s == '[' || *s == '{') ?
	    json_parse(s, n, NULL) : NULL;
	return *own != NULL ? *own : v;
}

static void
take_texts(struct span_reader *f, const struct json *v, int is_trace)
{
	static const char *const in[] = { "input", "promptTokens",
	    "prompt_tokens", "inputTokens", NULL };
	static const char *const out[] = { "output", "completionTokens",
	    "completion_tokens", "outputTokens", NULL };

	f->s.input = json_get(v, "input");
	f->s.output = json_get(v, "output");
	if (is_trace)
		return;
	f->s.model = json_get_str(v, "model");
	f->s.tokens_in = tokens(v, in);
	f->s.tokens_out = tokens(v, out);
}

/* A search is told by its type, or by its name. */
static const char *
kind_of(const struct json *v)
{
	const char *type = json_get_str(v, "type");
	const char *name = json_get_str(v, "name");

	if (type != NULL && strcasecmp(type, "SPAN") != 0 &&
	    strcasecmp(type, "EVENT") != 0)
		return type;
	if (name != NULL && (strcasestr(name, "retriev") != NULL ||
	    strcasestr(name, "search") != NULL))
		return "RETRIEVER";
	return NULL;
}

static int
observation(struct span_reader *f, const struct json *v, const char *trace_id,
    struct err *err)
{
	const char *id = either_str(v, "traceId", "trace_id");
	const char *level = json_get_str(v, "level");
	struct json *in, *out;
	struct spans_trace *t;
	int rc;

	rc = span_trace(f, id != NULL ? id : trace_id, "an observation without "
	    "a traceId", &t, err);
	if (t == NULL)
		return rc;
	span_begin(f, trace_id == NULL && either_str(v,
	    "parentObservationId", "parent_observation_id") == NULL);
	f->s.kind = kind_of(v);
	take_texts(f, v, 0);
	f->s.input = unpacked(f->s.input, &in);
	f->s.output = unpacked(f->s.output, &out);
	f->s.session = either_str(v, "sessionId", "session_id");
	f->s.user = either_str(v, "userId", "user_id");
	spans_time(t, import_time(either_str(v, "startTime", "start_time")),
	    import_time(either_str(v, "endTime", "end_time")));
	if (level != NULL && strcmp(level, "ERROR") == 0)
		spans_error(t, either_str(v, "statusMessage",
		    "status_message"));
	attr_give(f->im, &f->s, t);
	json_free(in);
	json_free(out);
	return RC_OK;
}

static int
trace(struct span_reader *f, const struct json *v, struct err *err)
{
	const char *id = json_get_str(v, "id");
	const struct json *tags = json_get(v, "metadata"), *e;
	double seconds = import_num(json_get(v, "latency"));
	int64_t at = import_time(json_get_str(v, "timestamp"));
	struct spans_trace *t;
	int rc = span_trace(f, id, "a record that is neither a trace nor an "
	    "observation", &t, err);

	if (t == NULL)
		return rc;
	span_begin(f, 1);
	take_texts(f, v, 1);
	f->s.session = either_str(v, "sessionId", "session_id");
	f->s.user = either_str(v, "userId", "user_id");
	f->s.tags = json_kind(tags) == JSON_OBJECT ?
	    import_text(&f->arena, tags) : NULL;
	spans_time(t, at, at < 0 || !(seconds >= 0 && seconds < 1e9) ? -1 :
	    at + (int64_t)(seconds * 1e9));
	attr_give(f->im, &f->s, t);
	for (e = json_first(json_get(v, "observations"));
	    e != NULL && rc == RC_OK; e = json_next(e)) {
		if (json_kind(e) == JSON_OBJECT)
			rc = observation(f, e, id, err);
	}
	return rc;
}

static int
record(void *ctx, const struct json *v, struct err *err)
{
	if (either_str(v, "traceId", "trace_id") != NULL)
		return observation(ctx, v, NULL, err);
	return trace(ctx, v, err);
}

static int
page(void *ctx, const struct json *v, struct err *err)
{
	return import_page(v, record, ctx, err);
}

static int
read_langfuse(struct import *im, struct import_src *src, struct err *err)
{
	return span_read(im, src, NULL, page, err);
}

const struct import_format import_langfuse = {
	.name = "langfuse",
	.help = "Langfuse's traces and observations, from its API or an export",
	.read = read_langfuse,
};
