/* The verdict; see verdict.h. The cases are built in verdict_case.c, the
 * sentences in verdict_say.c. */
#include "harness/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cause.h"
#include "harness/gate_own.h"
#include "harness/mono.h"
#include "harness/verdict_part.h"

/* ---- the run, its arms and pins --------------------------------------- */

static void
fill_run(const struct verdict_in *in, struct result *r)
{
	const struct suite *s = in->suite;
	const struct embed_info *e = embedder_info(in->embedder);
	char utc[MONO_UTC_MAX];
	const char **argv;
	int i;

	mono_utc(in->started_wall_ns, utc);
	r->run.id = result_str(r, in->run_id);
	r->run.started = result_str(r, utc);
	r->run.suite_name = result_str(r, s->name);
	r->run.suite_path = result_str(r, s->path);
	r->run.profile = result_str(r, s->profile);
	r->run.owner = result_str(r, s->owner);
	r->run.incident = result_str(r, s->incident);
	r->run.stop_reason = result_str(r, in->replay.stop_reason);
	r->run.threads = in->threads;
	r->run.seed = s->seed;
	r->run.elapsed_s = in->replay.elapsed_s;
	r->run.hash_suite = result_str(r, s->hash);
	r->run.hash_cases = result_str(r, caseset_hash(in->cases));
	r->run.hash_sections = result_str(r, in->sections_hash);
	r->run.hash_trace = result_str(r, in->trace_hash);
	r->run.embedder = result_str(r, e->name);
	r->run.embedder_hash = result_str(r, e->weights_hash);
	r->run.embedder_dim = e->dim;
	r->run.curve_t = e->curve.identity ? NAN : e->curve.t;
	r->run.report_dir = result_str(r, in->report_dir);
	argv = result_alloc(r, ((size_t)in->argc + 1) * sizeof(*argv));
	for (i = 0; argv != NULL && i < in->argc; i++)
		argv[i] = result_str(r, in->argv[i]);
	r->run.argv = argv;
	r->run.n_argv = argv == NULL ? 0 : (size_t)in->argc;
}

static void
fill_arm(const struct verdict_in *in, struct result *r, enum arm a)
{
	const struct score_arm *s = &in->score->arm[a];
	struct result_arm *arm = &r->arm[a];
	size_t i;

	arm->present = s->sent > 0 || in->suite->target[a].present;
	arm->name = arm_name(a);
	arm->url = result_str(r, in->arm_label[a]);
	arm->live = in->live[a];
	arm->sent = s->sent;
	memcpy(arm->outcomes, s->outcomes, sizeof(arm->outcomes));
	arm->p50_ns = s->p50_ns;
	arm->p95_ns = s->p95_ns;
	arm->p99_ns = s->p99_ns;
	arm->max_ns = s->max_ns;
	arm->ttft_p50_ns = s->ttft_p50_ns;
	arm->ttft_p95_ns = s->ttft_p95_ns;
	arm->cost_usd = s->cost_usd;
	arm->pins = result_alloc(r, (s->n_pins + 1) * sizeof(*arm->pins));
	if (arm->pins == NULL)
		return;
	for (i = 0; i < s->n_pins; i++) {
		arm->pins[i].name = result_str(r, s->pins[i].name);
		arm->pins[i].value = result_str(r, s->pins[i].value);
		arm->pins[i].n = s->pins[i].n;
	}
	arm->n_pins = s->n_pins;
	r->pins_sent |= s->n_pins > 0;
	r->requests += s->sent;
	if (isfinite(s->cost_usd))
		r->usd = (isfinite(r->usd) ? r->usd : 0) + s->cost_usd;
}

/* The value that most answers of an arm carried for a pin. */
static const char *
pin_value(const struct result_arm *arm, const char *name)
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

static void
compare_pin(struct result *r, const char *name)
{
	const char *b = pin_value(&r->arm[ARM_BASELINE], name);
	const char *c = pin_value(&r->arm[ARM_CANDIDATE], name);
	size_t i;

	for (i = 0; i < r->n_pins; i++) {
		if (strcmp(r->pins[i].name, name) == 0)
			return;
	}
	if (b != NULL && c != NULL && strcmp(b, c) == 0)
		return;
	r->pins[r->n_pins++] = (struct result_pin_change){ name, b, c };
}

