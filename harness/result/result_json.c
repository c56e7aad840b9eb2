/*
 * report.json: the result object in JSON; see result.h.
 *
 * Numbers that are single precision in memory are written with as many
 * digits as single precision needs, so that what is read back is the same
 * number and is written as the same bytes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/decimal.h"
#include "harness/base/json.h"
#include "harness/result/result.h"
#include "harness/result/result_names.h"

static void
put_str(struct json_out *o, const char *key, const char *s)
{
	json_out_key(o, key);
	json_out_str(o, s);
}

static void
put_num(struct json_out *o, const char *key, double v)
{
	json_out_key(o, key);
	json_out_num(o, v);
}

static void
put_u64(struct json_out *o, const char *key, uint64_t v)
{
	json_out_key(o, key);
	json_out_int(o, v > INT64_MAX ? INT64_MAX : (int64_t)v);
}

static void
put_bool(struct json_out *o, const char *key, int v)
{
	json_out_key(o, key);
	json_out_bool(o, v);
}

static void
put_float(struct json_out *o, const char *key, float v)
{
	char s[DECIMAL_MAX];

	json_out_key(o, key);
	if (!isfinite(v) || (fabsf(v) < 1e15f && v == truncf(v))) {
		json_out_num(o, (double)v);
		return;
	}
	decimal_float(v, s);
	json_out_raw(o, s, strlen(s));
}

static void
put_strs(struct json_out *o, const char *key, const char *const *v, size_t n)
{
	size_t i;

	json_out_key(o, key);
	json_out_arr(o);
	for (i = 0; i < n; i++)
		json_out_str(o, v[i]);
	json_out_end(o, ']');
}

static void
put_run(struct json_out *o, const struct result *r)
{
	char seed[24];

	json_out_key(o, "run");
	json_out_obj(o);
	put_str(o, "id", r->run.id);
	put_strs(o, "argv", r->run.argv, r->run.n_argv);
	put_str(o, "started", r->run.started);
	put_num(o, "elapsed_s", r->run.elapsed_s);
	json_out_key(o, "suite");
	json_out_obj(o);
	put_str(o, "name", r->run.suite_name);
	put_str(o, "path", r->run.suite_path);
	put_str(o, "profile", r->run.profile);
	put_str(o, "owner", r->run.owner);
	put_str(o, "incident", r->run.incident);
	json_out_end(o, '}');
	json_out_key(o, "hashes");
	json_out_obj(o);
	put_str(o, "suite", r->run.hash_suite);
	put_str(o, "cases", r->run.hash_cases);
	put_str(o, "sections", r->run.hash_sections);
	put_str(o, "trace", r->run.hash_trace);
	json_out_end(o, '}');
	json_out_key(o, "embedder");
	json_out_obj(o);
	put_str(o, "name", r->run.embedder);
	put_str(o, "hash", r->run.embedder_hash);
	put_u64(o, "dim", (uint64_t)r->run.embedder_dim);
	put_num(o, "curve_t", r->run.curve_t);
	json_out_end(o, '}');
	put_u64(o, "threads", (uint64_t)r->run.threads);
	/* Text, since readers of JSON round integers past 2^53. */
	(void)snprintf(seed, sizeof(seed), "%llu",
	    (unsigned long long)r->run.seed);
	put_str(o, "seed", seed);
	put_str(o, "stop_reason", r->run.stop_reason);
	put_str(o, "report_dir", r->run.report_dir);
	json_out_end(o, '}');
}

static void
put_rules(struct json_out *o, const struct result *r)
{
	json_out_key(o, "rules");
	json_out_obj(o);
	put_num(o, "alpha", r->rules.alpha);
	put_num(o, "inconclusive_p", r->rules.inconclusive_p);
	put_num(o, "hard_p", r->rules.hard_p);
	put_bool(o, "strict", r->rules.strict);
	json_out_end(o, '}');
}

