/* Reads one JSON value: a whole answer, or one event of a stream. */
#include <math.h>
#include <string.h>

#include "harness/traffic/extract_part.h"

/* Of a stream's usage, which grows, the last one counts. */
static double
number_at(const struct ptr_alt *a, const struct json *j, double now)
{
	double v = a->n > 0 ? extract_as_number(alt_find(a, j)) : NAN;

	return isnan(v) ? now : v;
}

/* Of a list of events, the last one tells why the service stopped. */
static int
keep_reason(void *ctx, const struct json *j)
{
	const char *s = json_str(j);

	if (s != NULL && *s != '\0')
		*(const char **)ctx = s;
	return 0;
}

static const char *
reason_of(const struct ptr_alt *a, const struct json *j)
{
	const char *s = NULL;
	size_t i;

	for (i = 0; i < a->n && s == NULL; i++)
		(void)json_ptr_each(a->p[i], j, keep_reason, &s);
	return s;
}

/* What the service says of itself: declined, stopped, failed. */
static void
get_said(const struct extract_spec *spec, const struct json *j,
    struct answer *out)
{
	const struct json *v = alt_find(&spec->refusal, j);
	const char *s;

	if ((json_bool(v, 0) || (json_str(v) != NULL &&
	    *json_str(v) != '\0')) && out->outcome == OUTCOME_OK)
		out->outcome = OUTCOME_REFUSED;
	out->mem->told |= json_kind(v) == JSON_BOOL;
	s = reason_of(&spec->finish, j);
	if (s != NULL)
		out->mem->finish = extract_keep(out->mem, s, strlen(s));
	v = alt_find(&spec->filtered, j);
	if (json_bool(v, 0) || (json_str(v) != NULL && *json_str(v) != '\0'))
		extract_fail(out, OUTCOME_FILTERED,
		    "the service's filter stopped the answer: %.200s",
		    json_str(v) != NULL ? json_str(v) : "it says so");
}

static unsigned
get_answer(const struct extract_spec *spec, const struct json *j,
    struct answer *out)
{
	enum json_kind odd = JSON_NONE;

	out->text = extract_text(out->mem, &spec->answer, j, &out->text_n,
	    &odd);
	if (odd != JSON_NONE || out->text != NULL)
		out->odd = odd;
	return out->text != NULL ? GOT_ANSWER : 0;
}

/* A stream whose calls come in pieces may tell them once more as a whole,
 * which then stands for the pieces. */
static unsigned
get_tools(const struct extract_spec *spec, const struct json *j,
    struct answer *out)
{
	if (spec->tools.items.n == 0 || extract_tools(spec, j, NULL) == 0)
		return 0;
	if (spec->tool_piece.items.n > 0)
		extract_tools_forget(out->mem);
	return extract_tools(spec, j, out->mem);
}

static unsigned
get_rest(const struct extract_spec *spec, const struct json *j,
    struct answer *out)
{
	unsigned got = 0;
	double before = out->tokens_in;
	const struct json *v;

	if (out->n_pins == 0 && spec->pins.n > 0) {
		extract_pins(alt_find(&spec->pins, j), out);
		got |= out->n_pins > 0 ? GOT_OTHER : 0;
	}
	out->tokens_in = number_at(&spec->tokens_in, j, out->tokens_in);
	out->tokens_out = number_at(&spec->tokens_out, j, out->tokens_out);
	out->cost = number_at(&spec->cost, j, out->cost);
	if (isnan(before) && !isnan(out->tokens_in))
		got |= GOT_OTHER;
	v = out->effect_id == NULL ? alt_find(&spec->effect_id, j) : NULL;
	if (v != NULL && json_kind(v) != JSON_BOOL)
		out->effect_id = extract_as_word(out->mem, v);
	get_said(spec, j, out);
	return got;
}

unsigned
extract_from(const struct extract_spec *spec, const struct json *j,
    unsigned have, struct answer *out)
{
	struct answer_mem *mem = out->mem;
	unsigned got = get_rest(spec, j, out);
	int found = 0;
	size_t n;

	if ((have & GOT_ANSWER) == 0 && spec->answer.n > 0)
		got |= get_answer(spec, j, out);
	got |= get_tools(spec, j, out);
	if ((have & GOT_RETRIEVED) == 0 && spec->retrieved.present) {
		out->n_retrieved = extract_items(&spec->retrieved, j, mem, 0,
		    0, &found);
		out->retrieved = mem->retrieved;
		got |= found ? GOT_RETRIEVED : 0;
	}
	if ((have & GOT_CITED) == 0 && spec->cited.present) {
		n = extract_items(&spec->cited, j, mem, 1, 0, &found);
		/* a list of all stands for what came one by one */
		if (found && (n > 0 || out->n_cited == 0)) {
			out->n_cited = n;
			out->cited = mem->cited;
			got |= GOT_CITED;
		}
	}
	return got;
}
