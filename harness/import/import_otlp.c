/*
 * OTLP/JSON spans, as collectors' file exporters write them: one document a
 * line, or whole.  Attributes are read by three conventions at once:
 * OpenInference, OpenTelemetry's gen_ai, OpenLLMetry's (traceloop).
 * source  opentelemetry-proto trace/v1 in JSON; the conventions' public
 *         specifications
 */
#include <string.h>

#include "harness/import/span_read_part.h"

/* ---- events ------------------------------------------------------------ */

static const struct json *
attribute(const struct json *owner, const char *key)
{
	const struct json *v;
	const char *k;

	for (v = json_first(json_get(owner, "attributes")); v != NULL;
	    v = json_next(v)) {
		k = json_get_str(v, "key");
		if (k != NULL && strcmp(k, key) == 0)
			return json_get(v, "value");
	}
	return NULL;
}

/* The text of an AnyValue. */
static const char *
text_of(struct span_reader *o, const struct json *event, const char *key)
{
	return import_text(&o->arena, json_first(attribute(event, key)));
}

static void
take_found(struct span_reader *o, const struct json *event)
{
	const struct json *score = attribute(event, "db.query.result.score");

	if (score == NULL)
		score = attribute(event, "db.query.result.distance");
	attr_found(&o->s, text_of(o, event, "db.query.result.id"),
	    text_of(o, event, "db.query.result.document"),
	    import_num(json_first(score)));
}

static void
take_said(struct span_reader *o, int said, const char *role,
    const struct json *event)
{
	const char *text = text_of(o, event, "content");

	if (text == NULL)
		text = text_of(o, event, "message");
	attr_message(&o->s, said, role, text);
}

static void
take_event(struct span_reader *o, struct spans_trace *t,
    const struct json *event)
{
	const char *name = json_get_str(event, "name");

	if (name == NULL)
		return;
	if (strcmp(name, "db.query.result") == 0)
		take_found(o, event);
	else if (strcmp(name, "gen_ai.user.message") == 0)
		take_said(o, 0, "user", event);
	else if (strcmp(name, "gen_ai.choice") == 0)
		take_said(o, 1, "assistant", event);
	else if (strcmp(name, "exception") == 0)
		spans_error(t, text_of(o, event, "exception.message"));
}

static int
take_span(struct span_reader *o, const struct json *span, struct err *err)
{
	const char *id = json_get_str(span, "traceId"), *parent, *key;
	const struct json *v, *status = json_get(span, "status");
	struct spans_trace *t;
	int rc;

	rc = span_trace(o, id, "a span without a traceId", &t, err);
	if (t == NULL)
		return rc;
	parent = json_get_str(span, "parentSpanId");
	span_begin(o, parent == NULL || *parent == '\0');
	for (v = json_first(json_get(span, "attributes")); v != NULL;
	    v = json_next(v)) {
		key = json_get_str(v, "key");
		if (key != NULL)
			attr_take(&o->s, key, json_first(json_get(v, "value")));
	}
	for (v = json_first(json_get(span, "events")); v != NULL;
	    v = json_next(v))
		take_event(o, t, v);
	if (json_get_int(span, "droppedAttributesCount", 0) > 0)
		import_truncated(o->im, 1);
	spans_time(t, span_nanos(json_get(span, "startTimeUnixNano")),
	    span_nanos(json_get(span, "endTimeUnixNano")));
	if (json_get_int(status, "code", 0) == 2)
		spans_error(t, json_get_str(status, "message"));
	attr_give(o->im, &o->s, t);
	return RC_OK;
}

static int
resource_spans(void *ctx, const struct json *v, struct err *err)
{
	struct span_reader *o = ctx;
	const struct json *scope, *span;
	const struct json *scopes = json_get(v, "scopeSpans");
	int rc = RC_OK;

	if (scopes == NULL)
		scopes = json_get(v, "instrumentationLibrarySpans");
	for (scope = json_first(scopes); scope != NULL && rc == RC_OK;
	    scope = json_next(scope)) {
		for (span = json_first(json_get(scope, "spans"));
		    span != NULL && rc == RC_OK; span = json_next(span))
			rc = take_span(o, span, err);
	}
	return rc;
}

static int
read_otlp(struct import *im, struct import_src *src, struct err *err)
{
	return span_read(im, src, "resourceSpans", resource_spans, err);
}

const struct import_format import_otlp = {
	.name = "otlp",
	.help = "OpenTelemetry spans as OTLP/JSON (OpenInference, gen_ai,\n"
	    "OpenLLMetry)",
	.read = read_otlp,
};
