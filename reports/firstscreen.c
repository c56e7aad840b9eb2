/* The first screen; see firstscreen.h. */
#include "reports/firstscreen.h"

#include <math.h>
#include <string.h>

#include "reports/format.h"
#include "reports/glyph.h"

int
first_two_armed(const struct result *r)
{
	return r->arm[ARM_BASELINE].present && r->arm[ARM_CANDIDATE].present;
}

void
first_headline(const struct result *r, struct buf *out)
{
	if (r->headline != NULL && *r->headline != '\0') {
		glyph_clean(out, r->headline);
		return;
	}
	switch (r->verdict) {
	case VERDICT_PASS:
		buf_puts(out, "no harm found in ");
		format_plural(out, r->n_cases, "question");
		break;
	case VERDICT_FAIL:
		format_count(out, r->count.worse);
		buf_puts(out, " of ");
		format_plural(out, r->n_cases, "question");
		buf_puts(out, r->count.worse == 1 ? " fails" : " fail");
		break;
	case VERDICT_CANNOT_RUN:
		buf_puts(out, "nothing was judged");
		break;
	case VERDICT_REVIEW:
		buf_puts(out, "nothing failed, but a person should look");
		break;
	case VERDICT_INCONCLUSIVE:
		buf_puts(out, "too few answers to decide");
		break;
	default:
		buf_puts(out, "the run itself cannot be trusted");
	}
}

/* The reasons for this verdict; the lesser ones stand with their gates and
 * are only counted. */
static void
write_reasons(const struct result *r, struct buf *out)
{
	enum { SHOWN = 6 };
	size_t i, shown = 0, lesser = 0;
	struct buf line;

	buf_init(&line, SIZE_MAX / 4);
	for (i = 0; i < r->n_reasons; i++) {
		if (r->reasons[i].verdict != r->verdict || shown == SHOWN) {
			lesser++;
			continue;
		}
		if (shown++ > 0)
			buf_putc(out, '\n');
		glyph_clean(out, result_reason_line(&r->reasons[i], &line));
	}
	buf_fail(out, line.bad);
	buf_fini(&line);
	if (lesser > 0)
		buf_printf(out, "%sand %zu %s reason%s, in report.json",
		    shown > 0 ? "\n" : "", lesser,
		    shown == SHOWN ? "more" : "lesser",
		    lesser == 1 ? "" : "s");
}

static void
pin_value(struct buf *out, const char *v)
{
	if (v == NULL)
		buf_puts(out, "not sent");
	else
		glyph_clean(out, v);
}

static void
write_changed(const struct result *r, struct buf *out)
{
	size_t i;

	if (!r->pins_sent) {
		buf_puts(out, "no pins sent: differences between the stacks "
		    "are unknown");
		return;
	}
	if (!first_two_armed(r)) {
		buf_puts(out, "only one stack: its pins cannot be compared");
		return;
	}
	if (r->arm[ARM_BASELINE].n_pins == 0 ||
	    r->arm[ARM_CANDIDATE].n_pins == 0)
		buf_printf(out, "the %s sent no pins: differences are "
		    "unknown", r->arm[ARM_BASELINE].n_pins == 0 ? "baseline" :
		    "candidate");
	else if (r->n_pins == 0)
		buf_puts(out, "no pin differs between the stacks");
	for (i = 0; i < r->n_pins; i++) {
		if (i > 0)
			buf_putc(out, '\n');
		glyph_clean(out, r->pins[i].name);
		buf_puts(out, ": ");
		pin_value(out, r->pins[i].before);
		buf_puts(out, " \xe2\x86\x92 ");
		pin_value(out, r->pins[i].after);
	}
}

