/* lockstep plan: what a run would send, how long, its cost, what it can
 * detect. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_plan_part.h"

struct plan_opts {
	const char *arm[ARM_N], *home;
	struct opt_list set, case_ids, tags;
	int json;
};

#define P(field) offsetof(struct plan_opts, field)

static const struct opt plan_table[] = {
	{ "baseline", 0, OPT_STR, P(arm[ARM_BASELINE]), 0, 0, "ARM",
	    "as for `run`" },
	{ "baseline2", 0, OPT_STR, P(arm[ARM_BASELINE2]), 0, 0, "ARM",
	    "a second deployment of the baseline" },
	{ "candidate", 0, OPT_STR, P(arm[ARM_CANDIDATE]), 0, 0, "ARM",
	    "as for `run`" },
	{ "case", 0, OPT_LIST, P(case_ids), 0, 0, "ID",
	    "only this case (repeat for more)" },
	{ "tag", 0, OPT_LIST, P(tags), 0, 0, "T",
	    "only cases with this tag, NAME or NAME=VALUE" },
	{ "set", 0, OPT_LIST, P(set), 0, 0, "KEY=VALUE",
	    "override a key of the suite, e.g. variants.repeats=2" },
	CMD_OPT_HOME(P(home)),
	CMD_OPT_JSON(P(json)),
	CMD_OPT_END
};

static const struct opt_cmd plan_cmd = {
	"plan", "SUITE",
	"Shows what `run SUITE` would send to each arm, how long that takes,\n"
	"what it costs, and the size of regression that each gate can detect,\n"
	"at the noise of earlier runs of the suite or, without any, at "
	"typical\n"
	"noise. Sends nothing.\n\n"
	"  lockstep plan suites/release.yml\n"
	"  lockstep plan suites/release.yml --set variants.repeats=2\n\n"
	"Exit status: 0, or 2 when the suite has errors, or is strict and too\n"
	"small to pass.", plan_table
};

/* ---- finding out -------------------------------------------------------- */

static int
load_suite(struct planned *p, const char *path, const struct plan_opts *o,
    struct err *err)
{
	struct suite_over over = { .seed = -1, .no_env = 1 };
	struct caseset_filter f = { 0 };
	int rc;

	memcpy(over.arm, o->arm, sizeof(over.arm));
	over.set = o->set.v;
	over.n_set = o->set.n;
	rc = suite_load(path, &over, &p->suite, err);
	if (rc != RC_OK)
		return rc;
	/* arms that only the command line of `run` will name */
	if (!p->suite->target[ARM_CANDIDATE].present) {
		p->assumed[ARM_CANDIDATE] = 1;
		p->assumed[ARM_BASELINE] =
		    !p->suite->target[ARM_BASELINE].present;
	}
	suite_free(p->suite);
	p->suite = NULL;
	if (p->assumed[ARM_CANDIDATE])
		over.arm[ARM_CANDIDATE] = "http://candidate.invalid";
	if (p->assumed[ARM_BASELINE])
		over.arm[ARM_BASELINE] = "http://baseline.invalid";
	rc = suite_load(path, &over, &p->suite, err);
	f.ids = o->case_ids.v;
	f.n_ids = o->case_ids.n;
	f.tags = o->tags.v;
	f.n_tags = o->tags.n;
	if (rc == RC_OK)
		rc = caseset_open(p->suite, &f, &p->cases, err);
	if (rc == RC_OK && caseset_n(p->cases) == 0)
		rc = err_set(err, RC_USAGE, "%s: no case matches the filters "
		    "(--case, --tag)", path);
	if (rc == RC_OK)
		plan_init(&p->plan, p->suite, caseset_n(p->cases));
	return rc;
}

static int
count_requests(struct planned *p, struct err *err)
{
	uint64_t i, even = (p->plan.n_cases + 1) / 2;
	uint64_t odd = p->plan.n_cases / 2, per = p->plan.per_case;
	struct gold g;
	int rc = RC_OK, live[ARM_N], a;

	p->in.paired = p->plan.arm_on[ARM_BASELINE];
	p->in.latency = planned_live(p, ARM_BASELINE) &&
	    planned_live(p, ARM_CANDIDATE);
	for (a = 0; a < ARM_N; a++)
		live[a] = planned_live(p, (enum arm)a);
	beyond_of(p->suite, &p->plan, live, &p->beyond);
	p->suite->limits.confirm = p->beyond.cases > 0 && !p->beyond.clears;
	p->in.suite = p->suite;
	p->in.plan = &p->plan;
	p->warmup = p->suite->warmup;
	p->sent[ARM_CANDIDATE] = p->plan.n_items;
	if (p->in.paired)
		p->sent[ARM_BASELINE] = p->plan.n_items;
	if (p->plan.arm_on[ARM_BASELINE2])
		p->sent[ARM_BASELINE2] = p->plan.n_items;
	else if (p->in.paired && p->plan.echo_candidate_only)
		p->sent[ARM_CANDIDATE2] = p->plan.n_items;
	else if (p->in.paired) {
		/* on alternate variants, shifted by one from case to case */
		p->sent[ARM_BASELINE2] = even * ((per + 1) / 2) +
		    odd * (per / 2);
		p->sent[ARM_CANDIDATE2] = p->plan.n_items -
		    p->sent[ARM_BASELINE2];
	}
	gold_init(&g);
	for (i = 0; i < p->plan.n_cases && rc == RC_OK; i++) {
		rc = caseset_get(p->cases, i, &g, err);
		p->in.n_gold += rc == RC_OK && g.section_ids.n > 0;
		p->in.n_unanswerable += rc == RC_OK && g.unanswerable;
		p->critical += rc == RC_OK && g.critical;
	}
	gold_fini(&g);
	return rc;
}

