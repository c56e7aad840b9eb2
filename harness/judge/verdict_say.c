/* Headline, blind spot, next command; see verdict_part.h. */
#include <math.h>
#include <string.h>

#include "harness/judge/verdict_part.h"

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* Of a sample, or of a run cut short, only these say anything. */
static unsigned long long
judged(const struct result *r)
{
	return (unsigned long long)(r->n_cases - r->count.of[CASE_V_UNJUDGED]);
}

/* "; 820 more were not judged", or "". */
static const char *
not_judged(struct result *r)
{
	unsigned long long n = (unsigned long long)r->count.of[CASE_V_UNJUDGED];

	return n == 0 ? "" : result_fmt(r, "; %llu more %s not judged", n,
	    n == 1 ? "was" : "were");
}

/* The gate that the headline is about: the first that failed for good. */
static const struct result_gate *
first_gate(const struct result *r, enum gate_verdict v)
{
	size_t i;

	for (i = 0; i < r->n_gates; i++) {
		if (r->gates[i].verdict == v)
			return &r->gates[i];
	}
	return NULL;
}

/*
 * Whether the cases tell what failed.  Where a latency or a rate failed and
 * nothing else, or a pin, the cases that moved moved by chance.
 */
static int
tells_cases(const struct result *r, const struct result_gate *g)
{
	if (g != NULL)
		return strcmp(g->unit, "ratio") != 0 &&
		    strcmp(g->unit, "rate") != 0;
	return r->count.critical > 0;
}

/* What the headline counts: cases that got worse. */
struct worse {
	uint64_t all, lost, refused;
	uint64_t noise;		/* more, that asking again ruled out */
};

/* The fresh answers outweigh the first ones, which chose the case. */
static void
less_noise(const struct result *r, struct worse *w)
{
	const struct result_case *c;
	struct result_reader rd;
	size_t i;

	result_reader_init(&rd, r);
	for (i = 0; i < r->again.n; i++) {
		const struct result_again *a = &r->again.cases[i];

		if (a->is != AGAIN_NOISE && a->is != AGAIN_BETTER)
			continue;
		c = result_case_at(&rd, a->index);
		if (c == NULL || c->verdict != CASE_V_REGRESSION)
			continue;
		w->noise++;
		w->all--;
		w->lost -= result_case_lost(c);
		w->refused -= result_case_refused(c);
	}
	/* the headline alone depends on it */
	(void)result_reader_fini(&rd);
}

static const char *
more_noise(struct result *r, const struct worse *w)
{
	return w->noise == 0 ? "" : result_fmt(r, " (%llu more %s noise)",
	    (unsigned long long)w->noise, w->noise == 1 ? "was" : "were");
}

static const char *
say_fail(struct result *r)
{
	unsigned long long n = judged(r);
	const struct result_gate *g = first_gate(r, GATE_FAIL);
	struct worse w = { r->count.worse, r->count.lost, r->count.refused,
		0 };

	if (tells_cases(r, g))
		less_noise(r, &w);
	else
		w = (struct worse){ 0 };
	if (w.lost > 0 && w.lost * 2 >= w.all)
		return result_fmt(r, "%llu of %llu question%s lost %s "
		    "passage%s", (unsigned long long)w.lost, n, plural(n),
		    w.lost == 1 ? "its" : "their", more_noise(r, &w));
	if (w.refused > 0 && w.refused * 2 >= w.all)
		return result_fmt(r, "%llu of %llu question%s %s declined%s",
		    (unsigned long long)w.refused, n, plural(n),
		    w.refused == 1 ? "is" : "are", more_noise(r, &w));
	if (w.all > 0 && (g == NULL || strcmp(g->name, "cases") == 0 ||
	    w.all * 50 >= n))
		return result_fmt(r, "%llu of %llu question%s %s%s",
		    (unsigned long long)w.all, n, plural(n),
		    r->arm[ARM_BASELINE].present ? "got worse" :
		    w.all == 1 ? "fails" : "fail", more_noise(r, &w));
	if (g != NULL)
		return result_fmt(r, "%s: %s", g->title, g->why);
	return r->n_reasons > 0 ? r->reasons[0].text : "it failed";
}

/* Whether more cases would decide it, and not other data. */
static int
undecided(const struct result *r, const struct result_gate *g)
{
	return result_gate_beyond(g) && isfinite(g->n_needed) &&
	    g->p <= r->rules.inconclusive_p;
}

