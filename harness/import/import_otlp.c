/*
 * OTLP/JSON spans, as collectors' file exporters write them: one document a
 * line, or whole.  Attributes are read by three conventions at once:
 * OpenInference, OpenTelemetry's gen_ai, OpenLLMetry's (traceloop).
 * source  opentelemetry-proto trace/v1 in JSON; the conventions' public
 *         specifications
 */
#include <stdlib.h>
#include <string.h>

#include "harness/import/attr_part.h"

struct otlp {
	struct import *im;
	struct import_src *src;
	struct spans *spans;
	struct arena arena;
	struct attr_span s;
};

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
text_of(struct otlp *o, const struct json *event, const char *key)
{
	return import_text(&o->arena, json_first(attribute(event, key)));
}

static void
take_found(struct otlp *o, const struct json *event)
{
	const struct json *score = attribute(event, "db.query.result.score");

	if (score == NULL)
		score = attribute(event, "db.query.result.distance");
	attr_found(&o->s, text_of(o, event, "db.query.result.id"),
	    text_of(o, event, "db.query.result.document"),
	    import_num(json_first(score)));
}

static void
take_said(struct otlp *o, int said, const char *role,
    const struct json *event)
{
	const char *text = text_of(o, event, "content");

	if (text == NULL)
		text = text_of(o, event, "message");
	attr_message(&o->s, said, role, text);
}

static void
take_event(struct otlp *o, struct spans_trace *t, const struct json *event)
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

static int64_t
nanos(const struct json *span, const char *key)
{
	const struct json *v = json_get(span, key);
	const char *s = json_str(v);

	return s != NULL ? strtoll(s, NULL, 10) : json_int(v, -1);
}

static int
take_span(struct otlp *o, const struct json *span, struct err *err)
{
	const char *id = json_get_str(span, "traceId"), *parent, *key;
	const struct json *v, *status = json_get(span, "status");
	struct spans_trace *t;

	import_seen(o->im);
	if (id == NULL || *id == '\0') {
		import_unusable(o->im, o->src, "a span without a traceId");
		return RC_OK;
	}
	t = spans_of(o->spans, id, err);
	if (t == NULL)
		return err->code != RC_OK ? (int)err->code : RC_NOMEM;
	arena_reset(&o->arena);
	attr_start(&o->s, &o->arena);
	parent = json_get_str(span, "parentSpanId");
	o->s.is_root = parent == NULL || *parent == '\0';
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
	spans_time(t, nanos(span, "startTimeUnixNano"),
	    nanos(span, "endTimeUnixNano"));
	if (json_get_int(status, "code", 0) == 2)
		spans_error(t, json_get_str(status, "message"));
	attr_give(o->im, &o->s, t);
	return RC_OK;
}

static int
resource_spans(void *ctx, const struct json *v, struct err *err)
{
	struct otlp *o = ctx;
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
	struct otlp *o = calloc(1, sizeof(*o));
	int rc;

	if (o == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	o->im = im;
	o->src = src;
	arena_init(&o->arena, 4 * IMPORT_VALUE_MAX);
	rc = spans_new(im, src, &o->spans, err);
	if (rc == RC_OK)
		rc = import_values(im, src, "resourceSpans", resource_spans,
		    o, err);
	if (rc == RC_OK)
		rc = spans_end(o->spans, err);
	spans_free(o->spans);
	arena_fini(&o->arena);
	free(o);
	return rc;
}

const struct import_format import_otlp = {
	.name = "otlp",
	.help = "OpenTelemetry spans as OTLP/JSON (OpenInference, gen_ai,\n"
	    "OpenLLMetry)",
	.read = read_otlp,
};
