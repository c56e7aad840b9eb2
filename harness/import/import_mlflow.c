/*
 * MLflow's traces as JSON, one a line or in a list: {"info": …, "data":
 * {"spans": […]}} (Trace.to_json(), or what its API gives); the rows of the
 * data frame that search_traces() gives, which hold it as a text in "trace";
 * {"spans": […]}, as it keeps them beside its store (traces.json).
 * source  MLflow's tracing documentation, schema versions 2 and 3; what
 *         MLflow 3.17 writes
 */
#include <math.h>
#include <string.h>

#include "harness/import/span_read_part.h"

/* Attributes are JSON within a text. */
static struct json *
unpack(const struct json *v)
{
	const char *s = json_str(v);
	struct json *j = s == NULL ? NULL : json_parse(s, strlen(s), NULL);

	return j != NULL ? j : json_copy(v);
}

static int64_t
nanos(const struct json *span, const char *a, const char *b)
{
	const struct json *v = json_get(span, a);

	return span_nanos(v != NULL ? v : json_get(span, b));
}

static const char *
parent_of(const struct json *span)
{
	const char *s = json_get_str(span, "parent_span_id");

	if (s == NULL)
		s = json_get_str(span, "parent_id");
	return s == NULL || *s == '\0' ? NULL : s;
}

/* The first number under one of two names. */
static double
number(const struct json *v, const char *a, const char *b)
{
	double n = import_num(json_get(v, a));

	return isfinite(n) ? n : import_num(json_get(v, b));
}

/* Told by MLflow, or in the model's own answer. */
static void
take_tokens(struct attr_span *s, const struct json *usage,
    const struct json *out)
{
	const struct json *own = json_get(out, "usage");

	s->tokens_in = number(usage, "input_tokens", "prompt_tokens");
	if (!isfinite(s->tokens_in))
		s->tokens_in = number(own, "input_tokens", "prompt_tokens");
	s->tokens_out = number(usage, "output_tokens", "completion_tokens");
	if (!isfinite(s->tokens_out))
		s->tokens_out = number(own, "output_tokens",
		    "completion_tokens");
}

/* What went wrong, in the span's own words. */
static void
take_status(struct span_reader *m, const struct json *span,
    struct spans_trace *t)
{
	const struct json *status = json_get(span, "status");
	const char *code = json_get_str(status, "code");
	const char *text = json_get_str(status, "message");

	if (m->s.is_root && code != NULL && text != NULL && *text != '\0' &&
	    strstr(code, "ERROR") != NULL)
		spans_error(t, text);
}

static void
take_span(struct span_reader *m, const struct json *span, struct spans_trace *t)
{
	const struct json *attributes = json_get(span, "attributes");
	struct json *in = unpack(json_get(attributes, "mlflow.spanInputs"));
	struct json *out = unpack(json_get(attributes, "mlflow.spanOutputs"));
	struct json *kind = unpack(json_get(attributes, "mlflow.spanType"));
	struct json *usage = unpack(json_get(attributes,
	    "mlflow.chat.tokenUsage"));

	span_begin(m, parent_of(span) == NULL);
	take_tokens(&m->s, usage, out);
	m->s.model = json_get_str(in, "model");
	take_status(m, span, t);
	m->s.kind = json_str(kind);
	m->s.input = in != NULL ? in : json_get(span, "inputs");
	m->s.output = out != NULL ? out : json_get(span, "outputs");
	attr_take_nested(&m->s, "", attributes);
	spans_time(t, nanos(span, "start_time_unix_nano", "start_time"),
	    nanos(span, "end_time_unix_nano", "end_time"));
	attr_give(m->im, &m->s, t);
	json_free(in);
	json_free(out);
	json_free(kind);
	json_free(usage);
}

/* A trace's tags without MLflow's own. NULL: no memory */
static struct json *
own_tags(const struct json *tags)
{
	struct json *own = json_new(JSON_OBJECT);
	const struct json *e;

	for (e = json_first(tags); e != NULL && own != NULL; e = json_next(e)) {
		if (strncmp(json_key(e), "mlflow.", 7) != 0)
			(void)json_set(own, json_key(e), json_copy(e));
	}
	return own;
}

/* The whole request, where it is told apart from the spans. */
static void
take_whole(struct span_reader *m, const struct json *v, struct spans_trace *t)
{
	const struct json *info = json_get(v, "info");
	const struct json *data = json_get(v, "data");
	const struct json *request = json_get(data, "request");
	const struct json *response = json_get(data, "response");
	const struct json *meta = json_get(info, "trace_metadata");
	struct json *tags = own_tags(json_get(info, "tags"));

	if (request == NULL)
		request = json_get(info, "request_preview");
	if (response == NULL)
		response = json_get(info, "response_preview");
	if (meta == NULL)
		meta = json_get(info, "request_metadata");
	span_begin(m, 1);
	m->s.input = request;
	m->s.output = response;
	m->s.session = json_get_str(meta, "mlflow.trace.session");
	m->s.user = json_get_str(meta, "mlflow.trace.user");
	if (json_first(tags) != NULL)
		m->s.tags = import_text(&m->arena, tags);
	spans_time(t, import_time(json_get_str(info, "request_time")), -1);
	attr_give(m->im, &m->s, t);
	json_free(tags);
}

/* Whose spans they are, where nothing is beside them. */
static const char *
id_of_spans(struct span_reader *m, const struct json *spans)
{
	const struct json *span = json_first(spans);
	struct json *id = unpack(json_get(json_get(span, "attributes"),
	    "mlflow.traceRequestId"));
	const char *s = json_str(id);

	arena_reset(&m->arena);
	s = arena_strn(&m->arena, s == NULL ? "" : s,
	    s == NULL ? 0 : strlen(s));
	json_free(id);
	return s != NULL && *s != '\0' ? s : json_get_str(span, "trace_id");
}

static int
take_whole_trace(struct span_reader *m, const struct json *v, struct err *err)
{
	const struct json *info = json_get(v, "info"), *e;
	const struct json *spans = json_get(json_get(v, "data"), "spans");
	const char *id = json_get_str(info, "trace_id");
	const char *state = json_get_str(info, "state");
	struct spans_trace *t;
	int rc;

	if (id == NULL)
		id = json_get_str(info, "request_id");
	if (info == NULL && spans == NULL)
		spans = json_get(v, "spans");
	if (id == NULL)
		id = id_of_spans(m, spans);
	rc = span_trace(m, id, "a record without info.trace_id", &t, err);
	if (t == NULL)
		return rc;
	for (e = json_first(spans); e != NULL; e = json_next(e))
		take_span(m, e, t);
	take_whole(m, v, t);
	if (state == NULL)
		state = json_get_str(info, "status");
	if (state != NULL && strcmp(state, "ERROR") == 0)
		spans_error(t, "the trace ended with an error");
	return RC_OK;
}

static int
take_trace(void *ctx, const struct json *v, struct err *err)
{
	const struct json *text = json_get(v, "trace");
	struct json *row;
	int rc;

	/* a row of a data frame */
	if (json_kind(text) != JSON_STRING)
		return take_whole_trace(ctx, v, err);
	row = unpack(text);
	rc = take_whole_trace(ctx, row, err);
	json_free(row);
	return rc;
}

static int
read_mlflow(struct import *im, struct import_src *src, struct err *err)
{
	return span_read(im, src, NULL, take_trace, err);
}

const struct import_format import_mlflow = {
	.name = "mlflow",
	.help = "MLflow's traces as JSON",
	.read = read_mlflow,
};