static const char *
headline(struct result *r)
{
	const struct result_gate *g;

	switch (r->verdict) {
	case VERDICT_PASS:
		if (r->count.of[CASE_V_REGRESSION] > 0)
			return result_fmt(r, "%s: of %llu question%s %llu got "
			    "worse and %llu better%s", r->count.proven > 0 ?
			    "no net loss beyond the limits" :
			    "nothing beyond chance", judged(r),
			    plural(judged(r)),
			    (unsigned long long)r->count.of[CASE_V_REGRESSION],
			    (unsigned long long)r->count.of[CASE_V_FIX],
			    not_judged(r));
		if (r->arm[ARM_BASELINE].present)
			return result_fmt(r, "no regression was found in "
			    "%llu question%s%s", judged(r),
			    plural(judged(r)), not_judged(r));
		return result_fmt(r, "%llu of %llu question%s pass%s%s",
		    (unsigned long long)r->count.of[CASE_V_PASS], judged(r),
		    plural(judged(r)),
		    r->count.of[CASE_V_PASS] == 1 ? "es" : "", not_judged(r));
	case VERDICT_FAIL:
		return say_fail(r);
	case VERDICT_INCONCLUSIVE:
		g = first_gate(r, GATE_INCONCLUSIVE);
		if (g != NULL && undecided(r, g))
			return result_fmt(r, "%s may be worse, but %llu "
			    "case%s cannot decide it", g->title, judged(r),
			    plural(judged(r)));
		if (g != NULL)
			return result_fmt(r, "%s: %s", g->title, g->why);
		break;
	default:
		break;
	}
	return r->n_reasons > 0 ? r->reasons[0].text : "see the reasons";
}

/* "the loss of 3 of 40 questions, answers moving by 0.030, latency +12 %";
 * NULL: nothing is known. */
static const char *
sizes(struct result *r, int hidden)
{
	const struct result_gate *cases = result_gate_find(r, "cases");
	const struct result_gate *answer = result_gate_find(r,
	    "answer_drift");
	const struct result_gate *body = result_gate_find(r, "latency_body");
	const char *out = NULL, *comma = "";
	double v;

	v = cases == NULL ? NAN : hidden ? cases->hides : cases->visible;
	if (cases != NULL && isfinite(v)) {
		out = result_fmt(r, "the loss of %.0f of %llu question%s in "
		    "every wording", v * (double)cases->n,
		    (unsigned long long)cases->n, plural(cases->n));
		comma = ", ";
	}
	v = answer == NULL ? NAN : hidden ? answer->hides : answer->visible;
	if (isfinite(v)) {
		out = result_fmt(r, "%s%sanswers that move by %.3f", out ==
		    NULL ? "" : out, comma, v);
		comma = ", ";
	}
	v = body == NULL ? NAN : hidden ? body->hides : body->visible;
	if (isfinite(v))
		out = result_fmt(r, "%s%slatency up by %.0f %%", out == NULL ?
		    "" : out, comma, 100 * (v - 1));
	return out;
}

/* Two numbers, never one for the other. */
static const char *
blind(struct result *r)
{
	const char *hidden = sizes(r, 1), *sure = sizes(r, 0);

	if (hidden == NULL || sure == NULL)
		return sure == NULL ? NULL : result_fmt(r, "Surely seen (49 "
		    "times in 50): %s.", sure);
	return result_fmt(r, "A PASS can hide, one time in twenty: %s. Surely "
	    "seen, 49 times in 50: %s.", hidden, sure);
}

/* No run id: the same observations give the same words. */
static const char *
next(struct result *r)
{
	switch (r->verdict) {
	case VERDICT_FAIL:
		if (r->count.worse > 0)
			return "lockstep promote last --incident ID --owner "
			    "TEAM";
		return "lockstep show last";
	case VERDICT_INCONCLUSIVE:
		return result_fmt(r, "lockstep plan %s", r->run.suite_path);
	case VERDICT_INVALID:
	case VERDICT_CANNOT_RUN:
		return result_fmt(r, "lockstep check %s", r->run.suite_path);
	case VERDICT_REVIEW:
		return "lockstep report last --format html --out report.html";
	default:
		return "lockstep show last";
	}
}

