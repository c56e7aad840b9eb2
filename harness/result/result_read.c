/*
 * Reads a report.json back into a result; see result.h. What a member is,
 * its row says (result_fields.c, case_fields.c).
 */
#include <math.h>
#include <string.h>

#include "harness/base/json_split.h"
#include "harness/result/field_part.h"

/* For one case, and for everything except cases. */
enum { REPORT_BYTES_MAX = 512 << 20 };

/* An error waits until the rest was found to be a report. */
static int
take_case(void *ctx, const struct json *j, struct err *err)
{
	struct field_in *in = ctx;
	struct result_case c;

	(void)err;
	if (in->rc != RC_OK)
		return RC_OK;
	arena_reset(in->one);
	result_case_init(&c);
	if (json_get_str(j, "id") == NULL)
		field_bad(in, "cases/id", "a string");
	field_read(in, case_fields, j, (char *)&c);
	if (in->rc == RC_OK)
		in->rc = result_case_add(in->r, &c, in->err);
	return RC_OK;
}

/* Ids in the file, indices in memory; n ids are looked for. */
static void
find_worst(struct field_in *in, const char *const *ids, size_t n)
{
	struct result *r = in->r;
	const struct result_case *c;
	struct result_reader cases;
	size_t i, k, left = n;

	for (k = 0; k < n; k++)
		r->worst[k] = r->n_cases;
	result_reader_init(&cases, r);
	for (i = 0; left > 0 && (c = result_case_next(&cases)) != NULL; i++) {
		for (k = 0; k < n; k++) {
			if (r->worst[k] < r->n_cases ||
			    strcmp(c->id, ids[k]) != 0)
				continue;
			r->worst[k] = i;
			left--;
		}
	}
	in->rc = result_reader_check(&cases, in->err);
	(void)result_reader_fini(&cases);
	if (left > 0)
		field_bad(in, "worst", "a list of ids of cases");
	r->n_worst = n;
}

static void
read_worst(struct field_in *in, const struct json *doc)
{
	const struct json *list = field_of_kind(in, "worst",
	    json_get(doc, "worst"), JSON_ARRAY), *v;
	const char *ids[sizeof(in->r->worst) / sizeof(in->r->worst[0])];
	const size_t max = sizeof(ids) / sizeof(ids[0]);
	size_t n = 0;

	for (v = json_first(list); v != NULL && n < max; v = json_next(v)) {
		ids[n++] = json_str(v);
		if (json_str(v) == NULL)
			field_bad(in, "worst", "a list of ids of cases");
	}
	if (in->rc == RC_OK)
		find_worst(in, ids, n);
}

static int
check_schema(const struct json *doc, struct err *err)
{
	double schema = json_get_num(doc, "schema", NAN);

	if (json_kind(doc) != JSON_OBJECT || isnan(schema) ||
	    json_get_str(doc, "lockstep") == NULL)
		return err_set(err, RC_FORMAT, "not a report of lockstep");
	if (schema > RESULT_SCHEMA)
		return err_set(err, RC_FORMAT, "written by lockstep %.40s in "
		    "schema %g; this version reads up to %d: use a newer "
		    "lockstep",
		    json_get_str(doc, "lockstep"), schema, RESULT_SCHEMA);
	return RC_OK;
}

/* First everything except cases, then errors of the cases. */
static void
read_doc(struct field_in *in, const struct json *doc, struct field_in *cases)
{
	const struct json *v;

	in->rc = check_schema(doc, in->err);
	if (in->rc == RC_OK)
		field_read(in, result_fields, doc, (char *)in->r);
	/* none but where the member's name is spelt with an escape */
	v = json_first(json_get(doc, "cases"));
	for (; v != NULL && in->rc == RC_OK; v = json_next(v))
		(void)take_case(cases, v, NULL);
	if (in->rc == RC_OK && cases->rc != RC_OK)
		in->rc = err_set(in->err, (enum rc)cases->rc, "%s",
		    cases->err->msg);
	if (in->rc == RC_OK)
		read_worst(in, doc);
}

int
result_read(const char *path, struct result **out, struct err *err)
{
	struct err own = ERR_INIT, of_cases = ERR_INIT;
	struct field_slots slots = { .n = 0 };
	struct field_in in = { .r = result_new(), .err = &own,
		.slots = &slots };
	struct field_in cases = { .r = in.r, .err = &of_cases,
		.slots = &slots };
	struct arena one;
	struct json *doc;

	*out = NULL;
	if (in.r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	arena_init(&one, REPORT_BYTES_MAX);
	cases.one = &one;
	doc = json_split(path, "cases", REPORT_BYTES_MAX, take_case, &cases,
	    &own);
	if (doc == NULL) {
		in.rc = own.code;
	} else {
		read_doc(&in, doc, &cases);
		json_free(doc);
		err_prefix(&own, "%s", path);
	}
	arena_fini(&one);
	if (in.rc != RC_OK) {
		result_free(in.r);
		return err_set(err, (enum rc)in.rc, "%s", own.msg);
	}
	*out = in.r;
	return RC_OK;
}