static void
put_counts(struct json_out *o, const struct result *r)
{
	json_out_key(o, "counts");
	json_out_obj(o);
	put_u64(o, "cases", r->n_cases);
	put_u64(o, "variants", r->count.variants);
	put_u64(o, "pass", r->count.pass);
	put_u64(o, "regressions", r->count.regressions);
	put_u64(o, "fixes", r->count.fixes);
	put_u64(o, "defects", r->count.defects);
	put_u64(o, "fail", r->count.fail);
	put_u64(o, "unjudged", r->count.unjudged);
	put_u64(o, "review", r->count.review);
	json_out_end(o, '}');
}

static void
put_pin_changes(struct json_out *o, const struct result *r)
{
	size_t i;

	json_out_key(o, "pins");
	json_out_obj(o);
	put_bool(o, "sent", r->pins_sent);
	json_out_key(o, "changed");
	json_out_arr(o);
	for (i = 0; i < r->n_pins; i++) {
		json_out_obj(o);
		put_str(o, "name", r->pins[i].name);
		put_str(o, "before", r->pins[i].before);
		put_str(o, "after", r->pins[i].after);
		json_out_end(o, '}');
	}
	json_out_end(o, ']');
	json_out_end(o, '}');
}

static int
pin_seen(const struct result_arm *a, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++) {
		if (strcmp(a->pins[k].name, a->pins[i].name) == 0)
			return 1;
	}
	return 0;
}

