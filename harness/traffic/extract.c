/* Extracts what the metrics need from one exchange; see extract.h. */
#include "harness/traffic/extract.h"

#include <string.h>

#include "harness/base/text.h"
#include "harness/traffic/extract_part.h"

/* Why an answer holds nothing: what the service itself says, if anything. */
static void
nothing(struct answer *out, const struct json *j)
{
	const char *s = json_get_str(j, "message");

	if (s == NULL)
		s = json_get_str(j, "detail");
	if (s != NULL)
		extract_fail(out, OUTCOME_EXTRACT_FAILED,
		    "the answer says: %.300s", s);
	else
		extract_fail(out, OUTCOME_EXTRACT_FAILED, "%s",
		    out->odd == JSON_NULL ? "the answer is null" :
		    "nothing where the suite's pointers point");
}

/* ---- the text ---------------------------------------------------------- */

/* Tool calls are an answer, or a part of it. */
static void
add_tools(struct answer *out)
{
	struct answer_mem *mem = out->mem;
	struct buf b;
	size_t n = 0;

	out->tools = extract_tools_text(mem, &n);
	if (out->tools == NULL)
		return;
	out->odd = JSON_NONE;
	if (out->text == NULL || out->blank) {
		out->text = out->tools;
		out->text_n = n;
		out->blank = 0;
		return;
	}
	buf_init(&b, SIZE_MAX / 2);
	buf_add(&b, out->text, out->text_n);
	buf_putc(&b, '\n');
	buf_add(&b, out->tools, n);
	out->text = extract_keep(mem, buf_str(&b), b.len);
	out->text_n = b.len;
	buf_fini(&b);
}

/* What was expected to be text and is none is said, and judged as JSON. */
static void
say_odd(struct answer *out)
{
	static const char *const kinds[] = {
		[JSON_NUMBER] = "a number", [JSON_BOOL] = "true or false",
		[JSON_ARRAY] = "a list", [JSON_OBJECT] = "an object"
	};

	if (out->why != NULL)
		return;
	if (out->blank)
		out->why = "the answer is blank";
	else if (out->garbled)
		out->why = "the answer is not UTF-8";
	else if (out->text != NULL && out->odd >= JSON_NUMBER &&
	    out->odd != JSON_STRING) {
		struct buf b;

		buf_init(&b, 200);
		buf_printf(&b, "the answer is %s, compared as JSON",
		    kinds[out->odd]);
		out->why = extract_keep(out->mem, buf_str(&b), b.len);
		buf_fini(&b);
	}
}

static void
settle_text(struct answer *out)
{
	if (out->text != NULL) {
		out->garbled = !text_valid(out->text, out->text_n);
		out->blank = text_is_blank(out->text, out->text_n);
	}
	add_tools(out);
	if (out->blank) {
		out->text = NULL;
		out->text_n = 0;
	}
	say_odd(out);
	if (out->outcome == OUTCOME_OK && out->text != NULL &&
	    !out->mem->told && extract_is_refusal(out->text, out->text_n))
		out->outcome = OUTCOME_REFUSED;
}

/* ---- what it is -------------------------------------------------------- */

static void
judge_finish(struct answer *out)
{
	enum outcome o = extract_finish(out->mem->finish);

	out->finish = out->mem->finish;
	if (out->outcome != OUTCOME_OK || o == OUTCOME_OK)
		return;
	extract_fail(out, o, "%s: %.200s", o == OUTCOME_CUT ?
	    "the service cut the answer short" : o == OUTCOME_FILTERED ?
	    "the service's filter stopped the answer" :
	    "the service gave up", out->mem->finish);
}

static void
judge(const struct extract_spec *spec, unsigned got, struct answer *out)
{
	unsigned primary = (extract_maps_answer(spec) ?
	    GOT_ANSWER | GOT_TOOLS : 0U) |
	    (spec->retrieved.present ? GOT_RETRIEVED : 0U);

	judge_finish(out);
	if (primary != 0 && (got & primary) == 0 &&
	    out->outcome == OUTCOME_OK)
		nothing(out, out->body);
	settle_text(out);
	out->n_cited = extract_marked(&spec->cited, out->cited, out->n_cited,
	    out->text, out->text_n);
}

