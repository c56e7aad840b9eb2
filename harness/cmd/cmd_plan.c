/* lockstep plan: what a run would send, take, cost and be able to see. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/opt.h"
#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_page.h"
#include "harness/judge/gate_own.h"
#include "harness/judge/gate_test.h"
#include "harness/judge/plan_see.h"

enum { GATES_MAX = 64 };

struct plan_opts {
	const char *arm[ARM_N], *home;
	struct opt_list set, case_ids, tags;
	int json;
};

#define P(field) offsetof(struct plan_opts, field)

static const struct opt plan_table[] = {
	{ "baseline", 0, OPT_STR, P(arm[ARM_BASELINE]), 0, 0, "ARM",
	    "as `run` would be given it" },
	{ "baseline2", 0, OPT_STR, P(arm[ARM_BASELINE2]), 0, 0, "ARM",
	    "a second deployment of the baseline" },
	{ "candidate", 0, OPT_STR, P(arm[ARM_CANDIDATE]), 0, 0, "ARM",
	    "as `run` would be given it" },
	{ "case", 0, OPT_LIST, P(case_ids), 0, 0, "ID",
	    "only this case (repeat for more)" },
	{ "tag", 0, OPT_LIST, P(tags), 0, 0, "T",
	    "only cases with this tag, NAME or NAME=VALUE" },
	{ "set", 0, OPT_LIST, P(set), 0, 0, "KEY=VALUE",
	    "override a key of the suite, e.g. variants.repeats=2" },
	{ "home", 0, OPT_STR, P(home), 0, 0, "DIR",
	    "state folder (LOCKSTEP_HOME, else .lockstep)" },
	{ "json", 0, OPT_FLAG, P(json), 0, 0, NULL, "one JSON document" },
	{ NULL, 0, OPT_FLAG, 0, 0, 0, NULL, NULL }
};

static const struct opt_cmd plan_cmd = {
	"plan", "SUITE",
	"Says what `run SUITE` would send to each arm, how long that takes\n"
	"and what it costs, and which size of regression each gate could see:\n"
	"at the noise that earlier runs of the suite measured, or at typical\n"
	"noise while there are none. Sends nothing.\n\n"
	"  lockstep plan suites/release.yml\n"
	"  lockstep plan suites/release.yml --set variants.repeats=2\n\n"
	"Exit status: 0, or 2 where the suite is wrong or is strict and too\n"
	"small to pass.", plan_table
};

/* Everything that is told. */
struct planned {
	struct suite *suite;
	struct caseset *cases;
	struct store *store;
	struct plan plan;
	struct see_in in;
	uint64_t sent[ARM_N];		/* judged requests */
	uint64_t warmup;		/* of each live arm */
	uint64_t critical;		/* cases */
	int assumed[ARM_N];		/* no URL was named */
	double seconds, usd;		/* NaN: not known */
	char seconds_why[160], usd_why[160];
	struct gate_own own;
	struct see_gate gate[GATES_MAX];
	size_t n_gates;
	const struct see_gate *too_small;	/* strict cannot pass */
};

/* ---- finding out -------------------------------------------------------- */

static int
load(struct planned *p, const char *path, const struct plan_opts *o,
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
		rc = err_set(err, RC_USAGE, "%s: no case is left by the "
		    "filters", path);
	if (rc == RC_OK)
		plan_init(&p->plan, p->suite, caseset_n(p->cases));
	return rc;
}

static int
live(const struct planned *p, enum arm a)
{
	const struct suite_target *t = &p->suite->target[a];

	return t->present && (t->url != NULL || t->start != NULL);
}

static int
count_requests(struct planned *p, struct err *err)
{
	uint64_t i, even = (p->plan.n_cases + 1) / 2;
	uint64_t odd = p->plan.n_cases / 2, per = p->plan.per_case;
	struct gold g;
	int rc = RC_OK;

	p->in.paired = p->plan.arm_on[ARM_BASELINE];
	p->in.latency = live(p, ARM_BASELINE) && live(p, ARM_CANDIDATE);
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

/* Requests that leave: recorded arms only answer. */
static uint64_t
requests(const struct planned *p)
{
	uint64_t n = 0;
	int a;

	for (a = 0; a < ARM_N; a++) {
		enum arm of = a >= ARM_BASELINE2 &&
		    !p->suite->target[a].present ? (enum arm)(a - 2) :
		    (enum arm)a;

		if (live(p, of))
			n += p->sent[a] + (a < ARM_BASELINE2 ? p->warmup : 0);
	}
	return n;
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
		p->seconds = last.seconds_each * (double)requests(p);
		(void)snprintf(p->seconds_why, sizeof(p->seconds_why),
		    "at the speed of run %s", last.id);
	} else {
		(void)snprintf(p->seconds_why, sizeof(p->seconds_why),
		    "not known before a first run: the stacks' latency "
		    "decides");
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
		    "at what an answer cost in run %s", h.run_id);
	} else {
		(void)snprintf(p->usd_why, sizeof(p->usd_why), "%s",
		    p->in.priced ? "not known before a first run: the "
		    "answers' tokens decide" : "no prices given");
	}
	return RC_OK;
}

