/* The result object's memory and names; see result.h. */
#include "harness/result/result.h"

#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/version.h"
#include "harness/result/result_part.h"

static const char *const verdict_names[VERDICT_N] = {
	[VERDICT_PASS] = "PASS",
	[VERDICT_FAIL] = "FAIL",
	[VERDICT_CANNOT_RUN] = "COULD NOT RUN",
	[VERDICT_REVIEW] = "REVIEW",
	[VERDICT_INCONCLUSIVE] = "INCONCLUSIVE",
	[VERDICT_INVALID] = "INVALID",
};

static const char *const verdict_symbols[VERDICT_N] = {
	[VERDICT_PASS] = "\xe2\x9c\x93",
	[VERDICT_FAIL] = "\xe2\x9c\x97",
	[VERDICT_CANNOT_RUN] = "!",
	[VERDICT_REVIEW] = "?",
	[VERDICT_INCONCLUSIVE] = "~",
	[VERDICT_INVALID] = "\xe2\x8a\x98",
};

const char *
verdict_name(enum verdict v)
{
	return verdict_names[v];
}

const char *
verdict_symbol(enum verdict v)
{
	return verdict_symbols[v];
}

static int
same_word(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++) {
		int x = *a == '-' || *a == '_' ? ' ' : *a;
		int y = *b == '-' || *b == '_' ? ' ' : *b;

		if (tolower((unsigned char)x) != tolower((unsigned char)y))
			return 0;
	}
	return *a == *b;
}

enum verdict
verdict_of(const char *name)
{
	int v;

	for (v = 0; v < VERDICT_N; v++) {
		if (same_word(name, verdict_names[v]))
			break;
	}
	return (enum verdict)v;
}

const char *
gate_class_name(enum gate_class c)
{
	static const char *const names[] = { "hard", "gate", "info" };

	return names[c];
}

const char *
gate_verdict_name(enum gate_verdict v)
{
	static const char *const names[] = {
		"PASS", "FAIL", "INCONCLUSIVE", "REVIEW", "NOT_JUDGED"
	};

	return names[v];
}

const char *
again_is_name(enum again_is is)
{
	static const char *const names[AGAIN_N] = {
		[AGAIN_OPEN] = "open", [AGAIN_LOST] = "lost",
		[AGAIN_NOISE] = "noise", [AGAIN_BETTER] = "better",
	};

	return names[is];
}

const char *
case_verdict_name(enum case_verdict v)
{
	static const char *const names[CASE_V_N] = {
		"pass", "regression", "fix", "defect", "fail", "unjudged"
	};

	return names[v];
}

struct result *
result_new(void)
{
	struct result *r = calloc(1, sizeof(*r));
	struct result_mem *m = calloc(1, sizeof(*m));
	int a;

	if (r == NULL || m == NULL) {
		free(r);
		free(m);
		return NULL;
	}
	arena_init(&m->arena, SIZE_MAX);
	spool_init(&m->cases);
	buf_init(&m->pack, SIZE_MAX / 4);
	r->mem = m;
	r->version = LOCKSTEP_VERSION;
	r->verdict = VERDICT_CANNOT_RUN;
	r->exit_status = VERDICT_CANNOT_RUN;
	r->headline = "";
	r->run.elapsed_s = NAN;
	r->run.cpu_idle = NAN;
	r->run.curve_t = NAN;
	r->rules.alpha = .01;
	r->rules.inconclusive_p = .10;
	r->rules.hard_p = .005;
	r->trust.late_p99_ns = NAN;
	r->trust.aa_false_alarm = NAN;
	r->usd = NAN;
	for (a = 0; a < ARM_N; a++) {
		struct result_arm *arm = &r->arm[a];

		arm->name = arm_name((enum arm)a);
		arm->p50_ns = arm->p95_ns = arm->p99_ns = arm->max_ns = NAN;
		arm->ttft_p50_ns = arm->ttft_p95_ns = NAN;
		arm->cost_usd = NAN;
	}
	return r;
}

void
result_free(struct result *r)
{
	struct result_mem *m;

	if (r == NULL)
		return;
	m = r->mem;
	arena_fini(&m->arena);
	spool_fini(&m->cases);
	buf_fini(&m->pack);
	free(m->marks);
	free(m);
	free(r);
}

void
result_gate_init(struct result_gate *g)
{
	memset(g, 0, sizeof(*g));
	g->name = g->title = g->metric = g->unit = g->test = g->why = "";
	g->verdict = GATE_NOT_JUDGED;
	g->higher_is_worse = 1;
	g->value = g->limit = g->base = g->cand = NAN;
	g->ci[0] = g->ci[1] = g->p = g->p_holm = NAN;
	g->n_needed = g->noise = g->visible = g->hides = NAN;
}

void
result_case_init(struct result_case *c)
{
	int a, i;

	memset(c, 0, sizeof(*c));
	c->id = c->question = "";
	c->verdict = CASE_V_UNJUDGED;
	c->drift = c->ds_answer = NAN;
	for (a = 0; a < 2; a++) {
		c->convergence[a] = c->flip_rate[a] = NAN;
		c->variance_ratio[a] = NAN;
		for (i = 0; i < LAMBDA_GRADES; i++)
			c->graded[i][a] = NAN;
		for (i = 0; i < METRIC_N; i++)
			c->m[a][i] = NAN;
		for (i = 0; i < SCORER_METRICS_MAX; i++)
			c->scored[a][i] = NAN;
	}
}

const char *
result_case_stability(const struct result_case *c, int i, float v[2])
{
	enum { FIRST = 2 };	/* behind λ itself */
	const float *from = i == 0 ? c->convergence : i == 1 ? c->flip_rate :
	    i < FIRST + LAMBDA_GRADES ? c->graded[i - FIRST] :
	    c->variance_ratio;

	if (i > FIRST + LAMBDA_GRADES)
		return NULL;
	v[0] = from[0];
	v[1] = from[1];
	return i == 0 ? "lambda_convergence" : i == 1 ? "lambda_flip_rate" :
	    i < FIRST + LAMBDA_GRADES ?
	    lambda_grade_name((enum lambda_grade)(i - FIRST)) :
	    "variance_ratio";
}

void *
result_alloc(struct result *r, size_t n)
{
	return arena_alloc(&result_mem(r)->arena, n);
}

const char *
result_str(struct result *r, const char *s)
{
	size_t n;
	char *p;

	if (s == NULL)
		return NULL;
	n = strlen(s) + 1;
	p = result_alloc(r, n);
	return p == NULL ? NULL : memcpy(p, s, n);
}

const char *
result_fmt(struct result *r, const char *fmt, ...)
{
	va_list ap;
	char *p;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : result_alloc(r, (size_t)n + 1);
	if (p == NULL)
		return NULL;
	va_start(ap, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return p;
}

int
result_check(const struct result *r, struct err *err)
{
	const struct result_mem *m = r->mem;

	return arena_check(&m->arena, "the result", err);
}

const struct result_again *
result_again_find(const struct result *r, const char *id)
{
	size_t i;

	for (i = 0; i < r->again.n; i++) {
		if (strcmp(r->again.cases[i].id, id) == 0)
			return &r->again.cases[i];
	}
	return NULL;
}

const struct result_gate *
result_gate_find(const struct result *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_gates; i++) {
		if (strcmp(r->gates[i].name, name) == 0)
			return &r->gates[i];
	}
	return NULL;
}

int
result_gate_beyond(const struct result_gate *g)
{
	return g->higher_is_worse ? g->value > g->limit : g->value < g->limit;
}
