/* What the metrics need, out of one exchange; see extract.h. */
#include "harness/traffic/extract.h"

#include "harness/traffic/extract_part.h"

/* Why an answer holds nothing: what the service itself says, if anything. */
static void
failed(struct answer *out, const struct json *j)
{
	const struct json *e = json_get(j, "error");
	const char *s = json_str(e) != NULL ? json_str(e) :
	    json_get_str(e, "message");
	struct buf b;

	out->outcome = OUTCOME_EXTRACT_FAILED;
	if (s == NULL)
		s = json_get_str(j, "message");
	if (s == NULL)
		s = json_get_str(j, "detail");
	if (s == NULL) {
		out->why = "nothing where the suite's pointers say";
		return;
	}
	buf_init(&b, 512);
	buf_printf(&b, "the answer says: %.300s", s);
	out->why = extract_keep(out->mem, buf_str(&b), b.len);
	buf_fini(&b);
}

static void
judge(const struct extract_spec *spec, unsigned got, struct answer *out)
{
	unsigned primary = (spec->answer.n > 0 || spec->token.n > 0 ?
	    GOT_ANSWER : 0U) | (spec->retrieved.present ? GOT_RETRIEVED : 0U);

	if (primary != 0 && (got & primary) == 0 &&
	    out->outcome == OUTCOME_OK)
		failed(out, out->body);
	if (out->outcome == OUTCOME_OK && out->text != NULL &&
	    extract_is_refusal(out->text, out->text_n))
		out->outcome = OUTCOME_REFUSED;
	out->n_cited = extract_marked(&spec->cited, out->cited, out->n_cited,
	    out->text, out->text_n);
}

static void
from_text(const struct exchange *ex, struct answer *out)
{
	out->text = ex->res_body.p == NULL ? "" : ex->res_body.p;
	out->text_n = ex->res_body.n;
	if (out->text_n > 0)
		out->text = extract_keep(out->mem, out->text, out->text_n);
	if (out->text != NULL && extract_is_refusal(out->text, out->text_n))
		out->outcome = OUTCOME_REFUSED;
}

static void
from_json(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out)
{
	struct err e = ERR_INIT;
	struct buf b;

	out->body = ex->res_body.p == NULL ? NULL :
	    json_doc_parse(out->mem->doc, ex->res_body.p, ex->res_body.n,
	    &e);
	if (out->body != NULL) {
		judge(spec, extract_from(spec, out->body, 0, out), out);
		return;
	}
	out->outcome = OUTCOME_BAD_JSON;
	if (ex->res_body.p == NULL || ex->res_body.n == 0) {
		out->why = ex->res_body.spill != NULL ?
		    "a body beside the trace that was not read" :
		    "an empty body";
		return;
	}
	buf_init(&b, 600);
	buf_printf(&b, "%s", e.msg);
	out->why = extract_keep(out->mem, buf_str(&b), b.len);
	buf_fini(&b);
}

/* The mean time between the pieces of a stream. */
static void
token_gap(const struct exchange *ex, struct answer *out)
{
	size_t n = ex->n_chunks;

	if (n >= 2)
		out->itl_ns = (ex->chunks[n - 1].at_ns -
		    ex->chunks[0].at_ns) / (int64_t)(n - 1);
}

/* An answer that failed may still hold what an `expect` looks at. */
static void
from_failure(const struct exchange *ex, struct answer *out)
{
	out->outcome = ex->outcome;
	out->why = ex->why;
	if (ex->status > 0 && ex->res_body.p != NULL &&
	    (ex->outcome == OUTCOME_HTTP_4XX ||
	    ex->outcome == OUTCOME_HTTP_429 ||
	    ex->outcome == OUTCOME_HTTP_5XX))
		out->body = json_doc_parse(out->mem->doc, ex->res_body.p,
		    ex->res_body.n, NULL);
}

int
extract_answer(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out, struct err *err)
{
	int kind;

	if (answer_begin(out) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (ex->outcome != OUTCOME_OK && ex->outcome != OUTCOME_REFUSED) {
		from_failure(ex, out);
		extract_pins_of_header(spec, ex, out);
		return RC_OK;
	}
	kind = extract_stream_kind(spec, ex);
	if (kind != 0) {
		judge(spec, extract_stream(spec, ex, kind, out), out);
		token_gap(ex, out);
	} else if (spec->body_text) {
		from_text(ex, out);
	} else {
		from_json(spec, ex, out);
	}
	extract_pins_of_header(spec, ex, out);
	if (out->mem->nomem)
		return err_set(err, RC_NOMEM, "out of memory");
	return RC_OK;
}
