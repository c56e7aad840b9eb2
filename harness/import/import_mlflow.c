/*
 * MLflow's traces as JSON (Trace.to_json(), or what its API gives), one a
 * line or in a list: {"info": …, "data": {"spans": […]}}.
 * source  MLflow's tracing documentation, schema versions 2 and 3
 */
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

static void
take_span(struct span_reader *m, const struct json *span, struct spans_trace *t)
{
	const struct json *attributes = json_get(span, "attributes");
	struct json *in = unpack(json_get(attributes, "mlflow.spanInputs"));
	struct json *out = unpack(json_get(attributes, "mlflow.spanOutputs"));
	struct json *kind = unpack(json_get(attributes, "mlflow.spanType"));

	span_begin(m, parent_of(span) == NULL);
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
	spans_time(t, import_time(json_get_str(info, "request_time")), -1);
	attr_give(m->im, &m->s, t);
}

static int
take_trace(void *ctx, const struct json *v, struct err *err)
{
	struct span_reader *m = ctx;
	const struct json *info = json_get(v, "info"), *e;
	const char *id = json_get_str(info, "trace_id");
	const char *state = json_get_str(info, "state");
	struct spans_trace *t;
	int rc;

	if (id == NULL)
		id = json_get_str(info, "request_id");
	rc = span_trace(m, id, "a record without info.trace_id", &t, err);
	if (t == NULL)
		return rc;
	for (e = json_first(json_get(json_get(v, "data"), "spans"));
	    e != NULL; e = json_next(e))
		take_span(m, e, t);
	take_whole(m, v, t);
	if (state == NULL)
		state = json_get_str(info, "status");
	if (state != NULL && strcmp(state, "ERROR") == 0)
		spans_error(t, "the trace ended with an error");
	return RC_OK;
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