static int
find_sight(struct planned *p, struct err *err)
{
	size_t i;
	int rc;

	gate_own_init(&p->own, p->suite);
	p->in.own = p->own.row;
	p->in.n_own = p->own.n;
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

/* ---- telling ------------------------------------------------------------ */

static const char *
say_num(const char *unit, double v, char out[CMD_NUM])
{
	return isfinite(v) ? cmd_unit(unit, v, out) : isnan(v) ? "?" :
	    "nothing";
}

static void
tell_arm(const struct planned *p, enum arm a)
{
	const struct suite_target *t = &p->suite->target[a];
	uint64_t echoes = p->suite->target[a + 2].present ? 0 :
	    p->sent[a + 2];

	if (p->sent[a] == 0)
		return;
	(void)printf("  %-10s %llu", arm_name(a),
	    (unsigned long long)p->sent[a]);
	if (echoes > 0)
		(void)printf(" + %llu echo%s", (unsigned long long)echoes,
		    echoes == 1 ? "" : "es");
	if (live(p, a))
		(void)printf(" + %llu to warm up",
		    (unsigned long long)p->warmup);
	else
		(void)printf(", from %s: nothing is sent", t->arm);
	(void)printf("%s\n", p->assumed[a] ? "  (to be named by `run`)" : "");
}

static void
tell_time(double s, char out[48])
{
	if (s < 90)
		(void)snprintf(out, 48, "%.0f s", ceil(s));
	else if (s < 5400)
		(void)snprintf(out, 48, "%.0f min", ceil(s / 60));
	else
		(void)snprintf(out, 48, "%.1f h", s / 3600);
}

static void
tell_budget(const struct planned *p)
{
	const struct suite *s = p->suite;

	if (s->budget_requests > 0 && requests(p) > s->budget_requests)
		(void)printf("  budget     %llu requests: the run would stop "
		    "there\n", (unsigned long long)s->budget_requests);
	if (s->budget_time_ns > 0 &&
	    p->seconds > (double)s->budget_time_ns / 1e9)
		(void)printf("  budget     %.0f s: the run would stop there\n",
		    (double)s->budget_time_ns / 1e9);
	if (s->budget_usd > 0 && p->usd > s->budget_usd)
		(void)printf("  budget     $%.2f: the run would stop there\n",
		    s->budget_usd);
}

/* What fails so often: a change, of a level the level itself. */
static double
seen_at(const struct see_gate *s, int i)
{
	if (s->row->how->kind != KIND_ABSOLUTE)
		return s->visible[i];
	return gate_higher_is_worse(s->row) ? s->margin + s->visible[i] :
	    fmax(0, s->margin - s->visible[i]);
}

static void
tell_gate(const struct see_gate *s)
{
	char v[CMD_NUM];
	int i;

	(void)printf("  ");
	(void)cmd_put(-20, s->row->name);
	(void)printf(" %7llu ", (unsigned long long)s->n);
	(void)cmd_put(8, say_num(s->row->unit, s->margin, v));
	for (i = 0; i < SEE_POWERS; i++) {
		(void)printf(" ");
		(void)cmd_put(9, say_num(s->unit, seen_at(s, i), v));
	}
	if (s->row->how->kind == KIND_TAIL)
		(void)printf("  share of cases\n");
	else if (s->row->how->kind == KIND_PASS_RATE)
		(void)printf("  share that fails\n");
	else if (isnan(s->sd))
		(void)printf("  ?, before a first run\n");
	else if (s->runs > 0)
		(void)printf("  %.3g, of %zu run%s\n", s->sd, s->runs,
		    s->runs == 1 ? "" : "s");
	else
		(void)printf("  %.3g, typical\n", s->sd);
}

static void
tell_sight(const struct planned *p)
{
	char v[2][64];
	size_t i;
	int typical = 0;
	const struct see_gate *p95 = NULL;

	(void)printf("\nWhat it could see\n  %-20s %7s %8s %9s %9s  %s\n",
	    "gate", "n", "margin", "4 in 5", "49 in 50", "noise");
	for (i = 0; i < p->n_gates; i++) {
		const struct see_gate *s = &p->gate[i];

		tell_gate(s);
		typical |= s->runs == 0 && s->row->how->kind != KIND_TAIL &&
		    s->row->how->kind != KIND_PASS_RATE && !isnan(s->sd);
		p95 = isfinite(s->slow[SEE_USUAL]) ? s : p95;
	}
	(void)printf("\nA change of the size in a column would FAIL that "
	    "often; a smaller one may\npass. \"nothing\": no change could "
	    "fail at this size.%s\n", p->in.paired ? "" : " Of a level it is "
	    "the level\nthat would.");
	if (p->critical > 0)
		(void)printf("%s: one that fails is FAIL, whatever the "
		    "size.\n", cmd_many(p->critical, "critical case", v[0]));
	if (p95 != NULL)
		(void)printf("latency_p95 is that of all requests slower; a "
		    "few much slower ones move it when\n%s or %s of all take "
		    "longer than its margin.\n",
		    say_num("share", p95->slow[SEE_USUAL], v[0]),
		    say_num("share", p95->slow[SEE_SURE], v[1]));
	if (typical)
		(void)printf("\"typical\" noise is the demo stack's; after a "
		    "run it is your own.\n");
}

static void
tell_strict(const struct planned *p)
{
	size_t i;

	if (!p->suite->limits.strict)
		return;
	(void)printf("\nstrict asks for proof of no harm; an unchanged stack "
	    "passes every other time at\n");
	for (i = 0; i < p->n_gates; i++)
		(void)printf("  %-22s n %.0f, has %llu%s\n",
		    p->gate[i].row->name, p->gate[i].strict_n,
		    (unsigned long long)p->gate[i].n,
		    (double)p->gate[i].n < p->gate[i].strict_n ?
		    "  too few" : "");
}

/* Answers that scorers are asked about at most: those of the echoes are not,
 * and what the store knows already is not asked again. */
static uint64_t
judged(const struct planned *p)
{
	int arms = 1 + p->suite->target[ARM_BASELINE].present;

	return p->plan.n_items * (uint64_t)arms;
}

static void
tell_scorers(const struct planned *p)
{
	const struct suite *s = p->suite;
	size_t i, k;

	for (i = 0; i < s->n_scorers; i++) {
		(void)printf("%s %s: up to %llu answers for ", i == 0 ?
		    "  scorers   " : "            ", s->scorer[i].name,
		    (unsigned long long)judged(p));
		for (k = 0; k < s->scorer[i].n; k++)
			(void)printf("%s%s", k == 0 ? "" : ", ",
			    s->own[s->scorer[i].first + k].name);
		(void)printf("\n");
	}
}

static void
json_scorers(struct json_out *o, const struct planned *p)
{
	const struct suite *s = p->suite;
	size_t i, k;

	json_out_key(o, "scorers");
	json_out_arr(o);
	for (i = 0; i < s->n_scorers; i++) {
		json_out_obj(o);
		json_out_key(o, "name");
		json_out_str(o, s->scorer[i].name);
		json_out_key(o, "answers");
		json_out_int(o, (int64_t)judged(p));
		json_out_key(o, "metrics");
		json_out_arr(o);
		for (k = 0; k < s->scorer[i].n; k++)
			json_out_str(o, s->own[s->scorer[i].first + k].name);
		json_out_end(o, ']');
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
}

static void
tell(const struct planned *p)
{
	char t[48], n[5][64];

	cmd_wrapf(0, "%s: %s x %s (%s, %s, %s)", p->suite->name,
	    cmd_many(p->plan.n_cases, "case", n[0]),
	    cmd_many(p->plan.per_case, "variant", n[1]),
	    cmd_many(p->plan.paraphrases, "wording", n[2]),
	    cmd_many(p->plan.seeds, "seed", n[3]),
	    cmd_many(p->plan.repeats, "repeat", n[4]));
	(void)printf("\nWhat is sent: %s\n", cmd_many(requests(p), "request",
	    n[0]));
	tell_arm(p, ARM_BASELINE);
	tell_arm(p, ARM_CANDIDATE);
	if (p->suite->target[ARM_BASELINE2].present)
		(void)printf("  %-10s %llu\n", arm_name(ARM_BASELINE2),
		    (unsigned long long)p->sent[ARM_BASELINE2]);
	if (isfinite(p->seconds)) {
		tell_time(p->seconds, t);
		(void)printf("  time       %s, %s\n", t, p->seconds_why);
	} else {
		(void)printf("  time       %s\n", p->seconds_why);
	}
	if (isfinite(p->usd))
		(void)printf("  cost       $%.4f, %s\n", p->usd, p->usd_why);
	else
		(void)printf("  cost       %s\n", p->usd_why);
	tell_scorers(p);
	tell_budget(p);
	tell_sight(p);
	tell_strict(p);
}

static void
num(struct json_out *o, const char *key, double v)
{
	json_out_key(o, key);
	json_out_num(o, v);
}

static void
json_gate(struct json_out *o, const struct see_gate *s)
{
	json_out_obj(o);
	json_out_key(o, "name");
	json_out_str(o, s->row->name);
	json_out_key(o, "unit");
	json_out_str(o, s->unit);
	json_out_key(o, "n");
	json_out_int(o, (int64_t)s->n);
	num(o, "margin", s->margin);
	num(o, "noise_sd", s->sd);
	json_out_key(o, "noise_runs");
	json_out_int(o, (int64_t)s->runs);
	num(o, "visible_80", s->visible[SEE_USUAL]);
	num(o, "visible_98", s->visible[SEE_SURE]);
	if (isfinite(s->slow[SEE_USUAL])) {
		num(o, "slow_80", s->slow[SEE_USUAL]);
		num(o, "slow_98", s->slow[SEE_SURE]);
	}
	num(o, "strict_n", s->strict_n);
	json_out_end(o, '}');
}

static void
tell_json(const struct planned *p)
{
	struct json_out o;
	struct buf b;
	size_t i;
	int a;

	buf_init(&b, 16 << 20);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_out_key(&o, "suite");
	json_out_str(&o, p->suite->name);
	json_out_key(&o, "cases");
	json_out_int(&o, (int64_t)p->plan.n_cases);
	json_out_key(&o, "variants_per_case");
	json_out_int(&o, p->plan.per_case);
	json_out_key(&o, "requests");
	json_out_int(&o, (int64_t)requests(p));
	json_out_key(&o, "warmup_per_arm");
	json_out_int(&o, (int64_t)p->warmup);
	json_out_key(&o, "sent");
	json_out_obj(&o);
	for (a = 0; a < ARM_N; a++) {
		json_out_key(&o, arm_name((enum arm)a));
		json_out_int(&o, (int64_t)p->sent[a]);
	}
	json_out_end(&o, '}');
	num(&o, "seconds", p->seconds);
	json_out_key(&o, "seconds_why");
	json_out_str(&o, p->seconds_why);
	num(&o, "usd", p->usd);
	json_out_key(&o, "usd_why");
	json_out_str(&o, p->usd_why);
	json_scorers(&o, p);
	json_out_key(&o, "strict");
	json_out_bool(&o, p->suite->limits.strict);
	json_out_key(&o, "can_pass");
	json_out_bool(&o, p->too_small == NULL);
	json_out_key(&o, "gates");
	json_out_arr(&o);
	for (i = 0; i < p->n_gates; i++)
		json_gate(&o, &p->gate[i]);
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}

static int
plan_all(struct planned *p, const char *path, const struct plan_opts *o,
    struct err *err)
{
	int rc = load(p, path, o, err);

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
		tell_json(p);
	else
		tell(p);
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
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	size_t n = 0;
	int rc;

	memset(&o, 0, sizeof(o));
	rc = rest == NULL || p == NULL ? RC_NOMEM :
	    opt_parse(&plan_cmd, argc, argv, &o, rest, &n, &err);
	if (rc == RC_OK && n != 1)
		rc = err_set(&err, RC_USAGE, "name one suite");
	if (rc == RC_OK)
		rc = plan_all(p, rest[0], &o, &err);
	if (p != NULL) {
		caseset_close(&p->cases);
		suite_free(p->suite);
		store_close(&p->store);
	}
	free(p);
	free(rest);
	if (rc == OPT_HELP)
		return 0;
	return rc == RC_OK ? 0 : cmd_fail("plan", &err);
}
