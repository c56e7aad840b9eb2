/* Whether a run can be trusted, and the pins that the suite names; see
 * verdict_part.h. */
#include <math.h>
#include <string.h>

#include "harness/judge/verdict_part.h"

const char *
verdict_pin(const struct result_arm *arm, const char *name)
{
	const char *best = NULL;
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < arm->n_pins; i++) {
		if (strcmp(arm->pins[i].name, name) == 0 &&
		    arm->pins[i].n > n) {
			best = arm->pins[i].value;
			n = arm->pins[i].n;
		}
	}
	return best;
}

/* Whether an arm (its echoes included) sent several values of a pin. */
static const char *
pin_varies(const struct verdict_in *in, const struct result *r, enum arm a)
{
	const struct result_arm *x = &r->arm[a];
	const struct result_arm *echo = &r->arm[arm_echo(a)];
	/* another deployment can have other pins, such as its host's name */
	size_t n = in->suite->target[arm_echo(a)].present ? 0 :
	    echo->n_pins;
	size_t i, j;

	for (i = 0; i < x->n_pins; i++) {
		for (j = i + 1; j < x->n_pins; j++) {
			if (strcmp(x->pins[i].name, x->pins[j].name) == 0)
				return x->pins[i].name;
		}
		for (j = 0; j < n; j++) {
			if (strcmp(x->pins[i].name, echo->pins[j].name) == 0 &&
			    strcmp(x->pins[i].value,
			    echo->pins[j].value) != 0)
				return x->pins[i].name;
		}
	}
	return NULL;
}

static uint64_t
denied(const struct score_arm *s)
{
	return s->status_401 + s->status_403;
}

/* The name of an arm in reports. */
static const char *
said(enum arm a)
{
	static const char *const names[ARM_N] = {
		[ARM_BASELINE] = "baseline", [ARM_CANDIDATE] = "candidate",
		[ARM_BASELINE2] = "baseline, asked twice,",
		[ARM_CANDIDATE2] = "candidate, asked twice,",
	};

	return names[a];
}

/*
 * Whether an arm is a recording that is judged alone, such as an incident's
 * own answers. If it has no answer at all, the run is still valid.
 */
static int
recording_alone(const struct verdict_in *in, const struct result *r,
    enum arm a)
{
	return a == ARM_CANDIDATE && !in->live[a] &&
	    !r->arm[ARM_BASELINE].present && in->score->arm[a].sent > 0;
}

/* The candidate answers still: something that was sent beyond the plan. What
 * a baseline missed is missing for ever. */
static int
answers_on(const struct verdict_in *in, enum arm a)
{
	const struct score_out *s = in->score;
	size_t i;

	if (a == ARM_BASELINE || a == ARM_BASELINE2 ||
	    (a == ARM_CANDIDATE2 && in->suite->target[a].present))
		return 0;
	a = ARM_CANDIDATE;
	if (s->more.sent[a] > s->more.errors[a])
		return 1;
	for (i = 0; i < s->n_fresh; i++) {
		if (s->fresh[i].answered[a] > 0)
			return 1;
	}
	return 0;
}

/* Signs that an arm's answers cannot be trusted. */
static void
judge_arm(const struct verdict_in *in, struct result *r, enum arm a)
{
	const struct score_arm *s = &in->score->arm[a];
	/* With more failures in a row than this up to the end, the arm is
	 * gone, not bad. */
	uint64_t gone = s->sent / 20 > 20 ? s->sent / 20 : 20;
	int echo = a != ARM_BASELINE && a != ARM_CANDIDATE;

	if (!r->arm[a].present || recording_alone(in, r, a))
		return;
	if (s->sent == 0)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s has no observations", said(a)));
	else if (denied(s) == s->sent)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s answered 401 or 403 to everything: check its "
		    "credentials", said(a)));
	else if (s->answered == 0)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s answered nothing", said(a)));
	else if (s->tail_failures >= gone && !answers_on(in, a))
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s was lost during the run: its last %llu requests "
		    "failed", said(a),
		    (unsigned long long)s->tail_failures));
	else if (echo && s->answered * 2 < s->sent)
		/* errors of the arms have gates, errors of echoes have none */
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s answered %llu of %llu requests: too few for a "
		    "noise floor", said(a), (unsigned long long)s->answered,
		    (unsigned long long)s->sent));
}

/* The plan sends echoes to live stacks; without any there is no noise floor. */
static void
judge_echoes(const struct verdict_in *in, struct result *r)
{
	const struct plan *p = in->plan;

	if (!p->arm_on[ARM_BASELINE] || !p->arm_on[ARM_CANDIDATE] ||
	    !in->live[ARM_CANDIDATE] ||
	    r->arm[ARM_BASELINE2].present || r->arm[ARM_CANDIDATE2].present)
		return;
	verdict_raise(r, VERDICT_INVALID, "no variant was repeated (no "
	    "echoes): there is no noise floor");
}