struct last_run {
	double seconds_each;	/* of one request; NaN: none judged */
	char id[40];
};

static int
last_judged(void *ctx, const struct store_run *run)
{
	struct last_run *l = ctx;

	if (*run->verdict == '\0' || run->requests == 0 || run->elapsed_s <= 0)
		return 0;
	l->seconds_each = run->elapsed_s / (double)run->requests;
	(void)snprintf(l->id, sizeof(l->id), "%s", run->id);
	return 1;
}

static int
find_time(struct planned *p, struct err *err)
{
	const struct suite *s = p->suite;
	struct last_run last = { NAN, "" };
	int rc;

	p->seconds = NAN;
	if (s->pace == PACE_CONSTANT || s->pace == PACE_POISSON) {
		p->seconds = (double)p->plan.n_items / s->rate;
		(void)snprintf(p->seconds_why, sizeof(p->seconds_why),
		    "at %g variants a second", s->rate);
		return RC_OK;
	}
	rc = store_runs(p->store, s->name, last_judged, &last, err);
	if (rc != RC_OK)
		return rc;
	if (isfinite(last.seconds_each)) {
		p->seconds = last.seconds_each * (double)planned_requests(p);
		(void)snprintf(p->seconds_why, sizeof(p->seconds_why),
		    "at the speed of run %s", last.id);
	} else {
		(void)snprintf(p->seconds_why, sizeof(p->seconds_why),
		    "unknown before a first run: it depends on the stacks' "
		    "latency");
	}
	return RC_OK;
}

static int
find_cost(struct planned *p, struct err *err)
{
	const struct store_past past = { .suite_name = p->suite->name,
		.gate = "cost" };
	struct store_gate h;
	size_t n = 0;
	int a, rc;

	p->usd = NAN;
	for (a = 0; a < ARM_N; a++)
		p->in.priced |= isfinite(p->suite->target[a].price_in) ||
		    isfinite(p->suite->target[a].price_out);
	rc = store_gate_history(p->store, &past, &h, 1, &n, err);
	if (rc != RC_OK)
		return rc;
	if (n > 0 && isfinite(h.base) && isfinite(h.cand)) {
		p->in.priced = 1;
		p->usd = h.base * (double)(p->sent[ARM_BASELINE] +
		    p->sent[ARM_BASELINE2]) + h.cand *
		    (double)(p->sent[ARM_CANDIDATE] + p->sent[ARM_CANDIDATE2]);
		(void)snprintf(p->usd_why, sizeof(p->usd_why),
		    "at the cost of an answer in run %s", h.run_id);
	} else {
		(void)snprintf(p->usd_why, sizeof(p->usd_why), "%s",
		    p->in.priced ? "unknown before a first run: it depends on "
		    "the answers' tokens" : "no prices given");
	}
	return RC_OK;
}

static int
find_sight(struct planned *p, struct err *err)
{
	size_t i;
	int rc;

	gate_scorer_init(&p->scored, p->suite);
	p->in.family = gate_family(p->scored.row, p->scored.n);
	p->in.scored = p->scored.row;
	p->in.n_scored = p->scored.n;
	p->in.measure_on = p->beyond.measure_on;
	p->in.seconds = p->seconds;
	rc = plan_see(&p->in, p->store, p->gate, &p->n_gates, err);
	for (i = 0; i < p->n_gates; i++) {
		const struct see_gate *s = &p->gate[i];

		if (isfinite(s->strict_n) && (double)s->n < s->strict_n &&
		    (p->too_small == NULL || s->strict_n / (double)s->n >
		    p->too_small->strict_n / (double)p->too_small->n))
			p->too_small = s;
	}
	return rc;
}

static int
plan_all(struct planned *p, const char *path, const struct plan_opts *o,
    struct err *err)
{
	int rc = load_suite(p, path, o, err);

	if (rc == RC_OK)
		rc = store_open(store_home(o->home), &p->store, err);
	if (rc == RC_OK)
		rc = count_requests(p, err);
	if (rc == RC_OK)
		rc = find_time(p, err);
	if (rc == RC_OK)
		rc = find_cost(p, err);
	if (rc == RC_OK)
		rc = find_sight(p, err);
	if (rc != RC_OK)
		return rc;
	if (o->json)
		plan_tell_json(p);
	else
		plan_tell(p);
	if (p->too_small != NULL)
		rc = err_set(err, RC_USAGE, "%s is strict and too small to "
		    "pass: %s has %llu and needs about %.0f", path,
		    p->too_small->row->name,
		    (unsigned long long)p->too_small->n,
		    p->too_small->strict_n);
	return rc;
}

int
cmd_plan(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct plan_opts o;
	struct planned *p = calloc(1, sizeof(*p));
	struct cmd_line line;
	int rc;

	memset(&o, 0, sizeof(o));
	rc = cmd_begin(&plan_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && p == NULL)
		rc = err_set(&err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && line.n != 1)
		rc = err_set(&err, RC_USAGE, "give one SUITE");
	if (rc == RC_OK)
		rc = plan_all(p, line.rest[0], &o, &err);
	if (p != NULL) {
		caseset_close(&p->cases);
		suite_free(p->suite);
		store_close(&p->store);
	}
	free(p);
	return cmd_end("plan", &line, rc, 0, &err);
}
