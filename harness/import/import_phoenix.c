/*
 * Phoenix's spans: what its REST API gives ({"data": [span, …]}), a spans
 * data frame as JSON records (columns "attributes.input.value", …), or lines
 * of either.
 * source  Arize Phoenix's REST API and client documentation
 */
#include <stdio.h>
#include <string.h>

#include "harness/import/span_read_part.h"

/* A member of the span, or a column of that name. */
static const struct json *
member(const struct json *span, const char *outer, const char *name)
{
	char column[64];
	const struct json *v = json_get(json_get(span, outer), name);

	if (v != NULL)
		return v;
	(void)snprintf(column, sizeof(column), "%s.%s", outer, name);
	return json_get(span, column);
}

static void
attributes(struct span_reader *p, const struct json *span)
{
	static const char prefix[] = "attributes.";
	const struct json *v, *kind = json_get(span, "span_kind");

	if (json_str(kind) != NULL)
		attr_take(&p->s, "openinference.span.kind", kind);
	attr_take_nested(&p->s, "", json_get(span, "attributes"));
	for (v = json_first(span); v != NULL; v = json_next(v)) {
		if (strncmp(json_key(v), prefix, sizeof(prefix) - 1) == 0)
			attr_take_nested(&p->s,
			    json_key(v) + sizeof(prefix) - 1, v);
	}
}

/* A time as text, or as milliseconds of a data frame. */
static int64_t
time_of(const struct json *v)
{
	double ms;

	if (json_str(v) != NULL)
		return import_time(json_str(v));
	ms = json_num(v, -1);
	return ms > 0 && ms < 1e14 ? (int64_t)(ms * 1e6) : -1;
}

static int
take_span(void *ctx, const struct json *span, struct err *err)
{
	struct span_reader *p = ctx;
	const char *id = json_str(member(span, "context", "trace_id"));
	const char *status = json_get_str(span, "status_code");
	const struct json *parent = json_get(span, "parent_id");
	struct spans_trace *t;
	int rc;

	if (id == NULL)
		id = json_get_str(span, "trace_id");
	rc = span_trace(p, id, "a span without a trace_id", &t, err);
	if (t == NULL)
		return rc;
	span_begin(p, json_str(parent) == NULL || *json_str(parent) == '\0');
	attributes(p, span);
	spans_time(t, time_of(json_get(span, "start_time")),
	    time_of(json_get(span, "end_time")));
	if (status != NULL && strcmp(status, "ERROR") == 0)
		spans_error(t, json_get_str(span, "status_message"));
	attr_give(p->im, &p->s, t);
	return RC_OK;
}

static int
page(void *ctx, const struct json *v, struct err *err)
{
	return import_page(v, take_span, ctx, err);
}

static int
read_phoenix(struct import *im, struct import_src *src, struct err *err)
{
	return span_read(im, src, NULL, page, err);
}

const struct import_format import_phoenix = {
	.name = "phoenix",
	.help = "Phoenix's spans: JSON from its API, or records of a data "
	    "frame",
	.read = read_phoenix,
};