/* Whether every observation is there. */
static void
judge_whole(const struct verdict_in *in, struct result *r)
{
	const struct score_out *s = in->score;

	if (in->replay.unfinished)
		verdict_raise(r, VERDICT_INVALID, "the run was interrupted; to "
		    "resume it: `lockstep resume`");
	if (s->torn)
		verdict_raise(r, VERDICT_INVALID, "the run's trace is cut off: "
		    "this report covers only the part that can be read");
	else if (s->observations < in->replay.observations)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r, "the run's "
		    "trace has %llu observations, but %llu were written",
		    (unsigned long long)s->observations,
		    (unsigned long long)in->replay.observations));
	r->trust.lost = s->trace_lost;
	if (r->trust.lost > 0)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "%llu observation%s lost",
		    (unsigned long long)r->trust.lost,
		    r->trust.lost == 1 ? " was" : "s were"));
}

static void
judge_pin_changes(const struct verdict_in *in, struct result *r)
{
	const char *pin = pin_varies(in, r, ARM_BASELINE);

	if (pin != NULL) {
		r->trust.pins_changed = 1;
		verdict_raise(r, VERDICT_INVALID, result_fmt(r, "the "
		    "baseline's %s changed during the run", pin));
	}
	pin = pin_varies(in, r, ARM_CANDIDATE);
	if (pin != NULL)
		verdict_raise(r, VERDICT_FAIL, result_fmt(r,
		    "pin drift: the candidate's %s changed during the run",
		    pin));
}

void
verdict_run(const struct verdict_in *in, struct result *r)
{
	const struct score_out *s = in->score;
	int a, refused = 0;

	/* an arm that denied everything did answer: see judge_arm() */
	if (s->arm[ARM_BASELINE].answered + s->arm[ARM_CANDIDATE].answered +
	    denied(&s->arm[ARM_BASELINE]) + denied(&s->arm[ARM_CANDIDATE]) ==
	    0 && !recording_alone(in, r, ARM_CANDIDATE)) {
		verdict_raise(r, VERDICT_CANNOT_RUN, in->replay.alike ==
		    NULL ? "no arm ever answered: nothing was judged" :
		    result_fmt(r, "no arm ever answered: %s",
		    in->replay.alike));
		return;
	}
	for (a = 0; a < ARM_N; a++)
		refused |= s->arm[a].sent > 0 &&
		    denied(&s->arm[a]) == s->arm[a].sent;
	/* judge_arm() says more about credentials */
	if (in->replay.alike != NULL && !refused)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r, "%s; the run "
		    "was stopped there (to run to the end, set `give_up_after: "
		    "0`)",
		    in->replay.alike));
	for (a = 0; a < ARM_N; a++)
		judge_arm(in, r, (enum arm)a);
	judge_echoes(in, r);
	judge_whole(in, r);
	r->trust.late_p99_ns = in->replay.paced ?
	    (double)in->replay.late_p99_ns : NAN;
	r->trust.duplicates = s->duplicates;
	r->trust.cached_echoes = gate_floor_cached(s);
	if (in->replay.paced &&
	    in->replay.late_p99_ns > in->suite->late_max_ns)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r, "requests were "
		    "sent %.0f ms late at p99, the limit is %.0f ms: this "
		    "machine could not keep the schedule",
		    (double)in->replay.late_p99_ns / 1e6,
		    (double)in->suite->late_max_ns / 1e6));
	judge_pin_changes(in, r);
}

/* ---- pins that the suite names ------------------------------------------ */

/* How many of an arm's answers had a pin, whatever its value. */
static uint64_t
pin_count(const struct score_arm *arm, const char *name)
{
	size_t i;

	for (i = 0; i < arm->n_pins; i++) {
		if (strcmp(arm->pins[i].name, name) == 0)
			return arm->pins[i].all;
	}
	return 0;
}

static int
pin_differs(const struct result *r, const char *name)
{
	const char *b = verdict_pin(&r->arm[ARM_BASELINE], name);
	const char *c = verdict_pin(&r->arm[ARM_CANDIDATE], name);

	return b == NULL || c == NULL ? b != c : strcmp(b, c) != 0;
}

