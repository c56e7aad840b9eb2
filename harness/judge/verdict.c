/* The verdict; see verdict.h. The cases are built in verdict_case.c, the
 * sentences in verdict_say.c. */
#include "harness/judge/verdict.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/judge/cause.h"
#include "harness/judge/confirm.h"
#include "harness/judge/gate_scorer.h"
#include "harness/judge/trend.h"
#include "harness/judge/verdict_part.h"

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
	r->run.cpu_idle = in->replay.cpu_idle;
	r->run.hash_suite = result_str(r, s->hash);
	r->run.hash_cases = result_str(r, caseset_hash(in->cases));
	r->run.hash_sections = result_str(r, in->sections_hash);
	r->run.hash_trace = result_str(r, in->trace_hash);
	r->run.embedder = result_str(r, e->name);
	r->run.embedder_hash = result_str(r, e->weights_hash);
	r->run.embedder_dim = e->dim;
	r->run.curve_t = e->curve.identity ? NAN : e->curve.t;
	r->run.report_dir = result_str(r, in->report_dir);
	r->rules.alpha = s->limits.alpha;
	r->rules.inconclusive_p = s->limits.inconclusive_p;
	r->rules.hard_p = s->limits.hard_p;
	r->rules.strict = s->limits.strict;
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
	arm->stale = s->stale;
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

static void
compare_pin(struct result *r, const char *name)
{
	const char *b = verdict_pin(&r->arm[ARM_BASELINE], name);
	const char *c = verdict_pin(&r->arm[ARM_CANDIDATE], name);
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

/* ---- drift's class ---------------------------------------------------- */

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
		*why = "the cases have no expectations";
		return DRIFT_REVIEW;
	}
	for (i = 0; i < r->n_pins; i++) {
		const char *name = r->pins[i].name;
		int told = listed(in->suite->pins_expect, name);

		/* a pin that is no longer sent does not show a change */
		if (r->pins[i].before == NULL || r->pins[i].after == NULL)
			continue;
		for (j = 0; j < 2 && !told; j++)
			told = strcmp(name, telling[j]) == 0;
		if (!told)
			continue;
		*why = result_fmt(r, "%s differs between the arms: different "
		    "answers are intended", name);
		return DRIFT_REVIEW;
	}
	return DRIFT_HARD;
}

static int
judge_gates(const struct verdict_in *in, struct result *r, int has_gold,
    const uint32_t *only, struct err *err)
{
	struct gate_scorer *scored = result_alloc(r, sizeof(*scored));
	struct gate_in g = { 0 };
	size_t i, n = 0;
	int rc;

	if (scored == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	gate_scorer_init(scored, in->suite);
	g.scored = scored->row;
	g.n_scored = scored->n;
	g.family = gate_family(scored->row, scored->n);
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
	g.only = only;
	g.drift = drift_class(in, r, has_gold, &g.drift_why);
	rc = gates_judge(&g, r, r->gates, &r->trust.aa_false_alarm, err);
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
		    "no gate had data to judge");
	rc = verdict_slices(in, &g, r, err);
	if (rc == RC_OK)
		rc = confirm_judge(in, r, err);
	if (rc == RC_OK)
		rc = confirm_unanswered(in, r, err);
	if (rc != RC_OK)
		return rc;
	confirm_failed(in, r);
	confirm_cached(in, r);
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

/* Notes on a judged run; its past can raise the verdict. */
static int
say(const struct verdict_in *in, struct result *r, struct err *err)
{
	int rc = RC_OK;

	verdict_scorer(in, r);
	confirm_say(in, r);
	verdict_notes(in, r);
	if (in->past.store != NULL && in->past.trend)
		rc = trend_judge(in->past.store, in->past.stacks, r, err);
	if (in->past.store != NULL && rc == RC_OK)
		rc = trend_flaky(in->past.store, r, err);
	verdict_settle(r, in->fail_on);
	return rc == RC_OK ? result_check(r, err) : rc;
}

int
verdict_build(const struct verdict_in *in, struct result **out,
    struct err *err)
{
	struct result *r = result_new();
	uint32_t *only;
	int a, rc, has_gold = 0;

	*out = NULL;
	if (r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	r->verdict = VERDICT_PASS;
	fill_run(in, r);
	for (a = 0; a < ARM_N; a++)
		fill_arm(in, r, (enum arm)a);
	fill_pins(r);
	verdict_run(in, r);
	verdict_said(in, r);
	rc = verdict_quarantine(in, r, &only, err);
	if (rc == RC_OK)
		rc = verdict_cases(in, r, &has_gold, err);
	if (rc == RC_OK && r->verdict != VERDICT_CANNOT_RUN) {
		verdict_pins(in, r);
		rc = judge_gates(in, r, has_gold, only, err);
	}
	if (rc == RC_OK)
		rc = verdict_resonance(in, r, err);
	if (rc == RC_OK)
		rc = verdict_texts(in, r, err);
	if (rc == RC_OK)
		rc = causes_name(r, err);
	if (rc == RC_OK)
		rc = say(in, r, err);
	if (rc != RC_OK) {
		result_free(r);
		return rc;
	}
	*out = r;
	return RC_OK;
}