static void
write_cases(const struct result *r, struct buf *out)
{
	format_plural(out, r->n_cases, "question");
	if (first_two_armed(r)) {
		buf_puts(out, ": ");
		format_plural(out, r->count.of[CASE_V_REGRESSION],
		    "regression");
		buf_puts(out, ", ");
		format_count(out, r->count.of[CASE_V_FIX]);
		buf_puts(out, r->count.of[CASE_V_FIX] == 1 ? " fix, " :
		    " fixes, ");
		format_count(out, r->count.of[CASE_V_DEFECT]);
		buf_puts(out, " already broken on the baseline, ");
	} else {
		buf_puts(out, ": ");
		format_count(out, r->count.of[CASE_V_FAIL]);
		buf_puts(out, " failed, ");
	}
	format_count(out, r->count.of[CASE_V_PASS]);
	buf_puts(out, " passed");
	if (r->count.of[CASE_V_UNJUDGED] > 0) {
		buf_puts(out, ", ");
		format_count(out, r->count.of[CASE_V_UNJUDGED]);
		buf_puts(out, " could not be judged");
	}
	if (r->count.review > 0) {
		buf_puts(out, "\n");
		format_count(out, r->count.review);
		buf_puts(out, " moved into the review band");
	}
}

static void
write_cause(const struct result *r, struct buf *out)
{
	const struct result_cause *c;
	size_t i, k;

	for (i = 0; i < r->n_causes && i < 2; i++) {
		c = &r->causes[i];
		if (i > 0)
			buf_puts(out, "\nless likely: ");
		glyph_clean(out, c->class);
		if (isfinite(c->confidence))
			buf_printf(out, " (confidence %.0f %%)",
			    100 * c->confidence);
		for (k = 0; i == 0 && k < c->n_evidence; k++) {
			buf_puts(out, k == 0 ? ": " : "; ");
			glyph_clean(out, c->evidence[k]);
		}
		if (*c->guardrail != '\0') {
			buf_puts(out, i == 0 ? "\nprevented by guardrail " :
			    "; guardrail ");
			glyph_clean(out, c->guardrail);
		}
	}
}

static void
write_blind(const struct result *r, struct buf *out)
{
	if (r->blind != NULL)
		glyph_clean(out, r->blind);
}

/* What an outcome says of the suite, where most answers have it. */
static const char *
advice(enum outcome o)
{
	switch (o) {
	case OUTCOME_HTTP_4XX:
		return "the service declines the request: check path, body and "
		    "credentials";
	case OUTCOME_BAD_JSON:
		return "the answers are not JSON";
	case OUTCOME_EXTRACT_FAILED:
		return "the paths of `extract` find nothing in the answers";
	default:
		return NULL;
	}
}

/* An arm's errors by kind; nothing where it has none. */
static void
write_errors(const struct result_arm *a, const char *name, struct buf *out)
{
	const char *hint;
	uint64_t all = 0;
	int o, n = 0;

	for (o = 0; o < OUTCOME_N; o++)
		all += a->outcomes[o];
	for (o = 0; o < OUTCOME_N; o++) {
		if (a->outcomes[o] == 0 || !outcome_is_error((enum outcome)o))
			continue;
		if (n++ > 0)
			buf_puts(out, ", ");
		else
			buf_printf(out, "%s%s: ", out->len > 0 ? "\n" : "",
			    name);
		format_count(out, a->outcomes[o]);
		buf_puts(out, " of ");
		format_count(out, all);
		buf_printf(out, " %s", outcome_name((enum outcome)o));
		hint = advice((enum outcome)o);
		if (hint != NULL && 2 * a->outcomes[o] > all)
			buf_printf(out, " (%s)", hint);
	}
}

/* What was asked beyond the plan; nothing where nothing was. */
static void
write_again(const struct result *r, struct buf *out)
{
	if (r->again.say != NULL)
		glyph_clean(out, r->again.say);
}

static void
write_outcomes(const struct result *r, struct buf *out)
{
	int a;

	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		if (r->arm[a].present)
			write_errors(&r->arm[a], arm_name((enum arm)a), out);
	}
}