static void
require_pin(const struct verdict_in *in, struct result *r, const char *name)
{
	uint64_t has, answers;
	int a;

	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		has = pin_count(&in->score->arm[a], name);
		answers = in->score->arm[a].answered;
		if (!r->arm[a].present || has >= answers)
			continue;
		verdict_raise(r, a == ARM_CANDIDATE ? VERDICT_FAIL :
		    VERDICT_INVALID, result_fmt(r, "%llu of %llu answers of "
		    "the %s have no %s, which the suite requires",
		    (unsigned long long)(answers - has),
		    (unsigned long long)answers, arm_name((enum arm)a),
		    name));
	}
}

/* A pin that should have changed; unknown if an arm does not send it. */
static void
expect_pin(struct result *r, const char *name)
{
	int a;

	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		if (verdict_pin(&r->arm[a], name) != NULL)
			continue;
		verdict_raise(r, VERDICT_INCONCLUSIVE, result_fmt(r, "%s was "
		    "expected to change, but no answer of the %s has it",
		    name, arm_name((enum arm)a)));
		return;
	}
	if (!pin_differs(r, name))
		verdict_raise(r, VERDICT_FAIL, result_fmt(r,
		    "%s was expected to change but did not", name));
}

/* The names that one arm sends and another does not: "A, B", or NULL. */
static const char *
names_lost(struct result *r, enum arm from, enum arm by)
{
	const struct result_arm *x = &r->arm[from];
	const char *out = NULL;
	size_t i, k;

	for (i = 0; i < x->n_pins; i++) {
		for (k = 0; k < i; k++) {
			if (strcmp(x->pins[k].name, x->pins[i].name) == 0)
				break;
		}
		if (k < i || verdict_pin(&r->arm[by], x->pins[i].name) != NULL)
			continue;
		out = out == NULL ? x->pins[i].name :
		    result_fmt(r, "%s, %s", out, x->pins[i].name);
	}
	return out;
}

/* A pin that all answers of one arm have, and only some of the other's. */
static void
thin_pins(const struct verdict_in *in, struct result *r, enum arm from,
    enum arm by)
{
	const struct score_arm *x = &in->score->arm[from];
	const struct score_arm *y = &in->score->arm[by];
	uint64_t has;
	size_t i;

	for (i = 0; i < x->n_pins; i++) {
		has = pin_count(y, x->pins[i].name);
		if ((i > 0 && strcmp(x->pins[i - 1].name, x->pins[i].name) ==
		    0) || x->pins[i].all < x->answered || has == 0 ||
		    has >= y->answered)
			continue;
		verdict_raise(r, VERDICT_REVIEW, result_fmt(r, "%llu of %llu "
		    "answers of the %s do not have %s, which all answers of "
		    "the %s have: something answers that does not identify "
		    "its build", (unsigned long long)(y->answered - has),
		    (unsigned long long)y->answered, arm_name(by),
		    x->pins[i].name, arm_name(from)));
	}
}

/* An arm that sends fewer pins than the other does not identify its build. */
static void
lost_pins(const struct verdict_in *in, struct result *r)
{
	const char *names;
	int a;

	if (!r->arm[ARM_BASELINE].present)
		return;
	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		enum arm by = a == ARM_BASELINE ? ARM_CANDIDATE :
		    ARM_BASELINE;

		names = r->arm[by].sent == 0 ? NULL :
		    names_lost(r, (enum arm)a, by);
		if (names != NULL)
			verdict_raise(r, VERDICT_REVIEW, result_fmt(r, "the %s "
			    "does not send %s, which the %s sends: it does not "
			    "identify its build", arm_name(by), names,
			    arm_name((enum arm)a)));
		thin_pins(in, r, (enum arm)a, by);
	}
}

void
verdict_pins(const struct verdict_in *in, struct result *r)
{
	const struct suite *s = in->suite;
	const struct json *c;
	const char *name;

	for (c = json_first(s->pins_require); c != NULL; c = json_next(c)) {
		if (json_str(c) != NULL)
			require_pin(in, r, json_str(c));
	}
	lost_pins(in, r);
	if (!r->arm[ARM_BASELINE].present)
		return;
	for (c = json_first(s->pins_equal); c != NULL; c = json_next(c)) {
		name = json_str(c);
		if (name != NULL && pin_differs(r, name))
			verdict_raise(r, VERDICT_FAIL, result_fmt(r,
			    "%s differs between the arms, but the suite says "
			    "it must not", name));
		else if (name != NULL &&
		    verdict_pin(&r->arm[ARM_BASELINE], name) == NULL)
			verdict_raise(r, VERDICT_INCONCLUSIVE, result_fmt(r,
			    "no answer has %s, which the suite says must be "
			    "equal", name));
	}
	for (c = json_first(s->pins_expect); c != NULL; c = json_next(c)) {
		if (json_str(c) != NULL)
			expect_pin(r, json_str(c));
	}
}