/* {NAME: {VALUE: answers}}: a pin that varied has several values. */
static void
put_pins(struct json_out *o, const struct result_arm *a)
{
	size_t i, k;

	json_out_key(o, "pins");
	json_out_obj(o);
	for (i = 0; i < a->n_pins; i++) {
		if (pin_seen(a, i))
			continue;
		json_out_key(o, a->pins[i].name);
		json_out_obj(o);
		for (k = i; k < a->n_pins; k++) {
			if (strcmp(a->pins[k].name, a->pins[i].name) == 0)
				put_u64(o, a->pins[k].value, a->pins[k].n);
		}
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

static void
put_arm(struct json_out *o, const struct result_arm *a)
{
	int i;

	json_out_key(o, a->name);
	json_out_obj(o);
	put_str(o, "url", a->url);
	put_bool(o, "live", a->live);
	put_u64(o, "sent", a->sent);
	json_out_key(o, "outcomes");
	json_out_obj(o);
	for (i = 0; i < OUTCOME_N; i++) {
		if (a->outcomes[i] != 0)
			put_u64(o, outcome_name((enum outcome)i),
			    a->outcomes[i]);
	}
	json_out_end(o, '}');
	if (a->stale > 0)
		put_u64(o, "stale", a->stale);
	put_pins(o, a);
	json_out_key(o, "latency_ns");
	json_out_obj(o);
	put_num(o, "p50", a->p50_ns);
	put_num(o, "p95", a->p95_ns);
	put_num(o, "p99", a->p99_ns);
	put_num(o, "max", a->max_ns);
	json_out_end(o, '}');
	json_out_key(o, "ttft_ns");
	json_out_obj(o);
	put_num(o, "p50", a->ttft_p50_ns);
	put_num(o, "p95", a->ttft_p95_ns);
	json_out_end(o, '}');
	put_num(o, "cost_usd", a->cost_usd);
	json_out_end(o, '}');
}

static void
put_gate(struct json_out *o, const struct result_gate *g)
{
	json_out_obj(o);
	put_str(o, "name", g->name);
	put_str(o, "title", g->title);
	put_str(o, "metric", g->metric);
	put_str(o, "unit", g->unit);
	put_str(o, "test", g->test);
	put_str(o, "class", gate_class_name(g->class));
	put_str(o, "verdict", gate_verdict_name(g->verdict));
	put_num(o, "value", g->value);
	put_num(o, "limit", g->limit);
	put_str(o, "direction",
	    g->higher_is_worse ? "higher_is_worse" : "lower_is_worse");
	put_num(o, "baseline", g->base);
	put_num(o, "candidate", g->cand);
	json_out_key(o, "ci");
	json_out_arr(o);
	json_out_num(o, g->ci[0]);
	json_out_num(o, g->ci[1]);
	json_out_end(o, ']');
	put_num(o, "p", g->p);
	put_num(o, "p_holm", g->p_holm);
	put_u64(o, "n", g->n);
	put_num(o, "n_needed", g->n_needed);
	put_num(o, "noise", g->noise);
	put_num(o, "visible", g->visible);
	put_str(o, "why", g->why);
	json_out_end(o, '}');
}

static void
put_cause(struct json_out *o, const struct result_cause *c)
{
	json_out_obj(o);
	put_str(o, "class", c->class);
	put_num(o, "confidence", c->confidence);
	put_strs(o, "evidence", c->evidence, c->n_evidence);
	put_str(o, "guardrail", c->guardrail);
	json_out_end(o, '}');
}

static void
put_both(struct json_out *o, const char *key, float b, float c)
{
	if (isnan(b) && isnan(c))
		return;
	json_out_key(o, key);
	json_out_obj(o);
	put_float(o, "baseline", b);
	put_float(o, "candidate", c);
	json_out_end(o, '}');
}

static void
put_fails(struct json_out *o, const struct result_case *c)
{
	int a, i;

	json_out_key(o, "fails");
	json_out_obj(o);
	for (a = 0; a < 2; a++) {
		json_out_key(o, arm_name((enum arm)a));
		json_out_arr(o);
		for (i = 0; i < CASE_REASONS; i++) {
			if (c->reasons[a] & 1u << i)
				json_out_str(o, case_reason_name(i));
		}
		json_out_end(o, ']');
	}
	json_out_end(o, '}');
}

static void
put_lambda(struct json_out *o, const struct result_case *c)
{
	int a, i;

	json_out_key(o, "lambda");
	json_out_obj(o);
	put_both(o, "convergence", c->convergence[0], c->convergence[1]);
	put_both(o, "flip_rate", c->flip_rate[0], c->flip_rate[1]);
	for (a = 0; a < 2; a++) {
		json_out_key(o, arm_name((enum arm)a));
		json_out_obj(o);
		for (i = 0; i < LAMBDA_STATE_N; i++) {
			if (c->lambda[a][i] != 0)
				put_u64(o, result_lambda_names[i],
				    c->lambda[a][i]);
		}
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

static void
put_sides(struct json_out *o, const struct result_case *c)
{
	int a;

	json_out_key(o, "sides");
	json_out_obj(o);
	for (a = 0; a < 2; a++) {
		const struct result_side *s = &c->side[a];

		json_out_key(o, arm_name((enum arm)a));
		json_out_obj(o);
		put_str(o, "answer", s->answer);
		put_str(o, "top", s->top);
		put_str(o, "retrieved", s->retrieved);
		put_str(o, "outcome", s->outcome);
		put_str(o, "lambda", s->lambda);
		json_out_end(o, '}');
	}
	json_out_end(o, '}');
}

/* On one line: a report of 20,000 cases stays readable by line tools. */
static void
put_metrics(struct json_out *o, const struct result *r,
    const struct result_case *c)
{
	size_t i, slot;

	json_out_key(o, "metrics");
	json_out_obj(o);
	for (i = 0; i < METRIC_N; i++)
		put_both(o, metrics[i].name, c->m[0][i], c->m[1][i]);
	for (i = 0; i < r->n_own; i++) {
		slot = r->own[i].slot;
		put_both(o, r->own[i].name, c->own[0][slot],
		    c->own[1][slot]);
	}
	json_out_end(o, '}');
}

static void
put_case(struct json_out *o, const struct result *r,
    const struct result_case *c)
{
	int pretty = o->pretty;

	json_out_obj(o);
	o->pretty = 0;
	put_str(o, "id", c->id);
	put_str(o, "question", c->question);
	put_str(o, "verdict", case_verdict_name(c->verdict));
	put_bool(o, "critical", c->critical);
	put_bool(o, "flipped", c->flipped);
	put_bool(o, "review", c->review);
	if (c->quarantined)
		put_bool(o, "quarantined", 1);
	put_strs(o, "reasons", c->why, c->n_why);
	put_fails(o, c);
	put_metrics(o, r, c);
	put_float(o, "drift", c->drift);
	put_float(o, "ds_answer", c->ds_answer);
	put_lambda(o, c);
	put_str(o, "expected", c->expected);
	if (c->has_sides)
		put_sides(o, c);
	json_out_end(o, '}');
	o->pretty = pretty;
}

static void
put_own(struct json_out *o, const struct result_own *m)
{
	json_out_obj(o);
	put_str(o, "name", m->name);
	put_str(o, "scorer", m->scorer);
	put_str(o, "hash", m->hash);
	put_str(o, "better", m->higher_is_better ? "higher" : "lower");
	put_u64(o, "judged", m->judged);
	put_u64(o, "here", m->here);
	put_u64(o, "declined", m->declined);
	put_str(o, "why", m->why);
	json_out_end(o, '}');
}

static void
put_trust(struct json_out *o, const struct result *r)
{
	json_out_key(o, "trust");
	json_out_obj(o);
	put_num(o, "lateness_p99_ns", r->trust.late_p99_ns);
	put_u64(o, "lost", r->trust.lost);
	put_u64(o, "duplicates", r->trust.duplicates);
	put_bool(o, "pins_changed", r->trust.pins_changed);
	put_num(o, "aa_false_alarm", r->trust.aa_false_alarm);
	put_bool(o, "cached_echoes", r->trust.cached_echoes);
	json_out_end(o, '}');
}

static void
put_head(struct json_out *o, const struct result *r)
{
	const struct result_case *c;
	struct result_reader rd;
	size_t i;

	put_str(o, "lockstep", r->version);
	put_u64(o, "schema", RESULT_SCHEMA);
	put_str(o, "verdict", verdict_name(r->verdict));
	put_u64(o, "exit_status", (uint64_t)r->exit_status);
	put_str(o, "headline", r->headline);
	put_strs(o, "reasons", r->reasons, r->n_reasons);
	put_run(o, r);
	put_counts(o, r);
	put_rules(o, r);
	put_pin_changes(o, r);
	json_out_key(o, "worst");
	json_out_arr(o);
	result_reader_init(&rd, r);
	for (i = 0; i < r->n_worst; i++) {
		c = result_case_at(&rd, r->worst[i]);
		if (c != NULL)
			json_out_str(o, c->id);
	}
	buf_fail(o->b, result_reader_fini(&rd));
	json_out_end(o, ']');
	put_str(o, "blind", r->blind);
	put_str(o, "next", r->next);
	put_u64(o, "requests", r->requests);
	put_num(o, "usd", r->usd);
}

void
result_write_gate(const struct result_gate *g, struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out, 1);
	put_gate(&o, g);
}

void
result_write_case(const struct result *r, const struct result_case *c,
    struct buf *out)
{
	struct json_out o;

	json_out_init(&o, out, 0);
	put_case(&o, r, c);
}

void
result_write_json(const struct result *r, struct buf *out)
{
	const struct result_case *c;
	struct result_reader rd;
	struct json_out o;
	size_t i;

	json_out_init(&o, out, 1);
	json_out_obj(&o);
	put_head(&o, r);
	json_out_key(&o, "arms");
	json_out_obj(&o);
	for (i = 0; i < ARM_N; i++) {
		if (r->arm[i].present)
			put_arm(&o, &r->arm[i]);
	}
	json_out_end(&o, '}');
	json_out_key(&o, "gates");
	json_out_arr(&o);
	for (i = 0; i < r->n_gates; i++)
		put_gate(&o, &r->gates[i]);
	json_out_end(&o, ']');
	if (r->n_own > 0) {
		json_out_key(&o, "own_metrics");
		json_out_arr(&o);
		for (i = 0; i < r->n_own; i++)
			put_own(&o, &r->own[i]);
		json_out_end(&o, ']');
	}
	json_out_key(&o, "causes");
	json_out_arr(&o);
	for (i = 0; i < r->n_causes; i++)
		put_cause(&o, &r->causes[i]);
	json_out_end(&o, ']');
	put_trust(&o, r);
	put_strs(&o, "notes", r->notes, r->n_notes);
	json_out_key(&o, "cases");
	json_out_arr(&o);
	result_reader_init(&rd, r);
	while ((c = result_case_next(&rd)) != NULL) {
		put_case(&o, r, c);
		buf_drain(out);
	}
	buf_fail(out, result_reader_fini(&rd));
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	buf_putc(out, '\n');
}