/* ---- shapes of bodies -------------------------------------------------- */

static void
from_text(const struct ex_bytes *body, struct answer *out)
{
	out->text = extract_keep(out->mem, body->p == NULL ? "" : body->p,
	    body->n);
	out->text_n = out->text == NULL ? 0 : body->n;
	settle_text(out);
}

static void
from_json(const struct extract_spec *spec, const struct ex_bytes *body,
    struct answer *out)
{
	struct err e = ERR_INIT;
	struct buf words;

	out->body = body->p == NULL ? NULL :
	    json_doc_parse(out->mem->doc, body->p, body->n, &e);
	if (out->body == NULL) {
		extract_fail(out, OUTCOME_BAD_JSON, "%s",
		    body->p != NULL && body->n > 0 ? e.msg :
		    body->spill != NULL ?
		    "a body beside the trace that was not read" :
		    "an empty body");
		return;
	}
	if (extract_is_listed(spec, out->body)) {
		judge(spec, extract_listed(spec, out->body, out), out);
		return;
	}
	buf_init(&words, 1024);
	if (extract_error(spec, NULL, out->body, &words))
		extract_fail(out, OUTCOME_SERVICE_ERROR,
		    "the service says: %s", buf_str(&words));
	buf_fini(&words);
	judge(spec, extract_from(spec, out->body, 0, out), out);
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

/* A stream of which the packing was cut off is whole when its end mark is
 * there. */
static void
from_stream(const struct extract_spec *spec, const struct exchange *ex,
    const struct ex_bytes *body, enum sse_format kind, struct answer *out)
{
	enum outcome packing = out->outcome;
	const char *why = out->why;
	unsigned got;

	if (packing == OUTCOME_UNDECODABLE) {
		out->outcome = OUTCOME_OK;
		out->why = NULL;
	}
	got = extract_stream(spec, body, kind, out);
	if (packing == OUTCOME_UNDECODABLE && !out->mem->ended &&
	    out->outcome != OUTCOME_SERVICE_ERROR) {
		out->outcome = packing;
		out->why = why;
	}
	judge(spec, got, out);
	token_gap(ex, out);
}

/* An answer that failed may still hold what an `expect` looks at. */
static void
from_failure(const struct exchange *ex, struct answer *out)
{
	struct ex_bytes body;
	int said = ex->outcome == OUTCOME_HTTP_4XX ||
	    ex->outcome == OUTCOME_HTTP_429 ||
	    ex->outcome == OUTCOME_HTTP_5XX;

	if (said && ex->status > 0 && extract_body(ex, out, &body) == RC_OK &&
	    out->outcome == OUTCOME_OK && body.p != NULL)
		out->body = json_doc_parse(out->mem->doc, body.p, body.n,
		    NULL);
	out->outcome = ex->outcome;
	out->why = ex->why;
}

static void
from_body(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out)
{
	struct ex_bytes body;
	enum sse_format kind;

	/* what the recorder or the engine saw goes for what is seen again */
	if (ex->outcome == OUTCOME_SERVICE_ERROR)
		extract_fail(out, ex->outcome, "%s", ex->why != NULL ?
		    ex->why : "the service says that it failed");
	if (extract_body(ex, out, &body) != RC_OK)
		return;
	kind = extract_stream_kind(spec, ex, &body);
	if (kind != SSE_NONE)
		from_stream(spec, ex, &body, kind, out);
	else if (out->outcome == OUTCOME_UNDECODABLE)
		return;
	else if (spec->body_text)
		from_text(&body, out);
	else
		from_json(spec, &body, out);
}

int
extract_answer(const struct extract_spec *spec, const struct exchange *ex,
    struct answer *out, struct err *err)
{
	if (answer_begin(out) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (ex->generic && extract_generic() != NULL)
		spec = extract_generic();
	if (outcome_is_answer(ex->outcome) ||
	    ex->outcome == OUTCOME_SERVICE_ERROR)
		from_body(spec, ex, out);
	else
		from_failure(ex, out);
	extract_pins_of_header(spec, ex, out);
	if (out->mem->nomem)
		return err_set(err, RC_NOMEM, "out of memory");
	return RC_OK;
}
