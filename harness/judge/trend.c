/* Trends over runs; see trend.h. */
#include "harness/judge/trend.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/judge/verdict_write.h"
#include "harness/stat/stat.h"

enum { HISTORY = 64, SLOPE_MIN = 5, SLOPE_MAX = 10, FALLS = 4 };

static const double slope_max = .02;	/* of a mean distance, a run */
static const double point_half = .005;

/* The levels, and the comparison whose interval says what chance does. */
static const struct level {
	const char *gate, *noise_of, *title;
} levels[] = {
	{ "ds_max", "question_drift", "mean distance from question to "
	    "snippet" },
	{ "coverage_min", "coverage", "coverage" },
	{ "lambda_convergent", "lambda", "λ convergence" },
	{ "cases", "cases", "share of cases that pass" },
	{ "pass_rate", "pass_rate", "share of cases that pass" },
};

/* ---- a series ----------------------------------------------------------- */

static double
worse_by(double from, double to, int higher_is_worse)
{
	return higher_is_worse ? to - from : from - to;
}

static double
explained(const struct trend_point *p)
{
	return isfinite(p->noise) ? fmax(point_half, p->noise) : point_half;
}

static int
falls(const struct trend_point *v, size_t n, int higher_is_worse)
{
	size_t i;

	if (n < FALLS + 1)
		return 0;
	for (i = n - FALLS; i < n; i++) {
		if (!(worse_by(v[i - 1].value, v[i].value,
		    higher_is_worse) > 0))
			return 0;
	}
	return worse_by(v[n - 1 - FALLS].value, v[n - 1].value,
	    higher_is_worse) > explained(&v[n - 1]);
}

static double
slope(const struct trend_point *v, size_t n)
{
	double y[SLOPE_MAX];
	struct stat_test t;
	size_t k = n < SLOPE_MAX ? n : SLOPE_MAX, i;

	if (n < SLOPE_MIN)
		return 0;
	for (i = 0; i < k; i++)
		y[i] = v[n - k + i].value;
	if (stat_trend(y, k, STAT_GREATER, &t) != RC_OK || !(t.p <= .05))
		return 0;
	return t.estimate;
}

const char *
trend_say(const struct trend_point *v, size_t n, int higher_is_worse,
    char *buf, size_t cap)
{
	double s = higher_is_worse ? slope(v, n) : 0, fall;
	size_t i;

	if (n == 0)
		return NULL;
	if (s > slope_max) {
		(void)snprintf(buf, cap, "rises by %.3f a run (limit %.2f)",
		    s, slope_max);
		return buf;
	}
	if (falls(v, n, higher_is_worse)) {
		(void)snprintf(buf, cap, "got worse %d runs in a row, from "
		    "%.3f to %.3f", FALLS, v[n - 1 - FALLS].value,
		    v[n - 1].value);
		return buf;
	}
	for (i = n - 1; i > 0 && !v[i - 1].green; i--)
		continue;
	fall = i == 0 ? 0 : worse_by(v[i - 1].value, v[n - 1].value,
	    higher_is_worse);
	if (fall > explained(&v[n - 1])) {
		(void)snprintf(buf, cap, "is %.1f points worse than in the "
		    "last run of these stacks that passed (%.3f, was %.3f)",
		    100 * fall, v[n - 1].value, v[i - 1].value);
		return buf;
	}
	return NULL;
}

/* ---- from the store ----------------------------------------------------- */

/* A verdict of an earlier run that its level may count in a trend for. */
static int
counts(const struct store_gate *h, const struct result_gate *g)
{
	return isfinite(h->cand) && h->n == g->n &&
	    strcmp(h->run_verdict, "INVALID") != 0 &&
	    strcmp(h->run_verdict, "COULD NOT RUN") != 0;
}

struct series {
	struct trend_point v[HISTORY + 1];
	size_t n;
};

/* Earlier runs of the suite; levels of another embedder or curve are on
 * another scale, and so are the verdicts of cases. */
static struct store_past
past_of(const struct result *r, const char *gate, const char *stacks)
{
	return (struct store_past){ .suite_name = r->run.suite_name,
		.gate = gate, .stacks = stacks, .before = r->run.id,
		.same_scale = 1, .embedder_hash = r->run.embedder_hash,
		.curve_t = r->run.curve_t };
}