static void
fill_pins(struct result *r)
{
	size_t n = r->arm[ARM_BASELINE].n_pins + r->arm[ARM_CANDIDATE].n_pins;
	int a;
	size_t i;

	r->pins = result_alloc(r, (n + 1) * sizeof(*r->pins));
	if (r->pins == NULL || !r->arm[ARM_BASELINE].present ||
	    r->arm[ARM_BASELINE].n_pins == 0 ||
	    r->arm[ARM_CANDIDATE].n_pins == 0)
		return;
	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		for (i = 0; i < r->arm[a].n_pins; i++)
			compare_pin(r, r->arm[a].pins[i].name);
	}
}

/* Whether an arm (its echoes included) sent several values of a pin. */
static const char *
pin_varies(const struct result *r, enum arm a)
{
	const struct result_arm *x = &r->arm[a];
	const struct result_arm *echo = &r->arm[a + 2];
	size_t i, j;

	for (i = 0; i < x->n_pins; i++) {
		for (j = i + 1; j < x->n_pins; j++) {
			if (strcmp(x->pins[i].name, x->pins[j].name) == 0)
				return x->pins[i].name;
		}
		for (j = 0; j < echo->n_pins; j++) {
			if (strcmp(x->pins[i].name, echo->pins[j].name) == 0 &&
			    strcmp(x->pins[i].value,
			    echo->pins[j].value) != 0)
				return x->pins[i].name;
		}
	}
	return NULL;
}

/* ---- reasons ---------------------------------------------------------- */

enum { REASONS_MAX = 64 };

/* METRICS: could not run, INVALID, FAIL, INCONCLUSIVE, REVIEW, PASS. */
int
verdict_gravity(enum verdict v)
{
	static const int rank[VERDICT_N] = {
		[VERDICT_CANNOT_RUN] = 5, [VERDICT_INVALID] = 4,
		[VERDICT_FAIL] = 3, [VERDICT_INCONCLUSIVE] = 2,
		[VERDICT_REVIEW] = 1, [VERDICT_PASS] = 0,
	};

	return rank[v];
}

/* The gravity of a reason, which begins with its verdict's name. */
static int
gravity_of(const char *reason)
{
	size_t n;
	int v;

	for (v = 0; v < VERDICT_N; v++) {
		n = strlen(verdict_name((enum verdict)v));
		if (strncmp(reason, verdict_name((enum verdict)v), n) == 0 &&
		    reason[n] == ':')
			return verdict_gravity((enum verdict)v);
	}
	return 0;
}

void
verdict_raise(struct result *r, enum verdict v, const char *why)
{
	const char **reasons;
	size_t i;

	if (verdict_gravity(v) > verdict_gravity(r->verdict))
		r->verdict = v;
	if (why == NULL || r->n_reasons == REASONS_MAX)
		return;
	if (r->reasons == NULL)
		r->reasons = result_alloc(r,
		    REASONS_MAX * sizeof(*r->reasons));
	if (r->reasons == NULL)
		return;
	/* the gravest first, in the order of finding within one verdict */
	reasons = (const char **)(uintptr_t)r->reasons;
	for (i = r->n_reasons; i > 0 &&
	    gravity_of(reasons[i - 1]) < verdict_gravity(v); i--)
		reasons[i] = reasons[i - 1];
	reasons[i] = result_fmt(r, "%s: %s", verdict_name(v), why);
	r->n_reasons++;
}

void
verdict_note(struct result *r, const char *text)
{
	enum { NOTES_MAX = 64 };
	const char **notes;

	if (text == NULL || r->n_notes == NOTES_MAX)
		return;
	if (r->notes == NULL)
		r->notes = result_alloc(r, NOTES_MAX * sizeof(*r->notes));
	if (r->notes == NULL)
		return;
	notes = (const char **)(uintptr_t)r->notes;
	notes[r->n_notes++] = text;
}

static uint64_t
denied(const struct score_arm *s)
{
	return s->status_401 + s->status_403;
}

static void
judge_arm(const struct verdict_in *in, struct result *r, enum arm a)
{
	const struct score_arm *s = &in->score->arm[a];
	/* Beyond this many failures in a row to the very end, an arm is
	 * taken for gone rather than for bad. */
	uint64_t gone = s->sent / 20 > 20 ? s->sent / 20 : 20;

	if (!r->arm[a].present)
		return;
	if (s->sent == 0)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s has no observation", arm_name(a)));
	else if (denied(s) == s->sent)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s answered 401 or 403 to everything: check its "
		    "credentials", arm_name(a)));
	else if (s->answered == 0)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s answered nothing", arm_name(a)));
	else if (s->tail_failures >= gone)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "the %s was lost on the way: its last %llu requests "
		    "failed", arm_name(a),
		    (unsigned long long)s->tail_failures));
}