static void
note_accepted(const struct verdict_in *in, struct result *r)
{
	enum { NAMED = 8 };
	size_t i, n = accepted_n(in->accepted);

	for (i = 0; i < n && i < NAMED; i++) {
		const struct accept_case *c = accepted_at(in->accepted, i);

		verdict_note(r, result_fmt(r, "Case %s is compared with the "
		    "answer that %s accepted on %.10s (%s)%s", c->id, c->by,
		    c->at, c->reason, caseset_find(in->cases, c->id) ==
		    UINT64_MAX ? "; the suite has no such case." : "."));
	}
	if (n > NAMED)
		verdict_note(r, result_fmt(r, "%zu more cases are compared "
		    "with accepted answers.", n - NAMED));
}

/* Gold of another index passes for a loss on both arms, or for nothing. */
static void
note_lost(const struct score_lost *l, struct result *r)
{
	const char *names = "";
	size_t i;

	if (l->cases == 0)
		return;
	for (i = 0; i < l->n; i++)
		names = result_fmt(r, "%s%s%s", names, i == 0 ? "" : ", ",
		    l->ids[i]);
	verdict_note(r, result_fmt(r, "%llu case%s expect%s sections that are "
	    "in neither the sections nor any answer: %s%s.",
	    (unsigned long long)l->cases, plural(l->cases),
	    l->cases == 1 ? "s" : "", names, l->more ? ", …" : ""));
}

static int
equal(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* Whether both arms get the same requests at the same address: one variable
 * that was not set makes any release pass. */
static int
is_one_stack(const struct suite *s)
{
	const struct suite_target *b = &s->target[ARM_BASELINE];
	const struct suite_target *c = &s->target[ARM_CANDIDATE];
	size_t i;

	if (!b->present || !c->present || b->url == NULL || !equal(b->url,
	    c->url) || b->start != NULL || c->start != NULL ||
	    !equal(b->unix_socket, c->unix_socket) ||
	    !equal(b->path, c->path) || !equal(b->method, c->method) ||
	    b->body != c->body || b->n_headers != c->n_headers)
		return 0;
	for (i = 0; i < b->n_headers; i++) {
		if (!equal(b->headers[i].name, c->headers[i].name) ||
		    !equal(b->headers[i].value, c->headers[i].value))
			return 0;
	}
	return 1;
}

void
verdict_notes(const struct verdict_in *in, struct result *r)
{
	const struct score_out *s = in->score;

	if (is_one_stack(in->suite))
		verdict_note(r, "Baseline and candidate are the same address: "
		    "this run compared a stack with itself.");
	if (!r->arm[ARM_BASELINE].present)
		verdict_note(r, "No baseline: only absolute limits were "
		    "judged.");
	note_accepted(in, r);
	note_lost(&s->lost, r);
	if (r->reasons_more > 0)
		verdict_note(r, result_fmt(r, "%llu more reason%s of the same "
		    "or less weight %s left out.",
		    (unsigned long long)r->reasons_more,
		    plural(r->reasons_more),
		    r->reasons_more == 1 ? "was" : "were"));
	if (s->unknown > 0)
		verdict_note(r, result_fmt(r, "%llu observation%s of cases "
		    "that are not in the suite were left out.",
		    (unsigned long long)s->unknown, plural(s->unknown)));
	if (s->duplicates > 0)
		verdict_note(r, result_fmt(r, "%llu observation%s came "
		    "twice; the first one counts.",
		    (unsigned long long)s->duplicates,
		    plural(s->duplicates)));
	if (r->trust.cached_echoes)
		verdict_note(r, result_fmt(r, "%llu echo%s came from a cache "
		    "(the same bytes, over 3x faster): the noise floor of the "
		    "answers cannot be trusted. Set no_cache on the "
		    "target.", (unsigned long long)s->cached_echoes,
		    s->cached_echoes == 1 ? "" : "es"));
	if (r->count.of[CASE_V_UNJUDGED] > 0)
		verdict_note(r, result_fmt(r, "%llu case%s could not be "
		    "judged.", (unsigned long long)r->count.of[CASE_V_UNJUDGED],
		    plural(r->count.of[CASE_V_UNJUDGED])));
}

void
verdict_settle(struct result *r, unsigned fail_on)
{
	r->exit_status = fail_on != 0 && (fail_on >> r->verdict & 1) == 0 ?
	    0 : (int)r->verdict;
	r->headline = headline(r);
	r->blind = blind(r);
	r->next = next(r);
}
