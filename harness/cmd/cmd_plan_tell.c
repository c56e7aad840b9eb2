/* What `lockstep plan` prints; see cmd_plan_part.h. */
#include <math.h>
#include <stdio.h>

#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_plan_part.h"
#include "harness/judge/gate_kind.h"

int
planned_live(const struct planned *p, enum arm a)
{
	const struct suite_target *t = &p->suite->target[a];

	return t->present && (t->url != NULL || t->start != NULL);
}

uint64_t
planned_requests(const struct planned *p)
{
	uint64_t n = 0;
	int a;

	for (a = 0; a < ARM_N; a++) {
		enum arm of = p->suite->target[a].present ? (enum arm)a :
		    arm_of_echo((enum arm)a);

		if (planned_live(p, of))
			n += p->sent[a] + (a < ARM_BASELINE2 ? p->warmup : 0);
	}
	return n;
}

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
	enum arm echo = arm_echo(a);
	uint64_t echoes = p->suite->target[echo].present ? 0 :
	    p->sent[echo];

	if (p->sent[a] == 0)
		return;
	(void)printf("  %-10s %llu", arm_name(a),
	    (unsigned long long)p->sent[a]);
	if (echoes > 0)
		(void)printf(" + %llu echo%s", (unsigned long long)echoes,
		    echoes == 1 ? "" : "es");
	if (planned_live(p, a))
		(void)printf(" + %llu to warm up",
		    (unsigned long long)p->warmup);
	else
		(void)printf(", from %s: sends nothing", t->arm);
	(void)printf("%s\n", p->assumed[a] ? "  (give it to `run`)" : "");
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

	if (s->budget_requests > 0 && planned_requests(p) > s->budget_requests)
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
	if (!s->row->how->kind->level)
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
	(void)cmd_put(-19, s->row->name);
	(void)printf(" %5llu ", (unsigned long long)s->n);
	(void)cmd_put(8, say_num(s->row->unit, s->margin, v));
	(void)printf(" ");
	(void)cmd_put(8, isinf(s->hides) ? "any" :
	    say_num(s->unit, s->hides, v));
	for (i = 0; i < SEE_POWERS; i++) {
		(void)printf(" ");
		(void)cmd_put(8, say_num(s->unit, seen_at(s, i), v));
	}
	if (s->row->how->kind->sees_share)
		(void)printf(" share of cases\n");
	else if (s->row->how->kind->spread == NULL)
		(void)printf(" share that fails\n");
	else if (isnan(s->sd))
		(void)printf(" ? (no run yet)\n");
	else if (s->runs > 0)
		(void)printf(" %.2g (%zu run%s)\n", s->sd, s->runs,
		    s->runs == 1 ? "" : "s");
	else
		(void)printf(" %.2g (typical)\n", s->sd);
}

static void
tell_sight(const struct planned *p)
{
	char v[2][64];
	size_t i;
	int typical = 0;
	const struct see_gate *p95 = NULL;

	(void)printf("\nWhat it can detect\n"
	    "  %-19s %5s %8s %8s %8s %8s %s\n",
	    "gate", "n", "margin", "may hide", "4 in 5", "49 in 50", "noise");
	for (i = 0; i < p->n_gates; i++) {
		const struct see_gate *s = &p->gate[i];

		tell_gate(s);
		typical |= s->runs == 0 && !isnan(s->sd) &&
		    s->row->how->kind->spread != NULL;
		p95 = isfinite(s->slow[SEE_USUAL]) ? s : p95;
	}
	(void)printf("\nA change of the size in a column FAILs that often; one "
	    "of \"may hide\" still\n"
	    "PASSes one time in twenty. \"nothing\": no change can fail at "
	    "this size.%s\n",
	    p->in.paired ? "" : "\nFor a gate on a level, the column shows the "
	        "level.");
	if (p->critical > 0)
		(void)printf("%s: one that fails is FAIL, whatever the "
		    "size.\n", cmd_many(p->critical, "critical case", v[0]));
	if (p95 != NULL)
		(void)printf("latency_p95 assumes that all requests are "
		    "slower; a few much slower ones move it\n"
		    "when %s or %s of all take longer than its margin.\n",
		    say_num("share", p95->slow[SEE_USUAL], v[0]),
		    say_num("share", p95->slow[SEE_SURE], v[1]));
	if (typical)
		(void)printf("\"typical\" noise is the demo stack's; after a "
		    "run, your own noise is used.\n");
}

static void
tell_strict(const struct planned *p)
{
	size_t i;

	if (!p->suite->limits.strict)
		return;
	(void)printf("\nstrict requires proof of no harm; an unchanged stack "
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
			    s->scored[s->scorer[i].first + k].name);
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
		json_put_str(o, "name", s->scorer[i].name);
		json_put_int(o, "answers", (int64_t)judged(p));
		json_out_key(o, "metrics");
		json_out_arr(o);
		for (k = 0; k < s->scorer[i].n; k++)
			json_out_str(o, s->scored[s->scorer[i].first + k].name);
		json_out_end(o, ']');
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
}