static void
judge_run(const struct verdict_in *in, struct result *r)
{
	const struct score_out *s = in->score;
	const char *pin;

	/* an arm that denied everyone has answered: judge_arm() says so */
	if (s->arm[ARM_BASELINE].answered + s->arm[ARM_CANDIDATE].answered +
	    denied(&s->arm[ARM_BASELINE]) + denied(&s->arm[ARM_CANDIDATE]) ==
	    0) {
		verdict_raise(r, VERDICT_CANNOT_RUN,
		    "no arm ever answered: nothing could be judged");
		return;
	}
	judge_arm(in, r, ARM_BASELINE);
	judge_arm(in, r, ARM_CANDIDATE);
	r->trust.late_p99_ns = in->replay.paced ?
	    (double)in->replay.late_p99_ns : NAN;
	r->trust.lost = s->trace_lost;
	r->trust.duplicates = s->duplicates;
	r->trust.cached_echoes = gate_floor_cached(s);
	if (r->trust.lost > 0)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r,
		    "%llu observation%s lost",
		    (unsigned long long)r->trust.lost,
		    r->trust.lost == 1 ? " was" : "s were"));
	if (in->replay.paced &&
	    in->replay.late_p99_ns > in->suite->late_max_ns)
		verdict_raise(r, VERDICT_INVALID, result_fmt(r, "requests "
		    "left %.0f ms late at p99, the limit is %.0f ms: this "
		    "machine could not keep the schedule",
		    (double)in->replay.late_p99_ns / 1e6,
		    (double)in->suite->late_max_ns / 1e6));
	pin = pin_varies(r, ARM_BASELINE);
	if (pin != NULL) {
		r->trust.pins_changed = 1;
		verdict_raise(r, VERDICT_INVALID, result_fmt(r, "the "
		    "baseline's %s changed during the run", pin));
	}
	pin = pin_varies(r, ARM_CANDIDATE);
	if (pin != NULL)
		verdict_raise(r, VERDICT_FAIL, result_fmt(r,
		    "pin drift: the candidate's %s changed during the run",
		    pin));
}

static int
listed(const struct json *list, const char *name)
{
	const struct json *c;

	for (c = json_first(list); c != NULL; c = json_next(c)) {
		if (json_str(c) != NULL && strcmp(json_str(c), name) == 0)
			return 1;
	}
	return 0;
}

/* How many of an arm's answers carried a pin. */
static uint64_t
pin_count(const struct result_arm *arm, const char *name)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < arm->n_pins; i++)
		n += strcmp(arm->pins[i].name, name) == 0 ?
		    arm->pins[i].n : 0;
	return n;
}

static int
pin_differs(const struct result *r, const char *name)
{
	const char *b = pin_value(&r->arm[ARM_BASELINE], name);
	const char *c = pin_value(&r->arm[ARM_CANDIDATE], name);

	return b == NULL || c == NULL ? b != c : strcmp(b, c) != 0;
}

static void
require_pin(const struct verdict_in *in, struct result *r, const char *name)
{
	uint64_t has, answers;
	int a;

	for (a = ARM_BASELINE; a <= ARM_CANDIDATE; a++) {
		has = pin_count(&r->arm[a], name);
		answers = in->score->arm[a].answered;
		if (!r->arm[a].present || has >= answers)
			continue;
		verdict_raise(r, a == ARM_CANDIDATE ? VERDICT_FAIL :
		    VERDICT_INVALID, result_fmt(r, "%llu of %llu answers of "
		    "the %s carry no %s, which the suite requires",
		    (unsigned long long)(answers - has),
		    (unsigned long long)answers, arm_name((enum arm)a),
		    name));
	}
}

static void
judge_pins(const struct verdict_in *in, struct result *r)
{
	const struct suite *s = in->suite;
	const struct json *c;
	const char *name;

	for (c = json_first(s->pins_require); c != NULL; c = json_next(c)) {
		if (json_str(c) != NULL)
			require_pin(in, r, json_str(c));
	}
	if (!r->arm[ARM_BASELINE].present)
		return;
	for (c = json_first(s->pins_equal); c != NULL; c = json_next(c)) {
		name = json_str(c);
		if (name != NULL && pin_differs(r, name))
			verdict_raise(r, VERDICT_FAIL, result_fmt(r,
			    "%s differs between the arms, and the suite says "
			    "it must not", name));
	}
	for (c = json_first(s->pins_expect); c != NULL; c = json_next(c)) {
		name = json_str(c);
		if (name != NULL && !pin_differs(r, name))
			verdict_raise(r, VERDICT_FAIL, result_fmt(r,
			    "%s was expected to change and did not", name));
	}
}