static int
load_series(struct store *store, const char *stacks, const struct result *r,
    const struct level *l, struct series *s, struct err *err)
{
	const struct store_past past = past_of(r, l->gate, NULL);
	const struct result_gate *g = result_gate_find(r, l->gate);
	const struct result_gate *noise = result_gate_find(r, l->noise_of);
	struct store_gate h[HISTORY];
	size_t n = 0, i;
	int rc;

	s->n = 0;
	if (g == NULL || !isfinite(g->cand))
		return RC_OK;
	rc = store_gate_history(store, &past, h, HISTORY, &n, err);
	if (rc != RC_OK)
		return rc;
	for (i = n; i-- > 0;) {
		if (counts(&h[i], g))
			s->v[s->n++] = (struct trend_point){ h[i].cand,
			    h[i].noise, strcmp(h[i].stacks, stacks) == 0 &&
			    strcmp(h[i].run_verdict, "PASS") == 0 };
	}
	s->v[s->n++] = (struct trend_point){ g->cand,
	    noise == NULL ? NAN : noise->noise, 0 };
	return RC_OK;
}

int
trend_judge(struct store *store, const char *stacks,
    struct result *r, struct err *err)
{
	struct series s;
	char buf[200];
	const char *said;
	size_t i;
	int rc;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		rc = load_series(store, stacks, r, &levels[i], &s, err);
		if (rc != RC_OK)
			return rc;
		said = trend_say(s.v, s.n,
		    strcmp(levels[i].gate, "ds_max") == 0, buf, sizeof(buf));
		if (said != NULL)
			verdict_raise(r, VERDICT_REVIEW, result_fmt(r,
			    "over runs, the %s %s", levels[i].title, said));
	}
	return result_check(r, err);
}

/* ---- flaky cases -------------------------------------------------------- */

enum { FLAKY_RUNS = 10, FLAKY_CHANGES = 2, FLAKY_NAMED = 20 };

struct flaky {
	struct result *r;
	char id[256], last[16];	/* the case that is being read */
	int changes;
	struct result_index *index;	/* once there is a past */
	const char *named;
	size_t n;
	struct err *err;
	int rc;
};

/* A case's past is complete: its verdict of today is the last one. */
static void
flaky_close(struct flaky *f)
{
	const struct result_case *c;

	if (*f->id == '\0' || f->rc != RC_OK)
		return;
	if (f->index == NULL)
		f->rc = result_index_new(f->r, &f->index, f->err);
	c = f->index == NULL ? NULL : result_index_find(f->index, f->id,
	    NULL);
	if (c == NULL)
		return;
	f->changes += strcmp(f->last, case_verdict_name(c->verdict)) != 0;
	if (f->changes < FLAKY_CHANGES || f->n++ >= FLAKY_NAMED)
		return;
	f->named = result_fmt(f->r, "%s%s%s (%d changes)", f->named,
	    f->n == 1 ? "" : ", ", c->id, f->changes);
}

static void
flaky_add(void *ctx, const char *case_id, const char *verdict)
{
	struct flaky *f = ctx;

	if (strcmp(f->id, case_id) != 0) {
		flaky_close(f);
		(void)snprintf(f->id, sizeof(f->id), "%s", case_id);
		f->changes = 0;
	} else {
		f->changes += strcmp(f->last, verdict) != 0;
	}
	(void)snprintf(f->last, sizeof(f->last), "%s", verdict);
}

int
trend_flaky(struct store *store, struct result *r, struct err *err)
{
	struct store_past past = past_of(r, NULL, NULL);
	struct flaky f = { .r = r, .named = "", .err = err };
	char build[HASH_HEX];
	int rc;

	/* what a case does on another build says nothing of chance */
	if (!result_build(r, build))
		return RC_OK;
	past.build = build;
	rc = store_case_history(store, &past, FLAKY_RUNS - 1, flaky_add, &f,
	    err);
	if (rc == RC_OK)
		flaky_close(&f);
	result_index_free(f.index);
	if (rc == RC_OK)
		rc = f.rc;
	if (rc != RC_OK)
		return rc;
	if (f.n > 0)
		verdict_note(r, result_fmt(r, "Flaky on these stacks: fix or "
		    "quarantine them (changes in the last %d runs of the same "
		    "builds): %s%s.", FLAKY_RUNS, f.named,
		    f.n > FLAKY_NAMED ? ", ..." : ""));
	return result_check(r, err);
}