/* What is sent besides, and when. */
static void
tell_beyond(const struct planned *p)
{
	const struct beyond *b = &p->beyond;
	char n[2][64];

	if (b->answers > 0)
		(void)printf("  undecided  and up to %llu more: %s asked again "
		    "%u times%s\n", (unsigned long long)b->answers,
		    cmd_many(b->cases, "case", n[0]), b->repeats,
		    b->clears ? " on the candidate" : " on each stack");
	if (b->latencies > 0)
		(void)printf("  latency    and up to %s of %s where it is "
		    "undecided,\n             %u where it also changes "
		    "slowly, %u within %u s\n",
		    cmd_many(b->rounds, "round", n[0]),
		    cmd_many(b->latencies, "request", n[1]),
		    b->rounds * BEYOND_ROUNDS_GROWN,
		    b->rounds * BEYOND_ROUNDS_SHORT, BEYOND_SHORT_S);
	if (b->measure_on)
		(void)printf("             a shorter plan goes on for 8.5 s, "
		    "to measure latency only\n");
}

void
plan_tell(const struct planned *p)
{
	char t[48], n[5][64];

	cmd_wrapf(0, "%s: %s x %s (%s, %s, %s)", p->suite->name,
	    cmd_many(p->plan.n_cases, "case", n[0]),
	    cmd_many(p->plan.per_case, "variant", n[1]),
	    cmd_many(p->plan.paraphrases, "wording", n[2]),
	    cmd_many(p->plan.seeds, "seed", n[3]),
	    cmd_many(p->plan.repeats, "repeat", n[4]));
	(void)printf("\nWhat is sent: %s\n", cmd_many(planned_requests(p),
	    "request", n[0]));
	tell_arm(p, ARM_BASELINE);
	tell_arm(p, ARM_CANDIDATE);
	if (p->suite->target[ARM_BASELINE2].present)
		(void)printf("  %-10s %llu\n", arm_name(ARM_BASELINE2),
		    (unsigned long long)p->sent[ARM_BASELINE2]);
	tell_beyond(p);
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
json_gate(struct json_out *o, const struct see_gate *s)
{
	json_out_obj(o);
	json_put_str(o, "name", s->row->name);
	json_put_str(o, "unit", s->unit);
	json_put_int(o, "n", (int64_t)s->n);
	json_put_num(o, "margin", s->margin);
	json_put_num(o, "noise_sd", s->sd);
	json_put_int(o, "noise_runs", (int64_t)s->runs);
	json_put_num(o, "hides", s->hides);
	json_put_num(o, "visible_80", s->visible[SEE_USUAL]);
	json_put_num(o, "visible_98", s->visible[SEE_SURE]);
	if (isfinite(s->slow[SEE_USUAL])) {
		json_put_num(o, "slow_80", s->slow[SEE_USUAL]);
		json_put_num(o, "slow_98", s->slow[SEE_SURE]);
	}
	json_put_num(o, "strict_n", s->strict_n);
	json_out_end(o, '}');
}

void
plan_tell_json(const struct planned *p)
{
	struct json_out o;
	struct buf b;
	size_t i;
	int a;

	buf_init(&b, 16 << 20);
	json_out_init(&o, &b, 1);
	json_out_obj(&o);
	json_put_str(&o, "suite", p->suite->name);
	json_put_int(&o, "cases", (int64_t)p->plan.n_cases);
	json_put_int(&o, "variants_per_case", p->plan.per_case);
	json_put_int(&o, "requests", (int64_t)planned_requests(p));
	json_put_int(&o, "undecided_requests", (int64_t)(p->beyond.answers +
	    p->beyond.latencies * p->beyond.rounds * BEYOND_ROUNDS_SHORT));
	json_put_int(&o, "warmup_per_arm", (int64_t)p->warmup);
	json_out_key(&o, "sent");
	json_out_obj(&o);
	for (a = 0; a < ARM_N; a++)
		json_put_int(&o, arm_name((enum arm)a), (int64_t)p->sent[a]);
	json_out_end(&o, '}');
	json_put_num(&o, "seconds", p->seconds);
	json_put_str(&o, "seconds_why", p->seconds_why);
	json_put_num(&o, "usd", p->usd);
	json_put_str(&o, "usd_why", p->usd_why);
	json_scorers(&o, p);
	json_put_bool(&o, "strict", p->suite->limits.strict);
	json_put_bool(&o, "can_pass", p->too_small == NULL);
	json_out_key(&o, "gates");
	json_out_arr(&o);
	for (i = 0; i < p->n_gates; i++)
		json_gate(&o, &p->gate[i]);
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	(void)printf("%s\n", buf_str(&b));
	buf_fini(&b);
}