/* ---- drift's class ---------------------------------------------------- */

static enum drift_class
drift_class(const struct verdict_in *in, struct result *r, int has_gold,
    const char **why)
{
	static const char *const telling[] = { "MODEL_VER", "PROMPT_VER" };
	enum drift_class asked = in->suite->limits.drift;
	size_t i, j;

	*why = NULL;
	if (asked != DRIFT_AUTO) {
		*why = asked == DRIFT_HARD ? NULL : "the suite says so";
		return asked;
	}
	if (!has_gold) {
		*why = "the cases carry no expectations";
		return DRIFT_REVIEW;
	}
	for (i = 0; i < r->n_pins; i++) {
		const char *name = r->pins[i].name;
		int told = listed(in->suite->pins_expect, name);

		for (j = 0; j < 2 && !told; j++)
			told = strcmp(name, telling[j]) == 0;
		if (!told)
			continue;
		*why = result_fmt(r, "%s differs between the arms: other "
		    "answers were asked for", name);
		return DRIFT_REVIEW;
	}
	return DRIFT_HARD;
}

static int
judge_gates(const struct verdict_in *in, struct result *r, int has_gold,
    struct err *err)
{
	struct gate_own *own = result_alloc(r, sizeof(*own));
	struct gate_in g = { 0 };
	size_t i, n = 0;
	int rc;

	if (own == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	gate_own_init(own, in->suite);
	g.own = own->row;
	g.n_own = own->n;
	while (gate_row_at(&g, n) != NULL)
		n++;
	n += SLICE_GATES * json_size(in->suite->slices);
	r->gates = result_alloc(r, n * sizeof(*r->gates));
	if (r->gates == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	g.limits = &in->suite->limits;
	g.score = in->score;
	g.seed = in->suite->seed;
	g.paired = in->score->arm[ARM_BASELINE].sent > 0 ||
	    in->suite->target[ARM_BASELINE].present;
	g.latency = in->live[ARM_BASELINE] && in->live[ARM_CANDIDATE];
	g.has_gold = has_gold;
	g.drift = drift_class(in, r, has_gold, &g.drift_why);
	rc = gates_judge(&g, r, r->gates, err);
	if (rc < 0)
		return rc;
	r->n_gates = (size_t)rc;
	for (i = 0; i < r->n_gates; i++) {
		if (r->gates[i].class != GATE_INFO &&
		    r->gates[i].verdict != GATE_NOT_JUDGED)
			break;
	}
	if (i == r->n_gates)
		verdict_raise(r, VERDICT_INCONCLUSIVE,
		    "no gate had anything to judge");
	r->trust.aa_false_alarm = gates_false_alarm(&g, err);
	rc = verdict_slices(in, &g, r, err);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < r->n_gates; i++) {
		const struct result_gate *x = &r->gates[i];
		static const enum verdict of[] = {
			[GATE_PASS] = VERDICT_PASS,
			[GATE_FAIL] = VERDICT_FAIL,
			[GATE_INCONCLUSIVE] = VERDICT_INCONCLUSIVE,
			[GATE_REVIEW] = VERDICT_REVIEW,
			[GATE_NOT_JUDGED] = VERDICT_PASS,
		};

		if (of[x->verdict] != VERDICT_PASS)
			verdict_raise(r, of[x->verdict], result_fmt(r,
			    "%s: %s", x->title, x->why));
	}
	return RC_OK;
}

int
verdict_build(const struct verdict_in *in, struct result **out,
    struct err *err)
{
	struct result *r = result_new();
	int a, rc, has_gold = 0;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->verdict = VERDICT_PASS;
	fill_run(in, r);
	for (a = 0; a < ARM_N; a++)
		fill_arm(in, r, (enum arm)a);
	fill_pins(r);
	judge_run(in, r);
	rc = verdict_quarantine(in, r, err);
	if (rc == RC_OK)
		rc = verdict_cases(in, r, &has_gold, err);
	if (rc == RC_OK && r->verdict != VERDICT_CANNOT_RUN) {
		judge_pins(in, r);
		rc = judge_gates(in, r, has_gold, err);
	}
	if (rc == RC_OK)
		rc = causes_name(r, err);
	if (rc != RC_OK) {
		result_free(r);
		return rc;
	}
	verdict_own(in, r);
	verdict_notes(in, r);
	verdict_settle(r, in->fail_on);
	*out = r;
	return RC_OK;
}