static void
write_effort(const struct result *r, struct buf *out)
{
	format_plural(out, r->requests, "request");
	if (isfinite(r->run.elapsed_s)) {
		buf_puts(out, " in ");
		format_ns(out, r->run.elapsed_s * 1e9);
	}
	if (isfinite(r->usd))
		buf_printf(out, ", $%.*f", r->usd < 1 ? 4 : 2, r->usd);
	else
		buf_puts(out, ", no prices given");
	if (r->run.stop_reason != NULL && *r->run.stop_reason != '\0') {
		buf_puts(out, "; stopped: ");
		glyph_clean(out, r->run.stop_reason);
	}
}

static void
write_next(const struct result *r, struct buf *out)
{
	if (r->next != NULL)
		glyph_clean(out, r->next);
}

/* FAIL first, then what is open, then what passed; a hard
 * stop before its equals, information last. */
static int
rank_of(const struct result_gate *g)
{
	static const int rank[] = {
		[GATE_FAIL] = 0, [GATE_INCONCLUSIVE] = 1, [GATE_REVIEW] = 2,
		[GATE_PASS] = 3,
	};

	if (g->class == GATE_INFO)
		return 10 + rank[g->verdict];
	return 2 * rank[g->verdict] + (g->class == GATE_HARD ? 0 : 1);
}

size_t
first_gates(const struct result *r, size_t *order)
{
	size_t n = 0, i;
	int rank;

	for (rank = 0; rank < 16; rank++) {
		for (i = 0; i < r->n_gates; i++) {
			if (r->gates[i].verdict != GATE_NOT_JUDGED &&
			    rank_of(&r->gates[i]) == rank)
				order[n++] = i;
		}
	}
	return n;
}

/* The gates that were not judged, those of one reason together. */
static void
write_unjudged(const struct result *r, struct buf *out)
{
	size_t i, k, lines = 0;

	for (i = 0; i < r->n_gates; i++) {
		const struct result_gate *g = &r->gates[i];

		if (g->verdict != GATE_NOT_JUDGED)
			continue;
		for (k = 0; k < i; k++) {
			if (r->gates[k].verdict == GATE_NOT_JUDGED &&
			    strcmp(r->gates[k].why, g->why) == 0)
				break;
		}
		if (k < i)
			continue;
		if (lines++ > 0)
			buf_putc(out, '\n');
		glyph_clean(out, g->title);
		for (k = i + 1; k < r->n_gates; k++) {
			if (r->gates[k].verdict != GATE_NOT_JUDGED ||
			    strcmp(r->gates[k].why, g->why) != 0)
				continue;
			buf_puts(out, "; ");
			glyph_clean(out, r->gates[k].title);
		}
		if (*g->why != '\0') {
			buf_puts(out, ": ");
			glyph_clean(out, g->why);
		}
	}
}

void
first_side(const struct result_case *c, int arm, struct buf *out)
{
	const struct result_side *s = &c->side[arm];

	if (s->outcome != NULL && strcmp(s->outcome, "ok") != 0) {
		buf_putc(out, '[');
		glyph_clean(out, s->outcome);
		buf_puts(out, "] ");
	}
	if (s->said != NULL) {
		glyph_clean(out, s->said);
	} else if (s->answer != NULL && *s->answer != '\0') {
		glyph_clean(out, s->answer);
	} else if (s->top != NULL) {
		buf_puts(out, "first passage: ");
		glyph_clean(out, s->top);
	} else {
		buf_puts(out, "no answer");
	}
}

const struct first_row first_rows[] = {
	{ "why", FIRST_LINES, write_reasons },
	{ "changed", FIRST_LINES, write_changed },
	{ "cases", FIRST_LINES, write_cases },
	{ "asked again", FIRST_LINES, write_again },
	{ "unanswered", FIRST_LINES, write_outcomes },
	{ "likely cause", FIRST_LINES, write_cause },
	{ "worst cases", FIRST_WORST, NULL },
	{ "gates", FIRST_GATES, NULL },
	{ "not judged", FIRST_LINES, write_unjudged },
	{ "could miss", FIRST_LINES, write_blind },
	{ "effort", FIRST_LINES, write_effort },
	{ "next", FIRST_COMMAND, write_next },
	{ NULL, FIRST_LINES, NULL }
};
